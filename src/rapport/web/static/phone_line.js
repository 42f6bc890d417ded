// The phone's line: registers over our own socket, answers and ends the calls that come. It places none: Rapport does.
const LASTS = 120; // seconds of a registration

/** Begin. `told(what, detail)` hears: registered, lost, refused, ringing, talking, over, signed-out. */
export function begin(JsSIP, login, stream, told) {
  JsSIP.debug.disable();
  const socket = new JsSIP.WebSocketInterface(location.origin.replace(/^http/, "ws") + "/voice/socket");
  const agent = new JsSIP.UA({
    sockets: [socket], uri: `sip:${login.user}@${login.domain}`, password: login.password, register_expires: LASTS,
    session_timers: false, user_agent: "Rapport", connection_recovery_min_interval: 1, connection_recovery_max_interval: 8,
  });
  const player = new Audio();
  let session = null;
  player.autoplay = true;

  agent.on("registered", () => told("registered"));
  agent.on("disconnected", ({ code }) => told(code === 4401 ? "signed-out" : "lost"));
  agent.on("unregistered", () => told("lost"));
  agent.on("registrationFailed", ({ cause, response }) => told(response ? "refused" : "lost", cause));
  agent.on("newRTCSession", ({ originator, session: next, request }) => {
    if (originator !== "remote") return;
    if (session) { next.terminate({ status_code: 486 }); return; }
    session = next;
    const over = ({ cause }) => { session = null; player.srcObject = null; told("over", cause); };
    next.on("peerconnection", ({ peerconnection }) => peerconnection.addEventListener("track", ({ track, streams }) => {
      player.srcObject = streams[0] || new MediaStream([track]);
      player.play().catch(() => {});
    }));
    const by = request.getHeader("X-Rapport-From") || request.from.display_name || request.from.uri.user;
    next.on("accepted", () => told("talking", by));
    next.on("ended", over);
    next.on("failed", over);
    if (request.getHeader("X-Rapport-Answer") === "auto") answer(); else told("ringing", by);
  });

  function answer() { session?.answer({ mediaStream: stream, pcConfig: { iceServers: [] } }); }
  agent.start();
  return {
    player, answer,
    get connection() { return session?.connection; },
    get busy() { return Boolean(session); },
    get talks() { return Boolean(session?.isEstablished()); },
    mute(on) { if (on) session?.mute({ audio: true }); else session?.unmute({ audio: true }); },
    tone(key) { session?.sendDTMF(key, { transportType: "RFC2833" }); },
    end() { session?.terminate(session.isEstablished() ? {} : { status_code: 603 }); },
    speakBy(next) { // another microphone, in the middle of a call too
      stream = next;
      const [track] = stream.getAudioTracks();
      session?.connection?.getSenders().find((sender) => sender.track?.kind === "audio")?.replaceTrack(track);
      if (session) track.enabled = !session.isMuted().audio;
    },
    stop() { agent.stop(); player.srcObject = null; },
  };
}
