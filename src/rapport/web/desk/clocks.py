"""The clocks of a conversation's service targets, beside it on the desk."""

from datetime import datetime

import asyncpg
import msgspec

from rapport.conversations.targets.reading import service_of
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation
from rapport.model.target import CLOCKS
from rapport.web.security import Who


class ClockShown(msgspec.Struct, frozen=True):
    """One clock. `due_at` None: it stands, with `left` seconds; `source`: the law or contract that asks for it."""

    kind: str
    target: str
    due_at: datetime | None
    left: float
    near: bool
    missed: bool
    source: str


class ClocksShown(msgspec.Struct, frozen=True):
    """The clocks of a conversation; none: no target holds, or it is over."""

    conversation: bytes
    clocks: tuple[ClockShown, ...] = ()


class ClocksPart(msgspec.Struct, frozen=True):
    """The clocks alone."""

    timing: ClocksShown


async def read_clocks(db: asyncpg.Connection, who: Who, centre: Centre, conversation: Conversation) -> ClocksShown:
    """The clocks of a conversation, the answer's before the resolution's."""
    service = await service_of(db, who.tenant, conversation.id)
    if service is None:
        return ClocksShown(conversation.id)
    shown = []
    for kind in CLOCKS:
        clock = service.clocks.get(kind)
        if clock is not None:
            target = centre.targets.get(clock.target)
            source = target.source if target else ""
            shown.append(ClockShown(kind, clock.target, clock.due_at, clock.left, clock.near, clock.missed, source))
    return ClocksShown(conversation.id, tuple(shown))
