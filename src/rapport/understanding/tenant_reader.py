"""Tenant reader: the shipped reader together with what one tenant's corrections and its trained head add."""

from collections.abc import Callable, Sequence
from typing import Protocol

from rapport.errors import BadInput
from rapport.model.centre import TaughtReader
from rapport.model.correction import NONE, Correction
from rapport.model.reading import Reading
from rapport.understanding.adapting import Taught
from rapport.understanding.keeping import from_bytes
from rapport.understanding.reader import Reader

INTENT = "intent"  # the name of a centre's trained reader


class TenantReader(Protocol):
    """Reads for one tenant."""

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """The reading of each text, in their order. Never raises."""
        ...

    def step(self, text: str, intent: str) -> float:
        """How far an intent must rise for this text to be read so, surely; in log-odds."""
        ...


Adapt = Callable[[Sequence[Correction], TaughtReader | None], TenantReader]


class Own:
    """A tenant's reader over the shipped one."""

    def __init__(self, reader: Reader, corrections: Sequence[Correction], kept: TaughtReader | None) -> None:
        self._reader = reader
        self._adapted = reader.adapted(corrections, taught_of(kept))

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """The reading of each text, in their order. Never raises."""
        return self._reader.read(texts, self._adapted)

    def step(self, text: str, intent: str) -> float:
        """How far an intent must rise for this text to be read so, surely; in log-odds."""
        return self._reader.step(text, "" if intent == NONE else intent, self._adapted)


def taught_of(kept: TaughtReader | None) -> Taught | None:
    """The head of a centre's piece; None where there is none, or it cannot be read: the shipped one serves then."""
    try:
        return from_bytes(kept.kept) if kept else None
    except BadInput:
        return None
