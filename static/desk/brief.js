/* The page that files a brief: one drop zone for files, addresses and texts, and quick choices of a due time.

   The form stays the truth: a stored file is a line of `given`, an address a line of `addresses`, and what is not
   stored yet is in the form's own file input, so that the brief can be filed at any moment. */
"use strict";

(() => {
  const box = document.querySelector("[data-drop]");
  const form = box && box.closest("form");

  const make = (tag, className = "", text = "") => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  };

  const inBytes = (size) => {
    if (size === null || size === undefined) return "";
    if (size < 1024) return `${size} B`;
    return size < 1024 ** 2 ? `${(size / 1024).toFixed(size < 10240 ? 1 : 0)} KB` : `${(size / 1024 ** 2).toFixed(1)} MB`;
  };

  const sourcesOf = () => {
    const list = box.querySelector("[data-items]"), given = box.querySelector("[data-given]");
    const plain = box.querySelector("[data-plain]");
    const input = plain.querySelector("input[type=file]"), addresses = plain.querySelector("textarea");
    const status = make("p", "desk-drop-status");
    status.setAttribute("role", "status");
    const waiting = new Map(); /* Files that are being stored, by their item. */
    const most = Number(box.dataset.max);

    const zone = make("div", "desk-drop-zone");
    const choose = make("button", "desk-button desk-button-quiet", "Choose files");
    choose.type = "button";
    const entry = make("textarea", "desk-drop-entry");
    entry.rows = 1;
    entry.name = "typed_source"; /* For autosave.js; the server reads what the submission makes of it. */
    entry.setAttribute("aria-label", "Addresses, or a text, as sources");
    entry.placeholder = "Paste addresses or a text";
    const add = make("button", "desk-button desk-button-quiet", "Add");
    add.type = "button";
    const hint = make("p", "desk-help", box.querySelector(".desk-help").textContent);
    const line = make("div", "desk-drop-line");
    const files = make("p", "desk-drop-files");
    files.append("Drop files here, or ", choose);
    line.append(entry, add);
    zone.append(files, line, hint);
    plain.hidden = true;
    addresses.disabled = false;
    box.append(zone, status);
    box.classList.add("desk-drop-live");

    const lines = (field) => field.value.split("\n").filter((one) => one.trim());
    const changed = (field) => field.dispatchEvent(new Event("input", { bubbles: true }));
    const write = (field, all) => {
      field.value = all.join("\n");
      changed(field);
    };
    const say = (words) => { status.textContent = words; };

    const keepInForm = () => {
      const transfer = new DataTransfer();
      waiting.forEach((file) => transfer.items.add(file));
      input.files = transfer.files;
    };

    const remove = (item, what) => {
      const next = item.nextElementSibling || item.previousElementSibling;
      item.remove();
      waiting.delete(item);
      keepInForm();
      if (what.line) write(given, lines(given).filter((one) => one !== what.line));
      if (what.url) write(addresses, lines(addresses).filter((one) => one.trim() !== what.typed));
      say(`${what.name} was removed.`);
      const focus = next && next.querySelector("button");
      (focus || choose).focus();
    };

    const show = (item, what) => {
      item.replaceChildren();
      item.className = what.problem ? "desk-item-bad" : "";
      const name = make("span", "desk-item-name", what.name);
      name.dir = "auto";
      const facts = [inBytes(what.size), what.words ? `${what.words.toLocaleString()} words` : ""];
      if (what.url && what.url !== what.name) facts.push(what.url);
      item.append(name, make("span", "desk-quiet", facts.filter(Boolean).join(" · ")));
      if (what.busy) item.append(make("span", "desk-quiet", "reading …"));
      if (what.problem) item.append(make("span", "desk-error", what.problem));
      for (const warning of what.warnings || []) item.append(make("span", "desk-item-warning", warning));
      if (what.again) {
        const again = make("button", "desk-link", "Try again");
        again.type = "button";
        again.addEventListener("click", what.again);
        item.append(again);
      }
      const button = make("button", "desk-link desk-item-remove", "Remove");
      button.type = "button";
      button.setAttribute("aria-label", `Remove ${what.name}`);
      button.addEventListener("click", () => remove(item, what));
      item.append(button);
    };

    const send = async (data) => {
      data.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
      data.append("given", given.value);
      const response = await fetch(box.dataset.url, { method: "POST", body: data, headers: { Accept: "application/json" } });
      const isJson = (response.headers.get("Content-Type") || "").includes("json");
      if (response.redirected || !isJson) throw new Error("Your session has ended: log in again in another tab.");
      const found = await response.json();
      if (!response.ok) throw new Error(found.detail || "The server refused it.");
      return found.items;
    };

    const take = (item, what) => {
      if (what.line) {
        const all = lines(given);
        if (!all.includes(what.line)) write(given, [...all, what.line]);
      }
      show(item, what);
    };

    let queue = Promise.resolve();
    const store = (file) => {
      if (list.children.length >= most) return say(`${most} sources are the most.`);
      const item = make("li");
      const what = { name: file.name, size: file.size };
      list.append(item);
      waiting.set(item, file);
      keepInForm();
      const attempt = () => {
        show(item, { ...what, busy: true });
        queue = queue.then(async () => {
          if (!waiting.has(item)) return;
          const data = new FormData();
          data.append("files", file, file.name);
          try {
            const [found] = await send(data);
            waiting.delete(item);
            keepInForm();
            take(item, found);
            say(found.problem ? `${file.name}: ${found.problem}` : `${file.name} was added.`);
          } catch (error) {
            /* It is still in the form, and is sent with it. */
            show(item, { ...what, problem: error.message || "No connection.", again: attempt });
            say(`${file.name}: ${error.message}`);
          }
        });
      };
      attempt();
    };

    const addAddress = (found) => {
      const typed = found.url && found.name !== found.url ? `[${found.name.replace(/[[\]]/g, " ")}](${found.url})` : found.url;
      const item = make("li");
      if (found.url && !found.problem) {
        if (lines(addresses).includes(typed)) return;
        write(addresses, [...lines(addresses), typed]);
      }
      list.append(item);
      take(item, { ...found, typed });
    };

    const addPasted = async () => {
      const pasted = entry.value;
      if (!pasted.trim()) return;
      entry.readOnly = true;
      const data = new FormData();
      data.append("pasted", pasted);
      try {
        const found = await send(data);
        found.forEach(addAddress);
        entry.value = "";
        say(found.length === 1 ? `${found[0].name} was added.` : `${found.length} sources were added.`);
      } catch (error) {
        say(error.message);
      }
      entry.readOnly = false;
      entry.focus();
    };

    const showAll = async () => {
      const unsent = [...waiting.keys()];
      if (!given.value.trim() && !addresses.value.trim()) {
        list.replaceChildren(...unsent);
        return;
      }
      const data = new FormData();
      const typed = addresses.value;
      try {
        const stored = given.value.trim() ? await send(data) : [];
        const pasted = new FormData();
        pasted.append("pasted", typed);
        const found = typed.trim() ? await send(pasted) : [];
        list.replaceChildren(...unsent);
        stored.forEach((what) => take(list.appendChild(make("li")), what));
        write(addresses, []);
        found.forEach(addAddress);
      } catch (error) {
        say(error.message);
      }
    };

    choose.addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      const chosen = [...input.files];
      keepInForm();
      chosen.forEach(store);
    });
    add.addEventListener("click", addPasted);
    entry.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      addPasted();
    });
    entry.addEventListener("paste", (event) => {
      if (event.clipboardData.files.length) {
        event.preventDefault();
        [...event.clipboardData.files].forEach(store);
      } else if (!entry.value.trim()) setTimeout(addPasted);
    });
    for (const kind of ["dragenter", "dragover"]) {
      form.addEventListener(kind, (event) => {
        if (![...event.dataTransfer.types].some((type) => type === "Files" || type === "text/uri-list")) return;
        event.preventDefault();
        box.classList.add("desk-drop-over");
      });
    }
    form.addEventListener("dragleave", (event) => {
      if (!form.contains(event.relatedTarget)) box.classList.remove("desk-drop-over");
    });
    form.addEventListener("drop", (event) => {
      box.classList.remove("desk-drop-over");
      const { files: dropped } = event.dataTransfer;
      const uris = event.dataTransfer.getData("text/uri-list").split(/\r?\n/).filter((one) => one && !one.startsWith("#"));
      if (!dropped.length && !uris.length) return;
      event.preventDefault();
      if (dropped.length) [...dropped].forEach(store);
      else {
        entry.value = uris.join("\n");
        addPasted();
      }
    });
    /* What was typed but not added goes with the form all the same. */
    form.addEventListener("submit", () => {
      if (!entry.value.trim()) return;
      write(addresses, [addresses.value, entry.value].filter((one) => one.trim()));
      entry.value = "";
    });
    /* A form that autosave.js restores. */
    let later;
    let shown = given.value;
    given.addEventListener("change", () => {
      if (given.value === shown) return;
      shown = given.value;
      clearTimeout(later);
      later = setTimeout(showAll);
    });
    addresses.addEventListener("change", () => {
      clearTimeout(later);
      later = setTimeout(showAll);
    });
    const errors = [...list.querySelectorAll(".desk-item-bad")].map((item) => item.cloneNode(true));
    if (given.value.trim() || addresses.value.trim()) {
      showAll().then(() => errors.forEach((item) => {
        const name = item.querySelector(".desk-item-name").textContent;
        const problem = item.querySelector(".desk-error").textContent;
        show(list.appendChild(make("li")), { name, problem });
      }));
    }
  };
  if (box && window.DataTransfer && window.fetch) sourcesOf();

  for (const quick of document.querySelectorAll("[data-quick]")) {
    const field = quick.parentElement.querySelector("[data-due]");
    quick.hidden = false;
    field.removeAttribute("list");
    quick.addEventListener("click", (event) => {
      if (!event.target.dataset.at) return;
      field.value = event.target.dataset.at;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.focus();
    });
  }
  /* The browser's own zone, for those who are elsewhere. */
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const list of document.querySelectorAll("[data-due-zone]")) {
    if (!zone || [...list.options].some((option) => option.value === zone)) continue;
    list.append(new Option(`${zone} (this device)`, zone));
  }

  /* A folded part that is linked to is opened. */
  const open = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (target && target.tagName === "DETAILS") target.open = true;
  };
  /* So is one in which autosave.js offers what was typed. */
  for (const note of document.querySelectorAll("form > .unsent")) {
    const folded = note.closest("details");
    if (folded) folded.open = true;
  }
  addEventListener("hashchange", open);
  open();
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    const target = link && document.getElementById(link.hash.slice(1));
    if (target && target.tagName === "DETAILS") target.open = true;
  });
})();
