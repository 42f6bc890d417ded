// Keys, clocks, and the text that is kept while it is written. Every form works without this file.
"use strict";
(() => {
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const FIELD = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";
  const shown = (element) => element.getClientRects().length > 0;
  const popped = () => one("[popover]:popover-open");
  const pop = (id) => {
    const what = document.getElementById(id);
    if (what && what !== popped()) { popped()?.hidePopover(); what.showPopover(); }
    return Boolean(what);
  };

  // ---- composer: kept as it is written, checked, sent by Ctrl Enter
  const composer = one("[data-composer]"), text = composer && one("[data-draft]", composer);
  const place = composer && `draft:${document.body.dataset.me}:${composer.dataset.composer}`, unsaved = place + ":unsaved";
  let waiting = 0, sent = false;
  const keep = (wait = 500) => { clearTimeout(waiting); waiting = setTimeout(check, wait); };
  const reach = (value) => { const radio = one(`[name="reach"][value="${value}"]`, composer); if (radio) radio.checked = true; keep(30); };
  function write(what) {
    if (!composer) return;
    if (what === "note") reach("note");
    else if (one('[value="note"]:checked', composer)) reach(one('[name="reach"]', composer).value);
    text.focus();
  }
  function store() { // what the server does not get stays: a lost line, an ended login
    try { if (text.value) localStorage.setItem(place, text.value); else localStorage.removeItem(place); localStorage.setItem(unsaved, "1"); } catch { /* full */ }
  }
  async function check() {
    if (sent) return;
    const said = text.value;
    store();
    const answer = await fetch(`/desk/${composer.dataset.composer}/checks`, {
      method: "POST", body: new URLSearchParams(new FormData(composer)), headers: { "X-CSRF-Token": document.body.dataset.csrf },
    }).catch(() => null);
    if (!answer?.ok || answer.redirected || sent || text.value !== said) return;
    localStorage.removeItem(unsaved);
    if (document.activeElement?.closest("#checks")) return;
    one("#checks").outerHTML = await answer.text();
  }
  if (composer) {
    const asked = new URLSearchParams(location.search), kept = localStorage.getItem(place);
    if (asked.has("said") && asked.get("said") === localStorage.getItem(place + ":once")) [place, place + ":once", unsaved].forEach((key) => localStorage.removeItem(key));
    else if (kept && kept !== text.value && (!text.value || localStorage.getItem(unsaved))) { text.value = kept; one("[data-restored]", composer).hidden = false; keep(30); }
    text.addEventListener("input", (event) => {
      store(); keep();
      if (event.data === "@" && one('[value="note"]:checked', composer) && /(^|[\s(])@$/.test(text.value.slice(0, text.selectionStart))) {
        const field = one("#people-list input");
        if (field) { field.value = ""; field.dataset.typed = "@"; pop("people-list"); }
      }
    });
    const later = one('[name="later"]', composer), leaves = one("[data-leaves]", composer); // the time stands there when its row is closed
    const show = () => {
      const at = later.value && new Date(later.value);
      leaves.hidden = !at;
      leaves.textContent = at ? leaves.dataset.leaves.replace("%s", at.toLocaleString(document.documentElement.lang, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" })) : "";
    };
    if (later) { later.addEventListener("input", show); show(); }
    all('[name="reach"]', composer).forEach((radio) => radio.addEventListener("change", () => keep(30)));
    composer.addEventListener("submit", () => {
      sent = true;
      clearTimeout(waiting);
      store();
      try { localStorage.setItem(place + ":once", composer.elements.once.value); } catch { /* as above */ }
      all("[data-send]", composer).filter(shown).forEach((button) => button.setAttribute("aria-busy", "true"));
    });
    document.addEventListener("rapport:write", (event) => write(event.detail));
  }
  function send() {
    const form = document.activeElement?.closest("form") || composer || one("#decide");
    const button = form && all("[data-send], .primary", form).find((b) => shown(b) && !b.disabled);
    if (button) form.requestSubmit(button);
  }

  // ---- keys. Letters alone act only when no field has the focus, and can be switched off.
  function press(key) {
    const buttons = all(`[data-key="${key}"]`).filter((b) => !b.disabled), button = buttons.find(shown) || buttons[0];
    button?.click();
    return Boolean(button);
  }
  function move(step) {
    const rows = all(".rows .row, .slab a.btn"), at = rows.findIndex((row) => row.matches("[aria-current]"));
    const next = rows[at + step] || (step > 0 && rows[0]);
    if (next) location.assign(next.href);
  }
  function alt(key) {
    if (press("Alt " + key)) return true;
    if (key === "j" || key === "k") move(key === "j" ? 1 : -1);
    else if (key === "l" || key === "p") write(key === "l" ? "reply" : "note");
    else return false;
    return true;
  }
  const letter = (key) => (key === "?" ? pop("keys") : key === "/" ? pop("saved") : !popped() && press(key));
  const letters = one("[data-letters]"), quiet = () => localStorage.getItem("letters") === "off";
  if (letters) {
    letters.checked = !quiet();
    letters.addEventListener("change", () => localStorage.setItem("letters", letters.checked ? "on" : "off"));
  }
  document.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase(), control = event.ctrlKey || event.metaKey;
    let done = false;
    if (control && key === "k") done = pop("palette");
    else if (control && key === "enter") { send(); done = true; }
    else if (event.altKey && !control) done = alt(event.code.replace("Key", "").toLowerCase());
    else if (!control && event.target === text && key === "/" && !text.value) done = pop("saved");
    else if (!control && !event.target.matches?.(FIELD) && !quiet()) done = letter(key);
    if (done) event.preventDefault();
  });
  document.addEventListener("click", (event) => { if (event.target.closest?.(".menu button[popovertarget]")) event.target.closest(".menu").hidePopover(); });

  // ---- clocks: an offer's time left, and how long the oldest waits; each begins anew when the server sends another number
  const ticking = new WeakMap(), two = (n) => String(n).padStart(2, "0");
  const clock = (s) => (s >= 3600 ? Math.floor(s / 3600) + ":" + two(Math.floor(s / 60) % 60) : Math.floor(s / 60)) + ":" + two(s % 60);
  function since(element, seconds) {
    let known = ticking.get(element);
    if (known?.seconds !== seconds) ticking.set(element, (known = { seconds, at: Date.now() }));
    return Math.round((Date.now() - known.at) / 1000);
  }
  function tick() {
    for (const ring of all("[data-ring]")) {
      const { left: begun, whole } = ring.dataset, left = Math.max(0, begun - since(ring, begun));
      one("b", ring).textContent = clock(left);
      one(".left", ring).setAttribute("stroke-dasharray", `${(left * 100) / whole} 100`);
      if (left === 30 || left === 10 || left === 0) ring.ariaLabel = ring.ariaLabel.replace(/\d+/, left);
    }
    for (const span of all("[data-up]")) span.textContent = clock(+span.dataset.up + since(span, span.dataset.up));
  }
  tick();
  setInterval(tick, 1000);

  // ---- an offer that comes while one looks elsewhere shows in the tab's own title
  const title = document.title;
  document.addEventListener("rapport:offer", () => { if (document.hidden) document.title = "● " + title; });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) document.title = title; });

  // ---- panes of a small screen: the switcher says where one is
  function here() {
    const at = location.hash || (one(".desk.none") ? "#inbox" : "#conversation");
    all(".switcher a").forEach((a) => (a.hash === at ? a.setAttribute("aria-current", "true") : a.removeAttribute("aria-current")));
  }
  addEventListener("hashchange", here);
  here();
})();
