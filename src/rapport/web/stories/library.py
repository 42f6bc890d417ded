"""The library of stories: what a period tells, mined in the background and kept in this process for HELD, by tenant.

What is kept are words of people, masked: whenever somebody looks, the record is asked whether anybody was erased since, and all
of that tenant's is let go. It is mined anew when it is older than FRESH; who looks meanwhile sees what is there, and how far
the new is.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import asyncpg
import msgspec
import structlog

from rapport.errors import Conflict
from rapport.ledger.read import happened_since, head_of
from rapport.measures.stories.masking import Rare
from rapport.measures.stories.reading import MOOD, Answers, Raw, heard, ms, one_talk, talks_within, told_by
from rapport.measures.stories.told import Means, Mined, Story, Talk
from rapport.model.centre import Centre
from rapport.model.fact import PersonErased
from rapport.replies.due import due_of
from rapport.understanding.personal_data import find
from rapport.understanding.reader import Reader, shipped
from rapport.understanding.words import STOP_WORDS, prepare
from rapport.web.desk.page import Seat
from rapport.web.desk.reading import names_of
from rapport.web.languages import zone_named
from rapport.web.measures.reports_page import following_of
from rapport.web.office import Office

log = structlog.get_logger()
MOST = 20_000  # talks of a period; of more the newest
MOST_LATER = 5_000  # of the days after; of more the oldest
AFTER = timedelta(days=7)  # in which a promise of the period is looked after
FRESH = timedelta(minutes=10)
AT_MOST = timedelta(minutes=5)
HELD = timedelta(hours=1)
KEPT_PERIODS, KEPT_IN_ALL = 4, 24  # periods of a tenant, and of all
MOST_GOING = 3  # minings of a tenant at once, one after the other
PATIENCE = 2.0  # seconds that whoever looks first waits for a small period


class Span(msgspec.Struct, frozen=True):
    """The days of a period, as ordinals: from `start` up to, not with, `end`; the one before begins at `before`."""

    start: int
    end: int

    @property
    def before(self) -> int:
        """The first day of the period before, which is as long."""
        return 2 * self.start - self.end


@dataclass(slots=True)
class Held:
    """What a period tells; `seq`: the last entry up to which nobody was erased since."""

    mined: Mined
    rare: Rare
    seq: int
    at: datetime


@dataclass(slots=True)
class Going:
    """A mining that goes on: how far it is, in [0, 1]."""

    share: float = 0.0
    task: "asyncio.Task[None] | None" = None


@dataclass(slots=True)
class Library:
    """A tenant's periods, those that were looked at last."""

    held: "OrderedDict[Span, Held]" = field(default_factory=OrderedDict)
    going: dict[Span, Going] = field(default_factory=dict)


class Looked(msgspec.Struct, frozen=True):
    """What somebody sees: what was mined, and when; `share`: how far a mining is that goes on, None for none."""

    mined: Mined | None
    at: datetime | None
    share: float | None


def library_of(office: Office, tenant: int) -> Library:
    """The tenant's library in this process."""
    found = office.memory.setdefault("stories", {}).setdefault(tenant, Library())
    assert isinstance(found, Library)
    return found


@cache
def _reader() -> Reader:
    return shipped()


def means_of(centre: Centre) -> Means:
    """What mining is handed."""
    return Means(lambda text: prepare(text).words, _reader().promised, due_of, STOP_WORDS, centre.profile.zone)


def _moods(texts: Sequence[str]) -> list[tuple[int, bool]]:
    readings = _reader().read(texts)
    return [(MOOD.get(one.emotion, 0), any(shown.kind == "thanks" for shown in one.signals)) for one in readings]


def _personal(text: str) -> list[tuple[str, int, int]]:
    return [(found.kind, found.start, found.end) for found in find(text)]


def _allowed(centre: Centre) -> list[str]:
    brands = [brand.name for brand in centre.brands.values()] + list(centre.brands)
    return [centre.profile.name, *brands, *(agent.team for agent in centre.agents.values())]


def talks_of(raws: Sequence[Raw], rare: Rare, centre: Centre, answers: Answers) -> list[Talk]:
    """The talks without who they are about."""
    return told_by(raws, _personal, _moods, rare, answers, names_of(centre).values())


async def look(seat: Seat, span: Span) -> Looked:
    """What a period tells. Who looks first waits a moment; a period that takes longer is mined while they see how far it is."""
    library, now = library_of(seat.office, seat.who.tenant), seat.office.clock.now()
    await _forget(seat.db, seat.who.tenant, library)
    _let_go(seat.office, now)
    failed = _through(library).get(span)
    held, going = library.held.get(span), library.going.get(span)
    if failed is not None and held is None:
        failed.result()  # what went wrong is told to who looks
    if going is None and failed is None and (held is None or now - held.at >= FRESH):
        if len(library.going) < MOST_GOING:
            going = library.going[span] = Going()
            going.task = asyncio.create_task(_mine(seat.office, seat.who.tenant, seat.centre, span, going))
        elif held is None:
            raise Conflict("several periods are being read already; look again when one of them is through")
    if held is None and going is not None and going.task is not None:
        await asyncio.wait({going.task}, timeout=PATIENCE)
        if going.task.done():
            if library.going.get(span) is going:  # another who waited may have taken it out
                library.going.pop(span)
            going.task.result()
            held, going = library.held.get(span), None
    if span in library.held:
        library.held.move_to_end(span)
    return Looked(held.mined if held else None, held.at if held else None, going.share if going else None)


async def _forget(db: asyncpg.Connection, tenant: int, library: Library) -> None:
    """Let go of everything where somebody was erased since the oldest was mined; what was asked of the record is asked once."""
    kept = list(library.held.values())
    if not kept:
        return
    head = await head_of(db, tenant)
    if await happened_since(db, tenant, min(held.seq for held in kept), PersonErased.number):
        library.held.clear()
    for held in kept:
        held.seq = max(held.seq, head)


def _let_go(office: Office, now: datetime) -> None:
    """Let go of what was mined long ago, and of the oldest where all tenants together keep much."""
    libraries = list(office.memory.get("stories", {}).values())
    kept = [(held.at, n, span) for n, one in enumerate(libraries) for span, held in one.held.items()]
    for place, (at, n, span) in enumerate(sorted(kept, key=lambda one: one[:2])):
        if now - at >= HELD or place < len(kept) - KEPT_IN_ALL:
            libraries[n].held.pop(span)


def _through(library: Library) -> "dict[Span, asyncio.Task[None]]":
    """Take out every mining that is through; those that failed."""
    done = {span: going.task for span, going in library.going.items() if going.task is not None and going.task.done()}
    for span in done:
        library.going.pop(span)
    failed = {span: task for span, task in done.items() if task.cancelled() or task.exception() is not None}
    for task in failed.values():
        log.error("stories.not_mined", error="cancelled" if task.cancelled() else type(task.exception()).__name__)
    return failed


async def _mine(office: Office, tenant: int, centre: Centre, span: Span, going: Going) -> None:
    gate = office.memory.setdefault("stories gate", asyncio.Semaphore(1))
    async with gate:
        zone = zone_named(centre.profile.zone)
        before, start, end = (day_ms(day, zone) for day in (span.before, span.start, span.end))
        now = office.clock.now()

        def read(count: int) -> None:
            going.share = max(going.share, min(0.4, 0.2 * count / MOST))

        async with office.store.within(tenant, readonly=True, at_most=AT_MOST) as db:
            seq = await head_of(db, tenant)
            raws, cut = await talks_within(db, tenant, start, end, MOST, read)
            earlier, cut_before = await talks_within(db, tenant, before, start, MOST, read)
            later = end + int(AFTER.total_seconds() * 1000)
            raws_later, more = await talks_within(db, tenant, end, later, MOST_LATER, read, oldest=True)
        answers = await answers_of(office, tenant, whole=True)
        everything = [*raws, *earlier, *raws_later]
        read_until = raws_later[-1].talk.opened if more and raws_later else end if more else later

        def told(done: int, whole: int) -> None:
            going.share = 0.6 + 0.4 * done / max(1, whole)

        def work() -> tuple[Mined, Rare]:
            from rapport.measures.stories.mining import mine  # it brings much that a start need not wait for

            rare = heard(everything, _allowed(centre))
            talks = talks_of(everything, rare, centre, answers)
            going.share = 0.6
            return mine(
                talks, start, end, before, min(ms(now), read_until), means_of(centre), cut=cut or cut_before, told=told
            ), rare

        mined, rare = await asyncio.to_thread(work)
        held = library_of(office, tenant).held
        held[span] = Held(mined, rare, seq, now)
        held.move_to_end(span)
        while len(held) > KEPT_PERIODS:
            held.popitem(last=False)


async def answers_of(office: Office, tenant: int, *, whole: bool = False) -> Answers:
    """What people said when they were asked, by conversation: whether it was solved, and how satisfied they are.

    Whoever asks holds no connection meanwhile. `whole`: however long the record is; else as far as one go reads it.
    """
    following = following_of(office, tenant)
    while True:
        async with following.lock, office.store.within(tenant, readonly=True, at_most=AT_MOST) as db:
            folded = await following.catch_up(db, tenant)
            if not whole or following.share >= 1.0:
                solved, satisfied = folded.talks["solved"], folded.talks["satisfied"]
                asked = ((solved >= 0) | (satisfied >= 0)).nonzero()[0].tolist()
                return {bytes(folded.ids[16 * n : 16 * n + 16]): (int(solved[n]), int(satisfied[n])) for n in asked}


def day_ms(day: int, zone: ZoneInfo) -> int:
    """When a day begins where the centre is, in milliseconds."""
    return ms(datetime.combine(date.fromordinal(day), time.min, zone))


async def one_story(seat: Seat, id: bytes, answers: Answers) -> tuple[Story | None, Talk] | None:
    """A story as it is told now, with the talk that it is of, masked; None where there is no such talk, or nothing is in it."""
    found = await one_talk(seat.db, seat.who.tenant, id)
    if found is None:
        return None
    raw, beside = found
    rares = [held.rare for held in library_of(seat.office, seat.who.tenant).held.values() if id in held.mined.by_id]
    now = ms(seat.office.clock.now())

    def work() -> tuple[Story | None, Talk]:
        from rapport.measures.stories.mining import one  # as above

        everything = [raw, *beside]
        rare = rares[-1] if rares else heard(everything, _allowed(seat.centre))
        talk, *others = talks_of(everything, rare, seat.centre, answers)
        return one(talk, others, now, means_of(seat.centre)), talk

    return await asyncio.to_thread(work)
