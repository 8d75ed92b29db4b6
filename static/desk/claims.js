/* Keeps a claim while its page is looked at; without this, acting on the draft keeps it too. */
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
