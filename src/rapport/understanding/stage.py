"""The stage of understanding: each admitted message is read once, and the reading is a fact.

A round's messages are read together before they are taken one by one, as a batch costs a fraction of its parts. The
readings of a round are kept for that round, by text, and no longer.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import cast

from rapport.ledger.entry import Entry, New, follows
from rapport.ledger.views import Rows, Stage, Written
from rapport.model.fact import MessageAdmitted, MessageEdited, MessageReceived, MessageReread, MessageUnderstood
from rapport.model.message import Direction, Message, Said
from rapport.model.reading import NOTHING_READ, Reading
from rapport.understanding.words import MOST_CHARACTERS

Read = Callable[[Sequence[str]], list[Reading]]
MOST_PRIMED = 4_096
MOST_SUBJECT = 300


def text_of(subject: str, text: str) -> str:
    """What is read of a message: its subject, then the first 4,000 characters of its text."""
    return f"{subject[:MOST_SUBJECT]}\n{text[:MOST_CHARACTERS]}" if subject else text[:MOST_CHARACTERS]


class Understanding:
    """Reads messages, a round at once."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._round: dict[str, Reading] = {}

    def prime(self, entries: list[Entry]) -> None:
        """Read what came in this round, all at once."""
        said = [e.content for e in entries if isinstance(e.fact, MessageReceived) and isinstance(e.content, Said)]
        texts = list(dict.fromkeys(text_of(one.subject, one.text) for one in said[:MOST_PRIMED]))
        self._round = dict(zip(texts, self._read(texts), strict=True))

    def admitted(self, entry: Written, rows: Rows) -> Iterable[New]:
        """Say what the message says."""
        fact = cast(MessageAdmitted, entry.fact)
        message = rows.get(Message, fact.message)
        reading = NOTHING_READ if message is None else self._reading(text_of(message.subject, message.text))
        understood = MessageUnderstood(
            fact.message, fact.handle, reading.language, reading.intent, reading.urgency, reading.version
        )
        yield follows(entry, understood, subject=fact.message, at=rows.now, content=reading, owner=fact.handle)

    def edited(self, entry: Written, rows: Rows) -> Iterable[New]:
        """Say what a message of theirs says since it was changed, where that is something else; one that is held waits."""
        fact = cast(MessageEdited, entry.fact)
        message = rows.get(Message, fact.message)
        if message is None or message.direction is not Direction.IN or message.conversation is None:
            return
        reading = self._reading(text_of(message.subject, message.text))
        if reading_of(message) == (reading.language, reading.intent, reading.urgency, reading.words, reading.emotion):
            return
        reread = MessageReread(message.id, fact.handle, reading.language, reading.intent, reading.urgency, reading.version)
        yield follows(entry, reread, subject=message.id, at=rows.now, content=reading, owner=fact.handle)

    def _reading(self, text: str) -> Reading:
        reading = self._round.get(text)
        if reading is None:
            (reading,) = self._read([text])
        return reading


def reading_of(message: Message) -> tuple[str, str, float, tuple[str, ...], str]:
    """What a message's row has of its reading."""
    return message.language, message.intent, message.urgency, message.words, message.emotion


def stage(reader: Read) -> Stage:
    """Understanding as the pipeline sees it. `reader` answers each text with its reading, and never raises."""
    understanding = Understanding(reader)
    return Stage(
        name="understanding",
        steps={MessageAdmitted: understanding.admitted, MessageEdited: understanding.edited},
        prime=understanding.prime,
    )
