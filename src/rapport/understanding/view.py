"""What was understood, on the message's row."""

from typing import cast

from rapport.ledger.views import Folds, Rows, Written
from rapport.model.fact import MessageReread, MessageUnderstood
from rapport.model.message import Message
from rapport.model.reading import NOTHING_READ, Reading


def _understood(entry: Written, rows: Rows) -> None:
    fact = cast(MessageUnderstood | MessageReread, entry.fact)
    reading = entry.content if isinstance(entry.content, Reading) else NOTHING_READ  # erased: what the fact itself says stays
    message = rows.get(Message, fact.message)
    rows.change(
        Message,
        fact.message,
        language=fact.language,
        intent=fact.intent,
        urgency=fact.urgency,
        words=reading.words,
        emotion=reading.emotion,
        wants_person=reading.wants_person,
        actionable=reading.actionable and not (message and message.automatic),  # a machine's mail asks for nothing
    )


FOLDS: Folds = {MessageUnderstood: _understood, MessageReread: _understood}
