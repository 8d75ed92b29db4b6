/* Saves in place, so that undo, selection and scroll position stay, and says what is saved and what is not.
   Whatever this script cannot handle is sent as the form would be without it. */
"use strict";

(() => {
  const form = document.querySelector("[data-editor]");
  if (!form) return;
  const state = form.querySelector("[data-save-state]");
  const stored = form.querySelector("[data-stored]");
  const problem = document.querySelector("[data-problem]");
  const changes = document.querySelector("[data-changes]");
  const button = form.querySelector("[data-save]");
  let isNative = false;
  let saving = null;

  const clock = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const signal = (name) => form.dispatchEvent(new CustomEvent(`autosave:${name}`));

  const say = (words, isBad = false) => {
    state.textContent = words;
    state.classList.toggle("desk-error", isBad);
  };

  /* --- What is stored --- */

  form.addEventListener("input", (event) => {
    if (event.target.form === form && event.target.name && !saving) say("Unsaved changes");
  });
  form.addEventListener("autosave:stored", (event) => {
    stored.textContent = `Saved in this browser ${clock(event.detail.at)}`;
    if (!saving && !state.textContent) say("Unsaved changes");
  });
  form.addEventListener("autosave:unstored", () => {
    stored.textContent = "";
    if (state.textContent === "Unsaved changes") say("");
  });

  /* --- Replies --- */

  const message = (words, isChanged) => {
    document.querySelectorAll(".messagelist").forEach((one) => one.remove());
    const list = document.createElement("ul"), item = document.createElement("li");
    list.className = "messagelist";
    item.className = isChanged ? "success" : "info";
    item.textContent = words;
    list.append(item);
    problem.before(list);
  };

  const clear = () => {
    for (const list of form.querySelectorAll(".errorlist")) list.remove();
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    problem.replaceChildren();
    changes.replaceChildren();
  };

  const putParts = (parts) => {
    for (const [name, html] of Object.entries(parts)) {
      const place = document.querySelector(`[data-part-of="${name}"]`);
      if (place) place.innerHTML = html;
    }
  };

  const showErrors = (errors) => {
    const note = document.createElement("p");
    note.className = "desk-problem";
    note.setAttribute("role", "alert");
    note.textContent = "Not saved: please correct the errors below.";
    problem.append(note);
    let first = null;
    for (const [name, sentences] of Object.entries(errors)) {
      const field = form.elements[name];
      if (!field || field.type === "hidden") {
        note.append(` ${sentences.join(" ")}`);
        continue;
      }
      const list = document.createElement("ul");
      list.className = "errorlist";
      list.id = `${field.id}_error`;
      sentences.forEach((words) => { list.appendChild(document.createElement("li")).textContent = words; });
      field.closest(".desk-field").insertBefore(list, field.closest(".desk-field").querySelector("label").nextSibling);
      field.setAttribute("aria-invalid", "true");
      first = first || field;
    }
    if (!first) return;
    const panel = first.closest("[data-panel]");
    if (panel && globalThis.deskPanels) globalThis.deskPanels.open(panel.id);
    first.focus();
  };

  /* Other fields may follow a change, as SEO texts do; the text itself is never touched. */
  const follow = (fields, sent) => {
    for (const [name, value] of Object.entries(fields)) {
      const field = form.elements[name];
      if (!field || name === "body" || name === "title" || name === "summary") continue;
      if (field.value !== sent.get(name)?.replaceAll("\r\n", "\n") || field.value === value) continue;
      field.defaultValue = field.value = value;
    }
    if (globalThis.deskPanels) globalThis.deskPanels.count();
  };

  const taken = (reply, sent) => {
    clear();
    form.elements.version.value = reply.version;
    form.elements.state.value = reply.state;
    putParts(reply.parts);
    follow(reply.fields, sent);
    document.querySelector("[data-heading]").textContent = `Edit “${reply.fields.title}”`;
    message(reply.message, reply.is_changed);
    signal("saved");
    if (!stored.textContent) say(`${reply.message.replace(/\.$/, "")}, ${clock(Date.now())}`);
    else say("Unsaved changes");
  };

  const refused = (reply) => {
    clear();
    document.querySelectorAll(".messagelist").forEach((one) => one.remove());
    say("Not saved", true);
    if (reply.errors) {
      signal("refused");
      showErrors(reply.errors);
      return;
    }
    form.elements.version.value = reply.version;
    problem.innerHTML = reply.problem;
    changes.innerHTML = reply.changes;
    putParts(reply.parts);
    signal("refused");
    problem.firstElementChild.focus();
    problem.scrollIntoView({ block: "nearest" });
  };

  /* --- Saving --- */

  const sendAsForm = () => {
    isNative = true;
    form.requestSubmit(button);
  };

  /* Whether everything is saved now. */
  const send = async () => {
    if (globalThis.deskDialogs) await globalThis.deskDialogs.uploads();
    signal("sending");
    const sent = new FormData(form);
    sent.set("then", "save");
    say("Saving …");
    let answer;
    try {
      answer = await fetch(location.pathname, { method: "POST", body: sent, headers: { Accept: "application/json" }, redirect: "manual" });
    } catch {
      say("Not saved: the server did not respond.", true);
      return false;
    }
    if (answer.status >= 500) {
      say("Not saved: the server has a problem. Try again in a moment.", true);
      return false;
    }
    const reply = await answer.json().catch(() => null);
    if (!reply || !("is_saved" in reply)) {
      sendAsForm(); /* The session has ended, or such: the server brings back what was typed. */
      return false;
    }
    if (reply.is_saved) taken(reply, sent);
    else refused(reply);
    return reply.is_saved;
  };

  const save = () => {
    if (!saving) {
      saving = send().finally(() => {
        saving = null;
        button.removeAttribute("aria-busy");
      });
      button.setAttribute("aria-busy", "true");
    }
    return saving;
  };

  form.addEventListener("submit", (event) => {
    if (event.target !== form) return; /* That of a comment, at the side. */
    if (isNative) {
      isNative = false;
      return;
    }
    const then = event.submitter ? event.submitter.value : "";
    if (then === "preview" && globalThis.deskPanels) {
      event.preventDefault();
      globalThis.deskPanels.open("preview");
      if (matchMedia("(max-width: 63.99rem)").matches) document.getElementById("preview").scrollIntoView();
    } else if (then === "save") {
      event.preventDefault();
      save();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    save();
  });

  if (form.hasAttribute("data-unsaved")) say("Unsaved changes");
  globalThis.deskEditor = { save, say };
})();
