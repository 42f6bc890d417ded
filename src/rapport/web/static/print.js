// The button that prints a page: shown only where a script runs, as the browser prints without it too.
"use strict";
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
