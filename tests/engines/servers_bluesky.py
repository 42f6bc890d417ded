"""Bluesky's own network on this machine: its PDS, directory, AppView and moderation, with PostgreSQL and Redis beside it.

`.ci/nightly.sh bluesky` installs them. The people on it use Bluesky's own client (`bluesky_network.mjs`).
"""

import json
import os
import queue
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engines.servers import engines_folder, listens, missing, until
from free_ports import free_port
from rapport.store.embedded import Embedded

SAID = Path(__file__).with_name("bluesky_network.mjs")
DEBIAN = Path("/usr/lib/postgresql")  # its PostgreSQL has an extension that the AppView wants and the wheel's lacks
PORTS = 5  # one after the other


@dataclass(frozen=True)
class Bluesky:
    """The network. `url`: its PDS; `view`: its AppView, which also has the pictures."""

    url: str
    view: str
    process: "subprocess.Popen[str]"
    lines: "queue.Queue[str]"

    def ask(self, call: str, **given: Any) -> Any:
        """What came of something that a person does there."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"call": call} | given) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.lines.get(timeout=60))
        assert "error" not in answer, answer
        return answer["answer"]


@contextmanager
def bluesky(folder: Path) -> Iterator[Bluesky]:
    """The network, as long as the block runs."""
    place, node = engines_folder() / "bluesky", engines_folder() / "node/bin/node"
    programs = [*DEBIAN.glob("*/bin")]
    if not (node.exists() and [*place.glob("ready-*")] and programs and shutil.which("redis-server")):
        missing("Bluesky's network (`.ci/nightly.sh bluesky`)")
    folder.mkdir()
    (folder / "node_modules").symlink_to((place / "node_modules").resolve())
    shutil.copy(SAID, folder)
    with ExitStack() as stack:
        database = Embedded.start(folder / "postgres", quick=True, places=programs)
        stack.callback(database.stop)
        redis_port, first_port = free_port(), ports_in_a_row(PORTS)
        redis = ["redis-server", "--port", str(redis_port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
        stack.enter_context(running(redis, folder / "redis.log"))
        until(lambda: listens("127.0.0.1", redis_port), "Redis")
        given = {
            "DB_POSTGRES_URL": database.url.replace("@/", "@localhost/"),
            "REDIS_HOST": f"127.0.0.1:{redis_port}",
            "NODE_OPTIONS": "--no-deprecation",
        }
        with (folder / "network.log").open("wb") as log:
            process = subprocess.Popen(
                [node, folder / SAID.name, str(first_port)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ | given,
            )  # fmt: skip
        stack.callback(ended, process)
        first, told = first_words(process, folder / "network.log")
        yield Bluesky(first["url"], first["view"], process, told)


def first_words(process: "subprocess.Popen[str]", log: Path) -> tuple[dict[str, str], "queue.Queue[str]"]:
    """What the network says when it can be used; its further answers come into the queue."""
    assert process.stdout is not None
    told: queue.Queue[str] = queue.Queue()
    output = process.stdout

    def read() -> None:
        for line in output:
            if line.startswith("{"):
                told.put(line)

    threading.Thread(target=read, daemon=True).start()
    try:
        return json.loads(told.get(timeout=120)), told
    except queue.Empty:
        pytest.fail(f"Bluesky's network did not start within 120 s: {log.read_text()[-500:]}")


@contextmanager
def running(command: list[str], log: Path) -> Iterator[None]:
    """A program, as long as the block runs."""
    with log.open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def ended(process: "subprocess.Popen[str]") -> None:
    """Let the network end: it does when its input ends."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def ports_in_a_row(count: int) -> int:
    """The first of so many free ports, one after the other."""
    for _ in range(50):
        first = free_port()
        if first + count < 65536 and all(is_free(first + n) for n in range(count)):
            return first
    pytest.fail(f"no {count} free ports in a row")


def is_free(port: int) -> bool:
    """Whether nobody has that port."""
    with socket.socket() as line:
        try:
            line.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
