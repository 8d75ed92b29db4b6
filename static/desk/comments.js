/* Comments without leaving the page: on a selection, in threads, with names completed after an @.

   Everything has a link or a form of its own that works without this. */
"use strict";

(() => {
  const article = document.querySelector("[data-commentable]");
  const home = document.querySelector("[data-comment-form-home]");
  const form = document.querySelector("[data-comment-form]");
  const NOT_TEXT = ".desk-claim-mark, .desk-claim-shown, .desk-tools, .desk-thread, .desk-comment-form, sup, .not-shown";
  const CONTEXT = 80;
  const MAX_SELECTED = 1000;

  const status = document.createElement("p");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  document.body.append(status);
  const say = (words) => { status.textContent = words; };

  /* --- Asking the server --- */

  const send = async (url, fields) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    body.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    const response = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" } });
    const isJson = (response.headers.get("Content-Type") || "").startsWith("application/json");
    if (response.redirected || !isJson) throw new Error("not answered");
    const answer = await response.json();
    return { isDone: response.ok, answer };
  };

  const errorsIn = (answer) => Object.values(answer.errors || {}).flat().join(" ");

  const showCount = (count) => {
    for (const place of document.querySelectorAll("[data-unresolved]")) place.textContent = count;
    document.querySelector("[data-no-comments]")?.toggleAttribute("hidden", Number(count) > 0);
  };

  const node = (html) => document.createRange().createContextualFragment(html).firstElementChild;

  /* --- Threads --- */

  const showThread = (thread, before) => {
    const shown = node(thread.html);
    const old = document.getElementById(`thread-${thread.id}`);
    if (old) {
      if (form && old.contains(form)) goHome();
      old.replaceWith(shown);
    } else before(shown);
    for (const mark of document.querySelectorAll(`mark[data-thread="${thread.id}"]`)) {
      mark.classList.toggle("desk-selected-resolved", thread.is_resolved);
    }
    for (const link of document.querySelectorAll(`[data-thread-link="${thread.id}"]`)) link.hidden = thread.is_resolved;
    return shown;
  };

  const removeComment = (pk) => {
    const comment = document.getElementById(`comment-${pk}`);
    const thread = comment && comment.closest(".desk-thread");
    if (!thread) return;
    if (form && thread.contains(form)) goHome();
    if (comment.matches(".desk-reply")) {
      comment.remove();
      return;
    }
    for (const mark of document.querySelectorAll(`mark[data-thread="${pk}"]`)) mark.replaceWith(...mark.childNodes);
    for (const link of document.querySelectorAll(`[data-thread-link="${pk}"]`)) link.remove();
    thread.remove();
  };

  const warn = (place, words) => {
    let note = place.querySelector(":scope > .desk-comment-warning");
    if (!note) {
      note = document.createElement("p");
      note.className = "desk-error desk-comment-warning";
      note.setAttribute("role", "alert");
      place.append(note);
    }
    note.textContent = words;
  };

  /* On the way down: Chromium ends the way up of a form's event at another form around it, as in the editor. */
  document.addEventListener("submit", async (event) => {
    const sent = event.target;
    if (!sent.matches("[data-thread-action]") || event.defaultPrevented) return;
    event.preventDefault();
    const thread = sent.closest(".desk-thread");
    const button = sent.querySelector("button");
    button.disabled = true;
    const text = sent.elements.new_text;
    try {
      const { isDone, answer } = await send(sent.action, text ? { new_text: text.value } : {});
      if (!isDone) {
        warn(thread, errorsIn(answer));
        button.disabled = false;
        return;
      }
      showCount(answer.unresolved);
      if (answer.deleted) {
        removeComment(answer.deleted);
        say("The comment was deleted.");
        return;
      }
      const shown = showThread(answer.thread);
      for (const words of answer.warnings) warn(shown, words);
      const next = shown.querySelector(".desk-thread-actions button, .desk-thread-actions a");
      if (next) next.focus();
      say(answer.thread.is_resolved ? "Resolved." : "Saved.");
    } catch {
      HTMLFormElement.prototype.submit.call(sent); /* The server says what is wrong, or asks to log in. */
    }
  }, { capture: true });

  /* --- Names after an @ --- */

  const people = async (url, words) => {
    try {
      const response = await fetch(`${url}?q=${encodeURIComponent(words)}`, { headers: { Accept: "application/json" }, redirect: "error" });
      return response.ok ? (await response.json()).people : [];
    } catch {
      return []; /* The session has ended, or the server does not respond: the name can be typed all the same. */
    }
  };

  class Completion {
    constructor(field, url) {
      this.field = field;
      this.url = url;
      this.list = document.createElement("ul");
      this.list.className = "desk-completions";
      this.list.id = `${field.id}-people`;
      this.list.setAttribute("role", "listbox");
      this.list.setAttribute("aria-label", "People");
      this.list.hidden = true;
      field.after(this.list);
      field.setAttribute("aria-autocomplete", "list");
      field.setAttribute("aria-controls", this.list.id);
      field.addEventListener("input", () => this.later());
      field.addEventListener("keydown", (event) => this.key(event));
      field.addEventListener("blur", () => setTimeout(() => this.close(), 200));
      this.list.addEventListener("pointerdown", (event) => {
        const option = event.target.closest("[role=option]");
        if (!option) return;
        event.preventDefault();
        this.take(option);
      });
    }

    get begun() {
      const before = this.field.value.slice(0, this.field.selectionStart);
      return before.match(/(?:^|[^\w@.+/-])@([\w.@+-]*)$/u);
    }

    later() {
      clearTimeout(this.timer);
      if (!this.begun) {
        this.close();
        return;
      }
      this.timer = setTimeout(() => this.offer(), 120);
    }

    async offer() {
      const begun = this.begun;
      if (!begun) return;
      const asked = begun[1];
      const found = await people(this.url, asked).catch(() => []);
      if (!this.begun || this.begun[1] !== asked) return;
      this.list.replaceChildren(...found.map((person, at) => {
        const option = document.createElement("li");
        option.setAttribute("role", "option");
        option.id = `${this.list.id}-${at}`;
        option.dataset.name = person.name;
        option.textContent = `@${person.name}`;
        if (person.full_name) option.append(` ${person.full_name}`);
        return option;
      }));
      this.list.hidden = !found.length;
      if (found.length) this.choose(0);
      else {
        this.close();
        if (asked) say(`Nobody is named ${asked}.`);
      }
    }

    choose(at) {
      const options = [...this.list.children];
      this.at = (at + options.length) % options.length;
      options.forEach((option, place) => option.setAttribute("aria-selected", String(place === this.at)));
      this.field.setAttribute("aria-activedescendant", options[this.at].id);
      options[this.at].scrollIntoView({ block: "nearest" });
    }

    key(event) {
      if (this.list.hidden) return;
      if (event.key === "ArrowDown") this.choose(this.at + 1);
      else if (event.key === "ArrowUp") this.choose(this.at - 1);
      else if ((event.key === "Enter" || event.key === "Tab") && !event.ctrlKey && !event.metaKey) this.take(this.list.children[this.at]);
      else if (event.key === "Escape") this.close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    }

    take(option) {
      const begun = this.begun;
      if (begun) {
        const end = this.field.selectionStart;
        this.field.setRangeText(`${option.dataset.name} `, end - begun[1].length, end, "end");
        this.field.dispatchEvent(new Event("input", { bubbles: true }));
      }
      this.close();
    }

    close() {
      this.list.hidden = true;
      this.field.removeAttribute("aria-activedescendant");
    }
  }

  const completed = new WeakSet();
  const peopleAddress = form && form.dataset.people;
  document.addEventListener("focusin", (event) => {
    const field = event.target;
    if (!peopleAddress || !field.matches("[data-mentions]") || completed.has(field)) return;
    completed.add(field);
    new Completion(field, peopleAddress);
  });

  if (!form) return;

  /* --- The one form for comments: it stands where the next comment will --- */

  const field = (name) => form.querySelector(`[name="${name}"]`);
  const text = field("text");
  const label = form.querySelector("[data-comment-label]");
  const errors = form.querySelector("[data-comment-errors]");
  const selectionField = form.querySelector(".desk-selection-field");
  const closeLink = form.querySelector("[data-close-comment]");
  let isPending = false;

  const setUp = ({ paragraph = "", parent = "", selection = "", before = "", after = "", words }) => {
    Object.entries({ paragraph, parent, selection, before, after }).forEach(([name, value]) => { field(name).value = value; });
    label.textContent = words;
    errors.replaceChildren();
    selectionField.hidden = !selection;
    closeLink.hidden = !paragraph && !parent;
    /* So that a reload opens it here again, where what was typed is filled in. */
    const address = new URL(location.href);
    for (const [name, value] of [["comment", paragraph], ["reply", parent]]) {
      if (value) address.searchParams.set(name, value);
      else address.searchParams.delete(name);
    }
    if (address.href !== location.href) history.replaceState(null, "", address);
  };
  field("selection").addEventListener("input", () => { selectionField.hidden = false; });

  const goHome = () => {
    if (!home) return;
    setUp({ words: "Your comment on the whole text" });
    home.append(form);
    for (const chosen of document.querySelectorAll(".desk-paragraph-chosen")) chosen.classList.remove("desk-paragraph-chosen");
  };

  const openAt = (place, where) => {
    setUp(where);
    place.append(form);
    for (const chosen of document.querySelectorAll(".desk-paragraph-chosen")) chosen.classList.remove("desk-paragraph-chosen");
    if (place.matches(".desk-paragraph")) place.classList.add("desk-paragraph-chosen");
    text.focus({ preventScroll: true });
    form.scrollIntoView({ block: "nearest" });
  };

  const replyTo = (pk) => {
    const thread = document.getElementById(`thread-${pk}`);
    if (thread) openAt(thread, { parent: pk, words: "Your reply" });
    return Boolean(thread);
  };

  /* --- What is selected --- */

  const words = (range) => {
    const copy = range.cloneContents();
    for (const each of copy.querySelectorAll(NOT_TEXT)) each.remove();
    return copy.textContent.replace(/\s+/g, " ");
  };

  /* The words selected in the first paragraph that the selection touches. */
  const selected = () => {
    const selection = getSelection();
    if (!article || !selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    if (!article.contains(range.startContainer) && !range.intersectsNode(article)) return null;
    const paragraph = [...article.querySelectorAll(".desk-paragraph")].find((one) => range.intersectsNode(one.querySelector(".desk-paragraph-text")));
    if (!paragraph) return null;
    const body = paragraph.querySelector(".desk-paragraph-text");
    const all = document.createRange();
    all.selectNodeContents(body);
    const clipped = all.cloneRange();
    if (body.contains(range.startContainer)) clipped.setStart(range.startContainer, range.startOffset);
    if (body.contains(range.endContainer)) clipped.setEnd(range.endContainer, range.endOffset);
    const chosen = words(clipped).trim();
    if (!/[\p{L}\p{N}]/u.test(chosen) || chosen.length > MAX_SELECTED) return null;
    const left = all.cloneRange();
    left.setEnd(clipped.startContainer, clipped.startOffset);
    const right = all.cloneRange();
    right.setStart(clipped.endContainer, clipped.endOffset);
    return {
      place: paragraph, range: clipped, paragraph: paragraph.dataset.paragraph, selection: chosen,
      before: words(left).trim().slice(-CONTEXT), after: words(right).trim().slice(0, CONTEXT),
    };
  };

  /* As the server marks it when the page is loaded again: each piece of text by itself. */
  const highlight = (range, pk) => {
    const walker = document.createTreeWalker(range.commonAncestorContainer, NodeFilter.SHOW_TEXT);
    const pieces = [];
    let current = range.commonAncestorContainer.nodeType === Node.TEXT_NODE ? range.commonAncestorContainer : walker.nextNode();
    for (; current; current = walker.nextNode()) {
      if (!range.intersectsNode(current) || current.parentElement.closest(NOT_TEXT)) continue;
      const piece = document.createRange();
      piece.setStart(current, current === range.startContainer ? range.startOffset : 0);
      piece.setEnd(current, current === range.endContainer ? range.endOffset : current.length);
      if (String(piece).trim()) pieces.push(piece);
    }
    for (const piece of pieces) {
      const mark = document.createElement("mark");
      mark.className = "desk-selected";
      mark.dataset.thread = pk;
      piece.surroundContents(mark);
    }
  };

  let found = null;
  const commentOnSelection = () => {
    const here = selected();
    if (!here) return false;
    found = here;
    openAt(here.place, { ...here, words: "Your comment on these words" });
    float.hidden = true;
    return true;
  };

  const commentOn = (paragraph) => {
    found = null;
    openAt(paragraph, { paragraph: paragraph.dataset.paragraph, words: "Your comment on this paragraph" });
  };

  /* --- A button at the selection --- */

  const float = document.createElement("button");
  float.type = "button";
  float.className = "desk-button desk-float";
  float.textContent = "Comment";
  float.hidden = true;
  document.body.append(float);
  float.addEventListener("pointerdown", (event) => event.preventDefault()); /* Else the selection would go first. */
  float.addEventListener("click", commentOnSelection);

  const placeFloat = () => {
    const here = selected();
    float.hidden = !here;
    if (!here || matchMedia("(hover: none)").matches) return; /* At the foot of the screen: see the style sheet. */
    const box = here.range.getBoundingClientRect();
    const left = Math.min(box.left + box.width / 2 - float.offsetWidth / 2, innerWidth - float.offsetWidth - 8);
    float.style.setProperty("left", `${Math.max(8, left) + scrollX}px`);
    float.style.setProperty("top", `${Math.max(4, box.top - float.offsetHeight - 8) + scrollY}px`);
  };

  let timer = null;
  document.addEventListener("selectionchange", () => {
    clearTimeout(timer);
    timer = setTimeout(placeFloat, 120);
  });

  /* --- Opening, closing, sending --- */

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const link = event.target.closest("a");
    if (!link) {
      const mark = event.target.closest("mark[data-thread]");
      const thread = mark && String(getSelection()) === "" && document.getElementById(`thread-${mark.dataset.thread}`);
      if (thread) thread.scrollIntoView({ block: "nearest" });
      return;
    }
    if (link.matches("[data-comment-on]")) {
      event.preventDefault();
      const here = selected();
      if (here && here.place.contains(link)) commentOnSelection();
      else commentOn(link.closest(".desk-paragraph"));
    } else if (link.matches("[data-reply]") && replyTo(link.dataset.reply)) event.preventDefault();
    else if (link.matches("[data-close-comment]") && home) {
      event.preventDefault();
      const paragraph = form.closest(".desk-paragraph, .desk-thread");
      goHome();
      const next = paragraph && paragraph.querySelector("[data-comment-on], [data-reply]");
      if (next) next.focus();
    }
  });

  const clear = () => {
    text.value = "";
    text.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const place = (shown, answer) => {
    const paragraph = answer.thread.paragraph && document.querySelector(`[data-paragraph="${answer.thread.paragraph_sha256}"]`);
    const whole = document.querySelector("[data-threads-on-whole-text]");
    (paragraph || whole || document.querySelector("[data-threads]")).append(shown);
    const index = document.querySelector(".desk-comment-index");
    if (index) {
      const item = document.createElement("li");
      item.dataset.threadLink = answer.thread.id;
      const link = document.createElement("a");
      link.href = `#thread-${answer.thread.id}`;
      const [first] = answer.thread.comments;
      const name = document.createElement("strong");
      name.textContent = first.author;
      link.append(name, ` ${first.text.slice(0, 90)}`);
      item.append(link);
      index.append(item);
    }
  };

  const sendComment = async (button) => {
    if (isPending) return;
    isPending = true;
    button.disabled = true;
    const fields = { version: document.querySelector("#review-form [name=version], .desk-comment-form [name=version]").value };
    for (const name of ["paragraph", "parent", "selection", "before", "after", "text"]) fields[name] = field(name).value;
    const range = found && found.selection === fields.selection ? found.range : null;
    try {
      const { isDone, answer } = await send(form.dataset.commentForm, fields);
      if (!isDone) {
        const list = document.createElement("p");
        list.className = "desk-error";
        list.setAttribute("role", "alert");
        list.textContent = errorsIn(answer);
        errors.replaceChildren(list);
        text.focus();
        return;
      }
      clear();
      goHome();
      showCount(answer.unresolved);
      const shown = showThread(answer.thread, (made) => place(made, answer));
      if (range && fields.selection) highlight(range, answer.thread.id);
      for (const warning of answer.warnings) warn(shown, warning);
      found = null;
      shown.tabIndex = -1;
      shown.focus({ preventScroll: true });
      shown.scrollIntoView({ block: "nearest" });
      say("The comment was saved.");
    } catch {
      button.disabled = false;
      isPending = false;
      button.removeAttribute("data-send-comment");
      button.click(); /* The server says what is wrong, or asks to log in. */
      return;
    } finally {
      button.disabled = false;
      isPending = false;
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-send-comment]");
    if (!button) return;
    event.preventDefault();
    sendComment(button);
  });
  document.addEventListener("keydown", (event) => {
    if (!form.contains(event.target)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      sendComment(form.querySelector("[data-send-comment]"));
    } else if (event.key === "Escape" && !closeLink.hidden) closeLink.click();
  }, true);

  /* The key of the page: see desk.js. */
  document.addEventListener("desk:comment", () => {
    if (commentOnSelection()) return;
    const active = document.activeElement.closest(".desk-paragraph");
    const hovered = article && article.querySelector(".desk-paragraph:hover");
    if (active || hovered) commentOn(active || hovered);
    else {
      goHome();
      text.focus({ preventScroll: true });
      form.scrollIntoView({ block: "center" });
    }
  });
})();
