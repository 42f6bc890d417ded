"""Correcting: an agent says what a message is; from then on its like is read as they said. Comparisons go on record."""

import re
from collections.abc import Callable, Iterable, Mapping

import msgspec

from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.model.correction import FEELINGS, SENTIMENTS, SPAM, URGENCIES, Figures, comparison_id
from rapport.model.fact import ActionDone, ActionRefused, ActionTaken, Fact, ReaderCompared, ReadingCorrected
from rapport.model.message import Direction, Message

INTENT = re.compile(r"[^\W_][\w-]{0,39}")  # as labels are written
VALUES: Mapping[str, tuple[str, ...]] = {"emotion": FEELINGS, "urgency": URGENCIES, "sentiment": SENTIMENTS, "spam": SPAM}
Step = Callable[[Message, str, Rows], float]  # how far the intent must rise for this message


class Said(msgspec.Struct):
    """What an agent said of a message."""

    intent: str = ""
    emotion: str = ""
    urgency: str = ""
    sentiment: str = ""
    spam: str = ""


def said_in(argument: str) -> tuple[Said, str, str]:
    """What an argument says, such as `intent:wifi emotion:anger`; what of it is not sound, and its value, or ""."""
    said = Said()
    for part in argument.casefold().split():
        what, _, value = part.partition(":")
        if what == "intent" and INTENT.fullmatch(value):
            said.intent = value
        elif value in VALUES.get(what, ()):
            setattr(said, what, value)
        else:
            return (said, what, value) if what == "intent" or what in VALUES else (said, "part", part)
    return (said, "part", argument) if said == Said() else (said, "", "")


def correct(entry: Written, fact: ActionTaken, rows: Rows, step: Step) -> Iterable[New]:
    """The label, or why it cannot be one. `step`: as above, `NONE` included."""
    message = rows.get(Message, fact.message)
    said, wrong, value = said_in(fact.argument)
    if message is None or message.conversation is None or message.direction is not Direction.IN:
        yield _refused(entry, fact, rows, "Only a message that came in and was read can be corrected.")
    elif wrong:
        yield _unsound(entry, fact, rows, wrong, value[:60])
    else:
        corrected = ReadingCorrected(
            message.id,
            message.conversation,
            message.handle,
            fact.agent,
            said.intent,
            said.emotion,
            said.urgency,
            message.intent,
            message.emotion,
            step(message, said.intent, rows) if said.intent else 0.0,
            message.read_by,
            said.sentiment,
            said.spam,
        )
        yield follows(entry, corrected, subject=message.id, at=rows.now)
        yield _answer(entry, fact, rows, ActionDone(fact.action, message.id))


def _unsound(entry: Written, fact: ActionTaken, rows: Rows, wrong: str, value: str) -> New:
    """Why a part of a correction is not sound; `wrong`: which, see `said_in`."""
    if wrong == "intent":
        return _refused(entry, fact, rows, f"An intent has letters, digits and hyphens, at most 40, got {value!r}.")
    if wrong == "emotion":
        return _refused(entry, fact, rows, f"A feeling is anger, fear, joy, sadness or neutral, got {value!r}.")
    if wrong == "urgency":
        return _refused(entry, fact, rows, f"Urgency is urgent or calm, got {value!r}.")
    if wrong == "sentiment":
        return _refused(entry, fact, rows, f"A sentiment is negative, neutral or positive, got {value!r}.")
    if wrong == "spam":
        return _refused(entry, fact, rows, f"Spam is yes or no, got {value!r}.")
    return _refused(
        entry, fact, rows, f"A correction says intent, emotion, urgency, sentiment or spam, each as NAME:VALUE, got {value!r}."
    )


def compared(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """Put the figures of a comparison on record."""
    try:
        figures = msgspec.json.decode(fact.argument, type=Figures)
    except msgspec.MsgspecError:
        yield _refused(entry, fact, rows, "These are no figures of a comparison.")
        return
    id = comparison_id(fact.action)
    yield follows(entry, ReaderCompared(id, fact.agent, figures), subject=id, at=rows.now)
    yield _answer(entry, fact, rows, ActionDone(fact.action, id))


ACTIONS: Mapping[str, Callable[[Written, ActionTaken, Rows], Iterable[New]]] = {"compare_reader": compared}


def _answer(entry: Written, fact: ActionTaken, rows: Rows, answer: Fact) -> New:
    return follows(entry, answer, subject=fact.message or fact.action, at=rows.now)


def _refused(entry: Written, fact: ActionTaken, rows: Rows, reason: str) -> New:
    return _answer(entry, fact, rows, ActionRefused(fact.action, reason))
