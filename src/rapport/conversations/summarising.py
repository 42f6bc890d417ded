"""Summarising: what was said, tried and promised in a conversation, taken word by word from it; no model is asked.

`assist` may put better words in the same place (`Summarise`). What is here needs nothing, and says nothing that nobody wrote.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib.resources import files

from rapport.ledger.views import Rows
from rapport.model.conversation import Conversation
from rapport.model.message import Direction, Message, Standing
from rapport.model.statement import Summary

FindGiven = Callable[[str], Iterable[tuple[str, str]]]
Summarise = Callable[[Sequence[Message]], Summary]
MOST_LINES = 8  # of each kind
LONGEST = 240  # letters of a line
MOST_READ = 4_000  # letters of one message
_SENTENCE = re.compile(r"[^.!?\n]{1,600}[.!?]{0,3}")


def nothing_given(text: str) -> Iterable[tuple[str, str]]:
    """Where nobody finds what a person told."""
    return ()


@cache
def _finder(part: str) -> re.Pattern[str]:
    phrases = tomllib.loads((files("rapport.conversations") / "words" / "handing.toml").read_text())[part]
    listed = "|".join(re.escape(phrase) for phrase in sorted(phrases, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{listed})(?!\w)", re.IGNORECASE)


def extract(messages: Sequence[Message], find_given: FindGiven = nothing_given) -> Summary:
    """What was said by the person, tried and promised by us, and what they told; the latest lines, oldest first."""
    ordered = sorted((m for m in messages if m.standing not in (Standing.HELD, Standing.WITHDRAWN)), key=lambda m: (m.at, m.id))
    said = [_line(m.text) for m in ordered if m.direction is Direction.IN and m.text.strip()]
    ours = [m for m in ordered if m.direction is not Direction.IN]
    written = [s for m in ours if m.direction is Direction.OUT for s in _sentences(m.text)]
    worked = [s for m in ours for s in _sentences(m.text)]
    given = [pair for m in ordered if m.direction is Direction.IN for pair in find_given(m.text[:MOST_READ])]
    notes = [m.text for m in ours if m.direction is Direction.NOTE and m.text.strip()]
    return Summary(
        said=tuple(said[-MOST_LINES:]),
        tried=tuple(dict.fromkeys(s for s in worked if _finder("tried").search(s)))[-MOST_LINES:],
        promised=tuple(dict.fromkeys(s for s in written if _finder("promised").search(s)))[-MOST_LINES:],
        given=tuple(dict(given).items())[:MOST_LINES],
        note=_line(notes[-1], 1_000) if notes else "",
    )


def messages_of(conversation: Conversation, rows: Rows) -> list[Message]:
    """The messages of a conversation that are in memory: `ledger.fetch_record` brings them in."""
    return [message for message in rows.all(Message) if message.conversation == conversation.id]


def _sentences(text: str) -> Iterable[str]:
    return (line for piece in _SENTENCE.findall(text[:MOST_READ]) if (line := _line(piece)))


def _line(text: str, longest: int = LONGEST) -> str:
    line = " ".join(text[: longest * 4].split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
