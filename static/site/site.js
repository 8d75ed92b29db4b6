// Light or dark as the system says, or as the reader chose here: stored in this browser alone.
// Loaded before the page is drawn, so that it never flashes in the other colours.
{
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const current = () => root.dataset.theme || (system.matches ? "dark" : "light");
  if (/^(dark|light)$/.test(stored())) root.dataset.theme = stored();
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector(".theme");
    const update = () => {
      const next = current() === "dark" ? "light" : "dark";
      button.textContent = next === "dark" ? "Dark" : "Light";
      button.setAttribute("aria-label", `Switch to ${next} colours`);
      for (const meta of document.querySelectorAll("meta[name=theme-color]")) {
        if (root.dataset.theme) meta.content = getComputedStyle(document.body).backgroundColor;
      }
    };
    button.addEventListener("click", () => {
      root.dataset.theme = current() === "dark" ? "light" : "dark";
      try { localStorage.setItem("theme", root.dataset.theme); } catch { /* shown, but not stored */ }
      update();
    });
    system.addEventListener("change", update);
    update();
  });
}

// "/" moves to the search field, unless the reader is typing.
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const field = document.querySelector("input[type=search]");
  if (!field) return;
  event.preventDefault();
  field.focus();
});
