"""What the console's templates are given."""

from datetime import datetime
from typing import Any

import msgspec

from rapport.matching.looking import Look
from rapport.measures.at_work import AtWork
from rapport.model.telling import Telling


class PlacesShown(msgspec.Struct, frozen=True):
    """The places of an agent for a channel kind, or for one channel."""

    slot: str
    held: int
    places: int


class AsksShown(msgspec.Struct, frozen=True):
    """An offer that lies before somebody; `left` in seconds."""

    conversation: bytes
    agent: str
    name: str
    left: float


class AgentShown(msgspec.Struct, frozen=True):
    """An agent at work. `late`, `angry`: how many of what they have; `seconds`: mean handle time today, None: nothing ended."""

    id: str
    name: str
    team: str
    bot: bool
    presence: str
    since: datetime | None
    places: tuple[PlacesShown, ...]
    held: tuple[AtWork, ...]
    asks: tuple[AsksShown, ...]
    late: int
    angry: int
    ended: int
    seconds: float | None
    today: bool = False  # something of them is otherwise for today


class TeamShown(msgspec.Struct, frozen=True):
    """A team: how many are present of how many, and what they hold of their places."""

    name: str
    present: int
    people: int
    held: int
    places: int
    late: int


class WaitShown(msgspec.Struct, frozen=True):
    """Who waits, to whom it is put now, and why nobody has it yet; `look` None: it was not looked at."""

    one: AtWork
    asks: tuple[AsksShown, ...]
    look: Look | None


class FieldToday(msgspec.Struct, frozen=True):
    """A field that is otherwise for today, as text."""

    name: str
    before: str
    now: str


class TodayShown(msgspec.Struct, frozen=True):
    """What is otherwise for today."""

    id: str
    kind: str
    name: str
    fields: tuple[FieldToday, ...]
    by: str
    why: str
    since: datetime
    until: datetime


class ConsolePage(msgspec.Struct, frozen=True):
    """The whole console. `here`: how many agents there are; `away`: how many more, who are offline and have nothing."""

    at: datetime
    agents: tuple[AgentShown, ...]
    here: int
    away: int
    staff: int
    teams: tuple[TeamShown, ...]
    team: str
    waiting: tuple[WaitShown, ...]
    waits: int
    today: tuple[TodayShown, ...]
    plans: tuple[str, ...]
    names: dict[str, str]
    said: str = ""
    undo: str = ""  # what a form needs to take it back
    done_with: str = ""  # whom the undo is about


class AgentPage(msgspec.Struct, frozen=True):
    """One agent, and what can be done with them."""

    agent: AgentShown
    today: TodayShown | None
    teams: tuple[str, ...]
    until: str
    names: dict[str, str]
    problem: str = ""
    form: dict[str, str] = {}


class StepForm(msgspec.Struct, frozen=True):
    """A step of a plan. `fits`: how many agents meet it."""

    require: str
    seconds: float
    fits: int
    is_last: bool


class PlanPage(msgspec.Struct, frozen=True):
    """A plan to be changed for today."""

    name: str
    steps: tuple[StepForm, ...]
    staff: int
    priority: int
    offer_seconds: float
    offers: int
    waits: int
    today: TodayShown | None
    until: str
    teams: tuple[str, ...]
    names: dict[str, str]
    problem: str = ""
    form: dict[str, str] = {}


class NeedPage(msgspec.Struct, frozen=True):
    """A need, and to whom it can be given. `people`: id, name, free places, whether it would be by the plan."""

    wait: WaitShown
    people: tuple[tuple[str, str, int, bool], ...]
    names: dict[str, str]
    problem: str = ""
    form: dict[str, str] = {}


class Beside(msgspec.Struct, frozen=True):
    """What was said beside a conversation between its agent and supervisors, oldest first."""

    conversation: bytes
    tellings: tuple[Telling, ...]
    names: dict[str, str]
    me: str


class WatchPage(msgspec.Struct, frozen=True):
    """A conversation that is read along. `chosen`: as the desk has it; `on_call`: they speak on the telephone now."""

    chosen: Any  # Any: desk_context.Chosen, which this module need not know
    beside: Beside
    names: dict[str, str]
    held_since: datetime | None
    problem: str = ""
    form: dict[str, str] = {}
    once: str = ""
    on_call: bool = False


class TellingsPage(msgspec.Struct, frozen=True):
    """What was said to an agent alone beside one conversation."""

    beside: Beside
    name: str  # of the person
    may_answer: bool
    newest: bytes | None  # the telling that an answer would answer
    has_it: bool
    problem: str = ""
    form: dict[str, str] = {}
    once: str = ""


class ToldPart(msgspec.Struct, frozen=True):
    """What was said to somebody alone that they have not seen: the newest, and how many there are."""

    told: Telling | None
    more: int
    names: dict[str, str]
    name: str = ""  # of the person
