/* Find and replace in the text. */
"use strict";

(() => {
  const bar = document.querySelector("[data-find]");
  const places = globalThis.deskPlaces;
  if (!bar || !places) return;
  const { field } = places;
  const part = (name) => bar.querySelector(`[data-find-${name}]`);
  const words = part("words"), replacement = part("replacement"), count = part("count"), isCase = part("case");
  const MOST = 5000;
  let found = [];
  let now = -1;

  const look = (at = field.selectionStart) => {
    found = [];
    now = -1;
    if (words.value) {
      const pattern = new RegExp(words.value.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), isCase.checked ? "gu" : "giu");
      for (const match of field.value.matchAll(pattern)) {
        found.push([match.index, match.index + match[0].length]);
        if (found.length >= MOST) break;
      }
      now = found.findIndex(([start]) => start >= at);
      if (now < 0 && found.length) now = 0;
    }
    mark();
  };

  const mark = () => {
    count.textContent = !words.value ? "" : found.length ? `${now + 1} of ${found.length}${found.length >= MOST ? "+" : ""}` : "Not found";
    places.highlight("editor-found", found);
    places.highlight("editor-found-now", now < 0 ? [] : [found[now]]);
  };

  const show = () => {
    if (now < 0) return;
    const focused = document.activeElement;
    places.show(...found[now]);
    if (focused && bar.contains(focused)) focused.focus({ preventScroll: true });
  };

  const step = (by) => {
    if (!found.length) return;
    now = (now + by + found.length) % found.length;
    mark();
    show();
  };

  const replaceOne = () => {
    if (now < 0) return;
    const [start, end] = found[now];
    globalThis.deskText.replace(field, start, end, replacement.value);
    look(start + replacement.value.length);
    show();
    replacement.focus({ preventScroll: true });
  };

  /* As one step of undo: everything from the first match to the last. */
  const replaceAll = () => {
    if (!found.length) return;
    const total = found.length, [start] = found[0], [, end] = found[total - 1];
    let text = "", at = start;
    for (const [from, to] of found) {
      text += field.value.slice(at, from) + replacement.value;
      at = to;
    }
    globalThis.deskText.replace(field, start, end, text, 0);
    look(0);
    count.textContent = `${total} replaced`;
    replacement.focus({ preventScroll: true });
  };

  const open = () => {
    const chosen = field.value.slice(field.selectionStart, field.selectionEnd);
    bar.hidden = false;
    if (chosen && !chosen.includes("\n")) words.value = chosen;
    words.focus();
    words.select();
    look();
    show();
  };

  const close = () => {
    bar.hidden = true;
    found = [];
    now = -1;
    places.highlight("editor-found", []);
    places.highlight("editor-found-now", []);
    field.focus({ preventScroll: true });
  };

  words.addEventListener("input", () => { look(); show(); });
  isCase.addEventListener("change", () => look());
  field.addEventListener("input", () => { if (!bar.hidden && !bar.contains(document.activeElement)) look(); });
  bar.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && event.target === words) step(event.shiftKey ? -1 : 1);
    else if (event.key === "Enter" && event.target === replacement) replaceOne();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  bar.addEventListener("input", (event) => event.stopPropagation()); /* Not a change of the text. */
  for (const button of bar.querySelectorAll("[data-find-step]")) {
    button.addEventListener("click", () => step(Number(button.dataset.findStep)));
  }
  part("replace").addEventListener("click", replaceOne);
  part("all").addEventListener("click", replaceAll);
  part("close").addEventListener("click", close);
  globalThis.deskFind = { open, close };
})();
