"""The view of signals: what a conversation shows, on its row, and the kinds that stand open, by which it is found."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import cast

from msgspec.structs import replace

from rapport.ledger.views import Folds, Rows, Written
from rapport.model.conversation import Conversation, State
from rapport.model.fact_signal import SignalsChanged
from rapport.model.ids import derived_id
from rapport.model.reply import Reminder
from rapport.model.signal import ASKED, MET, OPEN, Signal, Signalled, Signals, signalled_id

PROMISE = "promise"
SAFETY_URGENCY = 0.95  # of a conversation that shows danger, at least


def _changed(entry: Written, rows: Rows) -> None:
    fact = cast(SignalsChanged, entry.fact)
    before = rows.get(Conversation, fact.conversation)
    if before is None:
        return
    signals = entry.content.signals if isinstance(entry.content, Signals) else ()  # erased: the kinds stay
    urgency = max(before.urgency, SAFETY_URGENCY) if "safety" in fact.kinds else before.urgency
    by_nobody = before.bot or not before.agent  # a person reads it and needs no sign
    asked = before.wants_person or (by_nobody and ASKED in fact.kinds)
    rows.put(replace(before, signals=signals, urgency=urgency, wants_person=asked))
    for kind in fact.kinds if before.state is not State.RESOLVED else ():
        rows.put(Signalled(signalled_id(before.id, kind), before.id, kind, entry.at))
    for kind in fact.gone:
        rows.drop(Signalled, signalled_id(before.id, kind))
    if fact.due is not None:
        rows.put(Reminder(derived_id(before.id, "reminder", "promise"), fact.due, "promise", before.id))


def settled(signals: Iterable[Signal]) -> tuple[Signal, ...]:
    """The signals of what is resolved: whoever asked for a person there asks no more."""
    return tuple(replace(one, state=MET) if one.kind == ASKED else one for one in signals)


def found_no_more(conversation: Conversation, rows: Rows) -> None:
    """What is resolved is not found by its signals; they stay on its row."""
    for kind in {one.kind for one in conversation.signals}:
        rows.drop(Signalled, signalled_id(conversation.id, kind))


def found_again(conversation: Conversation, at: datetime, rows: Rows) -> None:
    """What is reopened is found by what stands open in it."""
    for kind in dict.fromkeys(one.kind for one in conversation.signals if one.state != MET):
        rows.put(Signalled(signalled_id(conversation.id, kind), conversation.id, kind, at))


def signals_along(one: bytes, into: bytes, at: datetime, rows: Rows) -> None:
    """What a conversation shows goes with its messages where they go on; a promise is to be kept there.

    To another person's conversation its words do not go: they would outlive whoever wrote them.
    """
    before, after = rows.get(Conversation, one), rows.get(Conversation, into)
    if before is None or after is None or not before.signals:
        return
    along = before.signals if before.person == after.person else tuple(replace(s, words="") for s in before.signals)
    signals = tuple(sorted({*after.signals, *along}, key=lambda s: (s.at, s.kind, s.words)))
    whole = replace(after, signals=signals, wants_person=after.wants_person or before.wants_person)
    rows.put(whole)
    found_no_more(before, rows)
    if whole.state is not State.RESOLVED:
        found_again(whole, at, rows)
    _remind(whole, rows)


def signals_back(one: bytes, into: bytes, messages: Collection[bytes], at: datetime, rows: Rows) -> None:
    """What came with messages goes back with them; what it shows by itself it has never lost."""
    before, after = rows.get(Conversation, one), rows.get(Conversation, into)
    if before is None or after is None:
        return
    whole = replace(after, signals=tuple(s for s in after.signals if s.message not in messages))
    rows.put(whole)
    found_no_more(after, rows)
    for kept in (whole, before):
        _remind(kept, rows)
        if kept.state is not State.RESOLVED:
            found_again(kept, at, rows)


def _remind(conversation: Conversation, rows: Rows) -> None:
    """The first of its open promises is waited for, and nothing where there is none."""
    due = [s.until for s in conversation.signals if s.kind == PROMISE and s.state == OPEN and s.until is not None]
    id = derived_id(conversation.id, "reminder", PROMISE)
    if due:
        rows.put(Reminder(id, min(due), PROMISE, conversation.id))
    else:
        rows.drop(Reminder, id)


FOLDS: Folds = {SignalsChanged: _changed}
