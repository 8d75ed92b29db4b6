/* Where words stand in the text: by characters, and on the screen. A layer behind the textarea, set like it and filled
   only when it is asked, knows what a textarea does not tell: where each character is. */
"use strict";

(() => {
  const field = document.querySelector("[data-body] textarea");
  if (!field) return;
  const layer = document.createElement("div");
  const node = document.createTextNode("");
  layer.className = "editor-layer";
  layer.setAttribute("aria-hidden", "true");
  layer.append(node);
  const sheet = document.createElement("div");
  sheet.className = "editor-sheet";
  field.replaceWith(sheet);
  sheet.append(layer, field);

  const fill = () => {
    const text = `${field.value}\n`;
    if (node.data !== text) node.data = text;
  };

  const boxOf = (start, end = start) => {
    fill();
    const range = document.createRange();
    range.setStart(node, Math.min(start, node.data.length - 1));
    range.setEnd(node, Math.min(Math.max(end, start + 1), node.data.length));
    return range.getBoundingClientRect();
  };

  /* What has to be scrolled for the text to move: an element, or the page. */
  const scroller = () => {
    for (let one = sheet.parentElement; one && one !== document.body; one = one.parentElement) {
      if (/auto|scroll/.test(getComputedStyle(one).overflowY) && one.scrollHeight > one.clientHeight) return one;
    }
    return document.scrollingElement;
  };

  /* How far below the first line a character is: independent of the scroll position. */
  const topOf = (at) => boxOf(at).top - sheet.getBoundingClientRect().top;

  const show = (start, end = start) => {
    field.focus({ preventScroll: true });
    field.setSelectionRange(start, end);
    const box = boxOf(start, end), page = scroller();
    const height = page === document.scrollingElement ? innerHeight : page.clientHeight;
    const top = page === document.scrollingElement ? 0 : page.getBoundingClientRect().top;
    if (field.scrollHeight > field.clientHeight + 2) field.scrollTop = topOf(start) - field.clientHeight / 3;
    else if (box.top < top + height * 0.2 || box.bottom > top + height * 0.8) page.scrollTop += box.top - top - height / 3;
  };

  const highlight = (name, ranges) => {
    if (!globalThis.Highlight || !CSS.highlights) return;
    if (!ranges.length) {
      CSS.highlights.delete(name);
      return;
    }
    fill();
    CSS.highlights.set(name, new Highlight(...ranges.map(([start, end]) => {
      const range = document.createRange();
      range.setStart(node, start);
      range.setEnd(node, end);
      return range;
    })));
  };

  /* --- Words as readers see them, found in Markdown --- */

  const WORD = /[\p{L}\p{N}]/u;
  let known = { text: null };

  const lettersOf = (text) => {
    const places = [];
    let letters = "";
    for (let at = 0; at < text.length; at += 1) {
      if (!WORD.test(text[at])) continue;
      letters += text[at].toLowerCase()[0];
      places.push(at);
    }
    return { text, letters, places };
  };

  const ofText = () => {
    if (known.text !== field.value) known = lettersOf(field.value);
    return known;
  };

  /* The place of these words at or after `from` letters, or null; as much of their beginning as is found. */
  const locate = (words, from = 0, most = [400, 60, 30, 16]) => {
    const { letters, places } = ofText();
    const wanted = lettersOf(words).letters;
    for (const length of most) {
      const part = wanted.slice(0, length);
      if (part.length < 3 || (part.length < wanted.length && part.length < 12)) continue;
      const at = letters.indexOf(part, from);
      if (at >= 0) return { start: places[at], end: places[at + part.length - 1] + 1, next: at + part.length };
    }
    return null;
  };

  globalThis.deskPlaces = { field, sheet, boxOf, topOf, show, highlight, locate, scroller };
})();
