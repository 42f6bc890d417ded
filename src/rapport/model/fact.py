"""The catalogue: every kind of fact that the ledger may hold, one struct each, with the number that stands for it.

A fact is past tense and never changed. Its fields are the entry's body: ids, states and results, nothing personal. What somebody
wrote, and any words that quote them, is `content`: a struct of its own, sealed with the key of the handle it came by.
A released fact is read for ever: new fields go to the end and have a default; a number is never used twice.
Kinds below 32 come in from outside the pipeline (a network, a desk, another department, the outbox); a worker reads those.
"""

from datetime import datetime
from typing import Any, ClassVar

import msgspec

from rapport.model.ids import Id
from rapport.model.message import ChannelKind, Reach, Said
from rapport.model.need import Explanation
from rapport.model.reading import Reading
from rapport.model.reply import Finding


class Fact(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """Something that happened. `number` is stored; `content_type` is what its sealed part holds, None for none."""

    number: ClassVar[int] = 0
    content_type: ClassVar[type[msgspec.Struct] | None] = None


# ---- contents: sealed beside the entry


class EventData(msgspec.Struct, frozen=True):
    """What another department wrote about a person. `data` is plain JSON."""

    data: dict[str, Any] = {}  # Any: a department's own plain JSON


class RawBytes(msgspec.Struct, frozen=True):
    """The bytes as the network gave them, and whom they name."""

    raw: bytes
    reason: str
    handle: str = ""


class Words(msgspec.Struct, frozen=True):
    """Text that an agent wrote, and its subject."""

    text: str = ""
    subject: str = ""
    reason: str = ""


class PersonData(msgspec.Struct, frozen=True):
    """What is declared of a person: further handles, a name, attributes by name."""

    name: str = ""
    handles: tuple[str, ...] = ()
    attributes: dict[str, Any] = {}  # Any: attribute values, checked by `people.attributes`


class Deciding(msgspec.Struct, frozen=True):
    """A draft's text and parts, and what the checks found in them."""

    text: str
    parts: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    edited: str = ""
    reason: str = ""


# ---- from outside: 1 to 31


class MessageReceived(Fact, frozen=True):
    """A network gave us a message."""

    number = 1
    content_type = Said
    message: Id
    handle: Id
    account: str
    channel: str
    kind: ChannelKind
    reach: Reach
    key: str
    said_at: datetime
    thread: str = ""
    in_reply_to: str = ""


class MessageUnreadable(Fact, frozen=True):
    """A network gave us something that cannot be read; the bytes are kept."""

    number = 2
    content_type = RawBytes
    message: Id
    handle: Id
    account: str
    channel: str
    kind: ChannelKind
    key: str


class JourneyEventSeen(Fact, frozen=True):
    """Another department wrote what happened between a person and them."""

    number = 3
    content_type = EventData
    event: Id
    handle: Id
    kind: str
    source: str
    happened_at: datetime


class PersonDeclared(Fact, frozen=True):
    """Somebody told us of a person: handles that are theirs, attributes."""

    number = 4
    content_type = PersonData
    handle: Id
    handles: tuple[Id, ...] = ()
    source: str = ""


class ActionTaken(Fact, frozen=True):
    """Somebody at a desk did something. `do` is one of ACTIONS; the outcome is ActionDone or ActionRefused.

    `reach` "" means: as the conversation. `argument` is a disposition, an agent or team, a presence or a time, as `do` asks.
    """

    number = 5
    content_type = Words
    action: Id
    agent: str
    do: str
    conversation: Id | None = None
    offer: Id | None = None
    draft: Id | None = None
    reach: str = ""
    argument: str = ""
    handle: Id | None = None


ACTIONS = frozenset(
    {
        "accept",  # offer
        "decline",  # offer
        "take",  # conversation: an agent picks it up unasked
        "reply",  # conversation, text, reach
        "note",  # conversation, text
        "approve",  # draft, text when edited
        "return",  # draft, reason as text
        "withdraw",  # draft, by its author
        "wrap_up",  # conversation, argument: disposition; the issue stays resolved
        "close",  # conversation, argument: disposition; without an interaction
        "snooze",  # conversation, argument: ISO time
        "reopen",  # conversation
        "transfer",  # conversation, argument: agent or team; "" to whoever fits best
        "read",  # conversation: its agent has seen it
        "go_online",
        "go_away",
        "go_busy",
        "go_offline",
        "release",  # a held message (conversation holds the message id) or an incident
        "retry",  # an entry set aside
        "retry_send",  # an outgoing part whose outcome is unknown: send it again
        "give_up",  # an outgoing part whose outcome is unknown: leave it
    }
)


class MessageSent(Fact, frozen=True):
    """The network took one part and calls it `key`."""

    number = 6
    outgoing: Id
    key: str
    sent_at: datetime
    located: bool = False  # found by asking the network, not from its answer


class SendRefused(Fact, frozen=True):
    """The network never will take it."""

    number = 7
    content_type = Words
    outgoing: Id
    attempt: int


class SendPutOff(Fact, frozen=True):
    """The network may take it later."""

    number = 8
    content_type = Words
    outgoing: Id
    attempt: int
    not_before: datetime


class SendUnknown(Fact, frozen=True):
    """Nobody can say whether the network took it: a person decides."""

    number = 9
    content_type = Words
    outgoing: Id
    attempt: int


class CentreSet(Fact, frozen=True):
    """A piece of the centre was set: an agent, plan, playbook, reply, policy, account, brand. `body` is its JSON."""

    number = 10
    thing: str
    name: str
    body: bytes
    by: str = ""


class CentreRemoved(Fact, frozen=True):
    """A piece of the centre was removed."""

    number = 11
    thing: str
    name: str
    by: str = ""


# ---- derived: 32 and more


class MessageAdmitted(Fact, frozen=True):
    """The guard let a message pass."""

    number = 32
    message: Id
    handle: Id
    released: bool = False


class MessageHeld(Fact, frozen=True):
    """The guard held a message; it is shown and can be released."""

    number = 33
    message: Id
    handle: Id
    rule: str
    incident: Id | None = None
    account: str = ""


class MessageUnderstood(Fact, frozen=True):
    """What the message says. The words that decided are in `content`, a Reading of their own."""

    number = 34
    content_type = Reading
    message: Id
    handle: Id
    language: str
    intent: str
    urgency: float
    version: str


class PersonRecognised(Fact, frozen=True):
    """The handle is that person's."""

    number = 35
    message: Id
    handle: Id
    person: Id
    is_new: bool = False
    confidence: float = 1.0


class AttributeLearnt(Fact, frozen=True):
    """Something is believed of a person from now on; the value is in `content`."""

    number = 36
    content_type = PersonData
    handle: Id
    person: Id
    name: str
    source: str
    confidence: float = 1.0
    expires: datetime | None = None


class ConversationOpened(Fact, frozen=True):
    """A person raised a new issue."""

    number = 40
    conversation: Id
    person: Id
    handle: Id
    message: Id
    due_at: datetime | None = None


class ConversationContinued(Fact, frozen=True):
    """A message went on with an issue; `reopened` when it had been resolved."""

    number = 41
    conversation: Id
    person: Id
    handle: Id
    message: Id
    reopened: bool = False
    due_at: datetime | None = None


class ConversationSnoozed(Fact, frozen=True):
    """A conversation sleeps until a time."""

    number = 42
    conversation: Id
    until: datetime
    agent: str = ""


class ConversationWoken(Fact, frozen=True):
    """A snoozed conversation is open again."""

    number = 43
    conversation: Id


class ConversationResolved(Fact, frozen=True):
    """An issue is done, for now."""

    number = 44
    conversation: Id
    disposition: str = ""
    agent: str = ""


class ConversationRead(Fact, frozen=True):
    """Its agent has seen what came."""

    number = 45
    conversation: Id
    agent: str


class NeedRaised(Fact, frozen=True):
    """A conversation waits to be matched."""

    number = 50
    conversation: Id
    plan: str
    slot: str
    since: datetime
    urgency: float = 0.0
    step: int = 0
    step_until: datetime | None = None


class NeedWidened(Fact, frozen=True):
    """Its plan went on to another step."""

    number = 51
    conversation: Id
    step: int
    step_until: datetime | None = None


class NeedWithdrawn(Fact, frozen=True):
    """It does not wait any more, for another reason than an accepted offer."""

    number = 52
    conversation: Id
    reason: str = ""


class OfferMade(Fact, frozen=True):
    """A need was put to one agent; why is in `content`."""

    number = 53
    content_type = Explanation
    offer: Id
    conversation: Id
    agent: str
    slot: str
    expires_at: datetime


class OfferAccepted(Fact, frozen=True):
    """The agent took it; the interaction begins."""

    number = 54
    offer: Id
    conversation: Id
    agent: str
    interaction: Id
    slot: str
    bot: bool = False
    waited: float = 0.0


class OfferDeclined(Fact, frozen=True):
    """The agent did not take it."""

    number = 55
    offer: Id
    conversation: Id
    agent: str


class OfferExpired(Fact, frozen=True):
    """Nobody answered the offer in time."""

    number = 56
    offer: Id
    conversation: Id
    agent: str


class OfferRevoked(Fact, frozen=True):
    """We took the offer back."""

    number = 57
    offer: Id
    conversation: Id
    agent: str
    reason: str = ""


class PresenceChanged(Fact, frozen=True):
    """An agent came, went, or is not to be disturbed."""

    number = 58
    agent: str
    presence: str
    reason: str = ""


class WrappedUp(Fact, frozen=True):
    """An agent's work on a conversation ended."""

    number = 60
    interaction: Id
    conversation: Id
    agent: str
    disposition: str = ""
    slot: str = ""


class ConversationTransferred(Fact, frozen=True):
    """An agent passed it on. `to` is an agent, a team, or "" for whoever fits best."""

    number = 61
    conversation: Id
    agent: str
    to: str = ""
    reason: str = ""


class NoteWritten(Fact, frozen=True):
    """An agent left a note for colleagues."""

    number = 62
    content_type = Words
    message: Id
    conversation: Id
    agent: str


class DraftWritten(Fact, frozen=True):
    """An agent wrote a reply; text, exact parts and findings are in `content`."""

    number = 70
    content_type = Deciding
    draft: Id
    conversation: Id
    agent: str
    reach: Reach
    message: Id


class ApprovalAsked(Fact, frozen=True):
    """The draft must be seen by somebody else first, by these rules."""

    number = 71
    draft: Id
    conversation: Id
    rules: tuple[str, ...] = ()


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


class SendRetried(Fact, frozen=True):
    """A person decided that a part with unknown outcome is to be sent again, or left (`give_up`)."""

    number = 77
    outgoing: Id
    give_up: bool = False
    by: str = ""


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


KINDS: dict[int, type[Fact]] = {kind.number: kind for kind in Fact.__subclasses__()}
INBOUND: tuple[int, ...] = tuple(sorted(number for number in KINDS if number < 32))
