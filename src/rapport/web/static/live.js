// Live: one stream for the whole browser; what listens on the page is fetched again when its event comes.
//
// Agreement with the templates:
//   <div id="inbox-list" data-live="inbox offer" hx-get="/desk/inbox" hx-trigger="live" hx-swap="outerMorph">…</div>
//     data-live  names of events, separated by spaces. When one comes, the element gets the DOM event `live` (htmx fetches then).
//     Names: offer · inbox · approvals · held · wallboard · presence · centre · conversation:<hex> · person:<hex> · typing:<hex>
//   data-live-wait="1000"   at most one fetch in that many milliseconds (150 where it says nothing; the wallboard takes 1000).
//   An element that holds the focused field is not swapped: its fetch waits until the focus leaves.
//     Keep fields out of fragments (`checks` lies inside `composer`, not the other way round).
//   Nor is one that is about to be clicked (pressed, or the pointer came to rest on it just now), for at most 3 seconds.
//     Give what is repeated in it an `id`: a swap then moves rows instead of writing another one under the finger.
//   document gets `rapport:<name>` (without what follows a colon) with detail {name, …} for whatever else a page wants to do:
//     rapport:typing has {conversation, agent}, rapport:presence {agent}, rapport:offer {offer}.
//   <html data-stream="live | lost | none"> says how the stream is. After `reload` everything that listens is fetched again.
// One tab leads (a Web Lock) and tells the others by BroadcastChannel; without locks each tab has its own while it can be seen.
"use strict";
(() => {
  const page = document.documentElement, FIELD = "input, textarea, select, [contenteditable]";
  const others = "BroadcastChannel" in self ? new BroadcastChannel("rapport-live") : null;
  const HOLD = 3000, RESTS = 400; // milliseconds
  const asked = new WeakMap(), put = new WeakMap(); // put: since when an element is put off
  let pressed = null, over = { on: null, at: 0 };
  const drawn = document.body.dataset.place || "", me = Math.random(); // drawn: the place in the ledger that the page was read at
  let source = null, last = drawn, tries = 0;

  // A place is two entry numbers, as in 105.100: whether the other one has seen something that is not in the first.
  function lacks(place, other) {
    const [head, digested = 0] = place.split(".").map(Number), [top, all = 0] = other.split(".").map(Number);
    return top > head || all > digested;
  }

  function heard(event, mine) {
    if (event.id) last = event.id;
    if (mine && others) others.postMessage(event);
    if (event.name === "state") { page.dataset.stream = event.state; return; }
    if (event.name === "signed-out") { location.assign("/sign-in?next=" + encodeURIComponent(location.pathname)); return; }
    for (const element of document.querySelectorAll("[data-live]")) {
      if (event.name === "reload" || element.dataset.live.split(/\s+/).includes(event.name)) ask(element);
    }
    document.dispatchEvent(new CustomEvent("rapport:" + event.name.split(":")[0], { detail: event }));
  }

  function ask(element) {
    const known = asked.get(element) || { at: 0, timer: 0 };
    if (known.timer) return;
    const rest = known.at + Number(element.dataset.liveWait || 150) - Date.now();
    known.timer = setTimeout(() => { known.timer = 0; known.at = Date.now(); fetchAgain(element); }, Math.max(rest, 20));
    asked.set(element, known);
  }

  // Whether somebody types in it, or would click something else if it changed now; asks again when that is over.
  function inHand(element) {
    const held = document.activeElement, since = put.get(element) || Date.now();
    if (held && held !== document.body && element.contains(held) && held.matches(FIELD)) {
      held.addEventListener("blur", () => ask(element), { once: true });
      return true;
    }
    const hit = pressed || (Date.now() - over.at < RESTS ? over.on : null);
    if (!element.contains(hit)) { put.delete(element); return false; }
    if (Date.now() - since > HOLD) return false;
    put.set(element, since);
    setTimeout(() => ask(element), 100);
    return true;
  }

  function fetchAgain(element) {
    if (element.isConnected && !inHand(element)) element.dispatchEvent(new CustomEvent("live"));
  }
  document.addEventListener("htmx:before:swap", (event) => { // it may have been taken in hand since it was fetched
    if (event.target.matches?.("[data-live]") && inHand(event.target)) event.preventDefault();
  });
  document.addEventListener("htmx:after:swap", ({ target }) => put.delete(target));
  addEventListener("pointermove", ({ target }) => { over = { on: target, at: Date.now() }; }, { passive: true });
  addEventListener("pointerdown", ({ target }) => { pressed = target; }, true);
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(() => { pressed = null; }), true);

  function open() {
    if (source) return;
    source = new EventSource("/live" + (last ? "?after=" + last : ""));
    source.onmessage = (message) => {
      const event = { ...JSON.parse(message.data), id: message.lastEventId };
      heard(event, true);
      if (event.name === "hello") { tries = 0; heard({ name: "state", state: "live" }, true); }
    };
    source.onerror = () => {
      heard({ name: "state", state: "lost" }, true);
      if (source && source.readyState === EventSource.CLOSED) { close(); setTimeout(open, Math.min(30000, 1000 * 2 ** tries++)); }
    };
  }

  function close() { if (source) source.close(); source = null; }

  if (others) {
    others.onmessage = ({ data }) => {
      if (data.to && data.to !== me) return;
      if (data.name !== "ask") return heard(data, false);
      if (!source) return;
      others.postMessage({ name: "state", state: page.dataset.stream });
      if (lacks(data.drawn, last)) others.postMessage({ name: "reload", to: data.from }); // it missed what came meanwhile
    };
    others.postMessage({ name: "ask", from: me, drawn }); // how the stream is: only who leads knows
  }
  if (navigator.locks && others) {
    navigator.locks.request("rapport-live", () => { open(); return new Promise(() => {}); });
  } else {
    document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
    if (!document.hidden) open();
  }
  document.addEventListener("htmx:config:request", ({ detail }) => { if (last) detail.ctx.request.headers["X-Seen"] = last; });
  addEventListener("pageshow", (event) => { if (event.persisted) heard({ name: "reload" }, false); });
})();
