"""Threads: where messages stand on their network, so that what answers one finds the conversation, or where that goes on."""

from rapport.ledger.views import Rows
from rapport.model.conversation import Conversation, Thread, thread_id

MOST_PREVIEW = 140


def put_thread(account: str, key: str, conversation: bytes, rows: Rows) -> None:
    """Remember that what a network calls `key` belongs to this conversation."""
    id = thread_id(account, key)
    before = rows.get(Thread, id)
    if before is None or before.conversation != conversation:
        rows.put(Thread(id, conversation))


def preview_of(text: str) -> str:
    """The beginning of a text on one line, as the inbox shows it."""
    return " ".join(text[: MOST_PREVIEW * 3].split())[:MOST_PREVIEW]


def onwards(conversation: Conversation | None, rows: Rows) -> Conversation | None:
    """The conversation in which this one goes on: itself, where it was not merged."""
    for _ in range(8):
        after = rows.get(Conversation, conversation.merged_into) if conversation else None
        if after is None:
            return conversation
        conversation = after
    return conversation
