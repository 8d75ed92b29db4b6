/* Renews a review lock while its page is visible; without scripts, acting on the draft renews it. */
"use strict";

(() => {
  const form = document.querySelector("[data-renew]");
  if (!form) return;

  const renew = () => {
    if (document.visibilityState !== "visible") return;
    fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" }).catch(() => {});
  };

  renew();
  setInterval(renew, 1000 * Number(form.dataset.renew));
  document.addEventListener("visibilitychange", renew);
})();
