/* Commands on Markdown in a textarea. Each is one step of the browser's own undo, and touches only what it is about. */
"use strict";

(() => {
  /* Chromium types an inserted text line by line: 15 seconds for 48,000 characters. */
  const LARGE = 3000;
  const undone = [], done = [];

  const set = (field, text, start, end) => {
    field.setRangeText(text, start, end, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  };

  /* The browser forgets what it could undo: `undo` and `redo` remember this step in its place. */
  const setLarge = (field, start, end, text) => {
    const before = field.value;
    set(field, text, start, end);
    done.push({ before, after: field.value, start });
    undone.length = 0;
  };

  /* Typing by command is the only way that the native undo knows of; `from` and `to` are what is selected then. */
  const replace = (field, start, end, text, from = text.length, to = from) => {
    field.focus({ preventScroll: true });
    if (field.value.slice(start, end) !== text) {
      field.setSelectionRange(start, end);
      if (text.length + end - start > LARGE) setLarge(field, start, end, text);
      else {
        const isDone = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
        if (!isDone) set(field, text, start, end);
      }
    }
    field.setSelectionRange(start + from, start + to);
  };

  /* True where the last change was a large one: all others are left to the browser. */
  const step = (from, onto, was, becomes) => (field) => {
    const last = from[from.length - 1];
    if (!last || last[was] !== field.value) return false;
    onto.push(from.pop());
    set(field, last[becomes], 0, field.value.length);
    field.setSelectionRange(last.start, last.start);
    return true;
  };
  const undo = step(done, undone, "after", "before");
  const redo = step(undone, done, "before", "after");

  const ITEM = /^([ \t]*(?:>[ \t]?)*)((?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?)?/;

  const lineStart = (text, at) => text.lastIndexOf("\n", at - 1) + 1;
  const lineEnd = (text, at) => {
    const found = text.indexOf("\n", at);
    return found < 0 ? text.length : found;
  };

  /* The whole lines of the selection: a selection that ends at the beginning of a line leaves that line out. */
  const selectedLines = (field) => {
    const { value, selectionStart, selectionEnd } = field;
    const last = selectionEnd > selectionStart && value[selectionEnd - 1] === "\n" ? selectionEnd - 1 : selectionEnd;
    const start = lineStart(value, selectionStart), end = lineEnd(value, last);
    return { start, end, lines: value.slice(start, end).split("\n") };
  };

  const isInCode = (text, at) => {
    let fence = "";
    for (const line of text.slice(0, lineStart(text, at)).split("\n")) {
      const [, mark] = line.match(/^ {0,3}(`{3,}|~{3,})/) || [];
      if (!mark) continue;
      if (!fence) fence = mark;
      else if (mark[0] === fence[0] && mark.length >= fence.length && !line.trim().replaceAll(mark[0], "")) fence = "";
    }
    return fence !== "";
  };

  const LETTER = /[\p{L}\p{M}\p{N}’'_-]/u;

  /* The selection without blanks around it; without one, the word at the caret. */
  const words = (field) => {
    const { value } = field;
    let start = field.selectionStart, end = field.selectionEnd;
    if (start === end) {
      while (start > 0 && LETTER.test(value[start - 1])) start -= 1;
      while (end < value.length && LETTER.test(value[end])) end += 1;
      return start < field.selectionStart && end > field.selectionStart ? { start, end } : { start: field.selectionStart, end: field.selectionStart };
    }
    while (start < end && /\s/.test(value[start])) start += 1;
    while (end > start && /\s/.test(value[end - 1])) end -= 1;
    return { start, end };
  };

  const runOf = (text, character, at, step) => {
    let length = 0;
    while (text[at + step * length] === character) length += 1;
    return length;
  };

  /* `**` is there in `***both***` too, `*` alone is not in `**bold**`. */
  const has = (text, mark, before, after) => {
    const left = runOf(text, mark[0], before, -1), right = runOf(text, mark[0], after, 1);
    const least = Math.min(left, right);
    return mark.length === 1 && mark === "*" ? least % 2 === 1 : least >= mark.length;
  };

  const wrapped = (text, mark) => {
    const [prefix] = text.match(ITEM);
    const [, lead, inner, trail] = text.slice(prefix.length).match(/^(\s*)([^]*?)(\s*)$/);
    return inner ? `${prefix}${lead}${mark}${inner}${mark}${trail}` : text;
  };

  const unwrapped = (text, mark) => {
    const [prefix] = text.match(ITEM);
    const [, lead, inner, trail] = text.slice(prefix.length).match(/^(\s*)([^]*?)(\s*)$/);
    if (inner.length < 2 * mark.length || !inner.startsWith(mark) || !inner.endsWith(mark)) return null;
    return `${prefix}${lead}${inner.slice(mark.length, -mark.length)}${trail}`;
  };

  const wrap = (field, mark) => {
    const { value } = field;
    const { start, end } = words(field);
    const chosen = value.slice(start, end);
    if (chosen.includes("\n")) {
      const lines = chosen.split("\n");
      const bare = lines.map((line) => (line.trim() ? unwrapped(line, mark) : line));
      const text = (bare.includes(null) ? lines.map((line) => wrapped(line, mark)) : bare).join("\n");
      replace(field, start, end, text, 0, text.length);
    } else if (chosen && has(value, mark, start - 1, end)) {
      const size = mark.length;
      replace(field, start - size, end + size, chosen, 0, chosen.length);
    } else if (chosen.length > 2 * mark.length && chosen.startsWith(mark) && chosen.endsWith(mark)
      && has(chosen, mark, mark.length - 1, chosen.length - mark.length)) {
      const text = chosen.slice(mark.length, -mark.length);
      replace(field, start, end, text, 0, text.length);
    } else if (!chosen && value.slice(start - mark.length, start) === mark && value.slice(start, start + mark.length) === mark) {
      replace(field, start - mark.length, start + mark.length, "");
    } else {
      const caret = field.selectionStart === field.selectionEnd ? field.selectionStart - start : null;
      const [from, to] = caret === null ? [0, chosen.length] : [caret, caret];
      replace(field, start, end, `${mark}${chosen}${mark}`, from + mark.length, to + mark.length);
    }
  };

  /* Give each line its prefix, or take it away where all have it. */
  const prefix = (field, pattern, made) => {
    const { start, end, lines } = selectedLines(field);
    const caret = field.selectionStart === field.selectionEnd ? field.selectionStart - start : null;
    const used = lines.filter((line) => line.trim());
    const isOff = used.length > 0 && used.every((line) => pattern.test(line));
    let number = 0;
    const text = lines.map((line) => {
      if (!line.trim() && lines.length > 1) return line;
      number += 1;
      return isOff ? line.replace(pattern, "$1") : made(line, number);
    }).join("\n");
    const moved = caret === null ? null : Math.max(0, caret + text.length - (end - start));
    replace(field, start, end, text, moved === null ? 0 : moved, moved === null ? text.length : moved);
  };

  const bare = (line) => line.replace(/^([ \t]*)(?:#{1,6}[ \t]+|[-*+][ \t]+(?:\[[ xX]\][ \t]+)?|\d{1,9}[.)][ \t]+)/, "$1");

  const heading = (field, level) => {
    const mark = "#".repeat(level);
    prefix(field, new RegExp(`^()${mark}[ \\t]+`), (line) => `${mark} ${bare(line).trimStart()}`);
  };
  const bullets = (field) => prefix(field, /^([ \t]*)[-*+][ \t]+/, (line) => bare(line).replace(/^[ \t]*/, "$&- "));
  const numbers = (field) => prefix(field, /^([ \t]*)\d{1,9}[.)][ \t]+/, (line, at) => bare(line).replace(/^[ \t]*/, `$&${at}. `));

  const quote = (field) => {
    const { start, end, lines } = selectedLines(field);
    const isOff = lines.every((line) => line.startsWith(">"));
    const text = lines.map((line) => (isOff ? line.replace(/^> ?/, "") : line ? `> ${line}` : ">")).join("\n");
    const isCaret = field.selectionStart === field.selectionEnd;
    replace(field, start, end, text, isCaret ? text.length : 0, text.length);
  };

  const code = (field) => {
    const chosen = field.value.slice(field.selectionStart, field.selectionEnd);
    if (!chosen.includes("\n")) return wrap(field, "`");
    const { start, end, lines } = selectedLines(field);
    const isOff = lines.length > 1 && /^```/.test(lines[0]) && /^```\s*$/.test(lines[lines.length - 1]);
    const text = isOff ? lines.slice(1, -1).join("\n") : ["```", ...lines, "```"].join("\n");
    replace(field, start, end, text, 0, text.length);
  };

  const isAddress = (text) => /^(https?:\/\/|mailto:|\/)\S+$/i.test(text.trim());
  const escaped = (address) => address.trim().replaceAll("(", "%28").replaceAll(")", "%29");

  const link = (field, address = "") => {
    const { start, end } = words(field);
    const chosen = field.value.slice(start, end);
    if (!address && isAddress(chosen)) return replace(field, start, end, `[](${escaped(chosen)})`, 1);
    const text = `[${chosen}](${escaped(address) || "https://"})`;
    if (!chosen) return replace(field, start, end, text, 1);
    if (address) return replace(field, start, end, text);
    replace(field, start, end, text, chosen.length + 3, text.length - 1);
  };

  /* Set apart by a blank line from what stands around it. */
  const block = (field, text, from = text.length, to = from) => {
    const { value, selectionStart: start, selectionEnd: end } = field;
    const before = value.slice(0, start), after = value.slice(end);
    const above = !before.trim() ? "" : before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
    const below = !after ? "\n" : after.startsWith("\n\n") ? "" : after.startsWith("\n") ? "\n" : "\n\n";
    replace(field, start, end, above + text + below, above.length + from, above.length + to);
  };

  const row = (cells) => `| ${cells.map((cell) => cell.trim().replaceAll("|", "\\|")).join(" | ")} |`;
  const cellsOf = (text) => {
    const rows = text.trimEnd().split(/\r?\n/).map((line) => line.split("\t"));
    return rows.length > 1 && rows[0].length > 1 && rows.every((one) => one.length === rows[0].length) ? rows : null;
  };
  const tableOf = ([head, ...rows]) => [row(head), `|${" --- |".repeat(head.length)}`, ...rows.map(row)].join("\n");

  const table = (field) => {
    const cells = cellsOf(field.value.slice(field.selectionStart, field.selectionEnd));
    const text = tableOf(cells || [["Column", "Column"], [" ", " "], [" ", " "]]);
    if (cells) block(field, text);
    else block(field, text, 2, 8);
  };

  /* A list or a quotation goes on; an empty item ends it. True where it did something. */
  const enter = (field) => {
    const { value, selectionStart: at } = field;
    const start = lineStart(value, at), line = value.slice(start, lineEnd(value, at));
    const [all, lead, item = ""] = line.match(ITEM);
    if (!(item || lead.includes(">")) || at - start < all.length || isInCode(value, at)) return false;
    if (!line.slice(all.length).trim() && field.selectionEnd === at) {
      const outer = item ? lead.replace(/(?: {2,4}|\t)$/, "") : lead.replace(/>[ \t]?$/, "");
      const left = item && outer !== lead ? outer + item : outer;
      replace(field, start, start + line.length, left);
      return true;
    }
    const next = item.replace(/\d+/, (number) => String(Number(number) + 1)).replace(/\[[xX]\]/, "[ ]");
    replace(field, at, field.selectionEnd, `\n${lead}${next}`);
    return true;
  };

  /* Only in lists: elsewhere Tab goes on to the next field. */
  const indent = (field, isOut) => {
    const { start, end, lines } = selectedLines(field);
    const items = lines.map((line) => line.match(/^([ \t]*)([-*+]|\d{1,9}[.)])[ \t]/));
    if (!items[0] || isInCode(field.value, start)) return false;
    const width = items[0][2].length + 1;
    const text = lines.map((line) => {
      if (!line.trim()) return line;
      return isOut ? line.replace(new RegExp(`^(?:\\t| {1,${width}})`), "") : " ".repeat(width) + line;
    }).join("\n");
    const isCaret = field.selectionStart === field.selectionEnd;
    const caret = Math.max(0, field.selectionStart - start + text.length - (end - start));
    replace(field, start, end, text, isCaret ? caret : 0, isCaret ? caret : text.length);
    return true;
  };

  globalThis.deskText = {
    replace, undo, redo, block, link, isAddress, cellsOf, tableOf, enter, indent, selectedLines, lineStart,
    commands: {
      bold: (field) => wrap(field, "**"),
      italic: (field) => wrap(field, "*"),
      strike: (field) => wrap(field, "~~"),
      heading: (field) => heading(field, 2),
      subheading: (field) => heading(field, 3),
      bullets, numbers, quote, code, table,
      link: (field) => link(field),
    },
  };
})();
