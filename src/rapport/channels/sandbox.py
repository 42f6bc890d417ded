"""Sandbox: a child process that reads hostile bytes for us, with little memory, two seconds, and nothing to lose.

What reads the bytes (a parser of mails, a decoder of pictures) may loop, recurse or ask for all memory there is. It does so
in a child that is kept alive between tasks and is killed and replaced when it goes wrong; whoever asked gets the reason.
"""

import asyncio
import contextlib
import os
import select
import subprocess
import sys
import threading
import time

import msgspec

from rapport.channels.cell import CPU_SECONDS, MEMORY, Answer, Task
from rapport.errors import BadInput, Unavailable

WALL_SECONDS = 3 * CPU_SECONDS  # the processor may be busy with others; what only waits is stopped too
LARGEST = 64 * 1024 * 1024
_REASON_CPU = f"it took more than {CPU_SECONDS:g} seconds to read"
_REASON_DIED = f"reading it stopped the reader (it may use {MEMORY >> 20} MiB)"


class Sandbox:
    """Runs one task at a time in a child process, which starts with the first task."""

    def __init__(self, command: tuple[str, ...] = (sys.executable, "-I", "-m", "rapport.channels.reading")) -> None:
        self._command = command
        self._child: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    async def run(self, name: str, payload: bytes) -> bytes:
        """What the cell's task `name` makes of `payload`; the loop goes on meanwhile. Raises as `run_now`."""
        return await asyncio.to_thread(self.run_now, name, payload)

    def run_now(self, name: str, payload: bytes) -> bytes:
        """What the cell's task `name` makes of `payload`.

        Raises:
            BadInput: these bytes cannot be read; says why.
            Unavailable: no child can be started.
        """
        with self._turn:
            answer = self._ask(msgspec.msgpack.encode(Task(name, payload)))
        if answer.reason:
            raise BadInput(answer.reason)
        return answer.result

    def close(self) -> None:
        """End the child."""
        with self._turn:
            self._end()

    async def aclose(self) -> None:
        """End the child, off the loop."""
        await asyncio.to_thread(self.close)

    def _ask(self, frame: bytes) -> Answer:
        for _ in range(2):  # a child may have been killed for another's sake; what kills it twice is the task's own doing
            child = self._running()
            if not self._told(child, frame):
                self._end()
                continue
            data, reason = self._heard(child)
            if not reason:
                return msgspec.msgpack.decode(data, type=Answer)
            self._end()
            if reason == _REASON_CPU:
                return Answer(reason=reason)
        return Answer(reason=_REASON_DIED)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is not None:
            self._end()
        if self._child is None:
            try:
                self._child = subprocess.Popen(
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0, env={}
                )
            except OSError as error:
                raise Unavailable(f"no process can be started to read what came: {error}") from error
        return self._child

    @staticmethod
    def _told(child: subprocess.Popen[bytes], frame: bytes) -> bool:
        assert child.stdin is not None
        view = memoryview(len(frame).to_bytes(4, "big") + frame)
        with contextlib.suppress(BrokenPipeError):
            while view:
                view = view[child.stdin.write(view) or 0 :]
            return True
        return False

    @staticmethod
    def _heard(child: subprocess.Popen[bytes]) -> tuple[bytes, str]:
        assert child.stdout is not None
        until, stream = time.monotonic() + WALL_SECONDS, child.stdout.fileno()
        head = _read_exactly(stream, 4, until)
        if head is None:
            return b"", _REASON_CPU
        size = int.from_bytes(head, "big") if len(head) == 4 else -1
        if size < 0 or size > LARGEST:
            return b"", _REASON_CPU if _ended_by_timer(child) else _REASON_DIED
        data = _read_exactly(stream, size, until)
        return (data, "") if data is not None and len(data) == size else (b"", _REASON_DIED)

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                stream.close()


def _read_exactly(stream: int, size: int, until: float) -> bytes | None:
    """`size` bytes; fewer where the stream ended; None where the time was over first."""
    data = bytearray()
    while len(data) < size:
        if not select.select([stream], [], [], max(0.0, until - time.monotonic()))[0]:
            return None
        piece = os.read(stream, min(size - len(data), 1 << 20))
        if not piece:
            break
        data += piece
    return bytes(data)


def _ended_by_timer(child: subprocess.Popen[bytes]) -> bool:
    """Whether the child's own timer of processor seconds ended it."""
    from signal import SIGPROF

    with contextlib.suppress(subprocess.TimeoutExpired):
        return child.wait(1) == -SIGPROF
    return False
