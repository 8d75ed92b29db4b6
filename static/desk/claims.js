/* Shows at a sentence what its sources say. Without this, its link opens the same next to the text. */
"use strict";

(() => {
  const card = document.querySelector("[data-claims]");
  if (!card) return;
  let opener = null;

  const close = () => {
    const shown = document.getElementById("claim");
    if (shown) shown.remove();
    for (const part of document.querySelectorAll(".desk-claim-open")) part.classList.remove("desk-claim-open");
  };

  const place = (panel, number) => {
    close();
    const mark = document.getElementById(`sentence-${number}`);
    const paragraph = mark && mark.closest(".desk-paragraph");
    if (paragraph) paragraph.append(panel);
    else card.querySelector(".desk-claim-filters").before(panel);
    for (const part of document.querySelectorAll(`span[data-claim="${number}"]`)) part.classList.add("desk-claim-open");
    panel.focus({ preventScroll: true });
    panel.scrollIntoView({ block: "nearest" });
  };

  const show = async (number) => {
    const response = await fetch(card.dataset.claims.replace("/0/?", `/${number}/?`));
    if (!response.ok) throw new Error(String(response.status));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    place(document.adoptNode(page.getElementById("claim")), number);
  };

  document.addEventListener("click", (event) => {
    const part = event.target.closest("[data-claim]");
    const link = event.target.closest("a");
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button);
    if (!part || !isPlain || (link && link !== part) || String(getSelection())) return;
    event.preventDefault();
    const { claim } = part.dataset;
    opener = document.getElementById(`sentence-${claim}`) || (link && link.isConnected ? link : null);
    show(claim).catch(() => {
      location.assign(link ? link.href : `?claim=${claim}#claim`);
    });
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !document.activeElement.closest("#claim")) return;
    close();
    if (opener) opener.focus();
  });
})();
