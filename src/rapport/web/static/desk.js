// The desk's keys, palette, clocks and the text that is kept while it is written. Every form works without this file.
"use strict";
(() => {
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const FIELD = "input, textarea, select, [contenteditable]";
  const shown = (element) => element.getClientRects().length > 0;
  const popped = () => one("[popover]:popover-open");
  const pop = (id) => { const what = document.getElementById(id); if (what && !what.matches(":popover-open")) { popped()?.hidePopover(); what.showPopover(); } return Boolean(what); };

  // ---- composer: kept as it is written, checked, sent by Ctrl Enter
  const composer = one("[data-composer]"), text = composer && one("[data-draft]", composer);
  const place = composer && "draft:" + composer.dataset.composer + ":" + document.body.dataset.me;
  let waiting = 0, sent = false;
  const reach = (value) => { const radio = composer && one(`[name="reach"][value="${value}"]`, composer); if (radio) { radio.checked = true; keep(); } return radio; };
  const write = (value) => { if (!composer) return; if (value === "note") reach("note"); else if (one('[value="note"]:checked', composer)) reach(one('[name="reach"]', composer).value); text.focus(); };
  const keep = (soon) => { clearTimeout(waiting); waiting = setTimeout(check, soon ? 500 : 30); };
  async function check() {
    if (sent) return;
    const asked = new URLSearchParams(new FormData(composer)), said = text.value;
    try { localStorage.setItem(place, said); } catch { /* a full or forbidden store loses nothing: the server keeps it too */ }
    const answer = await fetch(`/desk/${composer.dataset.composer}/checks`, { method: "POST", body: asked, headers: { "X-CSRF-Token": document.body.dataset.csrf } }).catch(() => null);
    if (!answer?.ok || sent || text.value !== said) return;
    const held = document.activeElement;
    if (held?.closest("#checks")) return;
    one("#checks").outerHTML = await answer.text();
  }
  if (composer) {
    const kept = localStorage.getItem(place);
    if (!text.value && kept) { text.value = kept; keep(); }
    text.addEventListener("input", () => keep(true));
    all('[name="reach"]', composer).forEach((radio) => radio.addEventListener("change", () => keep()));
    composer.addEventListener("submit", () => {
      sent = true; clearTimeout(waiting); localStorage.removeItem(place);
      all("[data-send]", composer).filter(shown).forEach((button) => { button.setAttribute("aria-busy", "true"); });
    });
    const returned = one('[role="alert"]', one("#standing") || document);
    if (returned && text.value) text.focus();
  }
  const send = () => { const form = document.activeElement?.closest("form") || composer || one("#decide"); const button = form && all("[data-send], .primary", form).find((b) => shown(b) && !b.disabled); if (button) form.requestSubmit(button); };

  // ---- lists
  const move = (step) => {
    const rows = all(".rows .row, .slab a.btn");
    const next = rows[rows.findIndex((row) => row.matches("[aria-current]")) + step] || (step > 0 && rows[0]);
    if (next) location.assign(next.href);
  };
  const press = (key) => {
    const buttons = all(`[data-key="${key}"]`), button = buttons.find((b) => shown(b) && !b.disabled);
    if (button) button.click(); else return buttons.some((b) => b.getAttribute("popovertarget") && pop(b.getAttribute("popovertarget")));
    return true;
  };

  // ---- palettes: arrows, Enter, and a search that asks the server
  function chooseIn(list, step) {
    const options = all('[role="option"]', list).filter(shown);
    const at = options.findIndex((o) => o.getAttribute("aria-selected") === "true");
    options.forEach((o) => o.setAttribute("aria-selected", "false"));
    const option = step ? options[(at + step + options.length) % options.length] : options[0];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    return option;
  }
  function run(option) {
    if (!option) return;
    const { go, insert } = option.dataset, what = option.dataset.do;
    option.closest("[popover]")?.hidePopover();
    if (go) location.assign(go);
    else if (insert) { text.setRangeText(insert, text.selectionStart, text.selectionEnd, "end"); text.focus(); keep(); }
    else if (what?.startsWith("#")) pop(what.slice(1));
    else if (what) write(what);
  }
  let asking = 0;
  function filter(input) {
    const list = one("#" + (input.dataset.filter || "palette-list")), words = input.value.trim().toLowerCase();
    all('[role="option"]:not([data-found])', list).forEach((o) => { o.hidden = !o.textContent.toLowerCase().includes(words); });
    all("[data-found]", list).forEach((o) => o.remove());
    chooseIn(list, 0);
    clearTimeout(asking);
    if (!("palette" in input.dataset) || words.length < 2) return;
    asking = setTimeout(async () => {
      const answer = await fetch("/desk/find?q=" + encodeURIComponent(words), { headers: { "X-Part": "1" } }).catch(() => null);
      if (!answer?.ok || input.value.trim().toLowerCase() !== words) return;
      const found = document.createElement("template");
      found.innerHTML = await answer.text();
      all("li", found.content).forEach((o) => { o.dataset.found = ""; list.append(o); });
      chooseIn(list, 0);
    }, 180);
  }
  document.addEventListener("input", (event) => { if (event.target.matches("[data-palette], [data-filter]")) filter(event.target); });
  document.addEventListener("toggle", (event) => {
    if (event.newState !== "open") return;
    const input = one("[data-palette], [data-filter]", event.target);
    if (input) { input.value = ""; filter(input); input.focus(); }
  }, true);
  document.addEventListener("click", (event) => {
    const option = event.target.closest?.('[role="option"]');
    if (option && !event.target.closest("a")) run(option);
    else if (event.target.closest?.(".menu button[popovertarget]")) event.target.closest(".menu").hidePopover();
  });

  // ---- keys. Letters alone act only when no field has the focus, and can be switched off.
  const letters = one("[data-letters]");
  if (letters) { letters.checked = localStorage.getItem("letters") !== "off"; letters.addEventListener("change", () => localStorage.setItem("letters", letters.checked ? "on" : "off")); }
  document.addEventListener("keydown", (event) => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key, control = event.ctrlKey || event.metaKey;
    const list = popped() && one('[role="listbox"]', popped());
    let done = true;
    if (control && key === "k") pop("palette");
    else if (control && key === "Enter") send();
    else if (list && (key === "ArrowDown" || key === "ArrowUp")) chooseIn(list, key === "ArrowDown" ? 1 : -1);
    else if (list && key === "Escape") popped().hidePopover();
    else if (list && key === "Enter") run(one('[aria-selected="true"]', list));
    else if (event.altKey && !control) {
      const code = event.code.replace("Key", "").toLowerCase();
      if (press("Alt " + code)) { /* a button of this page has that key */ }
      else if (code === "j" || code === "k") move(code === "j" ? 1 : -1);
      else if (code === "l") write("reply");
      else if (code === "p") write("note");
      else done = false;
    } else if (!control && !event.target.matches?.(FIELD) && localStorage.getItem("letters") !== "off") {
      if (key === "?") pop("keys");
      else if (key === "/" && pop("saved")) { /* open */ }
      else if (popped() || !press(key)) done = false;
    } else done = key === "/" && event.target === text && !text.value && pop("saved");
    if (done) event.preventDefault();
  });

  // ---- clocks: an offer's time left, and how long the oldest waits; each begins anew when the server sends another number
  const ticking = new WeakMap();
  const since = (element, seconds) => {
    let known = ticking.get(element);
    if (known?.seconds !== seconds) ticking.set(element, (known = { seconds, at: Date.now() }));
    return Math.round((Date.now() - known.at) / 1000);
  };
  const two = (n) => String(n).padStart(2, "0");
  const clock = (s) => (s >= 3600 ? Math.floor(s / 3600) + ":" + two(Math.floor(s / 60) % 60) : Math.floor(s / 60)) + ":" + two(s % 60);
  setInterval(() => {
    for (const ring of all("[data-ring]")) {
      const { left: begun, whole } = ring.dataset, left = Math.max(0, begun - since(ring, begun));
      one("b", ring).textContent = clock(left);
      one(".left", ring).setAttribute("stroke-dasharray", `${(left * 100) / whole} 100`);
      if (left === 30 || left === 10 || left === 0) ring.ariaLabel = ring.ariaLabel.replace(/\d+/, left);
    }
    for (const span of all("[data-up]")) span.textContent = clock(+span.dataset.up + since(span, span.dataset.up));
  }, 1000);

  // ---- panes of a small screen: the switcher says where one is
  const here = () => { const at = location.hash || (one(".desk.none") ? "#inbox" : "#conversation"); all(".switcher a").forEach((a) => (a.hash === at ? a.setAttribute("aria-current", "true") : a.removeAttribute("aria-current"))); };
  addEventListener("hashchange", here);
  here();
})();
