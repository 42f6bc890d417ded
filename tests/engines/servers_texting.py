"""Kannel in a folder and on ports of its own, with its fake centre as telephones. `.ci/engines.sh` installs it."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote_to_bytes

from engines.servers import listens, missing, until
from free_ports import free_port

FAKESMSC = Path("/usr/lib/kannel/test/fakesmsc")
KANNEL = """group = core
admin-port = {admin}
admin-interface = "127.0.0.1"
admin-password = bar
smsbox-port = {boxes}
box-allow-ip = "127.0.0.1"
log-file = "{folder}/bearerbox.log"

group = smsc
smsc = fake
smsc-id = FAKE
host = 127.0.0.1
port = {centre}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = "127.0.0.1"
global-sender = 2345
log-file = "{folder}/smsbox.log"
http-request-retry = 20
http-queue-delay = 1

group = sendsms-user
username = care
password = secret
max-messages = 10
concatenation = true

group = sms-service
keyword = default
catch-all = true
max-messages = 1
omit-empty = true
post-url = "{hook}?token={token}&id=%I&from=%p&to=%P&coding=%c&charset=%C&at=%T"
"""
_GOT = re.compile(r"Got message \d+: <(\S+) (\S+) (?:udh (\S+) )?(\S+) ?(.*)>$", re.MULTILINE)


def program(name: str, package: str) -> str:
    """Where a program is. Skips or fails where it is not."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if found is None:
        missing(f"{name} of the package {package}")
    return str(found)


def ended(process: subprocess.Popen[bytes], seconds: float = 10.0) -> None:
    """End a server; Kannel waits for messages that nobody fetches, so it is not waited for for ever."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(seconds)


@dataclass(slots=True)
class Phone:
    """A person's telephone, or many of them: fakesmsc, the program of Kannel that stands for a network's centre."""

    port: int
    log: Path
    number: str = "5215512345678"
    _running: subprocess.Popen[bytes] | None = None

    def say(self, text: str, number: str = "") -> None:
        """Write a message; the gateway has it when this returns."""
        try:
            kind, shown = "text", text.encode("ascii").decode()
        except UnicodeEncodeError:
            kind, shown = "ucs2", "".join(f"%{byte:02x}" for byte in text.encode("utf-16-be"))
        self.send(f"{number or self.number} 2345 {kind} {shown}")

    def say_in_parts(self, *parts: str, mark: int = 42) -> None:
        """Write one message that the telephone sends in several, joined by their headers (3GPP TS 23.040, 9.2.3.24.1)."""
        for place, part in enumerate(parts, 1):
            self.send(f"{self.number} 2345 udh-text %05%00%03%{mark:02x}%{len(parts):02x}%{place:02x} {part}")

    def send(self, message: str) -> None:
        """One line of fakesmsc, by a fresh fakesmsc that then stays to receive."""
        if self._running is not None:
            ended(self._running)
        before = self._sent()
        command = [FAKESMSC, "-H", "127.0.0.1", "-r", str(self.port), "-i", "0.01", "-m", "1", message]
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(command, stdout=log, stderr=log)
        until(lambda: self._sent() > before, "the fake centre")

    def got(self) -> list[str]:
        """The messages that arrived, joined as a telephone joins them, in the order of their first parts."""
        found: dict[object, dict[int, str]] = {}
        for number, said in enumerate(_GOT.finditer(self.log.read_text("utf-8", "replace"))):
            header = unquote_to_bytes(said[3]) if said[3] else b""
            of, place = ((header[3], header[4]), header[5]) if header else (number, 1)
            found.setdefault(of, {})[place] = _text(said[4], said[5])
        return ["".join(parts[place] for place in sorted(parts)) for parts in found.values()]

    def pieces(self) -> int:
        """How many single messages arrived."""
        return len(_GOT.findall(self.log.read_text("utf-8", "replace")))

    def away(self) -> None:
        """Switch it off."""
        if self._running is not None:
            ended(self._running)
            self._running = None

    def _sent(self) -> int:
        return self.log.read_text("utf-8", "replace").count("sent message") if self.log.exists() else 0


def _text(kind: str, shown: str) -> str:
    raw = unquote_to_bytes(shown.replace("+", " "))
    if kind == "text":
        return shown
    return raw.decode("utf-16-be") if kind == "ucs-2" or b"\0" in raw else raw.decode("utf-8")


@dataclass(slots=True)
class Gateway:
    """A running Kannel, and where it calls."""

    url: str
    token: str
    phone: Phone
    user: str = "care"
    password: str = "secret"
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def freeze(self) -> None:
        """bearerbox says nothing any more, without hanging up."""
        self.processes[0].send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        self.processes[0].send_signal(signal.SIGCONT)


@contextmanager
def kannel(folder: Path, hook: str, token: str) -> Iterator[Gateway]:
    """bearerbox and smsbox with a fake centre, calling `hook`, as long as the block runs."""
    bearerbox, smsbox = program("bearerbox", "kannel"), program("smsbox", "kannel")
    if not FAKESMSC.exists():
        missing("fakesmsc of the package kannel-extras")
    folder.mkdir()
    ports = {name: free_port() for name in ("admin", "boxes", "centre", "sendsms")}
    settings = folder / "kannel.conf"
    settings.write_text(KANNEL.format(folder=folder, hook=hook, token=token, **ports))
    phone = Phone(ports["centre"], folder / "phone.log")
    gateway = Gateway(f"http://127.0.0.1:{ports['sendsms']}/cgi-bin/sendsms", token, phone)
    with (folder / "output.log").open("wb") as log:
        try:
            for command, port in ((bearerbox, ports["boxes"]), (smsbox, ports["sendsms"])):
                gateway.processes.append(subprocess.Popen([command, "-v", "4", settings], cwd=folder, stdout=log, stderr=log))
                until(lambda port=port: listens("127.0.0.1", port), Path(command).name)
            yield gateway
        finally:
            phone.away()
            for process in reversed(gateway.processes):
                ended(process, 3)
