"""The stage of understanding: each admitted message is read once, and the reading is a fact.

A round's messages are read together before they are taken one by one, as a batch costs a fraction of its parts. The
readings of a round are kept for that round, by text, and no longer.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import cast
from weakref import ReferenceType, ref

from rapport.ledger.entry import Entry, New, follows
from rapport.ledger.views import Rows, Stage, Step, Written
from rapport.model.correction import Correction
from rapport.model.fact import (
    ActionTaken,
    CentreRemoved,
    CentreSet,
    Fact,
    MessageAdmitted,
    MessageEdited,
    MessageReceived,
    MessageReread,
    MessageUnderstood,
    ReadingCorrected,
)
from rapport.model.message import Direction, Message, Said
from rapport.model.reading import NOTHING_READ, Reading
from rapport.understanding import signalling
from rapport.understanding.correcting import ACTIONS, correct
from rapport.understanding.signalling import DueOf, Promised, Signalling, never_due, nothing_promised
from rapport.understanding.tenant_reader import INTENT, Adapt
from rapport.understanding.words import text_of

Read = Callable[[Sequence[str]], list[Reading]]
MOST_PRIMED = 4_096


class Understanding:
    """Reads messages, a round at once; as the tenant taught where `adapt` is given, and something was taught.

    What was taught is made ready when it is first needed and again when it changes; it follows from the rows alone.
    """

    def __init__(self, read: Read, adapt: Adapt | None = None) -> None:
        self._shipped = self._read = read
        self._adapt = adapt
        self._taught_by: ReferenceType[Rows] | None = None
        self._round: dict[str, Reading] = {}
        self._waiting: dict[str, None] = {}  # what came in this round and is read together, when the first of it is asked for

    def changed(self, entry: Written, rows: Rows) -> Iterable[New]:
        """A correction, or another trained reader: what comes next is read with it."""
        if not isinstance(entry.fact, CentreSet | CentreRemoved) or entry.fact.thing == "reader":
            self._taught_by = None
        return ()

    def acted(self, entry: Written, rows: Rows) -> Iterable[New]:
        """Take a correction of a reading."""
        fact = cast(ActionTaken, entry.fact)
        if fact.do == "correct":
            return correct(entry, fact, rows, self._step)
        action = ACTIONS.get(fact.do)
        return action(entry, fact, rows) if action else ()

    def _step(self, message: Message, intent: str, rows: Rows) -> float:
        if self._adapt is None:
            return 0.0
        others = [one for one in _corrections(rows) if one.id != message.id]
        reader = self._adapt(others, rows.centre.readers.get(INTENT))
        return reader.step(text_of(message.subject, message.text), intent)

    def _adapted(self, rows: Rows) -> None:
        """See that texts are read as this tenant taught."""
        if self._adapt is None or (self._taught_by is not None and self._taught_by() is rows):
            return
        self._taught_by = ref(rows)
        corrections, kept = _corrections(rows), rows.centre.readers.get(INTENT)
        read = self._adapt(corrections, kept).read if corrections or kept else self._shipped
        if read is not self._read:
            self._read, self._round = read, {}

    def prime(self, entries: list[Entry]) -> None:
        """Set what came in this round ready to be read, all at once: as the tenant taught by then."""
        said = [e.content for e in entries if isinstance(e.fact, MessageReceived) and isinstance(e.content, Said)]
        self._waiting = dict.fromkeys(text_of(one.subject, one.text) for one in said[:MOST_PRIMED])
        self._round = {}

    def admitted(self, entry: Written, rows: Rows) -> Iterable[New]:
        """Say what the message says."""
        fact = cast(MessageAdmitted, entry.fact)
        self._adapted(rows)
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
        self._adapted(rows)
        reading = self._reading(text_of(message.subject, message.text))
        if reading_of(message) == (reading.language, reading.intent, reading.urgency, reading.words, reading.emotion):
            return
        reread = MessageReread(message.id, fact.handle, reading.language, reading.intent, reading.urgency, reading.version)
        yield follows(entry, reread, subject=message.id, at=rows.now, content=reading, owner=fact.handle)

    def of(self, message: Message) -> Reading:
        """The reading of a message: this round's, or read anew."""
        return self._reading(text_of(message.subject, message.text))

    def _reading(self, text: str) -> Reading:
        if text in self._waiting:
            texts = list(self._waiting)
            self._round |= zip(texts, self._read(texts), strict=True)
            self._waiting = {}
        reading = self._round.get(text)
        if reading is None:
            (reading,) = self._read([text])
        return reading


def _corrections(rows: Rows) -> list[Correction]:
    """Those that change readings, oldest first: what a trained head learnt from is in it."""
    kept = rows.centre.readers.get(INTENT)
    until = kept.until if kept else None
    new = [one for one in rows.all(Correction) if one.learns and (until is None or one.at > until)]
    return sorted(new, key=lambda one: (one.at, one.id))


def reading_of(message: Message) -> tuple[str, str, float, tuple[str, ...], str]:
    """What a message's row has of its reading."""
    return message.language, message.intent, message.urgency, message.words, message.emotion


def stage(reader: Read, promised: Promised = nothing_promised, due_of: DueOf = never_due, adapt: Adapt | None = None) -> Stage:
    """Understanding as the pipeline sees it. `reader` answers each text with its reading, and never raises."""
    understanding = Understanding(reader, adapt)
    taught: dict[type[Fact], Step] = dict.fromkeys((ReadingCorrected, CentreSet, CentreRemoved), understanding.changed)
    signals = Signalling(understanding.of, promised, due_of)
    admitted: dict[type[Fact], Step] = {MessageAdmitted: understanding.admitted, MessageEdited: understanding.edited}
    return Stage(
        name="understanding",
        steps={**admitted, **taught, ActionTaken: understanding.acted, **signalling.steps(signals)},
        prime=understanding.prime,
        due={"promise": signals.late},
    )
