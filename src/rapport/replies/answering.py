"""How often a message of theirs was answered: some networks take one answer, or one private one."""

from typing import cast

from msgspec.structs import replace

from rapport.ledger.views import Folds, Rows, Written
from rapport.model.conversation import Conversation
from rapport.model.fact import OperationDone, ReplyQueued, SendRefused, SendRetried
from rapport.model.message import Direction, Message, Reach
from rapport.model.reply import Outgoing, OutgoingState


def _queued(entry: Written, rows: Rows) -> None:
    fact = cast(ReplyQueued, entry.fact)
    if fact.part == 0:
        _count(rows, fact.conversation, fact.in_reply_to, fact.reach, 1)


def _refused(entry: Written, rows: Rows) -> None:
    fact = cast(SendRefused, entry.fact)
    part = rows.get(Outgoing, fact.outgoing)
    if part is not None and part.part == 0 and not part.op and part.state is OutgoingState.REFUSED:
        _count(rows, part.conversation, part.in_reply_to, part.reach, -1)


def _retried(entry: Written, rows: Rows) -> None:
    fact = cast(SendRetried, entry.fact)
    part = rows.get(Outgoing, fact.outgoing)
    if part is not None and part.part == 0 and not part.op and not fact.give_up:
        _count(rows, part.conversation, part.in_reply_to, part.reach, 1, most=1)  # one of unknown outcome is counted still


def _done(entry: Written, rows: Rows) -> None:
    fact = cast(OperationDone, entry.fact)
    part = rows.get(Outgoing, fact.outgoing)
    ours = rows.get(Message, part.message) if part is not None and part.op == "delete" and part.part == 0 else None
    if part is not None and ours is not None and ours.direction is Direction.OUT:
        _count(rows, part.conversation, ours.in_reply_to, ours.reach, -1)


def _count(rows: Rows, conversation: bytes, key: str, reach: Reach, change: int, most: int | None = None) -> None:
    """One answer more or less to the last message of a conversation, if it is the one that is called `key`."""
    talk = rows.get(Conversation, conversation)
    message = rows.get(Message, talk.message) if talk else None
    if message is None or message.direction is not Direction.IN or not key or message.key != key:
        return
    now = max(0, message.answers.count(reach) + change)
    now = now if most is None else max(message.answers.count(reach), min(now, most))
    rows.put(replace(message, answers=(*(other for other in message.answers if other is not reach), *(reach,) * now)))


FOLDS: Folds = {ReplyQueued: _queued, SendRefused: _refused, SendRetried: _retried, OperationDone: _done}
