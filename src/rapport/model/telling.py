"""Telling: what a supervisor says to an agent alone beside a conversation, and what the agent answers."""

from datetime import datetime

import msgspec

from rapport.model.ids import Id


class Telling(msgspec.Struct, frozen=True):
    """`what`: whisper, answer or taken (the conversation was taken over). `seen_at` None: `agent` has not looked yet."""

    id: Id
    conversation: Id
    agent: str  # to whom
    by: str
    what: str
    at: datetime
    text: str = ""
    seen_at: datetime | None = None
