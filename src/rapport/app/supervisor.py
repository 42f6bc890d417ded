"""The supervisor: runs the database and our own processes as its children, brings back what dies, and ends them in order.

It stays small: it imports neither the web nor numbers, and it sleeps until a child ends or a signal comes.
"""

import contextlib
import errno
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from rapport.errors import SetupError, StoreError
from rapport.store.child import before_exec
from rapport.store.embedded import Embedded

REFUSED = 2  # exit code of a child whose start is refused: it has said why
EARLY = 3.0  # seconds: a refusal within them will be the same the next time
SHORTEST_PAUSE = 0.2  # seconds before a dead child is started again; doubles up to
LONGEST_PAUSE = 5.0
STEADY = 30.0  # seconds after which a child's earlier deaths are forgotten
PATIENCE = 10.0  # seconds that a child has to end in good order
LETTING_GO = 2.0  # seconds that a port may still be held by processes whose supervisor was killed
WATCH = 1.0  # seconds between two looks when nothing happens
TRIES = 3  # how often what must come first is begun where it, or the database under it, was cut off

Say = Callable[[str], None]


def _say(line: str) -> None:
    print(line, flush=True)


@dataclass(frozen=True, slots=True)
class Child:
    """One process of ours. `first`: it must end well before those after it start (a migration). `sockets`: what it inherits.

    `env` None: as ours. A child that ends with code 2 soon after its first start is not started again. `gate`: it stands before
    what is first, reads its program meanwhile, and waits there.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    first: bool = False
    sockets: Sequence[socket.socket] = ()
    gate: "Gate | None" = None


class Gate:
    """Open when all that must come first has ended. A child that inherits `fd` reads from it until there is no more."""

    def __init__(self) -> None:
        self.fd, self._held = os.pipe()

    def open(self) -> None:
        """Let pass whoever waits, and whoever comes."""
        if self._held >= 0:
            os.close(self._held)
            self._held = -1


@dataclass(slots=True)
class _Running:
    child: Child
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    pause: float = SHORTEST_PAUSE
    again_at: float | None = None
    starts: int = 0


@dataclass(slots=True)
class _Signals:
    """What has been asked by a signal; `heard` wakes the sleeper."""

    heard: socket.socket
    stop: list[int] = field(default_factory=list)


def supervise(children: Sequence[Child], *, database: Embedded | None = None, say: Say = _say, hello: str = "") -> int:
    """Run until SIGINT or SIGTERM, or until a child refuses its start; the exit code. Call it from the main thread.

    `database` runs already; it is watched, and ended last. Children end in the reverse of their order. `hello` is said when
    what must come first has ended.
    """
    running = [_Running(child) for child in children]
    with _signals() as signals:
        try:
            code = _begin(running, signals, database, say)
            if not code and not signals.stop:
                say(f"running{hello}")
                code = _watch(running, signals, database, say)
        finally:
            _end(running, signals, say)
            if database is not None:
                database.stop()
                say("database stopped")
    return code


def open_port(host: str, port: int) -> socket.socket:
    """A socket that listens there, for the web's processes to inherit, so a restart refuses nobody. Raises SetupError."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError as error:
        raise SetupError(f"cannot listen on {host}: {error.strerror}; correct host (RAPPORT_HOST)") from None
    listening = socket.socket(family, kind, proto)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        _bind(listening, address)
        listening.listen(2048)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise SetupError(f"port {port} on {host} is in use: stop what uses it, or choose another with --port") from None
        raise SetupError(
            f"cannot listen on {host}, port {port}: {error.strerror}; choose others with --host and --port"
        ) from None
    listening.set_inheritable(True)
    return listening


def _bind(listening: socket.socket, address: Any) -> None:  # Any: its shape is the family's
    """Bind; wait a little for the processes of a supervisor that was killed to let go."""
    deadline = time.monotonic() + LETTING_GO
    while True:
        try:
            listening.bind(address)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def check_folder(folder: Path) -> None:
    """Make the data folder where there is none, and raise SetupError where we cannot write there."""
    probe = folder / ".writable"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise SetupError(f"the data folder {folder} cannot be written: {error.strerror}; give another with --data") from None


def _begin(running: list[_Running], signals: _Signals, database: Embedded | None, say: Say) -> int:
    for one in running:
        if signals.stop:
            return 0
        if not one.child.first:
            _start(one, say)
        elif code := _run_first(one, signals, database, say):
            if code != REFUSED:
                say(f"{one.child.name} failed (code {code}): stopping")
            return code if code > 0 else 1
    for one in running:
        if one.child.gate is not None and not signals.stop:
            one.child.gate.open()
            one.began = time.monotonic()
    return 0


def _run_first(one: _Running, signals: _Signals, database: Embedded | None, say: Say) -> int:
    """Run it to its end, and again where not it but a killed process is to blame; its exit code."""
    code = 0
    for _ in range(TRIES):
        _start(one, say)
        code = _wait_first(one, signals)
        is_its_own = code == REFUSED and (database is None or database.usable())
        if code == 0 or is_its_own or signals.stop or not _keep(database, [one], say):
            break
        _sleep(signals, SHORTEST_PAUSE)
        while code == REFUSED and database is not None and database.alive() and not (database.usable() or signals.stop):
            _sleep(signals, SHORTEST_PAUSE)  # it recovers: the next try would meet it so again
    return code


def _wait_first(one: _Running, signals: _Signals) -> int:
    assert one.process is not None
    while one.process.poll() is None and not signals.stop:
        _sleep(signals, WATCH)
    return one.process.returncode or 0


def _watch(running: list[_Running], signals: _Signals, database: Embedded | None, say: Say) -> int:
    while not signals.stop:
        if not _keep(database, running, say):
            return REFUSED
        for one in running:
            if not one.child.first and _look_after(one, database, say):
                return REFUSED
        due = [one.again_at for one in running if one.again_at is not None]
        _sleep(signals, max(0.0, min([WATCH, *(at - time.monotonic() for at in due)])))
    return 0


def _keep(database: Embedded | None, running: list[_Running], say: Say) -> bool:
    """Bring the database back where it ended; False when it does not start. What met it dead has refused nothing."""
    if database is None or database.alive():
        return True
    say("database ended: starting it again")
    try:
        database.restart()
    except StoreError as error:
        say(str(error))
        return False
    say("database is back")
    for one in running:
        one.starts += 1
    return True


def _look_after(one: _Running, database: Embedded | None, say: Say) -> bool:
    """Start a child again where it has died; True when it must not be. What met a recovering database has refused nothing."""
    now = time.monotonic()
    if one.again_at is not None:
        if now >= one.again_at:
            _start(one, say)
        return False
    if one.process is None or one.process.poll() is None:
        return False
    code, lived = one.process.returncode, now - one.began
    is_refusal = code == REFUSED and lived < EARLY and one.starts == 1  # later ones may have met a recovering database
    if is_refusal and (database is None or database.usable()):
        say(f"{one.child.name} refused to start: stopping")
        return True
    one.pause = SHORTEST_PAUSE if lived > STEADY else min(one.pause * 2, LONGEST_PAUSE)
    one.again_at = now + one.pause
    say(f"{one.child.name} ended (code {code}): again in {one.pause:.1f} s")
    return False


def _start(one: _Running, say: Say) -> None:
    one.again_at, one.began, one.starts = None, time.monotonic(), one.starts + 1
    one.process = subprocess.Popen(
        list(one.child.argv),
        env=None if one.child.env is None else dict(one.child.env),
        stdin=subprocess.DEVNULL,
        pass_fds=[*(s.fileno() for s in one.child.sockets), *([one.child.gate.fd] if one.child.gate else [])],
        start_new_session=True,  # a Ctrl-C in the terminal is for the supervisor, which ends them in order
        preexec_fn=before_exec(die_by=signal.SIGTERM),
    )
    say(f"{one.child.name} started (process {one.process.pid})")


def _end(running: list[_Running], signals: _Signals, say: Say) -> None:
    """End the children, last first; a second signal ends their patience."""
    asked = len(signals.stop)
    for one in reversed(running):
        if one.process is None or one.process.poll() is not None:
            continue
        one.process.terminate()
        deadline = time.monotonic() + PATIENCE
        while one.process.poll() is None and time.monotonic() < deadline and len(signals.stop) <= max(asked, 1):
            _sleep(signals, 0.2)
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
        say(f"{one.child.name} stopped")


@contextlib.contextmanager
def _signals() -> Iterator[_Signals]:
    """Turn SIGINT, SIGTERM and the death of children into something to wait for; all as before at the end."""
    here, there = socket.socketpair()
    here.setblocking(False)
    there.setblocking(False)
    signals = _Signals(here)

    def note(number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            signals.stop.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)}
    wakeup = signal.set_wakeup_fd(there.fileno(), warn_on_full_buffer=False)
    try:
        yield signals
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        here.close()
        there.close()


def _sleep(signals: _Signals, seconds: float) -> None:
    select.select([signals.heard], [], [], seconds)
    with contextlib.suppress(BlockingIOError):
        while signals.heard.recv(4096):
            pass
