"""Mosquitto in a folder and on a port of its own, with a user for each device. `.ci/engines.sh` installs it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engines.servers import listens, until
from engines.servers_texting import ended, program
from free_ports import free_port

SETTINGS = """user root
listener {port} 127.0.0.1
allow_anonymous false
password_file {folder}/passwords
acl_file {folder}/rules
persistence true
persistence_location {folder}/kept/
"""
RULES = """user care
topic read devices/+/events
pattern write devices/%u/events
"""


@dataclass(slots=True)
class Broker:
    """A running Mosquitto. A device may publish under its own name alone; `care` reads all of them."""

    port: int
    settings: Path
    process: subprocess.Popen[bytes]
    password: str = "secret"
    host: str = "127.0.0.1"

    def restart(self) -> None:
        """End, and start again with what it kept."""
        ended(self.process)
        self.process = _mosquitto(self.settings, self.port)


@contextmanager
def mosquitto(folder: Path, *devices: str) -> Iterator[Broker]:
    """A Mosquitto that knows these devices, as long as the block runs."""
    (folder / "kept").mkdir(parents=True)
    passwords = folder / "passwords"
    passwords.touch()
    for name in ("care", *devices):
        command = [program("mosquitto_passwd", "mosquitto"), "-b", str(passwords), name, "secret"]
        subprocess.run(command, check=True, capture_output=True)
    (folder / "rules").write_text(RULES)
    settings, port = folder / "mosquitto.conf", free_port()
    settings.write_text(SETTINGS.format(folder=folder, port=port))
    broker = Broker(port, settings, _mosquitto(settings, port))
    try:
        yield broker
    finally:
        ended(broker.process)


def _mosquitto(settings: Path, port: int) -> subprocess.Popen[bytes]:
    with (settings.parent / "output.log").open("ab") as log:
        process = subprocess.Popen([program("mosquitto", "mosquitto"), "-c", str(settings)], stdout=log, stderr=log)
    until(lambda: listens("127.0.0.1", port), "Mosquitto")
    return process
