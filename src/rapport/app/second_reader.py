"""A second process that reads: what a flood has waiting is read on another core while the worker digests.

It begins with the first full round and ends after a quiet minute, or when the worker is gone. Whatever becomes of it, the
worker reads by itself what has no answer. Its pipes carry frames, texts in and readings out: four bytes of length, MessagePack.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence

import msgspec
import structlog

from rapport.ledger.entry import Entry
from rapport.model.reading import Reading
from rapport.understanding.stage import Read, texts_in

log = structlog.get_logger()
PATIENCE = 5.0  # seconds that an answer may take; its first one has the models to load
QUIET = 60.0  # seconds without a question after which it ends
_encoder = msgspec.msgpack.Encoder()
_texts = msgspec.msgpack.Decoder(list[str])
_readings = msgspec.msgpack.Decoder(list[Reading])


class SecondReader:
    """Readings made elsewhere, at hand when the stage asks for them. `read`: reads here."""

    def __init__(self, read: Read, argv: Sequence[str] = (sys.executable, "-m", "rapport", "run", "reader", "0")) -> None:
        self._read_here = read
        self._argv = argv
        self._known: dict[str, Reading] = {}
        self._asked: list[str] = []
        self._process: Process | None = None
        self._ending: asyncio.TimerHandle | None = None

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """The reading of each text, in their order; what has no answer yet is read here."""
        missing = [text for text in texts if text not in self._known]
        here = dict(zip(missing, self._read_here(missing), strict=True)) if missing else {}
        return [self._known.get(text) or here[text] for text in texts]

    async def begin(self, entries: list[Entry]) -> None:
        """Have entries read that will be digested next."""
        texts = texts_in(entries)
        if not texts or self._asked:
            return
        try:
            process = await self._running()
            assert process.stdin is not None
            question = _encoder.encode(texts)
            process.stdin.write(len(question).to_bytes(4, "big") + question)
            self._asked = texts
        except OSError as error:
            await self._failed(error)

    async def ready(self) -> None:
        """Wait for what was begun; whoever reads the next round finds it known."""
        asked, self._asked, self._known = self._asked, [], {}
        if not asked:
            return
        try:
            async with asyncio.timeout(PATIENCE):
                self._known = dict(zip(asked, await self._answer(), strict=True))
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            await self._failed(error)

    async def _answer(self) -> list[Reading]:
        stdout = self._process.stdout if self._process is not None else None
        assert stdout is not None
        size = int.from_bytes(await stdout.readexactly(4), "big")
        return _readings.decode(await stdout.readexactly(size))

    async def _running(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(*self._argv, stdin=PIPE, stdout=PIPE)
        if self._ending is not None:
            self._ending.cancel()
        self._ending = asyncio.get_running_loop().call_later(QUIET, lambda: asyncio.ensure_future(self.end()))
        return self._process

    async def _failed(self, error: Exception) -> None:
        log.warning("understanding.second_reader_failed", error=repr(error)[:200])
        await self.end()

    async def end(self) -> None:
        """Let the process go: when there is no more to ask, it ends."""
        process, self._process, self._asked = self._process, None, []
        if self._ending is not None:
            self._ending.cancel()
        if process is None or process.stdin is None:
            return
        process.stdin.close()
        try:
            async with asyncio.timeout(PATIENCE):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def answer() -> None:
    """Read what is asked on standard input until it ends."""
    from rapport.understanding.reader import shipped

    reader = shipped()
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    while len(size := questions.read(4)) == 4:
        answered = _encoder.encode(reader.read(_texts.decode(questions.read(int.from_bytes(size, "big")))))
        answers.write(len(answered).to_bytes(4, "big") + answered)
        answers.flush()
