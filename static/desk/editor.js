/* Shows what is typed as readers will get it, shortly after each pause. The button "Preview" does the same. */
"use strict";

(() => {
  const form = document.querySelector("[data-preview]");
  const shown = document.querySelector("[data-preview-shown]");
  if (!form || !shown) return;
  const body = form.elements.body;
  const said = document.querySelector("[data-preview-said]");
  const PAUSE_MS = 400;
  let timer = null;
  let running = null;

  const show = async () => {
    if (running) running.abort();
    running = new AbortController();
    const sent = new FormData();
    sent.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    sent.append("body", body.value);
    try {
      const answer = await fetch(form.dataset.preview, { method: "POST", body: sent, signal: running.signal, redirect: "error" });
      if (answer.status !== 200 && answer.status !== 400) throw new Error(answer.statusText);
      shown.innerHTML = await answer.text();
      said.textContent = "";
    } catch (error) {
      if (error.name !== "AbortError") said.textContent = "This preview is out of date: the server did not respond.";
    }
  };

  body.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE_MS);
  });
})();
