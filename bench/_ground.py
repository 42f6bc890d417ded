"""What benchmarks stand on: a database of their own, processes of ours, CPU time as the kernel counts it."""

import asyncio
import contextlib
import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rapport.app.first import add_tenant
from rapport.app.master_key import master_key
from rapport.app.supervisor import open_port
from rapport.settings import Settings
from rapport.store.connecting import open_connection
from rapport.store.embedded import Embedded
from rapport.store.migrate import migrate


@contextlib.contextmanager
def a_centre() -> Iterator[tuple[Settings, str, Embedded]]:
    """Settings, the address of a fresh database that waits for the disk as in earnest, and its server."""
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as folder:
        settings = Settings(data=Path(folder), max_waiting=20_000)
        master_key(settings)
        server = Embedded.start(Path(folder))
        try:
            asyncio.run(migrate(server.url))
            asyncio.run(add_tenant(settings, server.url, master_key(settings), "default"))
            yield settings, server.url, server
        finally:
            server.stop()


@contextlib.contextmanager
def a_process(settings: Settings, what: str, *, port: int = 0) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """One process of a centre (web or worker) and, for the web, its port."""
    listening = open_port("127.0.0.1", port) if what == "web" else None
    fds = (listening.fileno(),) if listening else ()
    argv = [sys.executable, "-m", "rapport", "run", what, "0", "--data", str(settings.data)]
    argv += ["--fd", str(fds[0])] if fds else []
    env = os.environ | {"RAPPORT_MAX_WAITING": str(settings.max_waiting)}
    process = subprocess.Popen(argv, pass_fds=fds, env=env)
    number = listening.getsockname()[1] if listening else 0
    if listening:
        listening.close()
    try:
        if number:
            wait_until(lambda: answers(number), 60)
        yield process, number
    finally:
        process.terminate()
        process.wait(20)


def cpu_seconds(pids: Sequence[int]) -> float:
    """CPU time of processes and all their children so far, by the scheduler's own count."""
    return sum(_ran(pid) for pid in _with_children(pids))


def _ran(pid: int) -> float:
    total = 0
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def _with_children(pids: Sequence[int]) -> list[int]:
    found, waiting = [], list(pids)
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
    return found


async def spare_segments(url: str, count: int) -> None:
    """Give the server that many files of its log to write into again, 16 MiB each, as one that has run for a while has.

    A new one makes each when it needs it, and no commit goes on for as long as that takes: 27 to 450 ms were seen.
    """
    db = await open_connection(url, as_owner=True)
    try:
        for _ in range(count):
            await db.execute("select pg_logical_emit_message(true, 'bench', '')")
            await db.execute("select pg_switch_wal()")
        await db.execute("checkpoint")
    finally:
        await db.close()


def flushes(folder: Path, count: int = 200, rest: float = 0.005) -> list[float]:
    """Seconds that single waits for the disk take there, of 8 KiB written each time: no commit can be faster than that."""
    took: list[float] = []
    with (folder / "flushes").open("wb+", buffering=0) as file:
        file.write(bytes(count * 8192))
        os.fsync(file.fileno())
        for n in range(count):
            time.sleep(rest)
            file.seek(n * 8192)
            file.write(os.urandom(8192))
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - start)
    return took


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def answers(port: int) -> bool:
    """Whether the web on that port says that it is well."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", "/health")
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def wait_until(done: Callable[[], bool], seconds: float) -> bool:
    """Wait until something is so, at most so long; whether it is."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if done():
            return True
        time.sleep(0.05)
    return done()
