/* Stores what is typed into a form on this device, by person, form and version, until the server has saved it.

   One script for every form of the desk and the admin that is sent by POST. A form says by `data-autosave` what
   happens to stored text: "offer" shows the differences and asks, and warns before leaving with changes, as do
   the admin's own pages for adding and changing; "off" stores nothing; all others are filled automatically.
   `data-part` distinguishes forms that are sent to the same address; the server sets `data-unsaved` on a form
   whose content it shows again without having saved it. Secrets, files and selections in lists are never stored. */
"use strict";

(() => {
  const { owner, root = "/" } = document.currentScript.dataset;
  if (!owner) return;
  const PREFIX = "unsent:";
  const SAVED_COOKIE = "form_saved"; /* set by contentpipeline/forms/recovery.py */
  const PAUSE_MS = 300;
  const MAX_AGE_MS = 14 * 24 * 3600 * 1000;
  const MAX_ENTRIES = 100;
  const NOT_TYPED = new Set(["hidden", "password", "file", "submit", "button", "image", "reset", "search"]);
  const NOT_STORED = new Set(["action", "_selected_action", "csrfmiddlewaretoken"]);
  const READ_WITH_IT = ["version", "state"];
  const BUTTON = document.querySelector("link[href*='desk/desk']") ? "desk-button" : "button";
  const address = document.body.dataset.address;
  if (address) history.replaceState(null, "", address); /* A form that came back after the login. */

  /* --- Storage --- */

  const entries = () => {
    const found = [];
    try {
      for (let at = 0; at < localStorage.length; at += 1) {
        const key = localStorage.key(at);
        if (!key.startsWith(PREFIX)) continue;
        try {
          const [whose, place, version, id] = JSON.parse(key.slice(PREFIX.length));
          found.push({ key, whose, place, version, id, ...JSON.parse(localStorage.getItem(key)) });
        } catch {
          found.push({ key, at: 0 });
        }
      }
    } catch {
      /* A browser without storage: see `put`. */
    }
    return found.sort((one, other) => other.at - one.at);
  };

  const drop = (key) => {
    try {
      localStorage.removeItem(key);
    } catch {
      /* There was nothing. */
    }
  };

  const put = (key, value) => {
    for (let tries = 0; tries < 5; tries += 1) {
      try {
        localStorage.setItem(key, JSON.stringify(value));
        return true;
      } catch {
        const oldest = entries().filter((entry) => entry.key !== key).pop();
        if (!oldest) return false;
        drop(oldest.key);
      }
    }
    return false;
  };

  const deleteSaved = () => {
    const cookie = document.cookie.split("; ").find((one) => one.startsWith(`${SAVED_COOKIE}=`));
    const taken = new Map((cookie ? cookie.slice(SAVED_COOKIE.length + 1).split(".") : []).map((one) => {
      const [id, ...names] = one.split("~");
      return [id, names];
    }));
    const isAllTaken = document.querySelector("[data-form-saved]") !== null;
    entries().forEach((entry, place) => {
      const isOld = Date.now() - entry.at > MAX_AGE_MS || place >= MAX_ENTRIES;
      const isWhole = taken.has(entry.id) && !taken.get(entry.id).length;
      if (isOld || isWhole || (isAllTaken && entry.whose === owner)) drop(entry.key);
      else if (taken.has(entry.id) && entry.fields) {
        const fields = entry.fields.filter(([name]) => !taken.get(entry.id).includes(name));
        if (fields.some(([, , was, value]) => was !== value)) put(entry.key, { ...entry, fields });
        else drop(entry.key);
      }
    });
    if (cookie) document.cookie = `${SAVED_COOKIE}=; Max-Age=0; Path=${root}; SameSite=Lax`;
    return [...taken.keys()];
  };

  /* --- Fields --- */

  const isBox = (field) => field.type === "checkbox" || field.type === "radio";
  const options = (field) => [...field.options];
  const chosen = (list) => JSON.stringify(list.map((option) => option.value));

  const setBefore = (field, value) => {
    if (isBox(field)) field.defaultChecked = value === "true";
    else if (field.tagName !== "SELECT") field.defaultValue = value;
    else {
      const values = new Set(field.type === "select-multiple" ? JSON.parse(value) : [value]);
      options(field).forEach((option) => { option.defaultSelected = values.has(option.value); });
    }
  };

  const now = (field) => {
    if (isBox(field)) return String(field.checked);
    return field.type === "select-multiple" ? chosen([...field.selectedOptions]) : field.value;
  };

  const before = (field) => {
    if (isBox(field)) return String(field.defaultChecked);
    if (field.tagName !== "SELECT") return field.defaultValue;
    const first = options(field).filter((option) => option.defaultSelected);
    if (field.type === "select-multiple") return chosen(first);
    return (first.pop() || field.options[0] || { value: "" }).value;
  };

  const set = (field, value) => {
    if (isBox(field)) field.checked = value === "true";
    else if (field.type === "select-multiple") {
      const values = new Set(JSON.parse(value));
      options(field).forEach((option) => { option.selected = values.has(option.value); });
    } else if (field.tagName !== "SELECT" || options(field).some((option) => option.value === value)) field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const inWords = (field, value) => {
    if (isBox(field)) return value === "true" ? "selected" : "not selected";
    if (field.tagName !== "SELECT") return value;
    const values = field.type === "select-multiple" ? JSON.parse(value) : [value];
    return options(field).filter((option) => values.includes(option.value)).map((option) => option.text.trim()).join(", ");
  };

  const label = (field) => (field.labels && field.labels[0] ? field.labels[0].textContent.trim() : field.name);

  const element = (tag, text = "", className = "") => {
    const made = document.createElement(tag);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  /* Typed words that no field of this page can take. */
  const showRest = (entry, fields, why) => {
    put(entry.key, { ...entry, fields });
    const box = element("div", "", "unsent"), line = element("p"), row = element("p", "", "desk-row");
    box.setAttribute("role", "status");
    line.append(
      element("strong", `You typed something here that was not saved, and ${why}.`),
      ` It is from ${new Date(entry.at).toLocaleString()}.`,
    );
    box.append(line);
    fields.forEach(([, , , value, words]) => box.append(element("p", words, "unsent-field"), element("pre", value)));
    const button = element("button", "Discard it", `${BUTTON} desk-button-quiet`);
    button.type = "button";
    button.addEventListener("click", () => { drop(entry.key); box.remove(); });
    row.append(button);
    box.append(row);
    (document.querySelector("#content-main, main, #content") || document.body).prepend(box);
  };

  /* --- Forms --- */

  const taken = new Set(deleteSaved());
  const places = new Map();

  class Watched {
    constructor(form) {
      this.form = form;
      this.id = Math.random().toString(36).slice(2) + Date.now().toString(36);
      this.offers = form.dataset.autosave === "offer" || form.matches(".change-form #content-main > form[id$=_form]");
      this.isUnsaved = form.hasAttribute("data-unsaved") || form.querySelector(".errornote, .errorlist") !== null;
      this.isSent = false;
      const sentTo = new URL(form.getAttribute("action") || "", location.href).pathname;
      const place = form.dataset.part === undefined ? sentTo : `${sentTo}#${form.dataset.part}`;
      places.set(place, (places.get(place) || 0) + 1);
      this.place = places.get(place) > 1 ? `${place}#${places.get(place)}` : place;
      this.listen();
    }

    /* For a page that saves without leaving: it says when it sends, and what came of it. */
    listen() {
      let sent = [];
      this.form.addEventListener("autosave:sending", () => {
        sent = this.fields.map(({ field }) => [field, now(field)]);
      });
      this.form.addEventListener("autosave:saved", () => {
        /* What was typed since it was sent is still to be saved. */
        sent.forEach(([field, value]) => setBefore(field, value));
        this.isUnsaved = false;
        this.earlier = undefined;
        this.store();
      });
      this.form.addEventListener("autosave:refused", () => {
        this.isUnsaved = true;
        this.store();
      });
    }

    report(name) {
      this.form.dispatchEvent(new CustomEvent(`autosave:${name}`, { detail: { at: Date.now() } }));
    }

    get fields() {
      const counts = new Map();
      const found = [];
      for (const field of this.form.elements) {
        if (!field.name || NOT_TYPED.has(field.type) || NOT_STORED.has(field.name)) continue;
        if (!["INPUT", "TEXTAREA", "SELECT"].includes(field.tagName) || field.readOnly) continue;
        if (!this.offers && field.type === "checkbox") continue;
        const nth = counts.get(field.name) || 0;
        counts.set(field.name, nth + 1);
        found.push({ field, nth });
      }
      return found;
    }

    /* In a form that was not taken, the server shows what was sent: what was there before is in its entry. */
    before(field, nth) {
      const found = this.isUnsaved && this.earlier && this.earlier.fields.find(([name, at]) => name === field.name && at === nth);
      return found ? found[2] : before(field);
    }

    get key() {
      const version = this.form.querySelector("input[name=version]");
      return PREFIX + JSON.stringify([owner, this.place, version ? version.value : "", this.id]);
    }

    get isChanged() {
      return this.isUnsaved || this.fields.some(({ field }) => now(field) !== before(field));
    }

    store() {
      clearTimeout(this.timer);
      if (taken.has(this.id)) return;
      if (this.lastKey && this.lastKey !== this.key) drop(this.lastKey);
      this.lastKey = this.key;
      if (!this.isChanged) {
        drop(this.key);
        this.report("unstored");
        return;
      }
      const readWithIt = {};
      for (const name of READ_WITH_IT) {
        const hidden = this.form.querySelector(`input[type=hidden][name=${name}]`);
        if (hidden) readWithIt[name] = hidden.value;
      }
      const fields = this.fields.map(({ field, nth }) => [
        field.name, nth, this.before(field, nth), now(field), isBox(field) || field.tagName === "SELECT" ? "" : label(field),
      ]);
      const isStored = put(this.key, { at: Date.now(), page: location.pathname, readWithIt, fields });
      if (isStored) this.report("stored");
      else if (this.offers && !this.hasSaidSo) {
        this.hasSaidSo = true;
        this.form.prepend(element("p", "This browser cannot store what you type here: save before you leave.", "unsent"));
      }
    }

    later() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.store(), PAUSE_MS);
    }

    /* The field of this page, or of a row that the admin's own script can add. */
    find(name, nth) {
      const look = () => this.fields.find((one) => one.field.name === name && one.nth === nth);
      const [, prefix, row] = name.match(/^(.+)-(\d+)-/) || [];
      const add = () => document.querySelector(`#${CSS.escape(`${prefix}-group`)} .add-row a`);
      for (let rows = 0; prefix && rows <= Math.min(Number(row), 50) && !look() && add(); rows += 1) add().click();
      return look() && look().field;
    }

    matches(entry) {
      const fields = this.fields;
      return entry.fields.every(([name, nth, was, value]) => {
        const found = fields.find((one) => one.field.name === name && one.nth === nth);
        return found ? now(found.field) === value : !value || value === was;
      });
    }

    /* What is in the form is now stored as this page's own. */
    takeOver(entry) {
      drop(entry.key);
      this.store();
    }

    wake() {
      const found = entries().filter((entry) => entry.whose === owner && entry.place === this.place && entry.fields);
      const entry = found[0];
      if (this.isUnsaved) {
        this.earlier = entry;
        this.store();
      }
      if (!entry) return;
      if (this.matches(entry)) {
        if (!this.offers || this.isUnsaved) {
          this.isUnsaved = true;
          this.earlier = entry;
        }
        this.takeOver(entry); /* It is already in the form. */
      } else if (this.offers) this.offer(entry);
      else found.forEach((one) => this.fill(one));
    }

    fill(entry) {
      let isFilled = false;
      const rest = entry.fields.filter(([name, nth, was, value, words]) => {
        if (value === was) return false;
        const found = this.fields.find((one) => one.field.name === name && one.nth === nth);
        if (found && now(found.field) === value) return false;
        /* What the server has filled in since is newer. */
        if (!found || before(found.field) !== was || now(found.field) !== was) return words && value.trim();
        set(found.field, value);
        isFilled = true;
        return false;
      });
      this.takeOver(entry);
      if (rest.length) showRest(entry, rest, "its field has changed since");
      if (!isFilled) return;
      const note = this.note("What you typed was restored.", entry);
      note.append(" ", this.button("Discard it", () => {
        this.fields.forEach(({ field }) => set(field, before(field)));
        this.store();
        note.remove();
      }, "desk-link"));
    }

    offer(entry) {
      const note = this.note("You typed something here that was not saved.", entry);
      const list = element("details");
      list.append(element("summary", "Show the differences"));
      for (const [name, nth, was, value] of entry.fields) {
        const found = this.fields.find((one) => one.field.name === name && one.nth === nth);
        const shown = found ? now(found.field) : was;
        if (shown === value) continue;
        const words = found ? [inWords(found.field, shown), inWords(found.field, value)] : [shown, value];
        list.append(element("p", found ? label(found.field) : name, "unsent-field"), globalThis.difference(...words));
      }
      const restore = () => {
        for (const [name, value] of Object.entries(entry.readWithIt || {})) {
          const hidden = this.form.querySelector(`input[type=hidden][name=${CSS.escape(name)}]`);
          if (hidden) hidden.value = value;
        }
        for (const [name, nth, , value] of entry.fields) {
          const field = value || this.fields.some((one) => one.field.name === name) ? this.find(name, nth) : null;
          if (field && now(field) !== value) set(field, value);
        }
        this.takeOver(entry);
        note.remove();
        const first = this.fields[0];
        if (first) first.field.focus();
      };
      const row = element("p", "", "desk-row");
      row.append(
        this.button("Restore it", restore, BUTTON), " ",
        this.button("Discard it", () => { drop(entry.key); note.remove(); }, `${BUTTON} desk-button-quiet`),
      );
      note.append(list, row);
    }

    note(words, entry) {
      const box = element("div", "", "unsent");
      box.setAttribute("role", "status");
      const line = element("p");
      line.append(element("strong", words), ` It is from ${new Date(entry.at).toLocaleString()}.`);
      const version = this.form.querySelector("input[name=version]");
      if (version && entry.version && entry.version !== version.value) {
        line.append(` The text was at version ${entry.version} then and is at version ${version.value} now.`);
      }
      box.append(line);
      this.form.prepend(box);
      return box;
    }

    button(words, act, className) {
      const made = element("button", words, className);
      made.type = "button";
      made.addEventListener("click", act);
      return made;
    }
  }

  const watched = [...document.querySelectorAll("form")]
    .filter((form) => (form.getAttribute("method") || "").toLowerCase() === "post" && form.dataset.autosave !== "off")
    .map((form) => new Watched(form))
    .filter((one) => one.fields.length);
  const of = (form) => watched.find((one) => one.form === form);

  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => {
      const one = event.target.form && of(event.target.form);
      if (one) one.later();
    });
  }
  /* The response names the forms that were saved by this id. */
  document.addEventListener("formdata", (event) => {
    const one = of(event.target);
    if (one) event.formData.set("_form", one.id);
  }, true);
  addEventListener("submit", (event) => {
    const one = of(event.target);
    if (!one || event.defaultPrevented) return;
    one.store();
    one.isSent = true;
  });
  const storeAll = () => watched.forEach((one) => one.timer && one.store());
  addEventListener("pagehide", storeAll);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") storeAll(); });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    deleteSaved().forEach((id) => taken.add(id));
    watched.forEach((one) => { one.isSent = false; });
  });
  addEventListener("beforeunload", (event) => {
    if (!watched.some((one) => one.offers && !one.isSent && one.isChanged)) return;
    event.preventDefault();
    event.returnValue = "";
  });
  /* A form may be on its page no longer: another person has decided, or its fields are in another form now. */
  const wakeWithoutForm = (entry) => {
    const isWaiting = ([, , was, value, words]) => words && value !== was && value.trim();
    const rest = entry.fields.filter(isWaiting).filter(([name, nth, was, value]) => !watched.some((one) => {
      const found = one.offers ? null : one.fields.find(({ field, nth: at }) => field.name === name && at === nth);
      if (!found || before(found.field) !== was || now(found.field) !== was) return false;
      set(found.field, value);
      one.store();
      return true;
    }));
    drop(entry.key);
    if (rest.length) showRest(entry, rest, "its form is no longer on this page");
  };

  const wake = () => {
    watched.forEach((one) => one.wake());
    entries().filter((entry) => (
      entry.whose === owner && entry.page === location.pathname && entry.fields
      && !watched.some((one) => one.place === entry.place)
    )).forEach(wakeWithoutForm);
  };
  /* On the way back and forward, the browser fills fields in itself, and after this script has run. */
  const [navigation] = performance.getEntriesByType("navigation");
  const isFilledLater = navigation && navigation.type === "back_forward" && document.readyState !== "complete";
  if (isFilledLater) addEventListener("pageshow", wake, { once: true });
  else wake();
})();
