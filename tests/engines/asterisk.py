"""Asterisk 22 on free loopback ports, with a folder of its own; `.ci/nightly.sh voice` unpacks it. It needs no root.

    with asterisk(folder) as house:
        house.url                          # of ARI: http://127.0.0.1:PORT
        house.socket                       # of the browsers: ws://127.0.0.1:PORT/ws
        house.settings                     # of an account of the channel `voice`; its secret is house.secret
        house.sipp("-sn", "uac", ...)      # a telephone; engines.telephones has those that call, press keys and answer
        await house.agent("ana")           # (user, password) of a softphone, made by ARI as the product does

`agents` are those who have an old telephone on a UDP port instead of a browser: `asterisk(folder, {"ana": 5062})`.

Whoever runs `python -m engines.asterisk FOLDER` (from tests/) has one in the foreground until it is ended; it prints its ports.
"""

import contextlib
import os
import signal
import subprocess
import sys
import wave
from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import pi, sin
from pathlib import Path

import httpx

from engines.servers import engines_folder, free_port, missing, until

MODULES = """
app_echo app_stasis bridge_builtin_features bridge_holding bridge_native_rtp bridge_simple bridge_softmix chan_bridge_media
chan_pjsip codec_alaw codec_opus_open_source codec_resample codec_ulaw format_pcm format_wav func_channel pbx_config res_ari
res_ari_applications res_ari_asterisk res_ari_bridges res_ari_channels res_ari_endpoints res_ari_events res_ari_model
res_ari_playbacks res_ari_recordings res_ari_sounds res_crypto res_format_attr_opus res_http_websocket res_musiconhold
res_pjproject res_pjsip res_pjsip_authenticator_digest res_pjsip_caller_id res_pjsip_dtmf_info
res_pjsip_endpoint_identifier_ip res_pjsip_endpoint_identifier_user res_pjsip_header_funcs res_pjsip_nat
res_pjsip_outbound_authenticator_digest res_pjsip_pubsub res_pjsip_refer res_pjsip_registrar res_pjsip_rfc3326
res_pjsip_sdp_rtp res_pjsip_session res_pjsip_transport_websocket res_rtp_asterisk res_sorcery_astdb res_sorcery_config
res_sorcery_memory res_srtp res_stasis res_stasis_answer res_stasis_playback res_stasis_recording res_stasis_snoop
res_timing_timerfd res_websocket_client
"""
SAID = {"greeting": 550, "consent": 880, "promise": 1100}  # hertz of prompts, as nobody speaks here
BREAKS = "eve"  # the agent whose line breaks when no sound comes for two seconds
AGENT = """
[rapport-{name}]
type=endpoint
context=phones
disallow=all
allow=ulaw
direct_media=no
aors=rapport-{name}
rtp_timeout={patience}
[rapport-{name}]
type=aor
contact=sip:{name}@127.0.0.1:{port}
"""


@dataclass(frozen=True, slots=True)
class Asterisk:
    """One that runs. `sip`: the UDP port that telephones call; `person`: the port where whoever is called back listens."""

    folder: Path
    sip: int
    http: int
    person: int
    process: "subprocess.Popen[bytes]"
    app: str = "rapport"
    user: str = "rapport"
    secret: str = "secret"
    started: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Of ARI."""
        return f"http://127.0.0.1:{self.http}"

    @property
    def socket(self) -> str:
        """Of SIP over WebSocket."""
        return f"ws://127.0.0.1:{self.http}/ws"

    @property
    def settings(self) -> dict[str, str]:
        """Of an account."""
        return {"url": self.url, "app": self.app, "user": self.user, "secret": "secret:secret", "dial": "PJSIP/{number}@trunk"}

    def prompt(self, name: str) -> str:
        """One of SAID, as the settings of an account name it."""
        return f"sound:{self.folder}/said/{name}"

    def sipp(self, *words: str) -> "subprocess.Popen[bytes]":
        """A telephone, as a process of sipp; `engines.telephones` says what it does."""
        process = subprocess.Popen(
            ["sipp", *words, "-i", "127.0.0.1", "-nostdin", "-timeout", "180s"],
            stdout=(self.folder / f"sipp{len(self.started)}.out").open("wb"),
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=self.folder,
        )
        self.started.append(process)
        return process

    def quiet(self) -> None:
        """End every call and every telephone."""
        self.cli("channel request hangup all")
        while self.started:
            _ended(self.started.pop())

    def hang_up(self, line: str) -> None:
        """End a line, as its telephone might."""
        answer = httpx.delete(f"{self.url}/ari/channels/{line}", auth=(self.user, self.secret), trust_env=False)
        answer.raise_for_status()

    def cli(self, command: str) -> str:
        """What Asterisk's own console says."""
        return subprocess.run([*_program(), "-C", str(self.folder / "etc/asterisk.conf"), "-rx", command],
                              capture_output=True, text=True, timeout=20, check=False).stdout  # fmt: skip

    async def agent(self, name: str) -> tuple[str, str]:
        """A softphone's (user, password), made as the product makes them."""
        from rapport.channels.voice.softphone import make

        async with httpx.AsyncClient(auth=(self.user, self.secret), base_url=f"{self.url}/ari", trust_env=False) as http:
            made = await make(http, self.app, name, "test")
        return made.user, made.password


@contextmanager
def asterisk(folder: Path, agents: Mapping[str, int] | None = None) -> Iterator[Asterisk]:
    """One that answers, until the block ends."""
    house = begin(folder, agents or {})
    try:
        yield house
    finally:
        end(house)


def begin(folder: Path, agents: Mapping[str, int], like: Asterisk | None = None) -> Asterisk:
    """One that answers. `like`: on the ports of one that ended."""
    if not (engines_folder() / "asterisk/usr/sbin/asterisk").exists():
        missing("Asterisk (`.ci/nightly.sh voice`)")
    ports = (like.sip, like.http, like.person) if like else (free_port(), free_port(), free_port())
    _write(folder, *ports, agents)
    with (folder / "asterisk.log").open("ab") as log:
        process = subprocess.Popen(
            [*_program(), "-C", str(folder / "etc/asterisk.conf"), "-f", "-n"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder,
        )  # fmt: skip
    house = Asterisk(folder, *ports, process, started=like.started if like else [])
    try:
        until(lambda: _answers(house), "Asterisk", 60.0)
    except BaseException:
        end(house)
        raise
    return house


def end(house: Asterisk) -> None:
    """End it, and whoever telephones with it. One that was stopped (SIGSTOP) goes on first."""
    for process in (*house.started, house.process):
        _ended(process)


def _ended(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGCONT)
        process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _answers(house: Asterisk) -> bool:
    try:
        answer = httpx.get(f"{house.url}/ari/asterisk/info", auth=(house.user, house.secret), trust_env=False)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200 and "fully booted" in house.cli("core waitfullybooted")


def _program() -> list[str]:
    """Asterisk with the libraries that came with it, on whatever machine this is."""
    tree = engines_folder().resolve() / "asterisk"
    libraries = ":".join(str(tree / "usr/lib" / part) for part in ("x86_64-linux-gnu", "aarch64-linux-gnu", ""))
    loader = next(path for path in (*tree.glob("usr/lib64/ld-linux-*"), *tree.glob("usr/lib/ld-linux-*")) if path.exists())
    return [str(loader), "--library-path", libraries, str(tree / "usr/sbin/asterisk")]


def _write(folder: Path, sip: int, http: int, person: int, agents: Mapping[str, int]) -> None:
    tree = engines_folder().resolve() / "asterisk"
    for part in ("etc", "run", "spool/recording", "log", "var/keys", "music", "said"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for name, hertz in {"music/wait": 330, **{f"said/{said}": hertz for said, hertz in SAID.items()}}.items():
        _hum(folder / f"{name}.wav", hertz, 4.0 if hertz == 330 else 1.5)
    modules = next(tree.glob("usr/lib/*/asterisk/modules"))
    files = {
        "asterisk.conf": f"[directories]\nastetcdir => {folder}/etc\nastmoddir => {modules}\nastvarlibdir => {folder}/var\n"
        f"astdbdir => {folder}/var\nastkeydir => {folder}/var\nastdatadir => {tree}/usr/share/asterisk\n"
        f"astagidir => {folder}/var\nastspooldir => {folder}/spool\nastrundir => {folder}/run\nastlogdir => {folder}/log\n",
        "modules.conf": "[modules]\nautoload=no\n" + "".join(f"load={name}.so\n" for name in MODULES.split()),
        "logger.conf": "[general]\n[logfiles]\nmessages => notice,warning,error\n",
        "http.conf": f"[general]\nenabled=yes\nbindaddr=127.0.0.1\nbindport={http}\n",
        "ari.conf": "[general]\nenabled=yes\n[rapport]\ntype=user\npassword=secret\n",
        "extensions.conf": "[in]\nexten => _X.,1,Stasis(rapport,call,${EXTEN})\n same => n,Hangup()\n[phones]\n",
        "sorcery.conf": "[res_pjsip]\n"
        + "".join(f"{kind}=config,pjsip.conf,criteria=type={kind}\n{kind}=memory\n" for kind in ("endpoint", "auth", "aor")),
        "rtp.conf": "[general]\nrtpstart=20000\nrtpend=29999\nicesupport=yes\nstrictrtp=yes\n",
        "indications.conf": "[general]\ncountry=us\n[us]\ndescription=tones\nringcadence=2000,4000\nring=440+480/2000,0/4000\n"
        "dial=350+440\nbusy=480+620/500,0/500\n",
        "musiconhold.conf": f"[default]\nmode=files\ndirectory={folder}/music\n",
        "pjsip.conf": f"""
[global]
type=global
endpoint_identifier_order=username,auth_username,ip
[udp]
type=transport
protocol=udp
bind=127.0.0.1:{sip}
[ws]
type=transport
protocol=ws
bind=127.0.0.1:{http}
[trunk]
type=endpoint
context=in
disallow=all
allow=ulaw,alaw
identify_by=ip
direct_media=no
aors=trunk
from_user=rapport
[trunk]
type=aor
contact=sip:127.0.0.1:{person}
[trunk]
type=identify
endpoint=trunk
match=127.0.0.1
"""
        + "".join(AGENT.format(name=name, port=port, patience=2 if name == BREAKS else 0) for name, port in agents.items()),
    }
    for name, text in files.items():
        (folder / "etc" / name).write_text(text)


def _hum(path: Path, hertz: int, seconds: float) -> None:
    """A soft tone: whoever waits hears that they are not forgotten, and a test that something is heard."""
    samples = array("h", (int(3000 * sin(2 * pi * hertz * n / 8000)) for n in range(int(seconds * 8000))))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, len(samples), "NONE", ""))
        file.writeframes(samples.tobytes())


def main(folder: str) -> None:
    """One in the foreground."""
    with asterisk(Path(folder).absolute()) as house:
        print(f"sip={house.sip} http={house.http} person={house.person} pid={house.process.pid}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            house.process.wait()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else os.getcwd())
