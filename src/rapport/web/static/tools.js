// The desk's tools: what is chosen stays chosen while the list changes, and the way back fades after some seconds.
"use strict";
(() => {
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  // ---- choosing several: a list that is fetched again knows nothing of what is chosen
  const picked = new Set(), words = one("[data-chosen]");
  const said = words?.textContent;
  function tell() { if (words) words.textContent = picked.size ? `${said}: ${picked.size}` : said; }
  document.addEventListener("change", ({ target }) => {
    if (!target.matches?.(".pick-one")) return;
    if (target.checked) picked.add(target.name); else picked.delete(target.name);
    tell();
  });
  document.addEventListener("htmx:after:swap", () => all(".pick-one").forEach((box) => { box.checked = picked.has(box.name); }));
  one("#bulk")?.addEventListener("reset", () => { picked.clear(); const mode = one("#picking"); if (mode) mode.checked = false; tell(); });

  // ---- the way back
  for (const bar of all("[data-fades]")) setTimeout(() => bar.remove(), 1000 * bar.dataset.fades);
  if (location.search.includes("did=")) {
    const address = new URL(location.href);
    for (const name of ["did", "of", "with"]) address.searchParams.delete(name);
    history.replaceState(history.state, "", address);
  }
})();
// ---- an offer, or a mention: a sound and a notice where whoever sits here asked for them (/me)
(() => {
  const page = document.body, wishes = page.dataset.me && fetch("/me/notices").then((answer) => (answer.ok ? answer.json() : {})).catch(() => ({}));
  let last = 0, told = document.querySelector("#offer [id^=offer-]")?.id || "";
  function ring() {
    const sound = new AudioContext(), tone = sound.createOscillator(), level = sound.createGain();
    tone.frequency.setValueAtTime(660, sound.currentTime);
    tone.frequency.setValueAtTime(880, sound.currentTime + 0.12);
    level.gain.setValueAtTime(0.15, sound.currentTime);
    level.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + 0.5);
    tone.connect(level).connect(sound.destination);
    tone.start();
    tone.stop(sound.currentTime + 0.5);
    tone.onended = () => sound.close();
  }
  async function call(title) {
    if (Date.now() - last < 3000) return;
    last = Date.now();
    const { sound, notify } = (await wishes) || {};
    if (sound) ring();
    if (notify && document.hidden && Notification.permission === "granted") {
      const worker = await navigator.serviceWorker?.getRegistration();
      if (worker) worker.showNotification(title, { tag: "rapport", icon: document.querySelector('link[rel="icon"]').href });
      else new Notification(title, { tag: "rapport" });
    }
  }
  document.addEventListener("htmx:after:swap", ({ target }) => {
    const offer = target.id === "offer" && document.querySelector("#offer [id^=offer-]:is(.body, details) :is(h1, b)");
    const id = offer && offer.closest("[id^=offer-]").id;
    if (id && id !== told) { told = id; call(offer.textContent); }
    fold();
  });
  // on a phone an offer lies over what one writes: beside a conversation it comes folded, until one opens it
  let wanted = "";
  function fold() {
    const card = document.querySelector("details.offer-card");
    if (card && card.id !== wanted && document.querySelector("main[data-viewing]") && matchMedia("(max-width: 44.99rem)").matches) card.open = false;
  }
  document.addEventListener("click", ({ target }) => { if (target.closest?.(".offer-card > summary")) wanted = target.closest("details").id; });
  fold();
  document.addEventListener("rapport:told", ({ detail }) => { if (detail.by) call("● " + detail.by); });
  document.addEventListener("rapport:mention", ({ detail }) => call("@ " + (detail.by || "")));
  document.querySelector("[data-permission]")?.addEventListener("change", ({ target }) => { if (target.checked) Notification.requestPermission?.(); });
  if (navigator.serviceWorker && isSecureContext && page.dataset.me) navigator.serviceWorker.register("/offline.js").catch(() => {});
})();
// ---- without a line a form would leave the desk for the browser's own page of errors: it stays and says so
addEventListener("submit", async (event) => {
  const { target: form, submitter } = event, said = form.querySelector("[data-no-line]"), sure = form.dataset.sure;
  delete form.dataset.sure;
  if (!said || sure || (navigator.onLine && document.documentElement.dataset.stream !== "lost")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const text = form.elements.text?.value;
  said.hidden = Boolean((await fetch("/health", { cache: "no-store", signal: AbortSignal.timeout(3000) }).catch(() => null))?.ok);
  if (said.hidden && form.isConnected && form.elements.text?.value === text) { form.dataset.sure = "1"; form.requestSubmit(submitter); }
}, true);
