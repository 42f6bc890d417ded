"""The centre as things: what its files, the screens and the defaults say; each thing is one fact when it is set."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from rapport.model.agent import Agent
from rapport.model.agreement import Agreement
from rapport.model.article import Article
from rapport.model.attribute import AttributeType, Value
from rapport.model.bot import Bot, Hook
from rapport.model.brand import Account as Account, Brand as Brand
from rapport.model.burst import BurstStep
from rapport.model.hours import check_hours
from rapport.model.journey import EventKind
from rapport.model.known_ahead import days_known_ahead
from rapport.model.law import check_rights, law_of
from rapport.model.learnt import LearntModel as LearntModel, TaughtReader as TaughtReader
from rapport.model.need import Plan
from rapport.model.playbook import Playbook as Playbook, PlaybookStep as PlaybookStep, Rule
from rapport.model.pool import Pool
from rapport.model.purpose import Purpose
from rapport.model.reply import Tier
from rapport.model.review import SamplingPlan, Scorecard
from rapport.model.saved_reply import SavedReply as SavedReply
from rapport.model.site import Site
from rapport.model.survey import Survey
from rapport.model.target import Target
from rapport.model.today import MAY_BE_NEW, TODAY, Today, body_today, read_today
from rapport.model.worth import check_worth

MOST_EXPLORED = 0.05  # share of needs whose agent may be drawn among near-ties


class Thing(msgspec.Struct, frozen=True):
    """A piece of the centre as it was last set: `id` is `kind/name`, `body` its JSON."""

    id: str
    body: bytes
    at: datetime


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The centre itself. `targets`: seconds until the first answer is due, by channel kind; `hours`: as in `model.hours`.

    `matching`: `best` puts each need to the best who is free; `patient` lets both wait where somebody better is likely to come
    free; `plain` looks at no worth: who waits longest goes to who is idle longest. `explored`: the share of needs, 0 to 0.05,
    whose agent is drawn among near-ties, so that what another choice would have given can be told.

    `attributes`: the types of attributes of persons and agents. `protected`: further names that matching may never use.
    """

    id: str = "centre"
    name: str = ""
    zone: str = "UTC"
    languages: tuple[str, ...] = ("es", "en")
    targets: dict[str, int] = {}
    wrap_up: tuple[str, ...] = ()  # dispositions offered at the end of an interaction
    attributes: dict[str, AttributeType] = {}
    protected: tuple[str, ...] = ()
    matching: Literal["best", "patient", "plain"] = "best"
    explored: float = 0.0
    hours: dict[str, tuple[str, ...]] = {}  # when people answer; none at all: always
    sensitive: tuple[str, ...] = ()  # attributes that are shown only to who has the clearance, on record
    value: dict[str, float] = {}  # what is taken for granted where the value of a day is reckoned (`model.worth`)
    currency: str = ""  # of its money, as people read it
    law: str = ""  # whose deadlines hold for what persons ask by right, one of model.law.LAWS; "": the strictest default
    rights_days: dict[str, int] = {}  # the house's own limit, by right; the earlier of it and the law's counts
    public_profiles: Literal["law", "on", "off"] = "law"  # what networks show everybody of who writes: as the law has it
    profile_days: int = 90  # for how long that is believed
    burst_does: tuple[BurstStep, ...] = ()  # what is done by itself when a real burst begins; the rest waits for a press
    burst_reply: str = ""  # the saved reply for who waits in a burst; {wait} in it is how long it takes
    swaps: Literal["planner", "rules"] = "planner"  # who lets a swap of shifts be that both agreed to and that is legal
    rest_hours: float = 11.0  # between two shifts, at least
    week_hours: float = 48.0  # of work, at most
    known_ahead: dict[str, tuple[str, ...]] = {}  # what moves a day's forecast, as a campaign or a release: its days
    sites: tuple[Site, ...] = ()  # places of work, compared by what a resolved need costs there

    def __post_init__(self) -> None:
        """Raise ValueError where the hours cannot be read, or what is said of persons' rights cannot be kept."""
        check_hours(self.hours)
        days_known_ahead(self.known_ahead)
        check_worth(self.value)
        check_rights(self.law, self.rights_days, self.profile_days)

    @property
    def keeps_profiles(self) -> bool:
        """Whether what a network shows everybody of who writes to us is kept."""
        return self.public_profiles == "on" or (self.public_profiles == "law" and law_of(self.law).profiles)


LONGEST_HOLD = 3_600  # seconds
LONGEST_TIER = 43_200  # minutes: thirty days


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must be seen before it is said, what may not be said, and what agents are given at most.

    `approve`: when approval is asked, any of `public`, `private`, `always`, `trainee`, `influencer`, `legal`, `intent:…`,
    `check:…`, `signal:…`. `checks`: off, warn, ask or refuse, by rule. `tiers`: who is asked, in turn; none: any approver.
    `teams`, `channels` and `brands` empty: everywhere. Rates are messages a minute; 0: the guard's own.
    What follows `crowd` is as of an agent (`model.agent.Agent`) and holds for the teams; `channels` narrows `never` alone.
    `may_promise`: phrases that are no promise too many; `refund_limit`: the most that may be promised back; `hold_seconds`:
    for how long a reply can be taken back; `followers`: from how many on somebody is an influencer; `legal`: further words.
    """

    id: str
    approve: tuple[str, ...] = ()
    checks: dict[str, str] = {}
    banned: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    handle_rate: float = 0.0
    account_rate: float = 0.0
    tenant_rate: float = 0.0
    crowd: int = 0  # near-identical messages within ten minutes that make an incident; 0: the default
    shift: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    angry_per_hour: int = 0
    max_occupancy: float = 0.0
    tiers: tuple[Tier, ...] = ()
    brands: tuple[str, ...] = ()
    may_promise: tuple[str, ...] = ()
    refund_limit: float = 0.0
    hold_seconds: float = 0.0
    followers: float = 0.0
    legal: tuple[str, ...] = ()
    look_back_days: float = 0.0  # how far a reply is compared with what we said; 0: 14
    playbooks: Literal["record", "forbid"] = "record"  # what becomes of a required step that is left out
    taking: Literal["record", "refuse"] = "record"  # what becomes of it when somebody takes what `never` keeps from them

    def __post_init__(self) -> None:
        """Raise ValueError where a reply would be held, or its approval waited for, without a sensible end."""
        if not 0 <= self.hold_seconds <= LONGEST_HOLD:
            raise ValueError(f"hold_seconds of policy {self.id!r} is from 0 to {LONGEST_HOLD}, got {self.hold_seconds:g}")
        for nth, tier in enumerate(self.tiers):
            if not 0 <= tier.minutes <= LONGEST_TIER:
                raise ValueError(
                    f"minutes of tiers.{nth} of policy {self.id!r} is from 0 to {LONGEST_TIER}, got {tier.minutes:g}"
                )


class Signal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a run of journey events, or the words of a message, say of a person.

    Of their `last` events of kind `event` within `days`, at least `at_least` have every `where` value: then `set` holds.
    With `words` it is of messages (`event` is `message`): one that has any of these words is enough. `about`: why it is here.
    """

    id: str
    event: str
    set: dict[str, Value]
    where: dict[str, str] = {}
    last: int = 5
    at_least: int = 1
    days: float = 30.0
    expires_days: float = 90.0
    words: tuple[str, ...] = ()
    enabled: bool = True
    about: str = ""


KINDS: dict[str, type[msgspec.Struct]] = {
    "centre": Profile,
    "brand": Brand,
    "account": Account,
    "agent": Agent,
    "plan": Plan,
    "policy": Policy,
    "signal": Signal,
    "reply": SavedReply,
    "playbook": Playbook,
    "rule": Rule,
    "target": Target,
    "bot": Bot,
    "hook": Hook,
    "model": LearntModel,
    "reader": TaughtReader,
    "agreement": Agreement,
    "article": Article,
    "event_kind": EventKind,
    "purpose": Purpose,
    "scorecard": Scorecard,
    "sampling": SamplingPlan,
    "survey": Survey,
    "pool": Pool,
}
_decoders = {kind: msgspec.json.Decoder(struct) for kind, struct in KINDS.items()}

DEFAULT_TARGETS = {"voice": 20, "chat": 60, "social": 900, "sms": 900, "email": 14_400}
DEFAULT_WRAP_UP = ("solved", "answered", "passed-on", "no-answer-needed", "spam")


class Centre(msgspec.Struct, frozen=True):
    """Everything that the centre says of itself, decoded; each by id."""

    profile: Profile = Profile()
    brands: dict[str, Brand] = {}
    accounts: dict[str, Account] = {}
    agents: dict[str, Agent] = {}
    plans: dict[str, Plan] = {}
    policies: dict[str, Policy] = {}
    signals: dict[str, Signal] = {}
    replies: dict[str, SavedReply] = {}
    playbooks: dict[str, Playbook] = {}
    rules: dict[str, Rule] = {}
    targets: dict[str, Target] = {}
    bots: dict[str, Bot] = {}
    hooks: dict[str, Hook] = {}
    models: dict[str, LearntModel] = {}
    readers: dict[str, TaughtReader] = {}
    agreements: dict[str, Agreement] = {}
    events: dict[str, EventKind] = {}
    purposes: dict[str, Purpose] = {}
    scorecards: dict[str, Scorecard] = {}
    samplings: dict[str, SamplingPlan] = {}
    surveys: dict[str, Survey] = {}
    pools: dict[str, Pool] = {}

    def target(self, kind: str) -> timedelta:
        """The time within which the first answer on this channel kind is due."""
        return timedelta(seconds=self.profile.targets.get(kind, DEFAULT_TARGETS.get(kind, 3600)))

    def dispositions(self) -> tuple[str, ...]:
        """What an interaction can end with."""
        return self.profile.wrap_up or DEFAULT_WRAP_UP


PLURALS = {
    "brand": "brands",
    "account": "accounts",
    "agent": "agents",
    "plan": "plans",
    "policy": "policies",
    "signal": "signals",
    "reply": "replies",
    "playbook": "playbooks",
    "rule": "rules",
    "target": "targets",
    "bot": "bots",
    "hook": "hooks",
    "model": "models",
    "reader": "readers",
    "agreement": "agreements",
    "event_kind": "events",
    "purpose": "purposes",
    "scorecard": "scorecards",
    "sampling": "samplings",
    "survey": "surveys",
    "pool": "pools",
}


def read_thing(kind: str, body: bytes) -> msgspec.Struct:
    """The thing that `body` says. Raises msgspec.ValidationError where it is not one of its kind."""
    return _decoders[kind].decode(body)


def thing_today(kind: str, body: bytes | None, today: Today | None) -> msgspec.Struct | None:
    """A piece as it is now; None where there is none. What today says of it and cannot be is as if it were not said."""
    base = read_thing(kind, body) if body is not None else None
    if today is None or (base is None and (kind not in MAY_BE_NEW or not today.is_new)):
        return base
    try:
        return read_thing(kind, body_today(body, today))
    except msgspec.ValidationError:
        return base


def read_centre(things: Iterable[Thing]) -> Centre:
    """The centre that `things` make, as it is now: with what is otherwise for today."""
    found: dict[str, dict[str, msgspec.Struct]] = {plural: {} for plural in PLURALS.values()}
    profile = Profile()
    bodies: dict[str, bytes | None] = {thing.id: thing.body for thing in things}
    todays = {name: read_today(body) for id, body in bodies.items() if body and (name := id.removeprefix(f"{TODAY}/")) != id}
    for id in (*bodies, *(name for name in todays if name not in bodies)):
        kind, _, name = id.partition("/")
        value = thing_today(kind, bodies.get(id), todays.get(id)) if kind == "centre" or kind in PLURALS else None
        if isinstance(value, Profile):
            profile = value
        elif value is not None:
            found[PLURALS[kind]][name] = value
    return Centre(profile, **found)  # type: ignore[arg-type]  # each dict holds its own kind by construction
