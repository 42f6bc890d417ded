// Rapport chat: <script src="https://centre.example/chat/widget.js" data-account="webchat" data-tenant="default" defer></script>
// Options: data-language="es|en", data-open, data-name. Page API: rapport.open(), rapport.close(), rapport.name("Ana"),
// rapport.identify({id, email, name, hash}). Events on document: rapport:ready, rapport:open, rapport:close, rapport:sent, rapport:answer.
// Works under a strict content policy: script-src and connect-src name our origin, nothing else; no inline style, no cookie.
"use strict";
(() => {
  const tag = document.currentScript, origin = new URL(tag.src).origin, KEY = "rapport-chat";
  const options = tag.dataset, kept = read();
  let token = kept.token || "", words = {}, language = options.language || document.documentElement.lang.slice(0, 2);
  let place = kept.place || "", waiting = kept.waiting || [], seen = new Set(), listening = null, busy = false, renewing = 0, name = options.name || kept.name || "";
  let identity = null, ask = [], email = kept.email || "", unread = 0, stopping = null, stops = 0, most = 0, largest = 0, uploads = Promise.resolve();

  function read() { try { return JSON.parse(localStorage.getItem(KEY)) || {}; } catch { return {}; } }
  function keep() { try { localStorage.setItem(KEY, JSON.stringify({ token, place, waiting, name, email })); } catch { /* a private window */ } }
  const tell = (what, detail = {}) => document.dispatchEvent(new CustomEvent("rapport:" + what, { detail }));
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const node = (kind, set = {}, ...children) => {
    const made = document.createElement(kind);
    for (const [key, value] of Object.entries(set)) key in made ? (made[key] = value) : made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { all: initial; position: fixed; inset: auto 1rem 1rem auto; z-index: 2147483000; font: 15px/1.45 system-ui, "Segoe UI", Roboto, sans-serif; color-scheme: light dark;
      --ink: light-dark(#25272e, #eceef2); --soft: light-dark(#595d69, #b4b8c2); --ground: light-dark(#fffefb, #26282f); --line: light-dark(#e3e1dc, #40434c);
      --accent: light-dark(#3a48c4, #5a66d8); --mine: light-dark(#eceefb, #333a63) }
    * { box-sizing: border-box } [hidden] { display: none !important }
    button, textarea { font: inherit; color: inherit }
    button { cursor: pointer; border: 0; border-radius: .5rem; min-height: 44px; padding: .3rem .9rem; background: none }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
    .main { background: var(--accent); color: #fff; font-weight: 600 }
    .open { border-radius: 2rem; box-shadow: 0 4px 16px #0003; padding: .6rem 1.2rem }
    section { display: flex; flex-direction: column; width: min(23rem, calc(100vw - 2rem)); height: min(34rem, calc(100dvh - 2rem)); background: var(--ground); color: var(--ink); border: 1px solid var(--line); border-radius: .75rem; overflow: hidden; box-shadow: 0 16px 48px #0004 }
    header { display: flex; align-items: center; border-bottom: 1px solid var(--line); padding: .2rem .3rem .2rem 1rem } h2 { flex: 1; margin: 0; font-size: 1rem }
    ol { flex: 1; overflow-y: auto; list-style: none; margin: 0; padding: 1rem; display: flex; flex-direction: column; gap: .5rem }
    li { max-width: 85%; padding: .5rem .75rem; border-radius: .75rem; background: var(--line); white-space: pre-wrap; overflow-wrap: anywhere }
    li.visitor { align-self: flex-end; background: var(--mine) } li.hello { background: none; padding-inline: 0; color: var(--soft) }
    li.help { display: grid } .again { display: block; padding: 0; font-size: .85em; text-decoration: underline } li a { color: inherit; padding-block: .45rem; font-weight: 600 }
    li a.file { display: block; min-height: 24px; text-decoration: underline } li small { display: block; color: var(--soft); font-size: .8em }
    progress { display: block; width: 100%; height: .4rem; accent-color: var(--accent) } .over { outline: 2px dashed var(--accent); outline-offset: -4px } .clip { padding: .3rem .6rem } svg { display: block; width: 20px; fill: none; stroke: currentColor; stroke-width: 1.5 }
    p { margin: 0; padding: .3rem 1rem; color: var(--soft); font-size: .85em } p:empty { display: none } .hours { border-bottom: 1px solid var(--line); padding-block: .4rem }
    form { display: flex; gap: .5rem; padding: .6rem; border-top: 1px solid var(--line); align-items: flex-end }
    form.asks { flex-direction: column; align-items: stretch } label { display: grid; gap: .2rem; color: var(--soft); font-size: .85em } input { font: inherit; font-size: 15px; color: var(--ink); min-height: 44px; padding: .3rem .7rem; border: 1px solid var(--soft); border-radius: .5rem; background: var(--ground) }
    textarea { flex: 1; resize: none; min-height: 44px; max-height: 8rem; padding: .55rem .7rem; border: 1px solid var(--soft); border-radius: .5rem; background: var(--ground); field-sizing: content }
    @media (prefers-reduced-motion: no-preference) { section { animation: rise .12s } @keyframes rise { from { transform: translateY(.5rem) } } }`);

  const host = node("div"), root = host.attachShadow({ mode: "open" });
  const opener = node("button", { type: "button", className: "main open" });
  const title = node("h2", { id: "title" }), hours = node("p", { className: "hours" }), closer = node("button", { type: "button", textContent: "×" });
  const lines = node("ol", { role: "log", tabIndex: 0 }), state = node("p", { role: "status" }), typing = node("p", { hidden: true });
  const field = node("textarea", { rows: 1, maxLength: 4000 }), send = node("button", { className: "main" });
  const clip = node("button", { type: "button", className: "clip", hidden: true }), picker = node("input", { type: "file", multiple: true, hidden: true });
  const form = node("form", {}, clip, picker, field, send);
  const asks = node("form", { className: "asks", hidden: true });
  const panel = node("section", { role: "dialog", hidden: true, "aria-labelledby": "title" }, node("header", {}, title, closer), hours, lines, typing, state, asks, form);
  const drawn = (kind, set) => { const made = document.createElementNS("http://www.w3.org/2000/svg", kind); for (const key in set) made.setAttribute(key, set[key]); return made; };
  clip.append(drawn("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }));
  clip.firstChild.append(drawn("path", { d: "m15.5 9-6 6a3.2 3.2 0 0 1-4.5-4.5l6.3-6.3a2.1 2.1 0 0 1 3 3l-6.1 6.1a1 1 0 0 1-1.5-1.5L12 6.6" }));
  root.adoptedStyleSheets = [sheet];
  root.append(opener, panel);

  async function call(path, body) {
    const headers = { authorization: "Visitor " + token };
    if (body) headers["content-type"] = "application/json";
    return fetch(origin + path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body), credentials: "omit" });
  }

  async function start() {
    const answer = await call("/chat/start", { tenant: options.tenant || "", account: options.account || "webchat", token, language, identity });
    if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).detail || answer.status);
    const started = await answer.json();
    token = started.token; words = started.words; language = started.language; ask = started.ask; most = started.most_files; largest = started.largest_file; keep();
    host.lang = language; title.textContent = started.title; hours.textContent = started.hours || ""; label(); send.textContent = words.send;
    closer.setAttribute("aria-label", words.close); field.placeholder = words.write; field.setAttribute("aria-label", words.write);
    clip.hidden = !most; clip.title = words.attach; clip.setAttribute("aria-label", words.attach);
    lines.setAttribute("aria-label", started.title);
    question();
    if (!lines.firstChild) lines.append(node("li", { className: "hello", textContent: words.hello }));
    const next = Math.min((Date.parse(started.until) - Date.now()) * 0.8, started.changes ? Date.parse(started.changes) - Date.now() : Infinity);
    clearTimeout(renewing);
    renewing = setTimeout(() => start().catch(() => {}), Math.max(60000, next + 1000));
  }

  const label = () => { opener.textContent = unread ? `${words.unread} (${unread})` : words.open; };

  function question() { // what the account asks before the first message
    const missing = ask.filter((one) => !(one === "name" ? name : email)), first = missing.length && !waiting.length && !seen.size;
    const writes = root.activeElement === field;
    asks.hidden = !first; form.hidden = Boolean(first);
    const asked = language + missing;
    if (!first || asks.dataset.asked === asked) return; // what somebody types there stays
    asks.dataset.asked = asked;
    const input = (one) => node("input", { name: one, required: true, maxLength: 200, type: one === "email" ? "email" : "text", autocomplete: one });
    asks.replaceChildren(...missing.map((one) => node("label", {}, words[one], input(one))), node("button", { className: "main", textContent: words.begin }));
    if (writes) asks.elements[0].focus();
  }

  function answered(event) {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(asks));
    name = given.name || name; email = given.email || email;
    keep(); question(); field.focus();
  }

  function when(at) { // as short as it stays clear, by the visitor's own clock
    const day = at.toDateString() === new Date().toDateString() ? {} : { day: "numeric", month: "short" };
    return node("time", { dateTime: at.toISOString(), textContent: new Intl.DateTimeFormat(language, { ...day, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at) });
  }

  function writes(now) { // seconds without a letter, and nobody is
    clearTimeout(stops);
    typing.hidden = !now; typing.textContent = words.typing;
    if (now) stops = setTimeout(writes, 10000, false);
  }

  function show(line) {
    if (seen.has(line.id)) return;
    seen.add(line.id);
    const who = line.side === "agent" ? [line.bot && words.bot, line.name || words.us, line.house].filter(Boolean).join(" · ") : words.you;
    const made = node("li", { className: line.side, dir: "auto" }, node("small", {}, who + " · ", when(new Date(line.at || Date.now()))), node("span", { textContent: line.gone ? words.gone : line.text }));
    made.append(...(line.files || []).map(linked));
    made.dataset.key = line.id;
    const end = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 80;
    lines.append(made);
    if (line.side === "agent" && panel.hidden && line.fresh && !line.gone) { unread++; label(); }
    if (end || line.side === "visitor") lines.scrollTop = lines.scrollHeight;
    return made;
  }

  const linked = (file) => node("a", { href: origin + file.url, target: "_blank", rel: "noopener", className: "file", textContent: `${file.alt || file.name} (${Math.ceil(file.size / 1024)} KB)` });

  async function look() {
    const answer = await call("/chat/history");
    if (!answer.ok) return 0;
    const said = (await answer.json()).messages;
    for (const line of said) show(line);
    question();
    return said.length;
  }

  async function listen() {
    if (listening) return;
    listening = true;
    for (let tries = 0; ; tries++) {
      try {
        const headers = { authorization: "Visitor " + token };
        if (place) headers["last-event-id"] = place;
        const answer = await fetch(origin + "/chat/stream", { headers, credentials: "omit", cache: "no-store", signal: (stopping = new AbortController()).signal });
        if (answer.status === 403) await start();
        if (!answer.ok) throw new Error(answer.status);
        if (state.textContent === words.waiting) say("");
        tries = 0; flush();
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        for (let rest = ""; ; ) {
          const { value, done } = await reader.read();
          if (done) break;
          const events = (rest + value).split("\n\n");
          rest = events.pop();
          events.forEach(take);
        }
      } catch (error) { if (error.name === "AbortError") { tries = -1; continue; } say(words.waiting); }
      await pause(Math.min(30000, 1000 * 2 ** Math.min(tries, 5)) * (0.5 + Math.random()));
    }
  }

  function take(event) {
    const part = Object.fromEntries(event.split("\n").map((row) => [row.slice(0, row.indexOf(":")), row.slice(row.indexOf(":") + 1).trim()]));
    const line = part.data && JSON.parse(part.data);
    if (part.event === "typing") writes(line);
    if (part.event === "changed") { // an answer was edited, or taken back
      const made = root.querySelector(`[data-key="${line.id}"]`);
      if (made) made.querySelector("span").textContent = line.gone ? words.gone : line.text;
      if (line.gone) made?.querySelectorAll("a").forEach((file) => file.remove());
    }
    if (part.event !== "message") return;
    writes(false); show({ ...line, fresh: true }); place = part.id; keep();
    if (!line.gone) tell("answer", { text: line.text, name: line.name });
  }

  const say = (text) => { state.textContent = text || ""; };

  async function flush() {
    if (busy) return;
    busy = true;
    try {
      while (waiting.length) {
        const answer = await call("/chat/messages", waiting[0]);
        if (answer.status === 429 || answer.status === 503) {
          const said = await answer.json();
          say(answer.status === 429 ? said.title : words.waiting);
          await pause(1000 * Number(answer.headers.get("retry-after") || said.retry_after || 5));
          continue;
        }
        if (answer.status === 403) { await start(); continue; }
        const got = answer.ok ? await answer.json() : { id: "" };
        const first = waiting.shift(); keep();
        const made = root.querySelector(`[data-key="${first.id}"]`);
        if (seen.has(got.id) && made) made.remove(); // it had arrived after all, and stands in the history
        if (got.id) { seen.add(got.id); help(first.text); }
        if (made && !answer.ok) again(made, () => { waiting.push(first); keep(); flush(); });
        say("");
      }
    } catch { say(words.waiting); setTimeout(flush, 3000); } finally { busy = false; }
    if (!waiting.length) listen();
  }

  function again(made, send) { // it was refused: it stays, and is sent once more when they want it
    const button = node("button", { type: "button", className: "again", textContent: words.failed });
    button.addEventListener("click", () => { button.remove(); say(words.sending); send(); });
    made.append(button);
  }

  const fresh = () => crypto.getRandomValues(new Uint32Array(4)).join("-");

  function bring(files) { // each goes up at once, one after the other, as a line of its own
    if (!files.length || !most || form.hidden) return;
    for (const file of [...files].slice(0, most)) {
      const id = fresh(), made = show({ id, side: "visitor", text: file.name });
      const why = words.large.replace("{has}", (file.size / 1048576).toFixed(1)).replace("{name}", () => file.name);
      if (file.size > largest) refused(made, file.name, why);
      else uploads = uploads.then(() => upload(id, file, made)).catch(() => {});
    }
    if (files.length > most) say(words.many);
    field.focus();
  }

  function refused(made, name, why) { made.append(node("small", { textContent: why })); say(why.includes(name) ? why : `${name}: ${why}`); lines.scrollTop = lines.scrollHeight; }

  const put = (id, file, bar) => new Promise((done) => { // fetch says nothing of how much has gone up
    const ask = new XMLHttpRequest();
    ask.open("POST", origin + "/chat/files");
    for (const [head, value] of Object.entries({ authorization: "Visitor " + token, "content-type": "application/octet-stream",
      "x-about": encodeURIComponent(JSON.stringify({ id, file: file.name, name, email, language })) })) ask.setRequestHeader(head, value);
    ask.responseType = "json";
    ask.upload.onprogress = ({ loaded, total }) => { bar.value = total ? loaded / total : 0; };
    ask.onloadend = () => done({ status: ask.status, said: ask.response || {} });
    ask.send(file);
  });

  async function upload(id, file, made) {
    const bar = node("progress", { max: 1, value: 0, "aria-label": file.name });
    made.append(bar); say(`${words.sending} ${file.name}`);
    let answer;
    for (let tries = 0; tries < 6; tries++) {
      answer = await put(id, file, bar);
      if (answer.status === 403) { await start().catch(() => {}); continue; }
      if (answer.status && answer.status !== 429 && answer.status < 500) break;
      say(answer.status === 429 ? answer.said.title : words.waiting);
      await pause(1000 * (answer.said.retry_after || 2 ** tries));
    }
    bar.remove();
    const { status, said } = answer;
    if (status === 202) {
      if (seen.has(said.id)) made.remove(); // it had arrived after all, and stands in the history
      seen.add(said.id); made.querySelector("span").textContent = ""; made.append(...said.files.map(linked));
      say(`${file.name}: ${words.arrived}`); tell("sent", { text: "", file: file.name }); listen();
    } else if (status === 400 || status === 413) refused(made, file.name, said.title);
    else { say(`${file.name}: ${words.failed}`); again(made, () => { uploads = uploads.then(() => upload(id, file, made)).catch(() => {}); }); }
  }

  async function help(text) { // while nobody has answered: what is written down already; where it was opened is told, and no more
    const answer = !root.querySelector("li.agent") && (await call("/chat/help", { text, language }).catch(() => null));
    const found = answer?.ok ? await answer.json() : { articles: [] };
    root.querySelector("li.help")?.remove();
    if (!found.articles.length || root.querySelector("li.agent")) return;
    const links = found.articles.map((one) => {
      const link = node("a", { href: one.url, target: "_blank", rel: "noopener", textContent: one.title });
      link.addEventListener("click", () => { call("/chat/help/open", { article: one.id }).catch(() => {}); });
      return link;
    });
    lines.append(node("li", { className: "help", dir: "auto" }, node("small", { textContent: found.title }), ...links));
    lines.scrollTop = lines.scrollHeight;
  }

  function write(event) {
    event.preventDefault();
    const text = field.value.trim();
    if (!text) return;
    const id = fresh();
    waiting.push({ id, text, name, email }); tell("sent", { text }); keep(); field.value = "";
    show({ id, side: "visitor", text }); say(words.sending); flush();
  }

  function open() { panel.hidden = false; opener.hidden = true; unread = 0; label(); (asks.hidden ? field : asks.elements[0]).focus(); lines.scrollTop = lines.scrollHeight; tell("open"); }
  function close() { panel.hidden = true; opener.hidden = false; opener.focus(); tell("close"); }

  async function identify(given) { // the page knows who this is: the same person in every browser
    identity = { email: "", name: "", ...given };
    name = identity.name || name;
    if (host.isConnected) { await start(); place = ""; stopping?.abort(); await look(); listen(); }
  }

  opener.addEventListener("click", open);
  closer.addEventListener("click", close);
  form.addEventListener("submit", write);
  asks.addEventListener("submit", answered);
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  field.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.shiftKey && !event.isComposing) write(event); });
  clip.addEventListener("click", () => picker.click());
  picker.addEventListener("change", () => { bring(picker.files); picker.value = ""; });
  field.addEventListener("paste", (event) => { if (event.clipboardData?.files.length) { event.preventDefault(); bring(event.clipboardData.files); } });
  panel.addEventListener("dragover", (event) => { if (event.dataTransfer?.types.includes("Files")) { event.preventDefault(); panel.classList.add("over"); } });
  panel.addEventListener("dragleave", (event) => { if (!panel.contains(event.relatedTarget)) panel.classList.remove("over"); });
  panel.addEventListener("drop", (event) => { panel.classList.remove("over"); if (event.dataTransfer?.files.length) { event.preventDefault(); bring(event.dataTransfer.files); } });
  addEventListener("online", flush);
  self.rapport = { open, close, identify, name: (given) => { name = String(given).slice(0, 200); } };

  (async () => {
    for (let tries = 0; ; tries++) {
      try { await start(); break; } catch (error) {
        if (tries > 6) { console.warn("rapport chat:", error.message); return; }
        await pause(1000 * 2 ** tries);
      }
    }
    document.body.append(host);
    tell("ready");
    if ("open" in options) open();
    if (await look().catch(() => 0)) listen();
    for (const one of waiting) show({ id: one.id, side: "visitor", text: one.text });
    if (waiting.length) flush();
  })();
})();
