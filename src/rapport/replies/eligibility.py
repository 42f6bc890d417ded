"""Whether a network's rules let us say something in a conversation now: windows, mention rules, who asked us to stop."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from rapport.ledger.views import Rows
from rapport.model.conversation import Conversation
from rapport.model.message import Direction, Message, Reach
from rapport.model.person import Handle


class Asking(msgspec.Struct, frozen=True):
    """What the rules look at. `heard_at` None: the person never wrote; `key`: of the message that is answered.

    `automatic`: a machine wrote it; `answered`: how often we answered it with that reach; `stopped_at`: they asked us to stop.
    """

    account: str
    channel: str
    handle: str
    reach: Reach
    heard_at: datetime | None
    key: str
    now: datetime
    automatic: bool = False
    answered: int = 0
    stopped_at: datetime | None = None


May = Callable[[Asking], str]  # why it may not be said, in both languages (`model.bilingual`); "" where it may


def anything(asking: Asking) -> str:
    """Where nobody knows of rules."""
    return ""


def unallowed(may: May, conversation: Conversation, reach: Reach, rows: Rows, at: datetime | None = None) -> str:
    """Why a reply may not go out in this conversation at a time, None for now; "" where it may."""
    handle, message = rows.get(Handle, conversation.handle), rows.get(Message, conversation.message)
    return may(asking_of(conversation, handle, message, reach, at or rows.now))


def asking_of(conversation: Conversation, handle: Handle | None, last: Message | None, reach: Reach, now: datetime) -> Asking:
    """What the rules look at, of what is on record: the conversation's handle, and its last message."""
    heard = last if last is not None and last.direction is Direction.IN else None
    return Asking(
        account=conversation.account,
        channel=conversation.channel,
        handle=handle.name if handle else "",
        reach=reach,
        heard_at=max((at for at in (heard.at if heard else None, handle.at if handle else None) if at), default=None),
        key=heard.key if heard else "",
        now=now,
        automatic=heard is not None and heard.automatic,
        answered=heard.answers.count(reach) if heard else 0,
        stopped_at=handle.stopped_at if handle else None,
    )
