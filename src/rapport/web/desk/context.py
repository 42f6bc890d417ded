"""What the desk's templates are given: one Struct for each page and each part that is sent again on its own."""

from datetime import datetime

import msgspec

from rapport.conversations.inbox import InboxRow
from rapport.model.conversation import Conversation
from rapport.model.message import Message
from rapport.model.need import Explanation
from rapport.model.reply import Draft, Finding, Outgoing
from rapport.replies.attachments import Kept
from rapport.web.desk.clocks import ClocksShown
from rapport.web.desk.playbook_panel import PlaybookShown
from rapport.web.desk.shown import NO_FILTERS, NOTHING_MORE, Afterwards, Filters, Report, Suggested, Undo
from rapport.web.desk.side import NOTHING_BESIDE, Side


class View(msgspec.Struct, frozen=True):
    """A view of the inbox. `capped`: there are more than were counted; `oldest`: since when its oldest waits.

    `count` None: not counted.
    """

    name: str
    icon: str
    count: int | None = None
    capped: bool = False
    unread: bool = False
    oldest: datetime | None = None


class Inbox(msgspec.Struct, frozen=True):
    """The list of a view. `query`: its own address, `more`: that of the longer or next list, "" at the end."""

    view: str
    views: tuple[View, ...]
    rows: tuple[InboxRow, ...]
    query: str
    more: str = ""
    chosen: bytes | None = None
    names: dict[str, str] = {}
    waiting: int = 0
    empty_icon: str = "inbox"
    filters: Filters = NO_FILTERS
    answers: bool = True  # False: whoever looks is no agent of this centre, so nothing is ever offered to them


class Me(msgspec.Struct, frozen=True):
    """Who sits at the desk: presence, places taken and in all. `answers` False: they are no agent of this centre."""

    name: str
    presence: str
    held: int = 0
    places: int = 0
    team: str = ""
    answers: bool = True


class Item(msgspec.Struct, frozen=True):
    """One line of a thread: a day, a message with what became of it, or an event of `kind`."""

    at: datetime
    key: str = ""
    day: bool = False
    message: Message | None = None
    kind: str = ""
    agent: str = ""
    seconds: float = 0.0
    word: str = ""
    after: Afterwards = NOTHING_MORE


class HandleShown(msgspec.Struct, frozen=True):
    """A handle without its network: `channel` and the name there."""

    channel: str
    name: str


class PersonShown(msgspec.Struct, frozen=True):
    """The head of the person pane. `id` None: nobody is known yet."""

    id: bytes | None = None
    name: str = ""
    language: str = ""
    first_at: datetime | None = None
    tags: tuple[str, ...] = ()
    handles: tuple[HandleShown, ...] = ()
    moments: int = 0


class Matter(msgspec.Struct, frozen=True):
    """Something that matters now: `kind` picks the words."""

    kind: str
    word: str = ""
    detail: str = ""
    number: int = 0
    at: datetime | None = None
    why: str = ""  # `same`: about what the need is about; `just`: just before it


class Step(msgspec.Struct, frozen=True):
    """One moment of a journey: a conversation, or an event of another department."""

    at: datetime
    kind: str
    text: str = ""
    name: str = ""
    source: str = ""
    channel: str = ""
    state: str = ""
    agent: str = ""
    conversation: bytes | None = None


class Typist(msgspec.Struct, frozen=True):
    """A colleague who writes in the same conversation now."""

    name: str
    note: bool = False


class Chosen(msgspec.Struct, frozen=True):
    """The conversation on the desk, with all that stands beside it."""

    conversation: Conversation
    names: dict[str, str]
    mine: bool = False
    replies: bool = True  # who looks at it may answer the customer, not only leave notes
    free: bool = False
    offered_to: str = ""
    items: tuple[Item, ...] = ()
    earlier: int = 0
    unknown: tuple[Outgoing, ...] = ()
    draft: Draft | None = None
    returned: Draft | None = None
    typing: tuple[Typist, ...] = ()
    problem: str = ""
    person: PersonShown = PersonShown()
    matters: tuple[Matter, ...] = ()
    why: Explanation | None = None
    why_agent: str = ""
    journey: tuple[Step, ...] = ()
    blocked: bool = False
    side: Side = NOTHING_BESIDE
    intents: tuple[str, ...] = ()


class Checks(msgspec.Struct, frozen=True):
    """What became of looking at a text: findings, its length against the `limit`, and for which reach approval is asked.

    `until`: how long the network lets us write; `closed`: why it does not; `template`: it takes only a text that it approved.
    """

    findings: tuple[Finding, ...] = ()
    refusal: str = ""
    refused: bool = False
    longest: int = 0
    limit: int = 0
    parts: int = 0
    asks: frozenset[str] = frozenset()
    text: str = ""
    saved: bool = False
    saved_at: datetime | None = None
    until: datetime | None = None
    closed: str = ""
    template: bool = False
    linked: int = 0


class Composer(msgspec.Struct, frozen=True):
    """The composer: whom it may reach, what is in it. `voice`: the brand's name as the public sees it."""

    once: str
    reaches: tuple[str, ...]
    reach: str
    voice: str
    text: str = ""
    subject: str = ""
    files: tuple[Kept, ...] = ()
    later: str = ""  # when it leaves, as a field has it


class AgentChoice(msgspec.Struct, frozen=True):
    """An agent to whom a conversation can be passed."""

    id: str
    name: str
    team: str
    presence: str


class ReplyChoice(msgspec.Struct, frozen=True):
    """A saved reply in the conversation's language."""

    title: str
    text: str


class Dialogs(msgspec.Struct, frozen=True):
    """What the desk's dialogs offer."""

    dispositions: tuple[str, ...]
    snoozes: tuple[tuple[str, datetime], ...]
    teams: tuple[str, ...]
    agents: tuple[AgentChoice, ...]
    replies: tuple[ReplyChoice, ...] = ()


class OfferShown(msgspec.Struct, frozen=True):
    """An open offer as its card shows it. `left` and `whole` in seconds."""

    id: bytes
    name: str
    channel: str
    kind: str
    public: bool
    preview: str
    language: str
    intent: str
    left: float
    whole: float
    why: Explanation
    waited: float = 0.0
    said_at: datetime | None = None
    matters: tuple[Matter, ...] = ()
    names: dict[str, str] = {}


class DeskPage(msgspec.Struct, frozen=True):
    """The whole desk. `problem`: what was refused outside of a conversation."""

    inbox: Inbox
    me: Me
    may_write: bool
    chosen: Chosen | None = None
    composer: Composer | None = None
    checks: Checks = Checks()
    dialogs: Dialogs | None = None
    offer: OfferShown | None = None
    problem: str = ""
    panel: PlaybookShown | None = None
    timing: ClocksShown | None = None
    report: Report | None = None
    undo: Undo | None = None
    suggested: Suggested | None = None
    once: str = ""


class InboxPart(msgspec.Struct, frozen=True):
    """The inbox alone."""

    inbox: Inbox


class PresencePart(msgspec.Struct, frozen=True):
    """One's own presence alone."""

    me: Me
    may_write: bool


class ChosenPart(msgspec.Struct, frozen=True):
    """A part of the conversation alone."""

    chosen: Chosen
    may_write: bool


class ChecksPart(msgspec.Struct, frozen=True):
    """The checks alone."""

    checks: Checks


class OfferPage(msgspec.Struct, frozen=True):
    """The offer on the road, or that there is none; `problem`: what became of the last one."""

    me: Me
    offer: OfferShown | None = None
    problem: str = ""
