// The phone's page: one tab holds the phone (a Web Lock), the desk is looked at inside, and what SIP needs comes when it is used.
const root = document.getElementById("phone"), desk = document.getElementById("desk"), KEPT = "phone-on";
const one = (selector) => root.querySelector(selector), all = (selector) => [...root.querySelectorAll(selector)];
const load = (name) => import(root.dataset[name]);
const shown = (element) => element.getClientRects().length > 0;
const { keep } = await load("keep"), headers = { "X-CSRF-Token": document.body.dataset.csrf }, calls = keep(one("[data-calls]"), headers);
let line = null, sound = null, release = null, free = null, muted = false, tries = 0, watching = 0, again = 0, beats = 0, said = 0;

function show(state, why = "") {
  root.dataset.state = state;
  for (const element of all("[data-when]")) element.hidden = element.dataset.when !== state;
  one("[data-why]").textContent = why;
}

// ---- on and off
function hold(steal) {
  return new Promise((settle) => {
    navigator.locks.request("rapport-phone", steal ? { steal } : { ifAvailable: true }, (lock) => {
      settle(Boolean(lock));
      return lock && new Promise((done) => { release = done; });
    }).catch(() => { end(); show("taken"); });
  });
}

async function on(steal = false) {
  if (!navigator.mediaDevices || !navigator.locks) return show("none");
  if (!release && !(await hold(steal))) return show("taken");
  show("asking");
  try {
    sound ||= await load("sound");
    await listen();
  } catch (error) {
    end();
    return show(error.name === "NotAllowedError" ? "refused" : "none");
  }
  sessionStorage.setItem(KEPT, "yes");
  return join();
}

async function listen() {
  const stream = await sound.open();
  one("[data-mic-gone]").hidden = true;
  stream.getAudioTracks()[0].addEventListener("ended", () => { one("[data-mic-gone]").hidden = false; });
  line?.speakBy(stream);
  return stream;
}

async function join() {
  show("joining");
  const answer = await fetch("/voice/phone", { method: "POST", headers }).catch(() => null);
  if (answer?.status === 401) return location.assign("/sign-in?next=/phone");
  if (!answer?.ok && (!answer || answer.status >= 500)) { show("lost"); return later(); }
  if (!answer.ok) { const said = await answer.json().catch(() => ({})); end(); return show("gone", said.detail || ""); }
  const [{ default: JsSIP }, { begin }, login, stream] = await Promise.all([load("sip"), load("line"), answer.json(), sound.open()]);
  line?.stop();
  line = begin(JsSIP, login, stream, heard);
  sound.speakTo(line.player);
  return watch();
}

// The server knows our credentials no more, or cannot be reached: log in anew, ever more slowly.
function later() { clearTimeout(again); again = setTimeout(() => release && join(), Math.min(30000, 1000 * 2 ** tries++)); }

function end() {
  line?.stop();
  sound?.close();
  line = null;
  release?.();
  release = null;
  sessionStorage.removeItem(KEPT);
  own();
}

// ---- what the line says
function heard(what, detail) {
  if (!line && what !== "ringing") return;
  if (what === "registered") { tries = 0; show("ready"); calls.refresh(); }
  else if (what === "lost") show("lost");
  else if (what === "refused") { show("lost"); line.stop(); later(); }
  else if (what === "signed-out") location.assign("/sign-in?next=/phone");
  else if (what === "ringing") { one("[data-from]").textContent = one("[data-with]").textContent = detail; sound.ring(true); }
  else if (what === "talking") { one("[data-with]").textContent = detail; sound.tone(880, 0.15, 0.05); }
  if (what === "talking" || what === "over") { sound.ring(false); muted = false; calls.refresh(); }
  own(what === "ringing");
  watch();
}

function own(rings = false) {
  one("[data-ringing]").hidden = !rings;
  one("[data-own]").hidden = !line?.busy || rings;
  one("[data-do=mute]").setAttribute("aria-pressed", String(muted));
  for (const element of all("[data-quality]")) element.hidden = true;
}

// ---- while there is a call: its clock, what the server says of it, and how it sounds
async function beat() {
  if (!line?.busy && !calls.any) { clearInterval(watching); watching = 0; return; }
  calls.tick();
  if (Date.now() > said) calls.refresh();
  if (line?.talks && ++beats % 2 === 0) {
    const how = await sound.quality(line.connection).catch(() => "");
    for (const element of all("[data-quality]")) element.hidden = element.dataset.quality !== how;
  }
}
function watch() { if (!watching) watching = setInterval(beat, 1000); }

async function act(form, button) {
  if (await calls.act(form, button)) return;
  said = Date.now() + 8000; // why it was not done stays to be read
  if (button.value === "hang_up") line?.end();
}

// ---- what is clicked and pressed
const DO = {
  on: () => on(), steal: () => on(true), answer: () => { line?.answer(); own(); }, decline: () => line?.end(), leave: () => line?.end(),
  mute: () => { muted = !muted; line?.mute(muted); own(); }, tone: () => sound?.tone(),
  off: () => { if (!line?.busy || confirm(one("[data-sure]").textContent)) { end(); free = true; location.assign(desk.contentWindow.location.href); } },
};
root.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-do], [data-tone]");
  if (button?.dataset.tone) line?.tone(button.dataset.tone); else if (button) DO[button.dataset.do]();
});
root.addEventListener("submit", (event) => {
  event.preventDefault();
  event.target.closest("[popover]")?.hidePopover();
  if (event.target.getAttribute("action")) act(event.target, event.submitter);
});
function press(event) {
  if (!event.altKey || event.ctrlKey || event.metaKey) return;
  const key = event.code.replace("Key", "").toLowerCase(), button = all(`[data-phone-key="${key}"]`).find(shown);
  if (!button) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  button.click();
}
addEventListener("keydown", press, true);
one("#phone-pass").addEventListener("toggle", async ({ newState, target }) => {
  if (newState !== "open") return;
  target.reset();
  target.setAttribute("action", calls.first?.getAttribute("action") || "");
  const answer = await fetch("/voice/part/colleagues").catch(() => null), html = answer?.ok && (await answer.text());
  if (!html) return;
  const list = one("[data-colleagues]"), chosen = list.value; // somebody may have chosen meanwhile
  list.innerHTML = html;
  list.value = chosen;
});
let still = null;
one("#phone-sound").addEventListener("toggle", async ({ newState }) => {
  still?.();
  still = newState === "open" ? sound.level((level) => { one("[data-level]").value = level; }) : null;
  if (newState === "open") for (const list of all("[data-device]")) await choices(list);
});
async function choices(list) {
  const { found, chosen } = await sound.devices(list.dataset.device);
  list.replaceChildren(...found.map(({ deviceId, label }) => new Option(label || deviceId, deviceId, false, deviceId === chosen)));
  list.disabled = !found.length;
}
root.addEventListener("change", async ({ target }) => {
  if (!target.dataset.device) return;
  sound.choose(target.dataset.device, target.value);
  if (target.dataset.device === "audioinput") await listen(); else if (line) sound.speakTo(line.player);
});
document.addEventListener("rapport:phone", () => { calls.refresh(); watch(); });

// ---- the desk inside: its title, address and colours are ours, its keys reach the phone
function follow() {
  const inside = desk.contentDocument, at = inside?.location;
  if (!at || at.href === "about:blank") return;
  if (at.pathname.startsWith("/sign-in")) { free = true; location.assign(at.href); return; }
  document.title = inside.title;
  history.replaceState(null, "", "/phone?at=" + encodeURIComponent(at.pathname + at.search + at.hash));
  inside.addEventListener("keydown", press, true);
}
desk.addEventListener("load", follow);
addEventListener("storage", ({ key, newValue }) => { if (key === "theme") document.documentElement.dataset.theme = newValue; });
addEventListener("beforeunload", (event) => { if (line?.busy && !free) event.preventDefault(); });
follow();
if (sessionStorage.getItem(KEPT)) on();
