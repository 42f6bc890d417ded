"""The guard's view: which messages are held, and the incidents that crowds make."""

from typing import cast

from rapport.ledger.views import Folds, Rows, Written
from rapport.model.fact import ActionTaken, MessageAdmitted, MessageHeld
from rapport.model.message import Message, Standing
from rapport.model.reply import Incident

SAMPLE = 280  # characters of the first message that was held


def _admitted(entry: Written, rows: Rows) -> None:
    fact = cast(MessageAdmitted, entry.fact)
    if fact.released:
        rows.change(Message, fact.message, standing=Standing.RECEIVED, reason="")


def _held(entry: Written, rows: Rows) -> None:
    fact = cast(MessageHeld, entry.fact)
    message = rows.change(Message, fact.message, standing=Standing.HELD, reason=fact.rule, incident=fact.incident)
    if fact.incident is None:
        return
    incident = rows.get(Incident, fact.incident)
    if incident is None:
        sample = message.text[:SAMPLE] if message else ""
        rows.put(Incident(fact.incident, fact.account, fact.rule, entry.at, entry.at, held=1, sample=sample))
    else:
        rows.change(Incident, fact.incident, last_at=entry.at, held=incident.held + 1)


def _acted(entry: Written, rows: Rows) -> None:
    fact = cast(ActionTaken, entry.fact)
    if fact.do == "release":
        rows.change(Incident, fact.conversation, released=True)


FOLDS: Folds = {MessageAdmitted: _admitted, MessageHeld: _held, ActionTaken: _acted}
