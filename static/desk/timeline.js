/* Fetches the stages of a task's page again as the work goes on, and counts the seconds of the one that runs. */
"use strict";

(() => {
  const box = document.querySelector("[data-timeline]"), progress = document.querySelector("[data-progress]");
  if (!box || !progress) return;
  let isAsked = false, isAgain = false;

  const refresh = async () => {
    isAgain = isAsked;
    if (isAsked) return;
    isAsked = true;
    const open = [...progress.querySelectorAll("details")].map((one) => one.open);
    try {
      const found = await fetch(box.dataset.timeline);
      /* Rendered by this server, from a template that escapes. */
      if (found.ok && !found.redirected && !progress.contains(document.activeElement)) {
        progress.innerHTML = await found.text();
        progress.querySelectorAll("details").forEach((one, place) => { one.open = Boolean(open[place]); });
      }
    } catch {
      /* The next event asks again. */
    }
    isAsked = false;
    if (isAgain) refresh();
  };
  box.addEventListener("progress", refresh);

  setInterval(() => {
    const clock = progress.querySelector("[data-clock]");
    const begun = clock && Date.parse(clock.closest("[data-since]").dataset.since);
    if (begun) clock.textContent = `for ${Math.max(0, Math.round((Date.now() - begun) / 1000))} s`;
  }, 1000);
})();
