/* Follows a task's work on its page: state, stage, progress and the text as it is written. */
"use strict";

(() => {
  const box = document.querySelector("[data-events]");
  if (!box || !window.EventSource) return;
  const part = (name) => box.querySelector(`[data-${name}]`);
  const bar = part("bar"), text = part("text"), link = part("link");
  const names = JSON.parse(box.dataset.names);
  let isEdited = false;
  let written = "";
  let length = 0;

  box.hidden = false;
  document.addEventListener("input", (event) => {
    if (event.target.form) isEdited = true;
  });

  /* Only what changed: a screen reader announces every change of the live region. */
  const say = (element, words) => {
    if (element.textContent !== words) element.textContent = words;
  };

  const show = ({ status, stage, progress, error }, event) => {
    if (Number(event.lastEventId) <= Number(box.dataset.seq)) return; /* The page shows a later state. */
    box.dataset.status = status;
    const at = status === "in_progress" && stage ? `: ${names[stage] || stage}` : "";
    say(part("now"), `${names[status] || status}${at}`);
    bar.value = progress;
    say(part("percent"), `${progress} %`);
    say(part("error"), error || "");
    box.dispatchEvent(new Event("progress"));
  };

  /* Of a stage that answers in JSON: its texts, without names and brackets. */
  const textsOf = (json) =>
    [...json.matchAll(/"((?:[^"\\]|\\.)*)(?:"(\s*:)?|$)/g)]
      .filter((found) => found[1] && !found[2])
      .map((found) => found[1].replace(/\\n/g, "\n").replace(/\\(["\\/])/g, "$1"))
      .join("\n");

  const write = ({ stage, offset, text: piece }) => {
    /* Offsets count characters as the server does; one outside the basic plane has length 2 here. */
    if (offset !== length) written = [...written].slice(0, offset).join("");
    written += piece;
    length = offset + [...piece].length;
    const isAtEnd = text.scrollTop + text.clientHeight >= text.scrollHeight - 40;
    text.textContent = /^\s*\[?\s*\{/.test(written) ? textsOf(written) : written;
    text.parentElement.hidden = !written;
    say(part("what"), `${names[stage] || stage}, as it is written`);
    if (isAtEnd) text.scrollTop = text.scrollHeight;
  };

  const events = new EventSource(box.dataset.events);
  const on = (kind, act) => events.addEventListener(kind, (event) => act(JSON.parse(event.data), event));
  on("status", show);
  on("stage", show);
  on("text", write);
  on("end", () => {
    events.close();
    /* What was typed meanwhile is not discarded, and a warning is shown only once. */
    const isRead = !document.querySelector(".messagelist .warning, .messagelist .error");
    if (!isEdited && isRead) return location.reload();
    say(link, "The work has ended: reload this page to see the result.");
  });
  events.onopen = () => say(link, "");
  events.onerror = () => {
    const isLost = events.readyState === EventSource.CLOSED;
    say(link, isLost ? "No connection: reload this page." : "reconnecting …");
  };
})();
