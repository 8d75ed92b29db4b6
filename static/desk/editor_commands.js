/* The toolbar, its shortcuts, and what Enter, Tab, pasting and dropping do in the text. */
"use strict";

(() => {
  const bar = document.querySelector("[data-toolbar]");
  const places = globalThis.deskPlaces;
  if (!bar || !places) return;
  const { field } = places;
  const text = globalThis.deskText;
  const isMac = /Mac|iP(hone|ad|od)/.test(navigator.platform);
  const buttons = [...bar.querySelectorAll("button")];

  const run = (name) => {
    if (text.commands[name]) text.commands[name](field);
    else if (name === "find") globalThis.deskFind.open();
    else if (name === "cite") globalThis.deskDialogs.cite();
    else if (name === "image") globalThis.deskDialogs.image();
    else if (name === "ask") globalThis.deskDialogs.ask();
    else if (name === "focus") globalThis.deskPanels.toggleFullWidth();
  };

  /* --- Toolbar: one stop for Tab, arrows within --- */

  bar.hidden = false;
  buttons.forEach((button, place) => {
    button.tabIndex = place ? -1 : 0;
    const { key } = button.dataset;
    if (key) {
      const shown = isMac ? `⌘${key.replace("Shift+", "⇧").replace("Alt+", "⌥")}` : `Ctrl+${key}`;
      button.title = `${button.title} (${shown})`;
      button.setAttribute("aria-keyshortcuts", `${isMac ? "Meta" : "Control"}+${key}`);
    }
  });
  bar.addEventListener("mousedown", (event) => event.preventDefault()); /* The selection stays where it is. */
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) run(button.dataset.command);
  });
  bar.addEventListener("keydown", (event) => {
    const now = buttons.indexOf(document.activeElement);
    const back = getComputedStyle(bar).direction === "rtl" ? "ArrowRight" : "ArrowLeft";
    const forth = back === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
    const next = { [forth]: now + 1, [back]: now - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (now < 0 || next === undefined) return;
    event.preventDefault();
    const chosen = buttons[(next + buttons.length) % buttons.length];
    buttons.forEach((button) => { button.tabIndex = button === chosen ? 0 : -1; });
    chosen.focus();
  });

  /* --- Shortcuts --- */

  const shortcuts = new Map(buttons.filter((one) => one.dataset.key).map((one) => [one.dataset.key, one.dataset.command]));
  const pressed = (event) => {
    const key = /^(Key|Digit)/.test(event.code) ? event.code.replace(/^(Key|Digit)/, "") : event.key;
    /* The letter that is written on the key, where it has one: keyboards differ. */
    const letter = /^[a-z]$/i.test(event.key) ? event.key.toUpperCase() : key;
    return `${event.shiftKey ? "Shift+" : ""}${event.altKey ? "Alt+" : ""}${letter}`;
  };

  let isTabFree = false;
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const isCommand = isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
    if (isCommand && !event.getModifierState("AltGraph")) {
      const keys = pressed(event);
      if (keys === "Z" && text.undo(field)) event.preventDefault();
      if ((keys === "Shift+Z" || keys === "Y") && text.redo(field)) event.preventDefault();
      const name = shortcuts.get(keys);
      if (!name) return;
      event.preventDefault();
      event.stopPropagation(); /* Ctrl+K is for a link here, and elsewhere for the search. */
      run(name);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") isTabFree = true;
    else if (event.key === "Tab") {
      if (!isTabFree && text.indent(field, event.shiftKey)) event.preventDefault();
      isTabFree = false;
    } else {
      isTabFree = false;
      if (event.key === "Enter" && !event.shiftKey && text.enter(field)) event.preventDefault();
    }
  });

  /* In the title, Enter leads on to the text. */
  const title = field.form.elements.title;
  title.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) return;
    field.focus();
    field.setSelectionRange(0, 0);
  });

  /* --- Pasting and dropping --- */

  const filesOf = (data) => [...((data && data.files) || [])];
  const images = (data) => filesOf(data).filter((file) => file.type.startsWith("image/"));

  field.addEventListener("paste", (event) => {
    const data = event.clipboardData;
    const plain = data.getData("text/plain");
    if (images(data).length && !plain) {
      event.preventDefault();
      globalThis.deskDialogs.upload(images(data));
      return;
    }
    const chosen = field.value.slice(field.selectionStart, field.selectionEnd);
    if (chosen.trim() && !chosen.includes("\n") && text.isAddress(plain) && !text.isAddress(chosen)) {
      event.preventDefault();
      text.link(field, plain);
      return;
    }
    const cells = data.getData("text/html").includes("<t") && text.cellsOf(plain);
    if (cells) {
      event.preventDefault();
      text.block(field, text.tableOf(cells));
    }
  });
  field.addEventListener("dragover", (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
  field.addEventListener("drop", (event) => {
    if (!filesOf(event.dataTransfer).length) return;
    event.preventDefault(); /* The browser would leave the page and show the file. */
    globalThis.deskDialogs.upload(images(event.dataTransfer), filesOf(event.dataTransfer));
  });
})();
