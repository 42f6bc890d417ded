"""Folding: the rows that the measures are reckoned from, made from the ledger alone, entry by entry.

The same entries give the same rows, whoever folds them and in however many stretches. Brand, team and site are those of the
moment, and so is the zone by which a day and an hour are told: what is changed in the centre later changes no row of before.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

from rapport.measures.columns import NEVER, PRESENT, TALKS, WAITS, WORKS, Columns, Labels
from rapport.measures.entries import Dated
from rapport.measures.holding import FOLDS as HOLDING_FOLDS, is_holding
from rapport.measures.lately import Lately
from rapport.measures.reviews import FOLDS as REVIEW_FOLDS, REVIEWS
from rapport.measures.spells import Spells
from rapport.measures.surroundings import FOLDS as CENTRE_FOLDS, Surroundings
from rapport.measures.surveyed import FOLDS as SURVEY_FOLDS
from rapport.model.fact import (
    ConversationContinued,
    ConversationOpened,
    ConversationResolved,
    ConversationsMerged,
    ConversationTransferred,
    Fact,
    MessageReceived,
    MessageUnderstood,
    OfferAccepted,
    ReplyQueued,
    ReplyTakenBack,
    WrappedUp,
)

MOMENT = itemgetter(1)  # of an entry
EPOCH, MILLISECOND, DAY = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1), 86_400_000
MERGED = "merged"  # the disposition of a conversation that goes on in another one: no end of anything
LOOK_BACK = 10_000  # waits that are looked through for the one that a reply ended which never left


class Folded:
    """The rows of one tenant up to entry `seq`. `ids` and `people`: of conversations, 16 bytes each, row after row."""

    def __init__(self) -> None:
        self.seq = self.at = 0
        self.talks, self.works, self.waits = Columns(TALKS), Columns(WORKS), Columns(WAITS)
        self.spells, self.present, self.reviews = Spells(), Columns(PRESENT), Columns(REVIEWS)
        self.picks: dict[tuple[object, ...], object] = {}  # rows of what was asked since the last entry
        self.answers: dict[tuple[object, ...], object] = {}
        self.kept: dict[tuple[object, ...], object] = {}  # what else was reckoned of them since
        self.tiles: dict[int, Any] = {}  # Any: `measures.tiles.DayOfTiles`, by day: what was reckoned of it
        self.tiled_until = 0  # no tile is of a later moment
        self.stale: set[int] = set()  # days whose rows changed since their tiles were made
        self.opening: object = None  # `open_time.Hours` that somebody asked for last
        self.ids, self.people, self.work_ids = bytearray(), bytearray(), bytearray()
        self.labels: dict[str, Labels] = {name: Labels() for name in LABELLED}
        self._codes = {name: labels.codes for name, labels in self.labels.items()}
        self.around = Surroundings(self.labels)
        self.rows: dict[bytes, int] = {}
        self.reviewed, self.bursts, self.to_survey = dict[bytes, int](), dict[bytes, int](), Lately[bytes, bool]()
        self._works: dict[bytes, int] = {}  # interactions that go on
        self._waits: dict[int, int] = {}  # by conversation: its person waits
        self._spells: dict[int, int] = {}  # by conversation: it is open
        self.here: dict[str, int] = {}  # by agent: they are present
        self._heard: Lately[bytes, MessageReceived] = Lately()  # messages that belong to no conversation yet
        self._read: Lately[bytes, MessageUnderstood] = Lately()
        self._last: dict[tuple[bytes, int], int] = {}  # by person and intent: the conversation that was resolved last
        self._joined: tuple[bytes, tuple[bytes, ...]] = (b"", ())  # where the last merge led, and the messages it moved

    def fold(self, entries: list[Dated], upto: int) -> None:
        """Take entries in, in the order of the ledger; all of them up to `upto` have been then."""
        if self.tiles and entries:
            earliest = min(map(MOMENT, entries))
            if earliest < self.tiled_until:
                self.stale.update(day for day in self.tiles if day >= earliest // DAY + EPOCH.toordinal() - 1)
        folds = FOLDS
        for _, at, fact in entries:
            folds[type(fact)](self, at, fact)
        self.seq, self.at = upto, entries[-1][1] if entries else self.at
        for table in (self.talks, self.works, self.waits, self.spells, self.present, self.reviews):
            self.stale.update(table.changed())
        for day in self.stale & self.tiles.keys():
            del self.tiles[day]
        self.picks, self.answers, self.kept = {}, {}, {}

    def code(self, column: str, word: str) -> int:
        """The number of a word in a column."""
        return self.labels[column].code(word)

    def set(self, table: Columns, row: int, **fields: int) -> None:
        """Set fields of a row."""
        cells = table.cells
        for name, value in fields.items():
            cells[name][row] = value
        table.touched.append(row)

    def touch(self, table: Columns, row: int) -> None:
        """A row changes, so what was reckoned of its day holds no more."""
        table.touched.append(row)

    def opened(self, at: int, fact: ConversationOpened) -> None:
        """A conversation is a row from now on."""
        heard, read = self._heard.pop(fact.message, None), self._read.pop(fact.message, None)
        if heard is None or fact.conversation in self.rows:
            return
        since, codes = ms(heard.said_at), self._codes
        row = self.rows[fact.conversation] = self.talks.add()
        self.ids += fact.conversation
        self.people += fact.person
        brand = self.around.brand_of(heard.account)
        day, hour = self.around.clock(since, brand)
        intent = codes["intent"][read.intent if read else ""]
        talks = self.talks.cells
        talks["opened"][row], talks["due"][row] = since, ms(fact.due_at)
        talks["day"][row], talks["hour"][row] = day, hour
        talks["account"][row], talks["brand"][row] = codes["account"][heard.account], codes["brand"][brand]
        talks["kind"][row], talks["channel"][row] = codes["kind"][heard.kind], codes["channel"][heard.channel]
        talks["language"][row], talks["intent"][row] = codes["language"][read.language if read else ""], intent
        self.touch(self.talks, row)
        before = self._last.get((fact.person, intent))
        if before is not None and talks["again"][before] == NEVER:
            talks["again"][before] = since
            self.touch(self.talks, before)
        self._waits[row] = self.begin_wait(row, min(since, at), first=1)
        self._spells[row] = self.begin_spell(row, since)

    def continued(self, at: int, fact: ConversationContinued) -> None:
        """A person said more, or a conversation is open again."""
        heard = self._heard.pop(fact.message, None)
        self._read.pop(fact.message, None)
        row = self.rows.get(fact.conversation)
        if self.to_survey.pop(fact.message, False) or row is None:
            return
        since = min(ms(heard.said_at), at) if heard else at
        if row not in self._waits:
            self._waits[row] = self.begin_wait(row, since, first=int(self.talks.cells["answered"][row] == NEVER))
        if fact.reopened:
            self.touch(self.talks, row)
            talks = self.talks.cells
            joined = fact.conversation == self._joined[0] and fact.message in self._joined[1]
            came_back = not joined and talks["disposition"][row] != self.labels["disposition"].known(MERGED)
            talks["reopened"][row] += came_back
            talks["resolved"][row] = NEVER
            if came_back and talks["again"][row] == NEVER and talks["first_resolved"][row] != NEVER:
                talks["again"][row] = at
            if row not in self._spells:
                self._spells[row] = self.begin_spell(row, at)

    def begin_wait(self, row: int, since: int, first: int) -> int:
        """A person waits for an answer; the row."""
        wait, brand = self.waits.add(), self.labels["brand"].words[self.talks.cells["brand"][row]]
        waits = self.waits.cells
        waits["talk"][wait], waits["since"][wait], waits["first"][wait] = row, since, first
        waits["day"][wait], waits["hour"][wait] = self.around.clock(since, brand)
        self.touch(self.waits, wait)
        return wait

    def begin_spell(self, row: int, since: int) -> int:
        """A conversation is open; the row."""
        spell = self.spells.add()
        self.spells.cells["talk"][spell], self.spells.cells["begun"][spell] = row, since
        return spell

    def resolved(self, at: int, fact: ConversationResolved) -> None:
        """A conversation is resolved: nobody waits in it, and it is open no more."""
        row = self.rows.get(fact.conversation)
        if row is None:
            return
        talks = self.talks.cells
        talks["resolved"][row], talks["disposition"][row] = at, self._codes["disposition"][fact.disposition]
        self.touch(self.talks, row)
        self._waits.pop(row, None)
        spell = self._spells.pop(row, None)
        if spell is not None:
            self.spells.cells["ended"][spell] = at
        if fact.disposition == MERGED:
            return
        if talks["first_resolved"][row] == NEVER:
            talks["first_resolved"][row] = at
        self._last[bytes(self.people[16 * row : 16 * row + 16]), talks["intent"][row]] = row

    def merged(self, at: int, fact: ConversationsMerged) -> None:
        """A conversation goes on in another one, which may be opened again for it; or no more."""
        self._joined = (fact.into, fact.messages)

    def replied(self, at: int, fact: ReplyQueued) -> None:
        """An answer lies in the outbox: whoever waited has it."""
        row = self.rows.get(fact.conversation)
        if row is None or fact.part or (self.bursts and is_holding(self, at, fact)):
            return
        talks = self.talks.cells
        if talks["answered"][row] == NEVER:
            talks["answered"][row] = at
            self.touch(self.talks, row)
        wait = self._waits.pop(row, None)
        if wait is not None:
            waits = self.waits.cells
            waits["until"][wait], waits["agent"][wait] = at, talks["agent"][row]
            waits["team"][wait], waits["site"][wait] = talks["team"][row], talks["site"][row]
            self.touch(self.waits, wait)
        work = self._works.get(fact.conversation)
        if work is not None:
            works = self.works.cells
            works["last_replied"][work] = at
            self.touch(self.works, work)
            if works["replied"][work] == NEVER:
                works["replied"][work] = at

    def taken_back(self, at: int, fact: ReplyTakenBack) -> None:
        """A reply never left: the answer is owed as before."""
        row = self.rows.get(fact.conversation)
        if row is None or fact.waiting_since is None:
            return
        recent = max(0, self.waits.size - LOOK_BACK)
        found = (self.waits["talk"][recent:] == row).nonzero()[0]
        if not len(found) or row in self._waits:
            return
        last = recent + int(found[-1])
        self.set(self.waits, last, until=NEVER, agent=0, team=0, site=0)
        self._waits[row] = last
        if self.waits.cells["first"][last]:
            self.talks.cells["answered"][row] = NEVER
            self.touch(self.talks, row)

    def accepted(self, at: int, fact: OfferAccepted) -> None:
        """An agent's work begins."""
        row = self.rows.get(fact.conversation)
        if row is None:
            return
        agent, team, site = self.around.who(fact.agent)
        work = self._works[fact.conversation] = self.works.add()
        self.work_ids += fact.interaction
        works = self.works.cells
        works["talk"][work], works["started"][work], works["waited"][work] = row, at, round(fact.waited * 1000)
        works["day"][work], works["hour"][work] = self.around.clock(at)
        works["agent"][work], works["team"][work], works["site"][work] = agent, team, site
        works["slot"][work], works["bot"][work] = self._codes["slot"][fact.slot], fact.bot
        self.touch(self.works, work)
        talks = self.talks.cells
        if not fact.bot:
            talks["agent"][row], talks["team"][row], talks["site"][row] = agent, team, site
            if talks["taken"][row] == NEVER:
                talks["taken"][row] = at
        talks["works"][row] += 1
        talks["resolved"][row] = NEVER
        self.touch(self.talks, row)
        if row not in self._spells:
            self._spells[row] = self.begin_spell(row, at)

    def wrapped_up(self, at: int, fact: WrappedUp) -> None:
        """An agent's work ended."""
        work = self._works.get(fact.conversation)
        if work is None or self.work_ids[16 * work : 16 * work + 16] != fact.interaction:
            return
        del self._works[fact.conversation]
        works = self.works.cells
        works["ended"][work], works["disposition"][work] = at, self._codes["disposition"][fact.disposition]
        self.touch(self.works, work)

    def transferred(self, at: int, fact: ConversationTransferred) -> None:
        """An agent passed a conversation on."""
        row = self.rows.get(fact.conversation)
        if row is not None:
            self.talks.cells["transfers"][row] += 1
            self.touch(self.talks, row)
        work = self._works.get(fact.conversation)
        if work is not None:
            self.works.cells["passed_on"][work] = 1

    def heard(self, at: int, fact: MessageReceived) -> None:
        """A message came; which conversation it belongs to is said later."""
        self._heard.keep(fact.message, fact)

    def understood(self, at: int, fact: MessageUnderstood) -> None:
        """What a message says was understood."""
        self._read.keep(fact.message, fact)


def ms(at: datetime | None) -> int:
    """A moment in milliseconds; NEVER for none."""
    return NEVER if at is None else (at - EPOCH) // MILLISECOND


LABELLED = ("account", "brand", "kind", "channel", "language", "intent", "team", "agent", "site", "disposition", "slot")
FOLDS: dict[type[Fact], Callable[[Folded, int, Any], None]] = {  # Any: each takes its own kind of fact
    MessageReceived: Folded.heard, MessageUnderstood: Folded.understood, ConversationOpened: Folded.opened,
    ConversationContinued: Folded.continued, ConversationResolved: Folded.resolved, ConversationsMerged: Folded.merged,
    ConversationTransferred: Folded.transferred, OfferAccepted: Folded.accepted, WrappedUp: Folded.wrapped_up,
    ReplyQueued: Folded.replied, ReplyTakenBack: Folded.taken_back,
    **CENTRE_FOLDS, **SURVEY_FOLDS, **REVIEW_FOLDS, **HOLDING_FOLDS,
}  # fmt: skip
KINDS_READ = sorted(kind.number for kind in FOLDS)
