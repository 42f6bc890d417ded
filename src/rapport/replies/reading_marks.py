"""Reading marks: where an account is set up so, the person's network is told that their agent has read what they said."""

from collections.abc import Iterable
from typing import cast

from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.model.conversation import Conversation
from rapport.model.fact import ConversationRead, OperationAsked
from rapport.model.message import Direction, Message
from rapport.model.reply import MARK_READ, Outgoing, reading_mark

YES = "yes"  # of an account: only networks that can be told so ask for it


def mark_read(entry: Written, rows: Rows) -> Iterable[New]:
    """Lay it into the outbox for the last message of the person; what came before is read with it."""
    fact = cast(ConversationRead, entry.fact)
    conversation = rows.get(Conversation, fact.conversation)
    message = rows.get(Message, conversation.message) if conversation and conversation.message else None
    if conversation is None or message is None or message.direction is not Direction.IN or not message.key:
        return
    account = rows.centre.accounts.get(message.account)
    if account is None or account.settings.get(MARK_READ) != YES:
        return
    id = reading_mark(message.id)
    if rows.get(Outgoing, id) is not None:
        return
    asked = OperationAsked(
        id, message.id, conversation.id, message.handle or conversation.handle, message.account,
        message.channel, message.reach, MARK_READ, message.key, fact.agent,
    )  # fmt: skip
    yield follows(entry, asked, subject=conversation.id, at=rows.now)
