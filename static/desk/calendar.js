/* Moves entries of the calendar to other days, by pointer and by keyboard. Without it, "Move" opens a form. */
(() => {
  "use strict";
  const calendar = document.querySelector("[data-calendar]");
  if (!calendar) return;
  const days = [...calendar.querySelectorAll("[data-day]")];
  const problem = document.querySelector("[data-move-problem]");
  const status = document.querySelector("[data-move-status]");
  const token = document.querySelector("[data-move-form] [name=csrfmiddlewaretoken]").value;
  const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
  let held = null;
  let isSending = false;

  function show(day) {
    for (const one of days) one.classList.toggle("desk-day-target", one === day);
  }

  function refuse(entry, words) {
    problem.replaceChildren(`“${entry.dataset.title}” was not moved. ${words} `);
    const reload = document.createElement("a");
    reload.href = location.pathname + location.search;
    reload.textContent = "Show the current calendar";
    problem.append(reload, ".");
    problem.hidden = false;
  }

  async function move(entry, day) {
    show(null);
    if (!day || isSending || day.contains(entry)) return;
    isSending = true;
    problem.hidden = true;
    status.textContent = "Moving …";
    const body = new FormData();
    const said = { date: day.dataset.day, time: entry.dataset.time, zone: calendar.dataset.zone, was: entry.dataset.was };
    for (const [name, value] of Object.entries(said)) body.append(name, value);
    try {
      const answer = await fetch(entry.dataset.move, {
        method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": token },
      });
      const isJSON = (answer.headers.get("Content-Type") || "").startsWith("application/json");
      const said = isJSON ? await answer.json() : {};
      if (answer.ok && said.message) {
        sessionStorage.setItem("calendar-moved", JSON.stringify({ id: entry.id, message: said.message }));
        location.reload();
        return;
      }
      refuse(entry, said.detail || "You may have been signed out, or may not do this.");
    } catch {
      refuse(entry, "The desk cannot be reached.");
    }
    status.textContent = "";
    isSending = false;
  }

  calendar.addEventListener("dragstart", (event) => {
    const entry = event.target.closest("[data-move]");
    if (!entry) return;
    held = entry;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", entry.dataset.title);
    entry.classList.add("desk-entry-held");
  });
  calendar.addEventListener("dragover", (event) => {
    const day = event.target.closest("[data-day]");
    if (!held || !day) return;
    event.preventDefault();
    show(day);
  });
  calendar.addEventListener("drop", (event) => {
    const day = event.target.closest("[data-day]");
    if (!held || !day) return;
    event.preventDefault();
    move(held, day);
  });
  calendar.addEventListener("dragend", () => {
    if (held) held.classList.remove("desk-entry-held");
    held = null;
    show(null);
  });

  /* On a "Move" link: arrow keys choose a day, Enter moves, Escape gives up. */
  let target = null;
  calendar.addEventListener("keydown", (event) => {
    const link = event.target.closest(".desk-entry-move");
    if (!link || event.ctrlKey || event.altKey || event.metaKey) return;
    const entry = link.closest("[data-move]");
    if (event.key in STEPS) {
      const from = target ?? days.findIndex((day) => day.contains(entry));
      const to = from + STEPS[event.key];
      if (days[to]) target = to;
      show(days[target ?? from]);
      status.textContent = `${days[target ?? from].dataset.shown}. Enter moves it there, Escape leaves it.`;
    } else if (event.key === "Enter" && target !== null) {
      move(entry, days[target]);
      target = null;
    } else if (event.key === "Escape" && target !== null) {
      target = null;
      show(null);
      status.textContent = "Not moved.";
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  calendar.addEventListener("focusout", () => {
    if (target !== null) show(null);
    target = null;
  });

  const moved = sessionStorage.getItem("calendar-moved");
  if (moved) {
    sessionStorage.removeItem("calendar-moved");
    const { id, message } = JSON.parse(moved);
    const entry = document.getElementById(id);
    entry?.closest("details")?.setAttribute("open", "");
    entry?.querySelector(".desk-entry-move")?.focus();
    status.textContent = message;
  }
})();
