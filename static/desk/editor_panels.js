/* Next to the text: details with counters and cards, the preview that scrolls along, the checks. */
"use strict";

(() => {
  const places = globalThis.deskPlaces;
  if (!places) return;
  const { field } = places;
  const { form } = field;
  const columns = form.querySelector("[data-columns]");
  const NARROW = matchMedia("(max-width: 63.99rem)");
  const STORED = "desk-editor-panel";
  const memory = (value) => {
    try {
      if (value === undefined) return localStorage.getItem(STORED);
      localStorage.setItem(STORED, value);
    } catch {
      /* Without storage each visit begins the same. */
    }
    return null;
  };

  /* --- Tabs --- */

  const list = form.querySelector("[data-tabs]");
  /* What has forms of its own stands after this one in the page. */
  for (const panel of document.querySelectorAll("[data-side-panel]")) {
    panel.dataset.panel = panel.dataset.sidePanel;
    form.querySelector("[data-side]").append(panel);
  }
  const panels = [...form.querySelectorAll("[data-panel]")];
  list.setAttribute("role", "tablist");
  list.hidden = false;
  const tabs = panels.map((panel) => {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = `${panel.id}-tab`;
    tab.textContent = panel.dataset.panel;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.tabIndex = -1;
    list.append(tab);
    return tab;
  });

  /* On a narrow screen all may be folded; a second press folds. */
  const open = (name) => {
    panels.forEach((panel, place) => {
      const isOpen = panel.id === name;
      panel.hidden = !isOpen;
      tabs[place].setAttribute("aria-selected", String(isOpen));
      tabs[place].tabIndex = isOpen || (!name && !place) ? 0 : -1;
    });
    columns.dataset.open = name;
    columns.classList.remove("editor-full");
    full(false);
    if (name === "preview") showPreview();
    if (name === "checks" && !hasChecked) check();
  };
  const isOpen = (name) => columns.dataset.open === name;

  list.addEventListener("click", (event) => {
    const at = tabs.indexOf(event.target.closest("button"));
    if (at < 0) return;
    const name = panels[at].id;
    const chosen = NARROW.matches && isOpen(name) ? "" : name;
    open(chosen);
    memory(chosen || "details");
  });
  list.addEventListener("keydown", (event) => {
    const now = tabs.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (now < 0 || !step) return;
    event.preventDefault();
    const next = tabs[(now + step + tabs.length) % tabs.length];
    next.focus();
    next.click();
  });

  const button = document.querySelector('[data-command="focus"]');
  const full = (isFull) => {
    columns.classList.toggle("editor-full", isFull);
    if (button) button.setAttribute("aria-pressed", String(isFull));
  };

  /* --- Counters and cards --- */

  const shortened = (text, most) => {
    if (!most || text.length <= most) return text;
    const cut = text.slice(0, most - 1);
    return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), most / 2)).trimEnd()}…`;
  };

  const count = (input) => {
    const [least, most] = (input.dataset.good || "").split(" ").map(Number);
    const shown = form.querySelector(`[data-count="${CSS.escape(input.id)}"]`);
    if (!shown) return;
    const length = [...input.value.trim()].length;
    const judged = !length ? "empty" : length < least ? "short" : length > most ? "long" : "good";
    const words = { empty: `${least} to ${most} characters are good.`, short: `${length} characters: short, ${least} to ${most} are good.`,
      long: `${length} characters: long, ${least} to ${most} are good.`, good: `${length} characters: good.` };
    shown.textContent = words[judged];
    shown.dataset.judged = judged;
  };

  const cards = () => {
    for (const shown of form.querySelectorAll("[data-show]")) {
      const names = shown.dataset.show.split(" ");
      const value = names.map((name) => form.elements[name].value.trim().replace(/\s+/g, " ")).find(Boolean) || "";
      const text = shortened(value, Number(shown.dataset.most));
      if (shown.textContent !== text) shown.textContent = text;
    }
  };

  for (const input of form.querySelectorAll("[data-good]")) {
    const described = input.getAttribute("aria-describedby");
    input.setAttribute("aria-describedby", [described, `${input.id}_count`].filter(Boolean).join(" "));
    count(input);
  }
  cards();

  /* --- Preview --- */

  const shown = form.querySelector("[data-preview-shown]");
  const panel = shown.closest("[data-panel]");
  const said = form.querySelector("[data-preview-said]");
  const PREVIEW_MS = 400, CHECK_MS = 1200;
  let previewing = null;
  let previewed = field.defaultValue;
  let anchors = null;

  const posted = (signal, address, names) => {
    const sent = new FormData();
    for (const name of ["csrfmiddlewaretoken", ...names]) sent.append(name, form.elements[name].value);
    return fetch(address, { method: "POST", body: sent, signal, redirect: "error", headers: { Accept: "application/json, text/html" } });
  };

  const preview = async () => {
    if (previewing) previewing.abort();
    const mine = previewing = new AbortController();
    const sent = field.value;
    try {
      const answer = await posted(mine.signal, form.dataset.preview, ["body"]);
      if (answer.status !== 200 && answer.status !== 400) throw new Error(answer.statusText);
      const html = await answer.text();
      if (mine.signal.aborted) return;
      shown.innerHTML = html;
      said.textContent = "";
      previewed = sent;
      anchors = null;
      const length = shown.querySelector("[data-new-length]");
      if (length) form.querySelector("[data-length-shown]").replaceChildren(length.content);
      (globalThis.requestIdleCallback || setTimeout)(soon); /* Not while people go on typing. */
    } catch (error) {
      if (error.name !== "AbortError") said.textContent = "This preview is out of date: the server did not respond.";
    }
  };

  /* Pairs of heights, in the text and in the preview, of blocks that begin with the same words. */
  const measure = () => {
    const top = shown.getBoundingClientRect().top;
    const found = [[0, 0]];
    let from = 0;
    for (const block of shown.querySelectorAll("p, h2, h3, h4, li, pre, tr, figure")) {
      const place = globalThis.deskPlaces.locate(block.textContent.slice(0, 80), from, [40, 24, 12]);
      if (!place) continue;
      const pair = [places.topOf(place.start), block.getBoundingClientRect().top - top];
      const last = found[found.length - 1];
      if (pair[0] > last[0] && pair[1] > last[1]) found.push(pair);
      from = place.next;
    }
    found.push([Math.max(field.scrollHeight, found[found.length - 1][0] + 1), shown.scrollHeight]);
    return found;
  };

  const scrollAlong = () => {
    if (!isOpen("preview") || NARROW.matches || panel.matches(":hover") || previewed !== field.value) return;
    if (!anchors) anchors = measure();
    const page = places.scroller();
    const above = page === document.scrollingElement ? 0 : page.getBoundingClientRect().top;
    const bar = form.querySelector("[data-toolbar]").getBoundingClientRect().bottom;
    const at = Math.max(0, Math.max(above, bar) - field.getBoundingClientRect().top + field.scrollTop);
    const next = anchors.findIndex(([y]) => y > at);
    const [y1, v1] = anchors[next < 0 ? anchors.length - 1 : next] || [1, 0], [y0, v0] = anchors[Math.max(0, next - 1)];
    const along = y1 > y0 ? Math.min(1, (at - y0) / (y1 - y0)) : 0;
    panel.scrollTop = shown.offsetTop - panel.offsetTop + v0 + along * (v1 - v0) - 8;
  };

  let frame = 0;
  const soon = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(scrollAlong);
  };
  const showPreview = soon;
  addEventListener("scroll", soon, { passive: true, capture: true });
  addEventListener("resize", () => { anchors = null; soon(); });

  /* --- Checks --- */

  const checksSaid = form.querySelector("[data-checks-said]");
  const checksFound = form.querySelector("[data-checks-found]");
  const isOn = form.querySelector("[data-checks-on]");
  const TOO_SLOW_MS = 1200, CHECKED = ["title", "slug", "summary", "body", "seo_title", "seo_description", "category", "tags", "version", "state"];
  form.querySelector("[data-live-checks]").hidden = false;
  let checking = null;
  let hasChecked = false;
  let slow = 0;

  const passage = (words) => {
    const item = document.createElement("li");
    const [quoted] = words.split(" — ");
    const parts = quoted.split("…").map((one) => one.trim()).filter((one) => one.length > 2);
    const longest = parts.sort((one, other) => other.length - one.length)[0] || quoted;
    const line = document.createElement("button");
    line.type = "button";
    line.dir = "auto";
    line.textContent = words;
    line.addEventListener("click", () => {
      const place = places.locate(longest);
      if (place) places.show(place.start, place.end);
      else checksSaid.textContent = "This passage is no longer in the text, or stands in a field of the details.";
    });
    item.append(line);
    return item;
  };

  const finding = ({ check: name, message, is_veto: isVeto, passages }) => {
    const item = document.createElement("li"), line = document.createElement("p"), places_ = document.createElement("ul");
    if (isVeto) line.append(Object.assign(document.createElement("strong"), { textContent: "Must be fixed: " }));
    line.append(message, " ", Object.assign(document.createElement("span"), { textContent: name, className: "desk-quiet" }));
    places_.append(...passages.map(passage));
    item.append(line);
    if (passages.length) item.append(places_);
    return item;
  };

  const report = (reply) => {
    const { failed, passed, unfinished } = reply;
    checksFound.replaceChildren(...failed.map(finding));
    const rest = unfinished ? `, ${unfinished} not run for lack of time` : "";
    checksSaid.textContent = `${failed.length ? `${failed.length} to look at` : "Nothing found"}, ${passed} passed${rest}. Links and other posts are looked up once it is saved.`;
    const tab = tabs[panels.findIndex((one) => one.id === "checks")];
    tab.textContent = failed.length ? `Checks ${failed.length}` : "Checks";
    tab.classList.toggle("editor-tab-bad", failed.some((one) => one.is_veto));
    slow = reply.milliseconds > TOO_SLOW_MS || unfinished ? slow + 1 : 0;
    if (slow < 2 || !isOn.checked) return;
    isOn.checked = false;
    checksSaid.textContent += " This text takes long to check: press “Check now” when you want it.";
  };

  const check = async () => {
    if (checking) checking.abort();
    const mine = checking = new AbortController();
    hasChecked = true;
    try {
      const answer = await posted(mine.signal, form.dataset.check, CHECKED);
      if (answer.status === 503) {
        setTimeout(() => { if (checking === mine) check(); }, 2000);
        return;
      }
      const reply = await answer.json();
      if (mine.signal.aborted) return;
      if (answer.ok) report(reply);
      else checksSaid.textContent = reply.detail || "The text could not be checked.";
    } catch (error) {
      if (error.name !== "AbortError") checksSaid.textContent = "The text could not be checked: the server did not respond.";
    }
  };

  form.querySelector("[data-check-now]").addEventListener("click", check);

  /* What sticks below the bar must know how high it is: it may have two lines. */
  const barHeight = form.querySelector(".editor-bar");
  new ResizeObserver(() => {
    form.style.setProperty("--editor-bar", `${barHeight.offsetHeight}px`);
    form.style.setProperty("--editor-tools", `${form.querySelector("[data-toolbar]").offsetHeight}px`);
    anchors = null;
  }).observe(form);

  /* --- What is typed --- */

  let previewTimer = null, checkTimer = null;
  form.addEventListener("input", (event) => {
    const input = event.target;
    if (!input.name || input.form !== form) return;
    if (input.dataset.good) count(input);
    if (input !== field) cards();
    if (input === field) {
      if (checking) checking.abort();
      clearTimeout(previewTimer);
      previewTimer = setTimeout(preview, PREVIEW_MS);
    }
    clearTimeout(checkTimer);
    if (isOn.checked) checkTimer = setTimeout(check, CHECK_MS);
  });

  const first = memory() || "details";
  open(NARROW.matches ? "" : panels.some((one) => one.id === first) ? first : "details");
  if (location.hash === "#preview") open("preview");

  globalThis.deskPanels = {
    open,
    count: () => { form.querySelectorAll("[data-good]").forEach(count); cards(); },
    toggleFullWidth: () => {
      const isFull = !columns.classList.contains("editor-full");
      full(isFull);
      if (!isFull && !columns.dataset.open) open("details");
      field.focus({ preventScroll: true });
    },
  };
})();
