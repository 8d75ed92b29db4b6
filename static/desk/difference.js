/* What is different between two texts, as an element: by words, or by lines where there are too many words. */
"use strict";

(() => {
  const MAX_CELLS = 4e6;

  const common = (old, fresh) => {
    const width = fresh.length + 1;
    const length = new Uint16Array((old.length + 1) * width);
    for (let i = old.length - 1; i >= 0; i -= 1) {
      for (let j = fresh.length - 1; j >= 0; j -= 1) {
        length[i * width + j] = old[i] === fresh[j]
          ? length[(i + 1) * width + j + 1] + 1
          : Math.max(length[(i + 1) * width + j], length[i * width + j + 1]);
      }
    }
    const found = [];
    let i = 0, j = 0;
    while (i < old.length && j < fresh.length) {
      if (old[i] === fresh[j]) found.push(["same", old[i]]), i += 1, j += 1;
      else if (length[(i + 1) * width + j] >= length[i * width + j + 1]) found.push(["del", old[i]]), i += 1;
      else found.push(["ins", fresh[j]]), j += 1;
    }
    return [...found, ...old.slice(i).map((text) => ["del", text]), ...fresh.slice(j).map((text) => ["ins", text])];
  };

  const compare = (old, fresh, units = [/\s+|\S+/g, /[^\n]*\n|[^\n]+/g]) => {
    const one = old.match(units[0]) || [], other = fresh.match(units[0]) || [];
    let start = 0, end = 0;
    while (start < one.length && start < other.length && one[start] === other[start]) start += 1;
    const rest = Math.min(one.length, other.length) - start;
    while (end < rest && one[one.length - 1 - end] === other[other.length - 1 - end]) end += 1;
    const cut = (list) => list.slice(start, list.length - end);
    const [left, right] = [cut(one), cut(other)];
    if (left.length * right.length > MAX_CELLS && units.length > 1) return compare(old, fresh, units.slice(1));
    const changed = left.length * right.length > MAX_CELLS
      ? [["del", left.join("")], ["ins", right.join("")]]
      : common(left, right);
    return [["same", one.slice(0, start).join("")], ...changed, ["same", one.slice(one.length - end).join("")]];
  };

  const AROUND = 90;

  const shorter = (text, isFirst, isLast) => {
    if (text.length <= 2 * AROUND) return text;
    return `${isFirst ? "" : text.slice(0, AROUND)} … ${isLast ? "" : text.slice(-AROUND)}`;
  };

  globalThis.difference = (old, fresh) => {
    const merged = [];
    for (const [kind, text] of compare(old, fresh)) {
      const last = merged[merged.length - 1];
      if (last && last[0] === kind) last[1] += text;
      else if (text) merged.push([kind, text]);
    }
    const shown = document.createElement("p");
    shown.className = "unsent-difference";
    merged.forEach(([kind, text], at) => {
      const words = kind === "same" ? shorter(text, at === 0, at === merged.length - 1) : text;
      if (kind === "same") shown.append(words);
      else shown.appendChild(document.createElement(kind)).textContent = words;
    });
    return shown;
  };
})();
