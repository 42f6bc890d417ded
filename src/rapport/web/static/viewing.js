// Says which conversation is looked at, so that colleagues who open it know; says so no more when the tab closes or is hidden.
"use strict";
(() => {
  const conversation = document.querySelector("[data-viewing]")?.dataset.viewing;
  if (!conversation) return;
  const EVERY = 30000; // milliseconds; the server forgets after 75 seconds
  let timer = 0;
  function say(here) {
    const body = new URLSearchParams({ conversation, here: here ? "1" : "0" });
    fetch("/desk/viewing", { method: "POST", body, keepalive: true, headers: { "X-CSRF-Token": document.body.dataset.csrf } }).catch(() => {});
  }
  function look() {
    clearInterval(timer);
    say(!document.hidden);
    if (!document.hidden) timer = setInterval(() => say(true), EVERY);
  }
  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", () => { clearInterval(timer); say(false); });
  addEventListener("pageshow", ({ persisted }) => { if (persisted) look(); });
  if (!document.hidden) look();
})();
