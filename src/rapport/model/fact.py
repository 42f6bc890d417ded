"""The catalogue: every kind of fact that the ledger may hold, one struct each, with the number that stands for it.

A fact is past tense and never changed. Its fields are the entry's body: ids, states and results, nothing personal. What
somebody wrote, and any words that quote them, is `content`: a struct of its own, sealed with the key of the handle it came by.
A released fact is read for ever: new fields go to the end and have a default; a number is never used twice.
What acts by itself stands in `fact_work`, under its own name.
Kinds below 32, 100 to 103, 150 and 151 come in from outside the pipeline (a network, a desk, another department, the outbox);
a worker reads those.
"""

from rapport.model import fact_work as fact_work
from rapport.model.fact_call import (
    CallEnded as CallEnded,
)
from rapport.model.fact_call import (
    CallKeyed as CallKeyed,
)
from rapport.model.fact_call import (
    CallLegEnded as CallLegEnded,
)
from rapport.model.fact_call import (
    CallMarked as CallMarked,
)
from rapport.model.fact_call import (
    CallStarted as CallStarted,
)
from rapport.model.fact_call import (
    Keyed as Keyed,
)
from rapport.model.fact_care import (
    AttributeLearnt as AttributeLearnt,
)
from rapport.model.fact_care import (
    ConversationContinued as ConversationContinued,
)
from rapport.model.fact_care import (
    ConversationOpened as ConversationOpened,
)
from rapport.model.fact_care import (
    ConversationRead as ConversationRead,
)
from rapport.model.fact_care import (
    ConversationResolved as ConversationResolved,
)
from rapport.model.fact_care import (
    ConversationSnoozed as ConversationSnoozed,
)
from rapport.model.fact_care import (
    ConversationTransferred as ConversationTransferred,
)
from rapport.model.fact_care import (
    ConversationWoken as ConversationWoken,
)
from rapport.model.fact_care import (
    MessageAdmitted as MessageAdmitted,
)
from rapport.model.fact_care import (
    MessageHeld as MessageHeld,
)
from rapport.model.fact_care import (
    MessageReread as MessageReread,
)
from rapport.model.fact_care import (
    MessageUnderstood as MessageUnderstood,
)
from rapport.model.fact_care import (
    NeedHeld as NeedHeld,
)
from rapport.model.fact_care import (
    NeedRaised as NeedRaised,
)
from rapport.model.fact_care import (
    NeedWidened as NeedWidened,
)
from rapport.model.fact_care import (
    NeedWithdrawn as NeedWithdrawn,
)
from rapport.model.fact_care import (
    NoteWritten as NoteWritten,
)
from rapport.model.fact_care import (
    OfferAccepted as OfferAccepted,
)
from rapport.model.fact_care import (
    OfferDeclined as OfferDeclined,
)
from rapport.model.fact_care import (
    OfferExpired as OfferExpired,
)
from rapport.model.fact_care import (
    OfferMade as OfferMade,
)
from rapport.model.fact_care import (
    OfferRevoked as OfferRevoked,
)
from rapport.model.fact_care import (
    PersonRecognised as PersonRecognised,
)
from rapport.model.fact_care import (
    PresenceChanged as PresenceChanged,
)
from rapport.model.fact_care import (
    WrappedUp as WrappedUp,
)
from rapport.model.fact_desk import (
    AgentMentioned as AgentMentioned,
)
from rapport.model.fact_desk import (
    ConversationMarked as ConversationMarked,
)
from rapport.model.fact_desk import (
    ConversationsMerged as ConversationsMerged,
)
from rapport.model.fact_desk import (
    ConversationSplit as ConversationSplit,
)
from rapport.model.fact_desk import (
    HandleBlocked as HandleBlocked,
)
from rapport.model.fact_desk import (
    MentionsRead as MentionsRead,
)
from rapport.model.fact_desk import (
    OfferForwarded as OfferForwarded,
)
from rapport.model.fact_handing import (
    CallBackAsked as CallBackAsked,
)
from rapport.model.fact_handing import (
    ConferenceChanged as ConferenceChanged,
)
from rapport.model.fact_handing import (
    CrossingAnswered as CrossingAnswered,
)
from rapport.model.fact_handing import (
    HandedOver as HandedOver,
)
from rapport.model.fact_kind import (
    Deciding as Deciding,
)
from rapport.model.fact_kind import (
    EventData as EventData,
)
from rapport.model.fact_kind import (
    Fact as Fact,
)
from rapport.model.fact_kind import (
    PersonData as PersonData,
)
from rapport.model.fact_kind import (
    RawBytes as RawBytes,
)
from rapport.model.fact_kind import (
    Words as Words,
)
from rapport.model.fact_news import (
    AccountHeard as AccountHeard,
)
from rapport.model.fact_news import (
    AccountSilent as AccountSilent,
)
from rapport.model.fact_news import (
    Changed as Changed,
)
from rapport.model.fact_news import (
    MessageDeleted as MessageDeleted,
)
from rapport.model.fact_news import (
    MessageEdited as MessageEdited,
)
from rapport.model.fact_news import (
    OperationDone as OperationDone,
)
from rapport.model.fact_news import (
    ReactionSeen as ReactionSeen,
)
from rapport.model.fact_news import (
    ReceiptSeen as ReceiptSeen,
)
from rapport.model.fact_reply import (
    ActionDone as ActionDone,
)
from rapport.model.fact_reply import (
    ActionRefused as ActionRefused,
)
from rapport.model.fact_reply import (
    ApprovalAsked as ApprovalAsked,
)
from rapport.model.fact_reply import (
    DraftApproved as DraftApproved,
)
from rapport.model.fact_reply import (
    DraftRefused as DraftRefused,
)
from rapport.model.fact_reply import (
    DraftReturned as DraftReturned,
)
from rapport.model.fact_reply import (
    DraftWithdrawn as DraftWithdrawn,
)
from rapport.model.fact_reply import (
    DraftWritten as DraftWritten,
)
from rapport.model.fact_reply import (
    EntryDigested as EntryDigested,
)
from rapport.model.fact_reply import (
    EntrySetAside as EntrySetAside,
)
from rapport.model.fact_reply import (
    OperationAsked as OperationAsked,
)
from rapport.model.fact_reply import (
    ReminderFell as ReminderFell,
)
from rapport.model.fact_reply import (
    ReplyQueued as ReplyQueued,
)
from rapport.model.fact_reply import (
    ReplyTakenBack as ReplyTakenBack,
)
from rapport.model.fact_reply import (
    SendRetried as SendRetried,
)
from rapport.model.fact_reply import (
    TierExpired as TierExpired,
)
from rapport.model.fact_reply import (
    TierGiven as TierGiven,
)
from rapport.model.fact_survey import (
    SurveyAnswered as SurveyAnswered,
)
from rapport.model.fact_survey import (
    SurveyAsked as SurveyAsked,
)
from rapport.model.fact_told import (
    ACTIONS as ACTIONS,
)
from rapport.model.fact_told import (
    ActionTaken as ActionTaken,
)
from rapport.model.fact_told import (
    AgentInvited as AgentInvited,
)
from rapport.model.fact_told import (
    CentreRemoved as CentreRemoved,
)
from rapport.model.fact_told import (
    CentreSet as CentreSet,
)
from rapport.model.fact_told import (
    InvitationTaken as InvitationTaken,
)
from rapport.model.fact_told import (
    InvitationWithdrawn as InvitationWithdrawn,
)
from rapport.model.fact_told import (
    JourneyEventSeen as JourneyEventSeen,
)
from rapport.model.fact_told import (
    MessageReceived as MessageReceived,
)
from rapport.model.fact_told import (
    MessageSent as MessageSent,
)
from rapport.model.fact_told import (
    MessageUnreadable as MessageUnreadable,
)
from rapport.model.fact_told import (
    PersonDeclared as PersonDeclared,
)
from rapport.model.fact_told import (
    SendPutOff as SendPutOff,
)
from rapport.model.fact_told import (
    SendRefused as SendRefused,
)
from rapport.model.fact_told import (
    SendUnknown as SendUnknown,
)
from rapport.model.message import Said as Said

KINDS: dict[int, type[Fact]] = {kind.number: kind for kind in Fact.__subclasses__()}
INBOUND: tuple[int, ...] = tuple(
    sorted(number for number in KINDS if number < 32 or 100 <= number < 104 or number in (150, 151))
)
