// Moves entries of the menu without a request, and shows the contrast of a colour while it is typed.
// Without this script, the same buttons are sent to the server, which checks the colours in any case.
(() => {
  "use strict";

  const channels = (colour) => [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16) / 255);
  const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const luminance = (colour) => {
    const [red, green, blue] = channels(colour).map(linear);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  function contrast(one, other) {
    const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (lighter + 0.05) / (darker + 0.05);
  }
  for (const swatch of document.querySelectorAll("[data-contrast]")) {
    const field = document.getElementById(swatch.dataset.field);
    field.addEventListener("input", () => {
      const colour = field.value.trim().toLowerCase();
      if (!/^#[0-9a-f]{6}$/.test(colour)) return;
      const ratio = Math.min(...swatch.dataset.contrast.split(" ").map((ground) => contrast(colour, ground)));
      swatch.querySelector("code").textContent = colour;
      swatch.querySelector("text").setAttribute("fill", colour);
      swatch.querySelector("line").setAttribute("stroke", colour);
      const figure = `${(Math.floor(ratio * 100) / 100).toFixed(2)}:1`;
      swatch.querySelector("[data-figure]").textContent = ratio < 4.5 ? `${figure}, too little` : figure;
    });
  }

  const menu = document.querySelector(".identity-menu");
  if (!menu) return;
  const status = document.querySelector("[data-menu-status]");
  const rows = () => [...menu.children];
  const fields = (row) => [...row.querySelectorAll("select, input")];
  const isEmpty = (row) => fields(row).every((field) => field.localName === "select" || !field.value.trim());

  function swap(one, other) {
    const others = fields(other);
    fields(one).forEach((field, index) => {
      [field.value, others[index].value] = [others[index].value, field.value];
      for (const changed of [field, others[index]]) changed.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  function press(verb, index) {
    const all = rows();
    const other = all[index + (verb === "up" ? -1 : 1)];
    if (verb === "remove") {
      for (let next = index; next + 1 < all.length; next += 1) swap(all[next], all[next + 1]);
      for (const field of fields(all[all.length - 1])) if (field.localName === "input") field.value = "";
      fields(all[index])[1].focus();
      status.textContent = `Entry ${index + 1} is removed. Save to keep it so.`;
    } else if (other && !isEmpty(other)) {
      swap(all[index], other);
      const to = all.indexOf(other);
      const button = other.querySelector(`[value="${verb}-${to}"]`);
      (button && !button.disabled ? button : fields(other)[1]).focus();
      status.textContent = `Now entry ${to + 1} of the menu.`;
    }
  }

  menu.addEventListener("click", (event) => {
    const button = event.target.closest('button[name="menu-button"]');
    if (!button) return;
    event.preventDefault();
    const [verb, index] = button.value.split("-");
    press(verb, Number(index));
  });
})();
