/* Completes categories and tags as they are typed, and points out a name that is nearly the same as one in use.
   A combobox with a list, after the ARIA authoring practices; tags are completed one by one, between commas. */
"use strict";

(() => {
  const PAUSE_MS = 120;

  const complete = (box) => {
    const input = box.querySelector("input"), near = box.querySelector("[data-near]");
    const isList = box.dataset.complete === "tags";
    const list = document.createElement("ul");
    const confirmed = box.closest("form").querySelector("[data-confirmed]");
    let options = [], active = -1, timer, asked = 0;

    list.id = `${input.id}_options`;
    list.className = "desk-options";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Suggestions");
    input.removeAttribute("list");
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "false");
    input.after(list);

    /* Where the name begins and ends that the cursor is in. */
    const part = () => {
      if (!isList) return [0, input.value.length];
      const at = input.selectionStart;
      const begin = input.value.lastIndexOf(",", at - 1) + 1;
      const comma = input.value.indexOf(",", at);
      return [begin, comma < 0 ? input.value.length : comma];
    };
    const typed = () => input.value.slice(...part()).trim();
    const ask = async (words) => {
      const query = new URLSearchParams({ kind: box.dataset.complete, q: words });
      try {
        const response = await fetch(`${box.dataset.names}?${query}`, { headers: { Accept: "application/json" }, redirect: "error" });
        if (response.ok) return await response.json();
      } catch {
        /* The session has ended, or the server does not respond: the name can be typed all the same. */
      }
      return { names: [], near: null };
    };

    const close = () => {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };

    const choose = (name) => {
      const [begin, end] = part();
      const before = input.value.slice(0, begin), after = input.value.slice(end);
      const space = isList && begin ? " " : "";
      const comma = isList && !after.trim() ? ", " : "";
      input.value = `${before}${space}${name}${comma}${after}`;
      const at = before.length + space.length + name.length + comma.length;
      input.setSelectionRange(at, at);
      input.dispatchEvent(new Event("input", { bubbles: true }));
      close();
      clearTimeout(timer);
      point();
    };

    const mark = (index) => {
      active = index;
      [...list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === index)));
      if (index < 0) return input.removeAttribute("aria-activedescendant");
      input.setAttribute("aria-activedescendant", list.children[index].id);
      list.children[index].scrollIntoView({ block: "nearest" });
    };

    const show = (names) => {
      options = names;
      list.replaceChildren(...names.map(({ name, uses }, place) => {
        const option = document.createElement("li");
        option.id = `${list.id}_${place}`;
        option.setAttribute("role", "option");
        const label = document.createElement("span");
        label.dir = "auto";
        label.textContent = name;
        const count = document.createElement("span");
        count.className = "desk-quiet";
        count.textContent = uses ? String(uses) : "";
        option.append(label, " ", count);
        option.addEventListener("mousedown", (event) => event.preventDefault());
        option.addEventListener("click", () => choose(name));
        return option;
      }));
      list.hidden = !names.length;
      input.setAttribute("aria-expanded", String(names.length > 0));
      mark(-1);
    };

    const look = () => {
      clearTimeout(timer);
      const turn = (asked += 1);
      timer = setTimeout(async () => {
        const words = typed();
        const { names } = await ask(words);
        if (turn !== asked || document.activeElement !== input) return;
        if (names.length === 1 && names[0].name === words) return close();
        show(names);
      }, PAUSE_MS);
    };

    const names = () => (isList ? input.value.split(",") : [input.value]).map((one) => one.trim()).filter(Boolean);

    const button = (words, act) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "desk-link";
      made.textContent = words;
      made.addEventListener("click", act);
      return made;
    };

    /* Of the names that are nearly those in use; what was pointed out once is not asked again. */
    const point = async () => {
      const found = [];
      for (const name of names()) {
        const { near: known } = await ask(name);
        if (known && known.name !== name) found.push([name, known.name]);
      }
      near.replaceChildren(...found.flatMap(([name, known]) => {
        const line = document.createElement("span");
        line.append(`“${known}” is in use already. `, button(`Use “${known}”`, () => {
          input.value = isList ? names().map((one) => (one === name ? known : one)).join(", ") : known;
          input.dispatchEvent(new Event("input", { bubbles: true }));
          point();
          input.focus();
        }));
        if (![...confirmed.children].some((one) => one.value === name)) {
          const hidden = document.createElement("input");
          hidden.type = "hidden";
          hidden.name = "confirmed";
          hidden.value = name;
          confirmed.append(hidden);
        }
        return [line];
      }));
    };

    input.addEventListener("input", look);
    input.addEventListener("focus", look);
    input.addEventListener("blur", () => {
      asked += 1;
      clearTimeout(timer);
      close();
      point();
    });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) return look();
        const step = event.key === "ArrowDown" ? 1 : -1;
        mark((active + step + options.length + (active < 0 && step < 0 ? 1 : 0)) % options.length);
      } else if (event.key === "Enter" && active >= 0) {
        event.preventDefault();
        choose(options[active].name);
      }
    });
  };

  document.querySelectorAll("[data-complete]").forEach(complete);
})();
