/* The shell's keys and dialogs: search (Ctrl+K or /), the overlay of keys (?), and g with a letter to go somewhere.

   Every one of them is a shortcut to what is on a page anyway; nothing here is needed to work. */
"use strict";

(() => {
  const STORED = "desk-keys-off";
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const icon = (name) => {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg"), use = document.createElementNS(space, "use");
    const source = document.querySelector(".shell-search use").getAttribute("href");
    use.setAttribute("href", source.replace(/#.*/, `#${name}`));
    svg.setAttribute("class", "shell-icon");
    svg.setAttribute("aria-hidden", "true");
    svg.append(use);
    return svg;
  };

  /* Django's lists to choose from explain themselves in an aria-label, which needs a role. */
  addEventListener("load", () => document.querySelectorAll(".help-tooltip[aria-label]:not([role])").forEach((one) => one.setAttribute("role", "img")));

  const isTyping = (element) =>
    element.matches("input:not([type=checkbox], [type=radio], [type=submit], [type=button], [type=reset], [type=range]), textarea, select")
    || element.isContentEditable;

  const stored = () => {
    try {
      return localStorage.getItem(STORED) === "1";
    } catch {
      return false; /* Without storage the choice lasts as long as the page. */
    }
  };
  const isOff = () => {
    const box = document.querySelector("[data-keys-off]");
    return box ? box.checked : stored();
  };

  /* --- Dialogs ------------------------------------------------------------------------------------- */

  const opened = () => document.querySelector("dialog[open]");

  /* A dialog of the browser keeps the place: nothing scrolls, and the focus goes back where it was. */
  const dialogOf = (id, label) => {
    const dialog = make("dialog", { class: "shell-dialog", id, "aria-label": label });
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    document.body.append(dialog);
    return dialog;
  };

  const show = (dialog) => {
    document.querySelectorAll("[popover]:popover-open").forEach((popover) => popover.hidePopover());
    dialog.showModal();
  };

  /* --- Keys ---------------------------------------------------------------------------------------- */

  const goKeys = () => [...document.querySelectorAll(".shell-navigation a[data-key]")].filter((link) => link.dataset.key);
  const nameOf = (link) => link.querySelector("span").textContent;

  const listOf = (pairs) => make("dl", {}, ...pairs.flatMap(([keys, what]) => [
    make("dt", {}, ...keys.flatMap((key) => [make("kbd", {}, key), " "])), make("dd", {}, what),
  ]));

  let keysDialog = null;

  const buildKeys = () => {
    const dialog = dialogOf("shell-keys", "Keyboard shortcuts");
    const close = make("button", { type: "button", class: "shell-button" }, "Close");
    close.addEventListener("click", () => dialog.close());
    const body = make("div", { class: "shell-keys", tabindex: "0", role: "region", "aria-label": "Shortcuts" });
    const ofPage = document.querySelector("#keys dl");
    if (ofPage) body.append(make("h3", {}, "On this page"), ofPage.cloneNode(true));
    body.append(make("h3", {}, "Everywhere"), listOf([
      [["Ctrl", "K"], "search; so does /"], [["?"], "show these keys"], [["Esc"], "close what is open"],
    ]));
    if (goKeys().length) {
      body.append(make("h3", {}, "Go to"), listOf(goKeys().map((link) => [["g", link.dataset.key], nameOf(link)])));
    }
    const box = make("input", { type: "checkbox" });
    box.checked = isOff();
    box.addEventListener("change", () => {
      const onPage = document.querySelector("#keys [data-keys-off]");
      if (onPage) onPage.checked = box.checked;
      try {
        localStorage.setItem(STORED, box.checked ? "1" : "");
      } catch { /* As above. */ }
    });
    dialog.addEventListener("close", () => dialog.remove());
    body.append(make("label", {}, box, "Turn off single-letter shortcuts"));
    dialog.append(make("div", { class: "shell-keys-head" }, make("h2", {}, "Keyboard shortcuts"), close), body);
    return dialog;
  };

  const toggleKeys = () => {
    if (keysDialog && keysDialog.open) return keysDialog.close();
    keysDialog = buildKeys();
    show(keysDialog);
  };

  /* --- Search -------------------------------------------------------------------------------------- */

  const opener = document.querySelector("[data-palette]");
  let palette = null;

  const marked = (title, words) => {
    const pattern = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
    const parts = pattern ? title.split(new RegExp(`(${pattern})`, "gi")) : [title];
    return parts.map((part, at) => (at % 2 ? make("mark", {}, part) : part));
  };

  const buildPalette = () => {
    const dialog = dialogOf("shell-palette", "Search");
    const field = make("input", {
      type: "search", role: "combobox", "aria-expanded": "true", "aria-controls": "shell-found", "aria-autocomplete": "list",
      "aria-label": "Search drafts, posts, briefs, people and pages", placeholder: "Search, or go to …", autocomplete: "off",
      autocapitalize: "off", spellcheck: "false", maxlength: "200", enterkeyhint: "go",
    });
    const list = make("div", { class: "shell-results", id: "shell-found", role: "listbox", "aria-label": "Results", tabindex: "-1" });
    const said = make("p", { class: "shell-said", role: "status" });
    const foot = make("div", { class: "shell-foot", "aria-hidden": "true" });
    for (const [keys, what] of [[["↑", "↓"], "choose"], [["Enter"], "open"], [["Esc"], "close"]]) {
      foot.append(make("span", {}, ...keys.map((key) => make("kbd", {}, key)), ` ${what}`));
    }
    dialog.append(make("div", { class: "shell-field" }, icon("search"), field), list, said, foot);
    let waiting = 0, running = null, asked = null;

    const options = () => [...list.querySelectorAll('[role="option"]')];
    const choose = (option) => {
      for (const each of options()) each.setAttribute("aria-selected", String(each === option));
      if (option) {
        field.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      } else field.removeAttribute("aria-activedescendant");
    };
    const chosen = () => list.querySelector('[aria-selected="true"]');
    const open = (option, inTab) => {
      if (!option) return;
      if (inTab) window.open(option.dataset.url, "_blank", "noopener");
      else location.assign(option.dataset.url);
    };

    const fill = ({ query, groups }) => {
      const words = query.split(/\s+/).filter(Boolean);
      let number = 0;
      list.replaceChildren(...groups.map((group) => {
        const heading = make("div", { class: "shell-kind", id: `shell-kind-${group.name}`, role: "presentation" }, group.title);
        const box = make("div", { role: "group", "aria-labelledby": heading.id }, heading);
        for (const one of group.results) {
          const option = make("div", { class: "shell-option", role: "option", id: `shell-option-${number += 1}`, "aria-selected": "false", "data-url": one.url },
            icon(group.icon), make("span", { dir: "auto" }, ...marked(one.title, words)));
          if (one.detail) option.append(make("span", {}, one.detail));
          box.append(option);
        }
        return box;
      }));
      field.setAttribute("aria-expanded", String(number > 0));
      said.textContent = number ? "" : "Nothing that you may see has all of these words in its title.";
      list.hidden = !number;
      list.scrollTop = 0;
      choose(options()[0]);
    };

    const ask = async () => {
      const query = field.value.trim();
      if (query === asked) return;
      if (running) running.abort();
      running = new AbortController();
      const { signal } = running;
      try {
        const address = `${opener.href}?format=json&q=${encodeURIComponent(query)}`;
        const response = await fetch(address, { signal, headers: { Accept: "application/json" }, redirect: "error" });
        if (!response.ok) throw new Error(response.statusText);
        fill(await response.json());
        asked = query;
      } catch (error) {
        if (error.name === "AbortError") return;
        asked = null;
        list.replaceChildren();
        said.textContent = "The search did not answer: try again, or reload the page if you were logged out.";
      }
    };

    field.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(ask, 90);
    });
    field.addEventListener("keydown", async (event) => {
      if (event.isComposing) return;
      const all = options(), at = all.indexOf(chosen());
      const to = { ArrowDown: (at + 1) % all.length, ArrowUp: (at - 1 + all.length) % all.length, PageDown: Math.min(at + 6, all.length - 1), PageUp: Math.max(at - 6, 0) }[event.key];
      if (to !== undefined) {
        event.preventDefault();
        if (all.length) choose(all[to]);
      } else if (event.key === "Enter") {
        event.preventDefault();
        clearTimeout(waiting);
        const inTab = event.ctrlKey || event.metaKey;
        await ask(); /* What was typed last may not have been asked for yet. */
        if (field.value.trim() === asked) open(chosen(), inTab);
      } else if (event.key === "Escape" && field.value) {
        event.preventDefault();
        field.value = "";
        ask();
      } else if (event.key === "Tab") event.preventDefault(); /* There is nothing else to go to. */
    });
    list.addEventListener("mousemove", (event) => {
      const option = event.target.closest('[role="option"]');
      if (option && option !== chosen()) choose(option);
    });
    list.addEventListener("mousedown", (event) => event.preventDefault()); /* The focus stays in the field. */
    list.addEventListener("click", (event) => open(event.target.closest('[role="option"]'), event.ctrlKey || event.metaKey));
    list.addEventListener("auxclick", (event) => event.button === 1 && open(event.target.closest('[role="option"]'), true));
    return {
      dialog,
      open: () => {
        show(dialog);
        field.focus();
        field.select();
        asked = null;
        ask();
      },
    };
  };

  const togglePalette = () => {
    if (!opener) return;
    palette = palette || buildPalette();
    if (palette.dialog.open) palette.dialog.close();
    else if (!opened()) palette.open();
  };

  if (opener) {
    if (/Mac|iPhone|iPad/.test(navigator.platform)) opener.querySelector("kbd").textContent = "⌘ K";
    opener.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      togglePalette();
    });
  }

  /* --- Which key does what ------------------------------------------------------------------------- */

  /* After the page's own: in the editor Ctrl+K makes a link. */
  document.addEventListener("keydown", (event) => {
    const isIt = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
    if (!isIt || event.defaultPrevented) return;
    event.preventDefault();
    togglePalette();
  });

  let goUntil = 0;

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target) || isOff()) return;
    if (event.key === "?") {
      event.preventDefault();
      if (!opened() || opened() === keysDialog) toggleKeys();
      return;
    }
    if (opened()) return;
    if (event.key === "/") {
      event.preventDefault();
      togglePalette();
    } else if (performance.now() < goUntil) {
      goUntil = 0;
      const link = goKeys().find((each) => each.dataset.key === event.key);
      if (!link) return;
      event.preventDefault();
      event.stopImmediatePropagation(); /* The page's own letters, such as n for the next draft, stay out of it. */
      link.click();
    } else if (event.key === "g") goUntil = performance.now() + 1500;
  }, true);
})();
