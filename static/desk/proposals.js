/* Shows the model's replies when they come, without touching what is being typed elsewhere on the page. */
"use strict";

(() => {
  const PAUSE = 1500, LONGEST_PAUSE = 15000;
  let pause = PAUSE;

  const look = async () => {
    const shown = document.querySelector("[data-proposals]");
    if (!shown || !("waits" in shown.dataset)) return;
    try {
      const response = await fetch(location.pathname, { headers: { Accept: "text/html" }, credentials: "same-origin" });
      if (response.redirected || !response.ok) throw new Error(String(response.status));
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = page.querySelector("[data-proposals]");
      pause = PAUSE;
      /* Only once something is there: a choice that was made, and the focus, stay. */
      if (fresh && fresh.querySelectorAll(".desk-badge-waiting").length !== shown.querySelectorAll(".desk-badge-waiting").length) {
        shown.replaceWith(document.adoptNode(fresh));
      }
    } catch {
      pause = Math.min(2 * pause, LONGEST_PAUSE);
    }
    setTimeout(look, pause);
  };

  setTimeout(look, pause);
})();
