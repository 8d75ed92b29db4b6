// Suggestions below the search field, which searches without them just as well.
{
  const field = document.querySelector(".heading input[type=search]");
  const list = document.querySelector(".suggestions");
  const status = list.nextElementSibling;
  let at = -1, wait;
  const set = (node, values) => { for (const name in values) node.setAttribute(name, values[name]); };
  const mark = (place) => {
    list.children[at]?.setAttribute("aria-selected", false);
    at = place;
    list.children[at]?.setAttribute("aria-selected", true);
    field.setAttribute("aria-activedescendant", at < 0 ? "" : `suggestion-${at}`);
  };
  const open = (is) => {
    list.hidden = !is;
    field.setAttribute("aria-expanded", is);
    mark(-1);
  };
  const ask = async () => {
    const typed = field.value;
    const [, texts, kinds, urls] = await (await fetch(`suggest/?q=${encodeURIComponent(typed)}`)).json();
    if (typed !== field.value || document.activeElement !== field) return;
    list.replaceChildren(...texts.map((text, number) => {
      const node = document.createElement("li");
      const kind = document.createElement("small");
      set(node, { role: "option", id: `suggestion-${number}`, "aria-selected": false });
      kind.textContent = kinds[number];
      node.append(text, " ", kind);
      // Before the field loses the focus, and the list with it.
      node.onmousedown = (event) => event.preventDefault();
      node.onclick = () => { const { pathname, search } = new URL(urls[number]); location = pathname + search; };
      return node;
    }));
    const amount = texts.length;
    open(amount > 0);
    status.textContent = amount ? `${amount} suggestion${amount > 1 ? "s" : ""}` : "";
  };
  set(field, { role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": false });
  field.oninput = () => { clearTimeout(wait); wait = setTimeout(() => ask().catch(() => open(false)), 150); };
  field.onblur = () => open(false);
  field.onkeydown = (event) => {
    const { key } = event, step = { ArrowDown: 1, ArrowUp: -1 }[key], length = list.children.length;
    if (list.hidden || event.isComposing) return;
    if (step) mark(at < 0 && step < 0 ? length - 1 : (at + step) % length);
    else if (key === "Escape") open(false);
    else if (key === "Enter" && at >= 0) list.children[at].click();
    else return;
    event.preventDefault();
  };
}
