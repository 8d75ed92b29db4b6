// Light or dark as the system says, or as the reader chose here: stored in this browser alone.
// Loaded before the page is drawn, so that it never flashes in the other colours.
{
  const root = document.documentElement, { suggest } = document.currentScript.dataset;
  const system = matchMedia("(prefers-color-scheme: dark)"), wide = matchMedia("(min-width: 66rem)");
  const stored = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const current = () => root.dataset.theme || (system.matches ? "dark" : "light");
  if (/^(dark|light)$/.test(stored())) root.dataset.theme = stored();
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector(".theme"), words = button.dataset;
    const update = () => {
      const isDark = current() === "dark";
      button.textContent = isDark ? words.light : words.dark;
      button.setAttribute("aria-label", isDark ? words.toLight : words.toDark);
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

    // Contents stand next to a text where there is room, and are folded where there is not.
    const contents = document.querySelector(".contents details");
    const unfold = () => { contents.open = wide.matches; };
    if (contents) { unfold(); wide.addEventListener("change", unfold); }
  });

  // Suggestions are loaded with the first visit to a search field, which works without them.
  addEventListener("focusin", function load(event) {
    if (!event.target.matches(".search input")) return;
    removeEventListener("focusin", load);
    document.head.append(Object.assign(document.createElement("script"), { src: suggest }));
  });
}

// "/" moves to the search field, or to the page that has one, unless the reader is typing.
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const field = [...document.querySelectorAll(".search input")].find((one) => one.offsetParent);
  event.preventDefault();
  if (field) field.focus();
  else document.querySelector(".to-search a")?.click();
});
