"""Views: rows folded from facts, in memory for the stages and as tables for the pages, by one and the same fold.

A row is a frozen Struct of the vocabulary. `TABLES` names the table of each; the columns are the fields of the Struct.
A fold is a function of an entry and the rows; it reads what the facts say and nothing else, so a table can be rebuilt.
A worker is the only writer of its tenant, so it holds current rows and writes them whole.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast

import msgspec

from rapport.ledger.entry import Entry, New
from rapport.model.agent import AgentNow
from rapport.model.article import ArticleUse, HelpJudgement, HelpOpening
from rapport.model.bot import Errand, Turn
from rapport.model.burst import Burst
from rapport.model.call import Call
from rapport.model.centre import Centre, Thing, read_centre
from rapport.model.conversation import Conversation, Labelled, Mention, Thread
from rapport.model.correction import Comparison, Correction
from rapport.model.fact import Fact
from rapport.model.group import FileImport, Group, Membership
from rapport.model.interaction import Interaction
from rapport.model.message import Message
from rapport.model.need import Need, Offer
from rapport.model.noted import Noted
from rapport.model.person import (
    Alike,
    Apart,
    Consent,
    Erasure,
    Glance,
    Handle,
    Hold,
    JourneyEvent,
    KnownBy,
    Person,
    PersonEvents,
    ProfileLink,
    RightRequest,
)
from rapport.model.playbook import Edition, Run, Task
from rapport.model.poll import Poll, Vote
from rapport.model.presence_was import PresenceWas
from rapport.model.reply import Aside, Draft, Incident, Outcome, Outgoing, Reminder
from rapport.model.report_mail import ReportMail
from rapport.model.reviewed import Review, Reviewable, Sample
from rapport.model.sequel import Sequel
from rapport.model.shift_ask import ShiftAsk
from rapport.model.signal import Signalled
from rapport.model.statement import Handover, Statement
from rapport.model.story import KeptStory
from rapport.model.survey import Asked, AskedHere
from rapport.model.target import Service
from rapport.model.telling import Telling

Row = TypeVar("Row", bound=msgspec.Struct)
Key = bytes | str

TABLES: dict[str, type[msgspec.Struct]] = {
    "handle": Handle,
    "person": Person,
    "person_events": PersonEvents,
    "journey_event": JourneyEvent,
    "thread": Thread,
    "conversation": Conversation,
    "message": Message,
    "need": Need,
    "offer": Offer,
    "interaction": Interaction,
    "agent_now": AgentNow,
    "draft": Draft,
    "outgoing": Outgoing,
    "outcome": Outcome,
    "reminder": Reminder,
    "aside": Aside,
    "incident": Incident,
    "thing": Thing,
    "edition": Edition,
    "run": Run,
    "task": Task,
    "service": Service,
    "turn": Turn,
    "errand": Errand,
    "sequel": Sequel,
    "call": Call,
    "statement": Statement,
    "handover": Handover,
    "labelled": Labelled,
    "mention": Mention,
    "telling": Telling,
    "help_opening": HelpOpening,
    "help_judgement": HelpJudgement,
    "article_use": ArticleUse,
    "signalled": Signalled,
    "correction": Correction,
    "comparison": Comparison,
    "apart": Apart,
    "known_by": KnownBy,
    "alike": Alike,
    "consent": Consent,
    "glance": Glance,
    "hold": Hold,
    "erasure": Erasure,
    "right_request": RightRequest,
    "sample": Sample,
    "reviewable": Reviewable,
    "review": Review,
    "burst": Burst,
    "shift_ask": ShiftAsk,
    "presence_was": PresenceWas,
    "people_group": Group,
    "membership": Membership,
    "profile_link": ProfileLink,
    "file_import": FileImport,
    "asked": Asked,
    "asked_here": AskedHere,
    "poll": Poll,
    "vote": Vote,
    "report_mail": ReportMail,
    "kept_story": KeptStory,
    "noted": Noted,
}
NAMES: dict[type[msgspec.Struct], str] = {row: name for name, row in TABLES.items()}

# Rows of these tables are all in a worker's memory while the condition holds; the rest is fetched when an entry names it.
RESIDENT: dict[str, str] = {
    "need": "true",
    "offer": "state = 'open'",
    "agent_now": "true",
    "thing": "id not like 'article/%'",
    "incident": "not released",
    "call": "state <> 'over'",
    "edition": "true",
    "run": "ended_at is null",
    "service": "open",
    "turn": "true",
    "errand": "open",
    "correction": "learns",
    "burst": "ended_at is null",
    "shift_ask": "state in ('asked', 'agreed')",
    "asked_here": "true",
}


Changes = dict[type[msgspec.Struct], dict[Key, msgspec.Struct | None]]


class Rows:
    """The rows that a worker holds: read by stages, changed by folds alone.

    `now` is the time of the running round. `changed` collects what must be written: the row, or None where it was dropped.
    `writing`: the changes that are on their way into the tables; memory is ahead of them, so none of these is fetched again.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._tables: dict[type[msgspec.Struct], dict[Key, Any]] = {row: {} for row in NAMES}  # Any: Row of that table
        self.changed: Changes = {}
        self.writing: Changes = {}
        self.bounds: dict[type[msgspec.Struct], int] = {}  # of tables that were tidied: how many rows there may be until again
        self.passing: dict[Key, None] = {}  # offers that were fetched or changed: those that have ended are let go
        self.unsettled = False  # a stage left something for another round, though nothing new comes
        self._centre: Centre | None = None

    @property
    def centre(self) -> Centre:
        """The centre as its things say now: agents, plans, policies ..."""
        if self._centre is None:
            self._centre = read_centre(self.all(Thing))
        return self._centre

    def get(self, table: type[Row], key: Key | None) -> Row | None:
        """The row, or None where there is none (or it was not fetched)."""
        found: Row | None = self._tables[table].get(key)  # type: ignore[arg-type]  # None is no key of any row
        return found

    def all(self, table: type[Row]) -> Iterator[Row]:
        """Every row in memory; of a resident table that is every row there is."""
        return iter(cast("Iterable[Row]", list(self._tables[table].values())))

    def count(self, table: type[msgspec.Struct]) -> int:
        """How many rows of a table are in memory."""
        return len(self._tables[table])

    def put(self, row: msgspec.Struct) -> None:
        """Make or replace a row."""
        key: Key = row.id  # type: ignore[attr-defined]  # every row Struct has an id
        table = type(row)
        self._tables[table][key] = row
        changed = self.changed.get(table)
        if changed is None:
            changed = self.changed[table] = {}
        changed[key] = row
        if table is Thing:
            self._centre = None
        elif table is Offer:
            self.passing[key] = None

    def drop(self, table: type[msgspec.Struct], key: Key) -> None:
        """Take a row away, whether or not it is in memory."""
        self._tables[table].pop(key, None)
        self.changed.setdefault(table, {})[key] = None
        if table is Thing:
            self._centre = None

    def change(self, table: type[Row], key: Key | None, **fields: Any) -> Row | None:  # Any: values of the row's fields
        """Replace some fields of a row that is there; None where it is not."""
        row = self.get(table, key)
        if row is None:
            return None
        changed = msgspec.structs.replace(row, **fields)
        self.put(changed)
        return changed

    def hold(self, row: msgspec.Struct) -> None:
        """Keep a row that was fetched; it is not a change."""
        self._tables[type(row)].setdefault(row.id, row)  # type: ignore[attr-defined]  # as above
        if type(row) is Thing:
            self._centre = None
        elif type(row) is Offer:
            self.passing[row.id] = None

    def knows(self, table: type[msgspec.Struct], key: Key) -> bool:
        """Whether the row is in memory."""
        return key in self._tables[table]

    def take_changes(self) -> Changes:
        """What must be written since this was last called."""
        changed, self.changed = self.changed, {}
        return changed

    def forget(self, table: type[msgspec.Struct], keys: Iterable[Key]) -> None:
        """Let go of rows that are not needed in memory; those that are not written yet stay."""
        rows = self._tables[table]
        for key in keys:
            if not self.is_ahead(table, key):
                rows.pop(key, None)

    def is_ahead(self, table: type[msgspec.Struct], key: Key) -> bool:
        """Whether memory is ahead of the table: the row was changed or dropped, and that is not written yet."""
        return key in self.writing.get(table, ()) or key in self.changed.get(table, ())


Written = Entry | New
Fold = Callable[[Written, Rows], None]
Folds = Mapping[type[Fact], Fold]
AllFolds = Mapping[type[Fact], tuple[Fold, ...]]
Step = Callable[[Written, Rows], Iterable[New]]
Steps = Mapping[type[Fact], Step]
DueStep = Callable[[Reminder, Rows], Iterable[New]]


@dataclass(frozen=True, slots=True)
class Stage:
    """A room of the house as the pipeline sees it.

    `steps`: what it makes of a fact. `due`: what it makes of a reminder, by the reminder's `what`. `settle`: what it decides
    once a round over all rows, after the entries. `prime`: sees a batch before its entries are taken one by one.
    `deaf`: it does not see what follows from its own facts, however far.
    None of them keeps rows, asks a clock or appends.
    """

    name: str
    steps: Steps
    due: Mapping[str, DueStep] = field(default_factory=dict)
    settle: Callable[[Rows], Iterable[New]] | None = None
    prime: Callable[[list[Entry]], None] | None = None
    deaf: bool = False
