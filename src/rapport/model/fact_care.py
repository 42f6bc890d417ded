"""Facts that follow, numbers 32 to 69: from a message that came to the person who answers it."""

from datetime import datetime

from rapport.model.fact_kind import Fact, PersonData, Words
from rapport.model.ids import Id
from rapport.model.need import Explanation
from rapport.model.reading import Reading


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


class MessageReread(Fact, frozen=True):
    """What the message says since its author changed it; `content` is the Reading. It is no new message."""

    number = 37
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
    declined_by: tuple[str, ...] = ()  # who is not to be asked: bots after a person, who passed it on


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


class NeedHeld(Fact, frozen=True):
    """Somebody was free, and it waits for better until then at the latest.

    `agent`: the best who was free; `likely`: that they would have resolved it; `hope`: what waiting is worth, in the same unit.
    """

    number = 59
    conversation: Id
    until: datetime
    agent: str
    likely: float
    hope: float


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
