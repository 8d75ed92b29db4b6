/* The media library: files dropped or chosen are uploaded one by one, and the focal point follows a click.
   Everything works without it: the form sends all files at once, and the point has two fields of numbers. */
"use strict";

(() => {
  const uploads = document.querySelector("[data-media-upload]");
  if (uploads) {
    const input = uploads.querySelector("input[type=file]");
    const progress = uploads.querySelector("[data-media-progress]");
    uploads.querySelector("[data-media-hint]").hidden = false;
    const value = (name) => uploads.querySelector(`[name="${name}"]`).value;

    const line = (text, kind) => {
      const item = document.createElement("li");
      item.textContent = text;
      if (kind) item.className = kind;
      progress.append(item);
      return item;
    };

    const send = async (file) => {
      const item = line(`${file.name}: uploading …`);
      const data = new FormData();
      data.append("image", file);
      for (const name of ["credit", "licence"]) data.append(name, value(name));
      try {
        const response = await fetch(uploads.action, {
          method: "POST", body: data,
          headers: { Accept: "application/json", "X-CSRFToken": value("csrfmiddlewaretoken") },
        });
        const isJson = (response.headers.get("Content-Type") || "").includes("json");
        if (response.redirected || !isJson) throw new Error("your session has ended: log in again in another tab.");
        const answer = await response.json();
        if (!response.ok) throw new Error(answer.detail);
        item.textContent = "";
        const link = document.createElement("a");
        link.href = answer.page;
        link.textContent = answer.title;
        item.append(link, `: added. ${answer.warnings.join(" ")}`);
        return true;
      } catch (error) {
        item.className = "media-bad";
        item.textContent = `${file.name}: ${error.message || "the server did not answer"}`;
        return false;
      }
    };

    const sendAll = async (files) => {
      let failed = 0;
      for (const file of files) failed += !(await send(file));
      input.value = "";
      if (!failed && files.length) window.location.assign(window.location.pathname);
    };

    uploads.addEventListener("submit", (event) => {
      if (!input.files.length) return;
      event.preventDefault();
      sendAll([...input.files]);
    });
    for (const kind of ["dragenter", "dragover"]) {
      uploads.addEventListener(kind, (event) => {
        event.preventDefault();
        uploads.classList.add("media-over");
      });
    }
    uploads.addEventListener("dragleave", () => uploads.classList.remove("media-over"));
    uploads.addEventListener("drop", (event) => {
      event.preventDefault();
      uploads.classList.remove("media-over");
      sendAll([...event.dataTransfer.files]);
    });
    document.addEventListener("paste", (event) => {
      const files = [...event.clipboardData.files];
      if (files.length) sendAll(files);
    });
  }

  const focal = document.querySelector("[data-media-focal]");
  const left = document.querySelector("[name=focal_x]");
  const top = document.querySelector("[name=focal_y]");
  if (focal && left && top) {
    const mark = focal.querySelector("[data-media-focal-mark]");
    const show = () => {
      mark.hidden = false;
      mark.style.left = `${left.value || 50}%`;
      mark.style.top = `${top.value || 50}%`;
    };
    focal.setAttribute("data-media-ready", "");
    focal.addEventListener("click", (event) => {
      const box = focal.querySelector("img").getBoundingClientRect();
      const percent = (at, from, size) => Math.min(100, Math.max(0, Math.round((100 * (at - from)) / size)));
      left.value = percent(event.clientX, box.left, box.width);
      top.value = percent(event.clientY, box.top, box.height);
      for (const field of [left, top]) field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    for (const field of [left, top]) field.addEventListener("input", show);
    show();
  }
})();
