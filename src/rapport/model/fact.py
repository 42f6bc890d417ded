"""The catalogue: every kind of fact that the ledger may hold, one struct each, with the number that stands for it.

A fact is past tense and never changed. Its fields are the entry's body: ids, states and results, nothing personal. What
somebody wrote, and any words that quote them, is `content`: a struct of its own, sealed with the key of the handle it came by.
A released fact is read for ever: new fields go to the end and have a default; a number is never used twice.
What acts by itself stands in `fact_work`, under its own name.
Kinds of `OUTSIDE` come in from outside the pipeline (a network, a desk, another department, the outbox, a reader, a survey); a
worker reads those.
"""

from rapport.model import (
    fact_help as fact_help,
    fact_rights as fact_rights,
    fact_signal as fact_signal,
    fact_work as fact_work,
)
from rapport.model.fact_access import LoginChanged as LoginChanged
from rapport.model.fact_call import (
    CallEnded as CallEnded,
    CallKeyed as CallKeyed,
    CallLegEnded as CallLegEnded,
    CallMarked as CallMarked,
    CallStarted as CallStarted,
    Keyed as Keyed,
)
from rapport.model.fact_calling import ApproverTold as ApproverTold, RuleCrossed as RuleCrossed
from rapport.model.fact_care import (
    AttributeLearnt as AttributeLearnt,
    ConversationContinued as ConversationContinued,
    ConversationOpened as ConversationOpened,
    ConversationRead as ConversationRead,
    ConversationResolved as ConversationResolved,
    ConversationSnoozed as ConversationSnoozed,
    ConversationTransferred as ConversationTransferred,
    ConversationWoken as ConversationWoken,
    MessageAdmitted as MessageAdmitted,
    MessageHeld as MessageHeld,
    MessageReread as MessageReread,
    MessageUnderstood as MessageUnderstood,
    NeedHeld as NeedHeld,
    NeedRaised as NeedRaised,
    NeedWidened as NeedWidened,
    NeedWithdrawn as NeedWithdrawn,
    NoteWritten as NoteWritten,
    OfferAccepted as OfferAccepted,
    OfferDeclined as OfferDeclined,
    OfferExpired as OfferExpired,
    OfferMade as OfferMade,
    OfferRevoked as OfferRevoked,
    PersonRecognised as PersonRecognised,
    PresenceChanged as PresenceChanged,
    WrappedUp as WrappedUp,
)
from rapport.model.fact_console import (
    AgentTold as AgentTold,
    TellingSeen as TellingSeen,
    TodayChanged as TodayChanged,
    TodayEnded as TodayEnded,
)
from rapport.model.fact_desk import (
    AgentMentioned as AgentMentioned,
    ConversationMarked as ConversationMarked,
    ConversationsMerged as ConversationsMerged,
    ConversationSplit as ConversationSplit,
    HandleBlocked as HandleBlocked,
    MentionsRead as MentionsRead,
    OfferForwarded as OfferForwarded,
)
from rapport.model.fact_group import (
    FileImported as FileImported,
    GroupNoted as GroupNoted,
    MembershipNoted as MembershipNoted,
    PersonUndeclared as PersonUndeclared,
    ProfileLinkMade as ProfileLinkMade,
)
from rapport.model.fact_handing import (
    CallBackAsked as CallBackAsked,
    ConferenceChanged as ConferenceChanged,
    CrossingAnswered as CrossingAnswered,
    HandedOver as HandedOver,
)
from rapport.model.fact_kind import (
    Deciding as Deciding,
    EventData as EventData,
    Fact as Fact,
    PersonData as PersonData,
    RawBytes as RawBytes,
    Words as Words,
)
from rapport.model.fact_learning import (
    ReaderCompared as ReaderCompared,
    ReadingCorrected as ReadingCorrected,
)
from rapport.model.fact_news import (
    AccountHeard as AccountHeard,
    AccountSilent as AccountSilent,
    Changed as Changed,
    MessageDeleted as MessageDeleted,
    MessageEdited as MessageEdited,
    OperationDone as OperationDone,
    ReactionSeen as ReactionSeen,
    ReceiptSeen as ReceiptSeen,
)
from rapport.model.fact_person import (
    AttributeCorrected as AttributeCorrected,
    AttributeNoted as AttributeNoted,
    ConsentNoted as ConsentNoted,
    ContextRead as ContextRead,
    EventEnded as EventEnded,
    PersonErased as PersonErased,
    PersonHeld as PersonHeld,
    PersonsAlike as PersonsAlike,
    PersonsMerged as PersonsMerged,
)
from rapport.model.fact_poll import PollSet as PollSet, VoteCast as VoteCast
from rapport.model.fact_reply import (
    ActionDone as ActionDone,
    ActionRefused as ActionRefused,
    ApprovalAsked as ApprovalAsked,
    DraftApproved as DraftApproved,
    DraftRefused as DraftRefused,
    DraftReturned as DraftReturned,
    DraftWithdrawn as DraftWithdrawn,
    DraftWritten as DraftWritten,
    EntryDigested as EntryDigested,
    EntrySetAside as EntrySetAside,
    OperationAsked as OperationAsked,
    ReminderFell as ReminderFell,
    ReplyQueued as ReplyQueued,
    ReplyTakenBack as ReplyTakenBack,
    SendRetried as SendRetried,
    TierExpired as TierExpired,
    TierGiven as TierGiven,
)
from rapport.model.fact_report_mail import ReportMailed as ReportMailed, ReportMailSet as ReportMailSet
from rapport.model.fact_review import (
    AppealAnswered as AppealAnswered,
    CalibrationClosed as CalibrationClosed,
    ReviewAppealed as ReviewAppealed,
    ReviewAsked as ReviewAsked,
    ReviewGiven as ReviewGiven,
    ReviewLeft as ReviewLeft,
    ReviewSeen as ReviewSeen,
    SampleDrawn as SampleDrawn,
)
from rapport.model.fact_story import (
    StoryKept as StoryKept,
    StoryLetGo as StoryLetGo,
)
from rapport.model.fact_survey import (
    SurveyAnswered as SurveyAnswered,
    SurveyAsked as SurveyAsked,
    SurveyHeard as SurveyHeard,
    SurveyHinted as SurveyHinted,
    SurveyLapsed as SurveyLapsed,
    SurveyLeft as SurveyLeft,
    SurveyPlanned as SurveyPlanned,
    SurveySent as SurveySent,
)
from rapport.model.fact_told import (
    ACTIONS as ACTIONS,
    ActionTaken as ActionTaken,
    AgentInvited as AgentInvited,
    CentreRemoved as CentreRemoved,
    CentreSet as CentreSet,
    InvitationTaken as InvitationTaken,
    InvitationWithdrawn as InvitationWithdrawn,
    JourneyEventSeen as JourneyEventSeen,
    MessageReceived as MessageReceived,
    MessageSent as MessageSent,
    MessageUnreadable as MessageUnreadable,
    PersonDeclared as PersonDeclared,
    SendPutOff as SendPutOff,
    SendRefused as SendRefused,
    SendUnknown as SendUnknown,
)
from rapport.model.fact_workforce import (
    BurstAnswered as BurstAnswered,
    BurstBegan as BurstBegan,
    BurstFollowed as BurstFollowed,
    ShiftAnswered as ShiftAnswered,
    ShiftAsked as ShiftAsked,
    ShiftsSet as ShiftsSet,
)
from rapport.model.message import Said as Said

KINDS: dict[int, type[Fact]] = {kind.number: kind for kind in Fact.__subclasses__()}
OF_PEOPLE = (*range(137, 143), *range(180, 190))
OUTSIDE = {*range(32), *range(100, 104), *range(114, 117), 129, *OF_PEOPLE, *range(150, 154), *range(169, 173), 173, 174}
INBOUND: tuple[int, ...] = tuple(sorted(number for number in KINDS if number in OUTSIDE))
