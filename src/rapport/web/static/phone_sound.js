// The phone's sound: the microphone and its level, devices, the ring, and how well a call is heard.
let stream = null, context = null, ringer = 0;
const KEPT = "phone-";
const wanted = (kind) => localStorage.getItem(KEPT + kind) || "default";
const ready = () => (context ||= new AudioContext());

/** The microphone's stream, opened anew where another one was chosen. Rejects as getUserMedia does. */
export async function open() {
  const id = wanted("audioinput"), exact = id === "default" ? {} : { deviceId: { ideal: id } };
  const next = await navigator.mediaDevices.getUserMedia({
    audio: { ...exact, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  });
  const before = stream;
  stream = next;
  before?.getTracks().forEach((track) => track.stop());
  return stream;
}

export function close() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  ring(false);
}

/** Devices of a kind, audioinput or audiooutput, and which one is chosen. */
export async function devices(kind) {
  const found = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === kind);
  return { found, chosen: wanted(kind) };
}

export const choose = (kind, id) => localStorage.setItem(KEPT + kind, id);

/** Let a player speak through the chosen device, where the browser can. */
export const speakTo = (player) => player.setSinkId?.(wanted("audiooutput") === "default" ? "" : wanted("audiooutput")).catch(() => {});

/** Tell the microphone's level, 0 to 1, ten times a second; the answer ends it. */
export function level(told) {
  const source = ready().createMediaStreamSource(stream), meter = context.createAnalyser(), wave = new Float32Array(512);
  context.resume();
  source.connect(meter);
  meter.fftSize = wave.length;
  const timer = setInterval(() => {
    meter.getFloatTimeDomainData(wave);
    const strength = Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / wave.length);
    told(strength ? Math.min(1, Math.max(0, 1 + Math.log10(strength) / 2.5)) : 0); // -50 dB is nothing, 0 dB is all
  }, 100);
  return () => { clearInterval(timer); source.disconnect(); };
}

/** One tone through the chosen device. */
export function tone(hertz = 660, seconds = 0.35, loud = 0.12) {
  const sound = ready(), pitch = sound.createOscillator(), gain = sound.createGain();
  sound.resume();
  sound.setSinkId?.(wanted("audiooutput") === "default" ? "" : wanted("audiooutput")).catch(() => {});
  pitch.frequency.value = hertz;
  gain.gain.setValueAtTime(loud, sound.currentTime);
  gain.gain.linearRampToValueAtTime(0, sound.currentTime + seconds);
  pitch.connect(gain).connect(sound.destination);
  pitch.start();
  pitch.stop(sound.currentTime + seconds);
}

/** Ring, or be still. */
export function ring(on) {
  clearInterval(ringer);
  ringer = 0;
  if (!on) return;
  const twice = () => { tone(520, 0.4); setTimeout(() => tone(660, 0.4), 200); };
  twice();
  ringer = setInterval(twice, 2500);
}

let last = null;

/** How a call sounds since it was last asked: good, fair, poor, or silent where nothing arrives. */
export async function quality(connection) {
  const now = { at: Date.now(), came: 0, lost: 0, jitter: 0, way: 0, connection };
  for (const report of (await connection.getStats()).values()) {
    if (report.type === "inbound-rtp") Object.assign(now, { came: report.packetsReceived, lost: report.packetsLost, jitter: report.jitter });
    if (report.type === "remote-inbound-rtp") now.way = report.roundTripTime || 0;
  }
  const before = last?.connection === connection ? last : { came: 0, lost: 0 };
  last = now;
  const came = now.came - before.came, lost = Math.max(0, now.lost - before.lost), share = lost / Math.max(1, came + lost);
  if (!came) return "silent";
  if (share < 0.02 && now.jitter < 0.03 && now.way < 0.25) return "good"; // ITU-T G.114: 150 ms one way; the rest by ear
  return share < 0.05 && now.jitter < 0.06 && now.way < 0.5 ? "fair" : "poor";
}
