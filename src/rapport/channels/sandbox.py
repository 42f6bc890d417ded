"""Sandbox: child processes that read hostile bytes for us, with little memory, two seconds, and nothing to lose.

What reads the bytes (a parser of mails, a decoder of pictures) may loop, recurse or ask for all memory there is. It does so
in a child that is kept alive between tasks and is killed and replaced when it goes wrong; whoever asked gets the reason.
There are a few children, so that what takes one of them two seconds holds up nobody else.
"""

import asyncio
import contextlib
import os
import queue
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from rapport.channels.cell import CPU_SECONDS, MEMORY, Answer, Task
from rapport.errors import BadInput, Unavailable

WALL_SECONDS = 3 * CPU_SECONDS  # the processor may be busy with others; what only waits is stopped too
LARGEST = 64 * 1024 * 1024
_REASON_CPU = f"it took more than {CPU_SECONDS:g} seconds to read"
_answers = msgspec.msgpack.Decoder(list[Answer])
_REASON_DIED = f"reading it stopped the reader (it may use {MEMORY >> 20} MiB)"


class Sandbox:
    """Runs tasks in child processes, at most `most` at once; each child starts with its first task."""

    def __init__(
        self, command: tuple[str, ...] = (sys.executable, "-I", "-m", "rapport.channels.reading"), most: int = 3
    ) -> None:
        self._readers = tuple(_Reader(command) for _ in range(most))
        self._idle: queue.LifoQueue[_Reader] = queue.LifoQueue()  # the one that is warm is asked first
        for reader in self._readers:
            self._idle.put(reader)
        self._threads = ThreadPoolExecutor(most, "sandbox")  # its own, so that a crowd before it keeps no other thread

    @property
    def children(self) -> list[int]:
        """The processes that run now."""
        return [reader.child.pid for reader in self._readers if reader.child is not None]

    async def run(self, name: str, payload: bytes) -> bytes:
        """What the cell's task `name` makes of `payload`; the loop goes on meanwhile. Raises as `run_now`."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.run_now, name, payload)

    def run_now(self, name: str, payload: bytes) -> bytes:
        """What the cell's task `name` makes of `payload`.

        Raises:
            BadInput: these bytes cannot be read; says why.
            Unavailable: no child can be started.
        """
        [answer] = self._asked(name, (payload,))
        if answer.reason:
            raise BadInput(answer.reason)
        return answer.result

    async def run_each(self, name: str, payloads: Sequence[bytes]) -> list[Answer]:
        """What the task makes of each of a few small payloads, or the reason why not; cheaper than one after the other.

        Raises:
            Unavailable: no child can be started.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._asked, name, tuple(payloads))

    def _asked(self, name: str, payloads: tuple[bytes, ...]) -> list[Answer]:
        """The answers. They share the limits of one task; where one of them breaks these, each is asked for alone."""
        reader = self._idle.get()
        try:
            answers = reader.ask(msgspec.msgpack.encode(Task(name, payloads)), tries=2 if len(payloads) == 1 else 1)
            if isinstance(answers, list):
                return answers
            if len(payloads) == 1:
                return [Answer(reason=answers)]
        finally:
            self._idle.put(reader)
        return [answer for payload in payloads for answer in self._asked(name, (payload,))]

    def close(self) -> None:
        """End the children."""
        for reader in self._readers:
            reader.close()

    async def aclose(self) -> None:
        """End the children, off the loop."""
        await asyncio.to_thread(self.close)


class _Reader:
    """One child, or none yet."""

    def __init__(self, command: tuple[str, ...]) -> None:
        self._command = command
        self.child: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    def close(self) -> None:
        with self._turn:
            self._end()

    def ask(self, frame: bytes, tries: int) -> list[Answer] | str:
        """The answers, or the reason why there are none."""
        with self._turn:
            return self._ask(frame, tries)

    def _ask(self, frame: bytes, tries: int) -> list[Answer] | str:
        for _ in range(tries):  # a child may have been killed for another's sake; what kills it twice is the task's own doing
            child = self._running()
            if not self._told(child, frame):
                self._end()
                continue
            data, reason = self._heard(child)
            if not reason:
                return _answers.decode(data)
            self._end()
            if reason == _REASON_CPU:
                return reason
        return _REASON_DIED

    def _running(self) -> subprocess.Popen[bytes]:
        if self.child is not None and self.child.poll() is not None:
            self._end()
        if self.child is None:
            try:
                self.child = subprocess.Popen(
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0, env={}
                )
            except OSError as error:
                raise Unavailable(f"no process can be started to read what came: {error}") from error
        return self.child

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
        child, self.child = self.child, None
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
