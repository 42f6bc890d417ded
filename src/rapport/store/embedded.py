"""The embedded PostgreSQL: a foreground child on a Unix socket, held by one supervisor, back after every crash."""

import contextlib
import fcntl
import hashlib
import os
import signal
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO
from urllib.parse import quote

from rapport.errors import StoreError
from rapport.store.child import before_exec, run_as
from rapport.store.cluster import OWNER, PLAIN, create, cure, find_binaries, made_by, major_version, reason_in

LONGEST_SOCKET = 107  # bytes of a path that a Unix socket can have
SOCKET = ".s.PGSQL.5432"
ORPHANS = ("pre-existing shared memory block", "lock file")  # the log of a start that came too early after a crash
KILLED = "was terminated by signal 9"  # the log of a start that somebody, or want of memory, put an end to
PATIENCE = 60.0  # seconds for orphans of a killed server to go
DEAD_PID = 999_999_999  # larger than any process id
SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "shared_buffers": "96MB",
    "max_connections": "60",
    "wal_buffers": "8MB",
    "max_wal_size": "2GB",
    "min_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "autovacuum_naptime": "5s",
    "autovacuum_analyze_threshold": "200",
    "autovacuum_analyze_scale_factor": "0.3",
    "autovacuum_vacuum_insert_scale_factor": "0.5",
    "max_logical_replication_workers": "0",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
QUICK = {"fsync": "off", "full_page_writes": "off"}  # survives a kill of the server, not of the machine
LONGEST_LOG = 16_000_000  # bytes; then the log begins anew at the next start, and the old one is kept beside it
SETTINGS_18 = {"io_method": "worker", "io_workers": "2"}


def _silent(line: str) -> None:
    """Say nothing."""


class Embedded:
    """A running server and its folder. Start it from the main thread: it ends when the thread that forked it does."""

    def __init__(self, folder: Path, lock: IO[str], binaries: Path, *, quick: bool, say: Callable[[str], None]) -> None:
        self.folder = folder
        self.cluster = folder / "postgres"
        self.log = folder / "postgres.log"
        self._lock = lock
        self._binaries = binaries
        self._settings = settings_for(major_version(binaries), quick=quick)
        self._say = say
        self._user = run_as(folder)
        self._sockets = socket_folder(folder)
        self._user.owns(self._sockets)
        self.process: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(
        cls,
        folder: Path,
        *,
        quick: bool = False,
        places: Sequence[Path] | None = None,
        say: Callable[[str], None] = _silent,
    ) -> "Embedded":
        """Make the database in `folder` where there is none, run it, and return when it can be used. Raises StoreError.

        `quick`: without waiting for the disk, for tests and rehearsals. `places`: where to look for PostgreSQL's programs.
        """
        folder = folder.expanduser().absolute()
        lock = hold(folder)
        try:
            version = made_by(folder / "postgres")
            binaries = find_binaries(version, places)
            server = cls(folder, lock, binaries, quick=quick, say=say)
            if version is None:
                create(binaries, server.cluster, server._user, quick=quick)
            server.restart()
        except StoreError:
            lock.close()
            raise
        except OSError as error:
            lock.close()
            raise StoreError(f"the data folder {folder} cannot be used: {error}; give another with --data") from None
        return server

    @property
    def url(self) -> str:
        """Where the database is, as its owner."""
        return f"postgresql://{OWNER}@/postgres?host={quote(str(self._sockets), safe='')}"

    def alive(self) -> bool:
        """Whether the server runs."""
        return self.process is not None and self.process.poll() is None

    def usable(self) -> bool:
        """Whether the server runs and takes connections now: not while it recovers."""
        return self.alive() and accepts(self._sockets / SOCKET)

    def restart(self) -> None:
        """Run the server, and return when it can be used. Raises StoreError."""
        deadline = time.monotonic() + PATIENCE
        while True:
            clear_orphan(self.cluster, self._sockets)
            self.process, begin = self._launch()
            if self._ready(self.process):
                return
            said = self.log.read_bytes()[begin:].decode(errors="replace")
            killed = self.process.returncode == -signal.SIGKILL or KILLED in said  # which says nothing of the next start
            if not (killed or any(mark in said for mark in ORPHANS)) or time.monotonic() > deadline:
                raise StoreError(f"the database does not start: {reason_in(said)}; {cure(self._user)}, see {self.log}")
            time.sleep(0.05)

    def stop(self, patience: float = 30.0) -> None:
        """End the server in good order, and let go of the folder."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # fast: clients are cut off, everything is written
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)  # as a crash: the next start recovers
                self.process.wait()
        self._lock.close()

    def _launch(self) -> tuple[subprocess.Popen[bytes], int]:
        """The new server, and where its part of the log begins."""
        options = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        if self.log.exists() and self.log.stat().st_size > LONGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.old"))
        with open(self.log, "ab", opener=_private) as log:
            begin = log.seek(0, os.SEEK_END)
            process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self.cluster, "-k", self._sockets, *options],
                cwd="/",
                env=PLAIN,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C in the terminal is for the supervisor alone
                preexec_fn=before_exec(die_by=signal.SIGINT, user=self._user),
            )
            return process, begin

    def _ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Wait until the server takes connections; False when it ended. Recovery may take as long as it likes."""
        began, told = time.monotonic(), False
        while process.poll() is None:
            if accepts(self._sockets / SOCKET) and postmaster_pid(self.cluster) == process.pid:
                return True
            if not told and time.monotonic() - began > 2:
                self._say("the database is recovering; nothing is lost, please wait")
                told = True
            time.sleep(0.01)
        return False


def settings_for(major: int | None, *, quick: bool) -> dict[str, str]:
    """What a server of this version is told: sized for a small machine."""
    newer = SETTINGS_18 if (major or 0) >= 18 else {}
    return SETTINGS | newer | (QUICK if quick else {})


def hold(folder: Path) -> IO[str]:
    """Take the folder for this supervisor alone, until the returned file is closed. Raises StoreError."""
    try:
        if not folder.exists():
            folder.mkdir(mode=0o700, parents=True)
            run_as(folder).owns(folder)
        lock = open(folder / "rapport.lock", "a+", opener=_private)  # noqa: SIM115 - held for as long as the server runs
    except OSError as error:
        raise StoreError(f"the data folder {folder} cannot be used: {error.strerror}; give another with --data") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        lock.close()
        raise StoreError(f"{folder} is in use by another rapport (process {holder}); stop it, or use another --data") from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def socket_folder(folder: Path) -> Path:
    """A private folder for the socket: in the data folder, or where its path is short enough. Raises StoreError."""
    place = folder / "socket"
    if len(os.fsencode(place / SOCKET)) > LONGEST_SOCKET:
        name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
        place = Path(tempfile.gettempdir()) / f"rapport-{os.geteuid()}-{name}"
    with contextlib.suppress(FileExistsError):
        place.mkdir(mode=0o700)
    found = place.lstat()
    if found.st_uid not in (os.geteuid(), run_as(folder).uid) or found.st_mode & 0o077 or place.is_symlink():
        raise StoreError(f"{place} is not ours alone: remove it, it is where the database listens")
    return place


def accepts(path: Path) -> bool:
    """Whether the server at this socket lets its owner in now."""
    words = f"user\0{OWNER}\0database\0postgres\0\0".encode()
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            client.connect(str(path))
            client.sendall(struct.pack("!ii", len(words) + 8, 196_608) + words)  # StartupMessage, protocol 3.0
            answer = client.recv(1)
            client.sendall(b"X\0\0\0\x04")  # Terminate
    except OSError:
        return False
    return answer == b"R"


def postmaster_pid(cluster: Path) -> int | None:
    """The process that says it runs these files; None where none does."""
    try:
        return int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def clear_orphan(cluster: Path, sockets: Path) -> None:
    """Deal with what a crash left: end a server without a supervisor, and disbelieve a process id that is another program's.

    The file stays: its other lines let the new server see backends that still hold the memory. One without a process id was
    left by a server that was killed in the act of writing it; no server starts beside that one. The lock of the socket says
    nothing more, and is believed as little.
    """
    file = cluster / "postmaster.pid"
    pid = postmaster_pid(cluster)
    if pid is not None and runs(pid, cluster):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        return
    (sockets / f"{SOCKET}.lock").unlink(missing_ok=True)
    if pid is None:
        file.unlink(missing_ok=True)
    elif pid != DEAD_PID and Path(f"/proc/{pid}").exists():
        rest = file.read_text().partition("\n")[2]
        file.write_text(f"{DEAD_PID}\n{rest}")


def runs(pid: int, cluster: Path) -> bool:
    """Whether this process is a server of these files."""
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == cluster.resolve()
    except OSError:
        return False


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
