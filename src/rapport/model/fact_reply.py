"""Facts that follow, numbers 70 and more: replies on their way out, and how the pipeline fared."""

from datetime import datetime

from rapport.model.fact_kind import Deciding, Fact, Words
from rapport.model.ids import Id
from rapport.model.message import Reach
from rapport.model.reply import Tier


class DraftWritten(Fact, frozen=True):
    """An agent wrote a reply; text, exact parts and findings are in `content`."""

    number = 70
    content_type = Deciding
    draft: Id
    conversation: Id
    agent: str
    reach: Reach
    message: Id
    send_at: datetime | None = None  # when its author wants it to leave; None: at once


class ApprovalAsked(Fact, frozen=True):
    """The draft must be seen by somebody else first, by these rules."""

    number = 71
    draft: Id
    conversation: Id
    rules: tuple[str, ...] = ()
    tiers: tuple[Tier, ...] = ()
    until: datetime | None = None


class TierGiven(Fact, frozen=True):
    """Somebody gave one tier of an approval; `tier` is asked from now on, until `until`."""

    number = 82
    content_type = Deciding
    draft: Id
    conversation: Id
    by: str
    tier: int
    until: datetime | None = None


class TierExpired(Fact, frozen=True):
    """Nobody gave a tier in time. `asked`: the agent who is asked instead, off the desk; "": `tier` is asked."""

    number = 79
    draft: Id
    conversation: Id
    tier: int
    asked: str = ""
    until: datetime | None = None


class DraftApproved(Fact, frozen=True):
    """A draft may go out; `by` "" when no approval was needed."""

    number = 72
    content_type = Deciding
    draft: Id
    conversation: Id
    by: str = ""


class DraftReturned(Fact, frozen=True):
    """An approver sent the draft back, with a reason."""

    number = 73
    content_type = Deciding
    draft: Id
    conversation: Id
    by: str


class DraftRefused(Fact, frozen=True):
    """A check refused the draft; `rule` says which."""

    number = 74
    draft: Id
    conversation: Id
    rule: str


class DraftWithdrawn(Fact, frozen=True):
    """Its author took the draft back."""

    number = 75
    draft: Id
    conversation: Id
    by: str


class ReplyQueued(Fact, frozen=True):
    """One part of an approved draft lies in the outbox."""

    number = 76
    content_type = Words
    outgoing: Id
    draft: Id
    message: Id
    conversation: Id
    handle: Id
    account: str
    channel: str
    reach: Reach
    part: int = 0
    in_reply_to: str = ""
    thread: str = ""
    parts: int = 1  # of the whole reply
    not_before: datetime | None = None  # until then its author can take it back
    person: Id | None = None
    intent: str = ""
    brand: str = ""


class ReplyTakenBack(Fact, frozen=True):
    """A reply was taken back before it left; from `waiting_since` on an answer is owed again."""

    number = 83
    draft: Id
    conversation: Id
    message: Id
    by: str
    outgoing: tuple[Id, ...] = ()
    waiting_since: datetime | None = None
    due_at: datetime | None = None


class SendRetried(Fact, frozen=True):
    """A person decided that a part with unknown outcome is to be sent again, or left (`give_up`)."""

    number = 77
    outgoing: Id
    give_up: bool = False
    by: str = ""


class OperationAsked(Fact, frozen=True):
    """Somebody asked that something be done on the network to a message that is there; it lies in the outbox.

    `op`: hide, unhide, delete, edit, react, unreact; `of`: what the network calls the message (one of its parts).
    """

    number = 78
    content_type = Words
    outgoing: Id
    message: Id
    conversation: Id
    handle: Id
    account: str
    channel: str
    reach: Reach
    op: str
    of: str
    by: str
    part: int = 0
    parts: int = 1


class ActionDone(Fact, frozen=True):
    """What somebody did took effect; `result` names what it made."""

    number = 80
    action: Id
    result: Id | None = None


class ActionRefused(Fact, frozen=True):
    """What somebody did had no effect, and why."""

    number = 81
    action: Id
    reason: str


class EntrySetAside(Fact, frozen=True):
    """A stage could not digest an entry; it is kept and does not block what follows."""

    number = 90
    entry: Id
    seq: int
    stage: str
    reason: str
    retried: bool = False


class ReminderFell(Fact, frozen=True):
    """What was to be remembered fell due; what it led to follows."""

    number = 91
    reminder: Id
    what: str


class EntryDigested(Fact, frozen=True):
    """An entry that had been set aside went through at last."""

    number = 92
    entry: Id
