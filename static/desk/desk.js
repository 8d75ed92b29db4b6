/* Keys for the review desk. Everything works without them; nothing here decides anything by itself. */
"use strict";

(() => {
  const form = document.querySelector("[data-decide]");
  const keysOff = document.querySelector("[data-keys-off]");
  const STORED = "desk-keys-off";
  let chosen = null;

  const isTyping = (element) => element.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");

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

  /* A refusal needs its reason first, so its key leads to the first field that is still empty. */
  const goTo = (key) => {
    const button = form && form.querySelector(`[data-key="${key}"]`);
    if (!button) return false;
    if (button.disabled) {
      reveal(document.getElementById(button.getAttribute("aria-describedby")));
      return true;
    }
    choose(button);
    const empty = [...form.querySelectorAll("select, textarea")].find((field) => !field.value.trim());
    reveal(key !== "a" && empty ? empty : button);
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

  const move = (direction) => step("[data-row]", direction) || step("[data-section]", direction);

  const follow = (selector) => {
    const link = document.querySelector(selector);
    if (link) link.click();
    return Boolean(link);
  };

  const toggleHelp = () => {
    const help = document.getElementById("keys");
    help.open = !help.open;
    if (help.open) help.querySelector("summary").focus();
    return true;
  };

  const ACTIONS = {
    a: () => goTo("a"),
    c: () => goTo("c"),
    r: () => goTo("r"),
    j: () => move(1),
    k: () => move(-1),
    n: () => follow("[data-next]"),
    p: () => follow("[data-previous]"),
    "?": toggleHelp,
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      if (send()) event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat && !"jk".includes(event.key)) return;
    if (isTyping(event.target) || (keysOff && keysOff.checked)) return;
    const action = ACTIONS[event.key];
    if (action && action()) event.preventDefault();
  });

  if (form) {
    form.addEventListener("focusin", (event) => {
      if (event.target.matches('[name="decision"]')) choose(event.target);
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
