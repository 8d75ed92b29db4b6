/* Asks again for the sections that change by themselves, as long as the page is looked at. */
"use strict";

(() => {
  const box = document.querySelector("[data-live]");
  if (!box) return;
  const OFTEN = 3000, SELDOM = 20000;

  const isBusy = () => Boolean(box.querySelector("[data-live-section] progress"));

  /* A person with the focus in it is not pulled away: figures change in place. */
  const put = (section, fresh) => {
    if (section.innerHTML === fresh.innerHTML) return;
    if (!section.contains(document.activeElement)) section.replaceChildren(...fresh.childNodes);
    else {
      const bars = fresh.querySelectorAll("progress");
      section.querySelectorAll("progress").forEach((bar, at) => bars[at] && (bar.value = bars[at].value));
    }
  };

  const ask = async () => {
    const response = await fetch(box.dataset.live, { headers: { Accept: "text/html" }, redirect: "error" });
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const fresh of page.querySelectorAll("[data-live-section]")) {
      const section = box.querySelector(`[data-live-section="${fresh.dataset.liveSection}"]`);
      if (section) put(section, fresh);
    }
  };

  const again = () => setTimeout(async () => {
    if (!document.hidden) await ask().catch(() => {});
    again();
  }, isBusy() ? OFTEN : SELDOM);

  again();
})();
