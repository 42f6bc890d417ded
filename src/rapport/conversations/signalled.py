"""The view of signals: what a conversation shows, on its row, and the kinds that stand open, by which it is found."""

from datetime import datetime
from typing import cast

from msgspec.structs import replace

from rapport.ledger.views import Folds, Rows, Written
from rapport.model.conversation import Conversation, State
from rapport.model.fact_signal import SignalsChanged
from rapport.model.ids import derived_id
from rapport.model.reply import Reminder
from rapport.model.signal import MET, Signalled, Signals, signalled_id

SAFETY_URGENCY = 0.95  # of a conversation that shows danger, at least


def _changed(entry: Written, rows: Rows) -> None:
    fact = cast(SignalsChanged, entry.fact)
    before = rows.get(Conversation, fact.conversation)
    if before is None:
        return
    signals = entry.content.signals if isinstance(entry.content, Signals) else ()  # erased: the kinds stay
    urgency = max(before.urgency, SAFETY_URGENCY) if "safety" in fact.kinds else before.urgency
    rows.put(replace(before, signals=signals, urgency=urgency))
    for kind in fact.kinds if before.state is not State.RESOLVED else ():
        rows.put(Signalled(signalled_id(before.id, kind), before.id, kind, entry.at))
    for kind in fact.gone:
        rows.drop(Signalled, signalled_id(before.id, kind))
    if fact.due is not None:
        rows.put(Reminder(derived_id(before.id, "reminder", "promise"), fact.due, "promise", before.id))


def found_no_more(conversation: Conversation, rows: Rows) -> None:
    """What is resolved is not found by its signals; they stay on its row."""
    for kind in {one.kind for one in conversation.signals}:
        rows.drop(Signalled, signalled_id(conversation.id, kind))


def found_again(conversation: Conversation, at: datetime, rows: Rows) -> None:
    """What is reopened is found by what stands open in it."""
    for kind in dict.fromkeys(one.kind for one in conversation.signals if one.state != MET):
        rows.put(Signalled(signalled_id(conversation.id, kind), conversation.id, kind, at))


FOLDS: Folds = {SignalsChanged: _changed}
