// Shows the buttons for passkeys where the browser has them, and says when one did not work.

(() => {
  if (window.PublicKeyCredential) {
    for (const form of document.querySelectorAll("[data-needs-passkeys]")) form.hidden = false;
  }
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const name = event.detail?.exception?.name;
    const box = document.querySelector("[data-passkey-problem]");
    if (!box) return;
    box.textContent = name === "InvalidStateError"
      ? "This device or key has a passkey for your account already."
      : "The passkey was not used: the browser was stopped, or has none for this page. Try again, or take another way.";
    box.hidden = false;
  });
})();
