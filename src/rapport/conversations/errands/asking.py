"""What a call to a hook says: the conversation, what was said last, and what the hook may answer."""

from collections.abc import Iterable

import msgspec

from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.model.conversation import Conversation
from rapport.model.fact import Words
from rapport.model.fact_work import ErrandAsked
from rapport.model.ids import derived_id, show_id
from rapport.model.message import Message

MESSAGE, DEED = "message", "deed"


def asked_of_bot(entry: Written, conversation: Conversation, hook: str, rows: Rows) -> Iterable[New]:
    """A bot's hook is told what the customer said, and answers in its name."""
    yield asked(entry, conversation, hook, MESSAGE, f"bot:{conversation.agent}", rows)


def asked(
    entry: Written, conversation: Conversation, hook: str, event: str, cause: str, rows: Rows, *, text: str = "", nth: int = 0
) -> New:
    """The fact that a hook is to be told. `text`: what a deed says; else the customer's last words."""
    call = derived_id(entry.id, "call", hook, nth)
    message = rows.get(Message, conversation.message)
    body = {
        "event": event,
        "cause": cause,
        "conversation": {
            "id": show_id(conversation.id),
            "channel": conversation.channel,
            "kind": conversation.kind.value,
            "language": conversation.language,
            "intent": conversation.intent,
            "agent": conversation.agent,
        },
        "message": {"id": show_id(message.id), "text": message.text, "at": message.at} if message else None,
        "text": text,
    }
    fact = ErrandAsked(call, conversation.id, hook, event, cause)
    content = Words(text=msgspec.json.encode(body).decode())
    return follows(entry, fact, subject=conversation.id, at=rows.now, content=content, owner=conversation.handle, nth=nth)
