// Suggestions below each search field.
document.querySelectorAll(".search input").forEach((field, place) => {
  const make = (name, values, ...inside) => {
    const node = document.createElement(name);
    set(node, values);
    node.append(...inside);
    return node;
  };
  const set = (node, values) => { for (const name in values) node.setAttribute(name, values[name]); };
  const id = `suggestions-${place}`, words = field.dataset;
  const list = make("ul", { class: "suggestions", id, role: "listbox", "aria-label": words.suggestions, hidden: "" });
  const status = make("p", { class: "unseen", role: "status" });
  field.form.append(list, status);
  let at = -1, wait, asked = 0;
  const mark = (number) => {
    list.children[at]?.setAttribute("aria-selected", false);
    at = number;
    const chosen = list.children[at];
    chosen?.setAttribute("aria-selected", true);
    chosen?.scrollIntoView({ block: "nearest" });
    if (chosen) field.setAttribute("aria-activedescendant", chosen.id);
    else field.removeAttribute("aria-activedescendant");
  };
  const open = (is) => {
    list.hidden = !is;
    field.setAttribute("aria-expanded", is);
    mark(-1);
  };
  const ask = async () => {
    const typed = field.value, url = `${field.form.getAttribute("action")}suggest/?q=${encodeURIComponent(typed)}`;
    const mine = asked;
    const [, texts, kinds, urls] = await (await fetch(url)).json();
    if (mine !== asked) return;
    list.replaceChildren(...texts.map((text, number) => {
      const kind = make("small", {}, kinds[number]);
      const node = make("li", { role: "option", id: `${id}-${number}`, "aria-selected": false }, text, " ", kind);
      // Or else the field loses the focus.
      node.onmousedown = (event) => event.preventDefault();
      node.onclick = () => { location = urls[number].replace(/^\w+:..[^/]+/, ""); };
      return node;
    }));
    const { length } = texts;
    open(length > 0);
    status.textContent = length > 1 ? words.many.replace("{number}", length) : length ? words.one : "";
  };
  // The answer to an earlier text is dropped.
  const drop = () => { clearTimeout(wait); asked += 1; };
  const close = () => { list.replaceChildren(); open(false); };
  const askSoon = () => { drop(); wait = setTimeout(() => ask().catch(close), 150); };
  set(field, { role: "combobox", "aria-autocomplete": "list", "aria-controls": id, "aria-expanded": false });
  field.oninput = askSoon;
  field.onblur = () => { drop(); open(false); };
  field.onkeydown = (event) => {
    const { key } = event, step = { ArrowDown: 1, ArrowUp: -1 }[key], length = list.children.length;
    if (event.isComposing || !length) return;
    if (list.hidden) { if (step !== 1) return; open(true); }
    if (step) mark(at < 0 && step < 0 ? length - 1 : (at + step) % length);
    else if (key === "Escape") open(false);
    else if (key === "Enter" && at >= 0) list.children[at].click();
    else return;
    event.preventDefault();
  };
  if (field === document.activeElement && field.value !== field.defaultValue) askSoon();
});
