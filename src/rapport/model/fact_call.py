"""Facts of telephone calls, numbers 100 to 104: what the telephone server told us, and what was settled about a call."""

from datetime import datetime

import msgspec

from rapport.model.fact_kind import Fact
from rapport.model.ids import Id


class Keyed(msgspec.Struct, frozen=True):
    """The keys that a caller pressed."""

    keys: str = ""


class CallStarted(Fact, frozen=True):
    """Somebody calls; their message of it came just before. `of`: what the network calls their line; `to`: what was dialled."""

    number = 100
    call: Id
    account: str
    channel: str
    of: str
    handle: Id
    started_at: datetime
    to: str = ""
    message: Id | None = None


class CallKeyed(Fact, frozen=True):
    """A caller pressed a key; which one is in `content`."""

    number = 101
    content_type = Keyed
    call: Id
    account: str
    handle: Id
    keyed_at: datetime
    message: Id | None = None


class CallLegEnded(Fact, frozen=True):
    """A line that we made for a call ended: an agent's or a third's. `reason`: hung-up, or why it broke."""

    number = 102
    call: Id
    account: str
    handle: Id
    leg: str
    ended_at: datetime
    reason: str = ""
    message: Id | None = None


class CallEnded(Fact, frozen=True):
    """The caller's line ended. `reason`: hung-up, vanished (the server does not know it any more), or why it broke."""

    number = 103
    call: Id
    account: str
    handle: Id
    ended_at: datetime
    reason: str = ""
    message: Id | None = None


class CallMarked(Fact, frozen=True):
    """Something was settled about a call.

    `mark`: agreed (to be recorded), promised (to be called back), abandoned (nobody answered in time), lost (it vanished),
    unreachable (the agent's softphone), unanswered (the caller did not answer our call), cut (the agent's line broke),
    handed (to `to`).
    """

    number = 104
    call: Id
    conversation: Id
    mark: str
    agent: str = ""
    to: str = ""
