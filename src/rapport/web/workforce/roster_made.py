"""A week's roster: shifts and names with their distance from the best, what stays open and why, and what cannot be met."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

import msgspec
import numpy as np
from numpy.typing import NDArray

from rapport.errors import BadInput
from rapport.matching.duty.rostering import Rostered, as_it_stands, rostered
from rapport.matching.shifts import DAY, zone_of
from rapport.model.centre import Centre
from rapport.web.workforce.intraday import Drivers
from rapport.web.workforce.known_days import days_ahead
from rapport.web.workforce.roster_asked import (
    MOST_LANGUAGES,
    SLOT,
    RosterAsked,
    Worker,
    required,
    wishes,
    workers_of,
)
from rapport.web.workforce.roster_written import Open, clock_of, nights, take, unlawful
from rapport.web.workforce.what_if import OTHERS
from rapport.workforce.open_shifts import reasons
from rapport.workforce.roster import OFF, Rules, roster
from rapport.workforce.schedule import Group, Schedule, Week, schedule
from rapport.workforce.series import Series
from rapport.workforce.shift_patterns import patterns
from rapport.workforce.shortage import shortages

Ints = NDArray[np.int64]
NAMES_SECONDS = 20.0  # for the names of all groups together
DAY_SECONDS = 1.0  # for the whole numbers of a day: somebody waits for the page
LATE = 18 * 60  # a shift that ends after this is a late one
WIDE, HIGH, LEFT, TOP = 1120.0, 150.0, 44.0, 16.0


class Row(msgspec.Struct, frozen=True):
    """Somebody's week: a text a day, "" for a day off; how many of these days are otherwise than what stands now."""

    agent: str
    name: str
    turns: tuple[str, ...]
    changed: int


class Lacks(msgspec.Struct, frozen=True):
    """What no roster can mend. `kind` heads: at `at` of `day`; hours: of the whole week. `languages`: one of them, "" any."""

    kind: str
    languages: tuple[str, ...]
    day: date | None
    at: str
    required: float
    there: float


class Made(msgspec.Struct, frozen=True):
    """The roster. `short` and `bound` in half-hours of a person; `gap` a fraction; `roster_gap` 0: no better names can be.

    `needed` and `rostered`: points of a line over the days, in an SVG of 1180 by 190. `wrong`: why it cannot be taken over as
    it is, in words; "" where it can.
    """

    days: tuple[date, ...]
    rows: tuple[Row, ...]
    required: int
    short: float
    bound: float
    gap: float
    roster_gap: float
    left_open: tuple[Open, ...]
    lacks: tuple[Lacks, ...]
    needed: str
    rostered: str
    most: int
    take: Rostered
    closed: tuple[date, ...] = ()
    wrong: str = ""


def made(
    series: Series,
    centre: Centre,
    known: Drivers,
    asked: RosterAsked,
    *,
    shares: Sequence[tuple[str, float]],
    work: float,
    within: float,
    today: date,
) -> Made:
    """The roster that is asked for. `shares` of the languages, the largest first. Raises BadInput."""
    coming, closed = days_ahead(series.dates, known, today, 60)
    last = asked.first + timedelta(days=6)
    days = [day for day in coming if asked.first <= day <= last]
    if not days:
        raise BadInput(f"nothing ever came on the days from {asked.first} to {last}: there is nothing to roster")
    if asked.shifts * asked.hours > centre.profile.week_hours:
        hours = asked.shifts * asked.hours
        raise BadInput(f"{asked.shifts} shifts are {hours:g} hours in a week; {centre.profile.week_hours:g} are the most")
    named = [(name, share) for name, share in shares if share * work > 0][:MOST_LANGUAGES]
    people = workers_of(centre, asked, (*(name for name, _ in named), OTHERS))
    want = required(series, days, known, [share for _, share in named], work=work, within=within, after=today)
    templates, spans = patterns(
        want.shape[2], length=int(asked.hours * 60) // SLOT, pause=asked.pause // SLOT, every=max(1, asked.every // SLOT)
    )
    groups = _groups(people, days, asked)
    week = Week(tuple(Group(able, len(of), owed) for (able, owed), of in groups.items()), templates, want)
    names = [*(name for name, _ in named), OTHERS]
    whole = [asked.first + timedelta(days=n) for n in range(7)]
    found = _rostered(week, groups, people, days, spans, series.opens, centre, whole, today)
    written = _whole(found.take, whole, centre)
    return msgspec.structs.replace(
        found,
        lacks=tuple(_lacks(week, days, names, series.opens)),
        closed=tuple(day for day in closed if asked.first <= day <= last),
        take=written,
        wrong=_wrong(written, centre, today),
    )


def _whole(take: Rostered, days: Sequence[date], centre: Centre) -> Rostered:
    """For all seven days, the closed ones too, with what stands on them now."""
    stood = {name: as_it_stands(centre.agents[name], centre, days) for name in take.turns}
    return Rostered(tuple(day.isoformat() for day in days), take.turns, stood)


def _wrong(take: Rostered, centre: Centre, today: date) -> str:
    try:
        rostered(take, centre, today)
    except BadInput as wrong:
        return str(wrong)
    return ""


def _rostered(
    week: Week,
    groups: dict[tuple[frozenset[int], int], list[Worker]],
    people: Sequence[Worker],
    days: Sequence[date],
    spans: Ints,
    opens: timedelta,
    centre: Centre,
    whole: Sequence[date],
    today: date,
) -> Made:
    """Shifts, and names on them."""
    found = schedule(week, seconds=DAY_SECONDS)
    works, left, apart = _named(groups, found, days, spans, opens, centre)
    left += unlawful(people, works, days, spans, opens, centre, whole, today)
    there = np.zeros((len(days), week.required.shape[2]))
    for row in works.values():
        for place, kind in enumerate(row):
            there[place] += week.templates[kind] if kind != OFF else 0
    lines, most = _lines(week.required.sum(axis=1), there)
    clock = [(clock_of(opens, int(begin)), clock_of(opens, int(end))) for begin, end in spans]
    off = [OFF] * len(days)
    return Made(
        days=tuple(days),
        rows=tuple(_row(worker, works.get(worker.agent.id, off), days, clock, centre) for worker in people),
        required=int(week.required.sum()),
        short=found.short,
        bound=found.bound,
        gap=found.gap,
        roster_gap=apart,
        left_open=tuple(left),
        lacks=(),
        needed=lines[0],
        rostered=lines[1],
        most=most,
        take=take(people, works, days, spans, opens, centre),
    )


def _groups(
    people: Sequence[Worker], days: Sequence[date], asked: RosterAsked
) -> dict[tuple[frozenset[int], int], list[Worker]]:
    """Who can the same and works as many shifts."""
    found: dict[tuple[frozenset[int], int], list[Worker]] = defaultdict(list)
    for worker in people:
        owed = min(asked.shifts, len(days) - sum(day in worker.away for day in days))
        if owed > 0:
            found[worker.able, owed].append(worker)
    if not found:
        raise BadInput("everybody is away on all of these days: there is nobody to roster")
    return dict(found)


def _named(
    groups: dict[tuple[frozenset[int], int], list[Worker]],
    found: Schedule,
    days: Sequence[date],
    spans: Ints,
    opens: timedelta,
    centre: Centre,
) -> tuple[dict[str, list[int]], list[Open], float]:
    """The template of each person on each day, the shifts left open, and how far the names may be from the best."""
    works = {worker.agent.id: [OFF] * len(days) for of in groups.values() for worker in of}
    left, apart = list[Open](), 0.0
    ends = opens / timedelta(minutes=1) + spans[:, 1] * SLOT
    late = np.ones((len(days), 1), np.bool_) & (ends > LATE)
    weekend = np.array([day.weekday() >= 5 for day in days])[:, None] & np.ones(len(spans), np.bool_)
    total = sum(len(people) for people in groups.values())
    for number, ((_, owed), people) in enumerate(groups.items()):
        costs, may = wishes(people, days, spans, opens, centre)
        rest = int(np.ceil(centre.profile.rest_hours * 60 / SLOT))
        rules = Rules(DAY // SLOT, rest, owed, nights=nights(days, centre.profile.zone))
        seconds = NAMES_SECONDS / 2 * (1.0 / len(groups) + len(people) / total)
        given = roster(found.shifts[number], spans, costs, rules, may=may > 0, even=(weekend, late), seconds=seconds)
        apart += given.gap
        for worker, row in zip(people, given.works.tolist(), strict=True):
            works[worker.agent.id] = row
        for day, kind in np.argwhere(given.left_open > 0).tolist():
            why = Counter(reasons(given, spans, rules, may > 0, day, kind))
            at = Open(days[day], clock_of(opens, int(spans[kind, 0])), len(people), dict(why))
            left += [at] * int(given.left_open[day, kind])
    return works, left, apart


def _row(worker: Worker, kinds: Sequence[int], days: Sequence[date], clock: Sequence[tuple[str, str]], centre: Centre) -> Row:
    turns = tuple("" if kind == OFF else "–".join(clock[kind]) for kind in kinds)
    zone = zone_of(centre.profile.zone)
    now = {
        turn.begins.astimezone(zone).date(): f"{turn.begins.astimezone(zone):%H:%M}–{turn.ends.astimezone(zone):%H:%M}"
        for turn in worker.stands
    }
    changed = sum(now.get(day, "") != text for day, text in zip(days, turns, strict=True))
    return Row(worker.agent.id, worker.agent.name or worker.agent.id, turns, changed)


def _lacks(week: Week, days: Sequence[date], names: Sequence[str], opens: timedelta) -> list[Lacks]:
    found = []
    for one in shortages(week):
        languages = tuple(names[n] for n in one.skills)
        if one.kind == "heads":
            at = clock_of(opens, one.slot)
            found.append(Lacks("heads", languages, days[one.day], at, one.required, one.there))
        else:
            found.append(Lacks("hours", languages, None, "", one.required * SLOT / 60, one.there * SLOT / 60))
    return found


def _lines(want: Ints, there: NDArray[np.float64]) -> tuple[tuple[str, str], int]:
    """Steps over the days, one beside the other."""
    most = max(1, int(max(want.max(), there.max())))
    wide = WIDE / want.size

    def line(values: NDArray[np.float64]) -> str:
        points = []
        for n, value in enumerate(values.ravel().tolist()):
            y = TOP + HIGH * (1.0 - value / most)
            points += [f"{LEFT + n * wide:.1f},{y:.1f}", f"{LEFT + (n + 1) * wide:.1f},{y:.1f}"]
        return " ".join(points)

    return (line(want.astype(np.float64)), line(there)), most
