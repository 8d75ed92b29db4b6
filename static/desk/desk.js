/* Keys for the review desk. Everything works without them; nothing here decides anything by itself. */
"use strict";

(() => {
  const form = document.querySelector("[data-decide]");
  const keysOff = document.querySelector("[data-keys-off]");
  const STORED = "desk-keys-off";
  let chosen = null;

  const isTyping = (element) => element.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

  const reveal = (element) => {
    element.focus();
    element.scrollIntoView({ block: "nearest" });
  };

  const choose = (button) => {
    if (chosen) chosen.classList.remove("desk-chosen");
    chosen = button;
    button.classList.add("desk-chosen");
    const name = button.firstChild.textContent.trim();
    form.querySelector("[data-chosen]").textContent = `Ctrl+Enter sends: ${name}.`;
  };

  const approve = () => {
    const button = form && form.querySelector('[data-key="a"]');
    if (!button) return false;
    if (button.disabled) {
      reveal(document.getElementById(button.getAttribute("aria-describedby")));
      return true;
    }
    choose(button);
    reveal(button);
    return true;
  };

  /* A refusal needs its reason first: choosing it shows the fields, and leads to the first that is still empty. */
  const refuse = (radio) => {
    if (!radio) return false;
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  };

  const leadToReason = (radio) => {
    const button = form.querySelector(`button[name="decision"][value="${radio.value}"]`);
    choose(button);
    const empty = [...form.querySelectorAll(".desk-reasons select, .desk-reasons textarea")].find((field) => !field.value.trim());
    reveal(empty || button);
  };

  const comment = () => {
    if (!document.querySelector("[data-comment-form]")) return false;
    document.dispatchEvent(new CustomEvent("desk:comment"));
    return true;
  };

  const send = () => {
    const focused = document.activeElement;
    if (!form || !(focused === document.body || form.contains(focused))) return false;
    const button = focused.matches('[name="decision"]') ? focused : chosen;
    if (!button || button.disabled) return false;
    form.requestSubmit(button);
    return true;
  };

  const step = (selector, direction) => {
    const places = [...document.querySelectorAll(selector)];
    if (!places.length) return false;
    const now = places.findIndex((place) => place === document.activeElement || place.contains(document.activeElement));
    const next = now < 0 ? (direction > 0 ? 0 : places.length - 1) : now + direction;
    if (places[next]) {
      places[next].focus({ preventScroll: true });
      places[next].scrollIntoView({ block: "start" });
    }
    return true;
  };

  const section = (direction) => step("[data-section]", direction);
  const follow = (selector) => {
    const link = document.querySelector(selector);
    if (link) link.click();
    return Boolean(link);
  };

  const ACTIONS = {
    a: approve,
    s: () => refuse(form && form.querySelector('[data-refuse="s"]')),
    r: () => refuse(form && form.querySelector('[data-refuse="r"]')),
    c: comment,
    j: () => step("[data-row]", 1) || follow("[data-next]") || section(1),
    k: () => step("[data-row]", -1) || follow("[data-previous]") || section(-1),
    "]": () => section(1),
    "[": () => section(-1),
    n: () => follow("[data-next]"),
    p: () => follow("[data-previous]"),
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      if (send()) event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat && !"jk".includes(event.key)) return;
    if (isTyping(event.target) || (keysOff && keysOff.checked) || document.querySelector("dialog[open]")) return;
    const action = ACTIONS[event.key];
    if (action && action()) event.preventDefault();
  });

  if (form) {
    form.addEventListener("focusin", (event) => {
      if (event.target.matches('[name="decision"]')) choose(event.target);
    });
    form.addEventListener("change", (event) => {
      if (event.target.matches("[data-refuse]") && event.target.checked) leadToReason(event.target);
    });
    const invalid = form.querySelector('[aria-invalid="true"]');
    if (invalid) reveal(invalid);
  }

  /* A citation shows its source next to the text; without this the browser would scroll the text away too. */
  const rail = document.querySelector(".desk-rail");
  let cited = null;

  const showSource = (source) => {
    const pinned = document.getElementById("decision");
    const isPinned = pinned && getComputedStyle(pinned).position === "sticky";
    const top = isPinned ? pinned.getBoundingClientRect().bottom : rail.getBoundingClientRect().top;
    rail.scrollTop += source.getBoundingClientRect().top - top - 12;
    if (cited) cited.classList.remove("desk-cited");
    cited = source;
    cited.classList.add("desk-cited");
    cited.tabIndex = -1;
    cited.focus({ preventScroll: true });
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest('.desk-article a[href^="#source-"]');
    const source = link && document.getElementById(link.hash.slice(1));
    if (!source || !rail || getComputedStyle(rail).position !== "sticky") return;
    event.preventDefault();
    showSource(source);
  });

  if (keysOff) {
    try {
      keysOff.checked = localStorage.getItem(STORED) === "1";
      keysOff.addEventListener("change", () => localStorage.setItem(STORED, keysOff.checked ? "1" : ""));
    } catch {
      /* Without storage the choice lasts as long as the page. */
    }
  }
})();
