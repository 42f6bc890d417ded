"""Whether a network's rules let us say something in a conversation now: windows, mention rules, who asked us to stop."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from rapport.ledger.views import Rows
from rapport.model.conversation import Conversation
from rapport.model.message import Direction, Message, Reach
from rapport.model.person import Handle


class Asking(msgspec.Struct, frozen=True):
    """What the rules look at. `heard_at` None: the person never wrote; `key`: of the message that is answered."""

    account: str
    channel: str
    handle: str
    reach: Reach
    heard_at: datetime | None
    key: str
    now: datetime


May = Callable[[Asking], str]  # why it may not be said, in both languages (`model.bilingual`); "" where it may


def anything(asking: Asking) -> str:
    """Where nobody knows of rules."""
    return ""


def unallowed(may: May, conversation: Conversation, reach: Reach, rows: Rows) -> str:
    """Why a reply may not go out in this conversation now; "" where it may."""
    handle = rows.get(Handle, conversation.handle)
    last = rows.get(Message, conversation.message)
    heard = last if last is not None and last.direction is Direction.IN else None
    return may(
        Asking(
            account=conversation.account,
            channel=conversation.channel,
            handle=handle.name if handle else "",
            reach=reach,
            heard_at=max((at for at in (heard.at if heard else None, handle.at if handle else None) if at), default=None),
            key=heard.key if heard else "",
            now=rows.now,
        )
    )
