/* Choosing a source or an image for the text, uploading images, and asking the model about a passage. */
"use strict";

(() => {
  const places = globalThis.deskPlaces;
  if (!places) return;
  const { field } = places;
  const { form } = field;
  const text = globalThis.deskText;
  const running = new Set();
  const token = () => form.elements.csrfmiddlewaretoken.value;

  const dialog = (id) => {
    const found = document.getElementById(id);
    if (!found) return null;
    found.addEventListener("click", (event) => {
      if (event.target === found || event.target.closest("[data-close]")) found.close();
    });
    found.addEventListener("close", () => field.focus({ preventScroll: true }));
    return found;
  };

  /* --- Citations --- */

  const citing = dialog("cite-dialog");
  const filter = citing.querySelector("[data-filter]");
  const options = [...citing.querySelectorAll("[role=option]")];
  const none = citing.querySelector("[data-none]");
  let active = null;

  const choose = (option) => {
    if (active) active.setAttribute("aria-selected", "false");
    active = option || null;
    if (!active) return filter.removeAttribute("aria-activedescendant");
    active.setAttribute("aria-selected", "true");
    filter.setAttribute("aria-activedescendant", active.id);
    active.scrollIntoView({ block: "nearest" });
  };

  let opened = 0; /* Where the caret was. */
  const fitting = () => options.filter((option) => !option.hidden);

  const narrow = () => {
    const wanted = filter.value.trim().toLowerCase();
    const isNumber = /^\[?\d+\]?$/.test(wanted);
    for (const option of options) {
      option.hidden = isNumber
        ? !option.dataset.value.startsWith(`[${wanted.replace(/\D/g, "")}`)
        : !wanted.split(/\s+/).every((word) => option.textContent.toLowerCase().includes(word));
    }
    none.hidden = fitting().length > 0;
    choose(fitting()[0]);
  };

  /* Next to another citation without a blank, after a word with one, and before a full stop as it is. */
  const cite = (mark) => {
    citing.close();
    const { value } = field, at = Math.min(opened, field.value.length);
    const space = at && !/[\s\](]/.test(value[at - 1]) ? " " : "";
    text.replace(field, at, at, space + mark);
  };

  if (filter) {
    filter.addEventListener("input", narrow);
    filter.addEventListener("keydown", (event) => {
      const shown = fitting(), now = shown.indexOf(active);
      if (event.key === "ArrowDown") choose(shown[(now + 1) % shown.length]);
      else if (event.key === "ArrowUp") choose(shown[(now - 1 + shown.length) % shown.length]);
      else if (event.key === "Enter" && active) cite(active.dataset.value);
      else return;
      event.preventDefault();
    });
    citing.querySelector("[role=listbox]").addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) cite(option.dataset.value);
    });
  }

  /* --- Images --- */

  const imaging = dialog("image-dialog");
  const part = (name) => imaging.querySelector(`[data-image-${name}]`);
  const say = (words) => { part("said").textContent = words; };
  const endpoint = form.dataset.images;

  /* Markdown for the image, or an error with a sentence. */
  const send = async (file, alt) => {
    const sent = new FormData();
    sent.append("csrfmiddlewaretoken", token());
    sent.append("image", file, file.name || "image.png");
    if (alt) sent.append("alt", alt);
    let answer;
    try {
      answer = await fetch(`${endpoint}upload/`, {
        method: "POST", body: sent, headers: { Accept: "application/json", "X-CSRFToken": token() }, redirect: "error",
      });
    } catch {
      throw new Error("The image was not uploaded: the server did not respond.");
    }
    const reply = await answer.json().catch(() => ({}));
    if (answer.ok && reply.markdown) return reply;
    throw new Error(reply.detail || `The image was not uploaded: the server replied ${answer.status}.`);
  };

  const nameOf = (file) => file.name.replace(/[[\]()!\n]/g, " ").trim() || "image";

  /* Where it will be stands a note, which moves with the text around it until the image has come. */
  const upload = async (files, all = files) => {
    if (!files.length) {
      globalThis.deskEditor.say(all.length ? "Only images can be put into the text." : "");
      return;
    }
    for (const file of files) {
      let note = `*Uploading ${nameOf(file)} …*`;
      while (field.value.includes(note)) note = `${note.slice(0, -2)} …*`;
      text.block(field, note);
      const done = (async () => {
        let markdown = "", words = "", isBad = false;
        try {
          const reply = await send(file, "");
          markdown = reply.markdown;
          words = (reply.warnings || []).join(" ");
        } catch (error) {
          words = error.message;
          isBad = true;
        }
        const at = field.value.indexOf(note);
        if (at < 0) {
          globalThis.deskEditor.say(words, isBad);
          return;
        }
        /* The caret stays where people are writing meanwhile. */
        const grown = markdown.length - note.length;
        const moved = [field.selectionStart, field.selectionEnd].map((one) => (one <= at ? one : Math.max(at, one + grown)));
        text.replace(field, at, at + note.length, markdown);
        const alt = markdown.indexOf("![](");
        if (alt === 0) field.setSelectionRange(at + 2, at + 2);
        else field.setSelectionRange(...moved);
        if (words) globalThis.deskEditor.say(words, isBad); /* After the change, which says that it is not saved. */
      })();
      running.add(done);
      done.finally(() => running.delete(done));
    }
  };

  let query = null;
  const list = async () => {
    if (query) query.abort();
    query = new AbortController();
    const shown = part("list");
    try {
      const address = `${endpoint}?format=json&q=${encodeURIComponent(part("query").value)}`;
      const answer = await fetch(address, { headers: { Accept: "application/json" }, signal: query.signal, redirect: "error" });
      const reply = answer.ok ? await answer.json() : [];
      const rows = Array.isArray(reply) ? reply : reply.results || reply.images || [];
      shown.replaceChildren(...rows.map((image) => {
        const item = document.createElement("li"), button = document.createElement("button"), picture = document.createElement("img");
        button.type = "button";
        picture.src = image.url;
        picture.alt = image.alt || "Image without a description";
        picture.loading = "lazy";
        button.append(picture);
        button.addEventListener("click", () => {
          imaging.close();
          text.block(field, image.markdown);
        });
        item.append(button);
        return item;
      }));
      if (!rows.length) shown.append(Object.assign(document.createElement("li"), { textContent: "No image found.", className: "desk-empty" }));
    } catch (error) {
      if (error.name !== "AbortError") shown.replaceChildren();
    }
  };

  part("upload").addEventListener("click", async () => {
    const [file] = part("file").files;
    if (!file) {
      say("Choose a file first.");
      part("file").focus();
      return;
    }
    part("upload").disabled = true;
    say("Uploading …");
    try {
      const reply = await send(file, part("alt").value.trim());
      say("");
      part("file").value = part("alt").value = "";
      imaging.close();
      text.block(field, reply.markdown);
      globalThis.deskEditor.say((reply.warnings || []).join(" "));
    } catch (error) {
      say(error.message);
    } finally {
      part("upload").disabled = false;
    }
  });
  let timer = null;
  part("query").addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(list, 250);
  });

  /* --- The model --- */

  const asking = dialog("ask-dialog");
  const request = asking && asking.querySelector("[data-ask]");

  const lineOf = (at) => field.value.slice(0, at).split("\n").length - 1;

  /* The selection, or the paragraph in which the caret stands, as lines. */
  const passage = () => {
    let { selectionStart: start, selectionEnd: end } = field;
    if (start === end) {
      start = field.value.lastIndexOf("\n\n", Math.max(0, start - 1)) + 1;
      if (start) start += 1;
      end = field.value.indexOf("\n\n", start);
      if (end < 0) end = field.value.length;
    }
    return { words: field.value.slice(start, end).trim(), from: lineOf(start), to: lineOf(end) };
  };

  const ask = () => {
    const { words, from, to } = passage();
    asking.querySelector("[data-ask-passage]").textContent = words.length > 240 ? `${words.slice(0, 240)} …` : words;
    asking.querySelector("[data-ask-said]").textContent = "";
    request.elements.from.value = from;
    request.elements.to.value = to;
    asking.showModal();
    request.elements.instruction.focus();
  };

  if (request) {
    request.addEventListener("submit", async (event) => {
      if (request.dataset.isReady) return;
      event.preventDefault();
      const said = asking.querySelector("[data-ask-said]");
      if (request.elements.kind.value === "paragraph" && !request.elements.instruction.value.trim()) {
        said.textContent = "Say what is to change, such as “shorter”.";
        request.elements.instruction.focus();
        return;
      }
      said.textContent = "";
      if (!await globalThis.deskEditor.save()) {
        said.textContent = "Your text could not be saved, so nothing was asked: close this and see why.";
        return;
      }
      request.dataset.isReady = "yes";
      request.requestSubmit();
    });
  }

  globalThis.deskDialogs = {
    upload,
    uploads: () => Promise.allSettled([...running]),
    ask,
    cite: () => {
      opened = field.selectionEnd;
      citing.showModal();
      if (!filter) return;
      filter.value = "";
      narrow();
      filter.focus();
    },
    image: () => {
      say("");
      imaging.showModal();
      list();
    },
  };
})();
