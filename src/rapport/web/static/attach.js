// Files of a reply: picked, dropped or pasted; each goes up at once and stands beside the text. Without this file a button does it.
"use strict";
(() => {
  const composer = document.querySelector("[data-attach]"), picker = composer?.querySelector('input[type="file"]');
  if (!picker) return;
  const text = composer.querySelector("[data-draft]"), bar = composer.querySelector("[data-uploading]"), words = bar.querySelector("span");
  const going = words.textContent, progress = bar.querySelector("progress");
  const changed = () => text.dispatchEvent(new Event("input", { bubbles: true }));
  let last = Promise.resolve();

  function put(part) {
    composer.querySelector("#files").outerHTML = part;
    text.required = composer.querySelector("#files").dataset.files === "0";
    changed();
  }

  function send(address, form) { // fetch says nothing of how much has gone up
    return new Promise((done) => {
      const ask = new XMLHttpRequest();
      ask.open("POST", address);
      ask.setRequestHeader("X-CSRF-Token", document.body.dataset.csrf);
      ask.setRequestHeader("X-Part", "files");
      ask.upload.onprogress = ({ loaded, total }) => { progress.value = total ? loaded / total : 0; };
      ask.onloadend = () => done(ask.status === 200 ? ask.responseText : "");
      ask.send(form);
    });
  }

  function say(sentence, busy) { words.textContent = sentence; progress.hidden = !busy; progress.value = 0; bar.hidden = !sentence; }

  function attach(files) {
    if (!files.length) return;
    last = last.then(async () => {
      const form = new FormData(composer);
      form.delete("files");
      for (const file of files) form.append("files", file);
      say(going, true);
      const part = await send(composer.dataset.attach, form);
      if (part) put(part);
      say(part ? "" : bar.dataset.failed, false);
      picker.value = "";
    });
  }

  composer.querySelector(".attach summary").addEventListener("click", (event) => { event.preventDefault(); picker.click(); });
  picker.addEventListener("change", () => attach([...picker.files]));
  composer.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files || [])];
    if (files.length) { event.preventDefault(); attach(files); }
  });
  composer.addEventListener("dragover", (event) => { if (event.dataTransfer?.types.includes("Files")) { event.preventDefault(); composer.classList.add("over"); } });
  composer.addEventListener("dragleave", (event) => { if (!composer.contains(event.relatedTarget)) composer.classList.remove("over"); });
  composer.addEventListener("drop", (event) => {
    composer.classList.remove("over");
    if (event.dataTransfer?.files.length) { event.preventDefault(); attach([...event.dataTransfer.files]); }
  });
  composer.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-remove]");
    if (!button) return;
    event.preventDefault();
    const form = new FormData(composer);
    form.delete("files");
    const part = await send(button.formAction, form);
    if (part) put(part);
    text.focus();
  });
  composer.addEventListener("change", ({ target }) => { if (target.name?.startsWith("alt-")) changed(); });
})();
