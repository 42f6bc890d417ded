// Copy: a button with data-copy="ID" copies what the field of that id holds, and says so by its mark.
"use strict";
addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-copy]"), field = button && document.getElementById(button.dataset.copy);
  if (!field) return;
  field.select();
  try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); } // plain http has no clipboard
  button.setAttribute("data-copied", "");
});
