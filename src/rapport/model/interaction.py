"""Interaction: one agent's work on a conversation, from accepted offer to wrap-up; the unit of handle time."""

from datetime import datetime

import msgspec

from rapport.model.ids import Id


class Interaction(msgspec.Struct, frozen=True):
    """`slot` is the channel kind whose place it takes; `ended_at` None: going on."""

    id: Id
    conversation: Id
    agent: str
    slot: str
    started_at: datetime
    waited: float = 0.0  # seconds the person waited for this agent
    replied_at: datetime | None = None
    ended_at: datetime | None = None
    disposition: str = ""
    bot: bool = False
    talked: float = 0.0  # seconds on the telephone
