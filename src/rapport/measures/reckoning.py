"""Reckoning: measures from rows, by group: whole numbers in, a count, a sum and a sum of squares out. Pure.

A share counts rows (`count`) and those that have it (`total`); a time counts rows and sums their milliseconds; both exactly.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rapport.measures.columns import NEVER
from rapport.measures.definitions import BY_ID
from rapport.measures.folding import MERGED, Folded
from rapport.measures.open_time import OpenTime
from rapport.measures.picking import Asked, Index, Picked, narrowed, picked

Mask = NDArray[np.bool_]
DAY = 86_400_000
MOST_ANSWERS = 2 * len(BY_ID)  # those of one report, which asks for each several times
SOLD, NOT_SOLD = "sold", "not-sold"  # dispositions of interactions in which something was offered
NOT_ABANDONED = ("spam", "no-answer-needed", MERGED)  # dispositions of conversations to which no answer was owed


class Counted(NamedTuple):
    """By group: how many rows count, the sum of their values, and of their squares; (groups,) each."""

    counts: Index
    totals: Index
    squares: NDArray[np.float64]


class Values(NamedTuple):
    """Rows that count, and the value of each: 0 or 1 of a share, milliseconds of a time."""

    rows: Picked
    values: Index


def _kept(rows: Picked, keep: Mask, values: Index) -> Values:
    if keep.all():
        return Values(rows, values)
    places = np.flatnonzero(keep)
    return Values(rows.at(places), values[places])


def _volume(rows: Picked, asked: Asked, opening: OpenTime | None) -> Values:
    return Values(rows, np.ones(len(rows.rows), np.int64))


def _service_level(rows: Picked, asked: Asked, opening: OpenTime | None) -> Values:
    due, answered, closed = rows["due"], rows["answered"], rows["resolved"] != NEVER
    has_answer = answered != NEVER
    owed = (due != NEVER) & (has_answer | (~closed & (due < asked.at)))
    return _kept(rows, owed, (has_answer & (answered <= due)).astype(np.int64))


def _between(rows: Picked, since: str, until: str, opening: OpenTime | None) -> Values:
    begun, ended = rows[since], rows[until]
    keep = (begun != NEVER) & (ended != NEVER)
    if not keep.all():
        places = np.flatnonzero(keep)
        rows, begun, ended = rows.at(places), begun[places], ended[places]
    ended = np.maximum(ended, begun)
    return Values(rows, ended - begun if opening is None else opening.between(begun, ended))


def _first_response(rows: Picked, asked: Asked, opening: OpenTime | None) -> Values:
    return _between(rows, "opened", "answered", opening)


def _next_response(rows: Picked, asked: Asked, opening: OpenTime | None) -> Values:
    return _between(rows.only(rows["first"] == 0), "since", "until", opening)


def _resolution(rows: Picked, asked: Asked, opening: OpenTime | None) -> Values:
    return _between(rows, "opened", "first_resolved", opening)


def _by_people(rows: Picked) -> Picked:
    return rows.only(rows["bot"] == 0)


def _speed(rows: Picked, asked: Asked, opening: OpenTime | None) -> Values:
    rows = _by_people(rows)
    return Values(rows, rows["waited"])


def _handle_time(rows: Picked, asked: Asked, opening: OpenTime | None) -> Values:
    return _between(_by_people(rows), "started", "ended", None)


def _wrap_up(rows: Picked, asked: Asked, opening: OpenTime | None) -> Values:
    return _between(_by_people(rows), "last_replied", "ended", None)


def _abandoned(rows: Picked, asked: Asked, opening: OpenTime | None) -> Values:
    answered, closed = rows["answered"] != NEVER, rows["resolved"] != NEVER
    known = rows.folded.labels["disposition"].known
    unneeded = np.isin(rows["disposition"], [known(word) for word in NOT_ABANDONED]) & closed & ~answered
    return _kept(rows, (answered | closed) & ~unneeded, (~answered).astype(np.int64))


def _transferred(rows: Picked, asked: Asked, opening: OpenTime | None) -> Values:
    return _kept(rows, rows["taken"] != NEVER, (rows["transfers"] > 0).astype(np.int64))


def _reopened(rows: Picked, asked: Asked, opening: OpenTime | None) -> Values:
    return _kept(rows, rows["first_resolved"] != NEVER, (rows["reopened"] > 0).astype(np.int64))


def _first_contact(rows: Picked, asked: Asked, opening: OpenTime | None) -> Values:
    """Only where the days are over: who came back sooner would otherwise count while who did not yet would not."""
    resolved, again = rows["first_resolved"], rows["again"]
    came_back = (again != NEVER) & (again <= resolved + asked.back_days * DAY)
    keep = (resolved != NEVER) & (resolved + asked.back_days * DAY <= asked.at)
    return _kept(rows, keep, (~came_back).astype(np.int64))


def _first_contact_asked(rows: Picked, asked: Asked, opening: OpenTime | None) -> Values:
    """The same of those who said whether it was settled; it is where they said so as well."""
    found = _first_contact(rows, asked, opening)
    said = found.rows["solved"]
    return _kept(found.rows, said != NEVER, found.values * (said == 1))


def _sold(rows: Picked, asked: Asked, opening: OpenTime | None) -> Values:
    known = rows.folded.labels["disposition"].known
    rows = _by_people(rows)
    ended = rows["disposition"]
    return _kept(rows, np.isin(ended, [known(SOLD), known(NOT_SOLD)]), (ended == known(SOLD)).astype(np.int64))


def _answers(rows: Picked, question: str, good: int) -> Values:
    said = rows[question]
    return _kept(rows, said != NEVER, (said >= good).astype(np.int64))


def _easy(rows: Picked, asked: Asked, opening: OpenTime | None) -> Values:
    return _answers(rows, "effort", 5)


def _satisfied(rows: Picked, asked: Asked, opening: OpenTime | None) -> Values:
    return _answers(rows, "satisfied", 4)


def _settled(rows: Picked, asked: Asked, opening: OpenTime | None) -> Values:
    return _answers(rows, "solved", 1)


def _recommends(rows: Picked, asked: Asked, opening: OpenTime | None) -> Values:
    """100 for each promoter, -100 for each detractor: their mean is the score."""
    said = rows["recommends"]
    return _kept(rows, said != NEVER, 100 * ((said >= 9).astype(np.int64) - (said <= 6).astype(np.int64)))


def _response(rows: Picked, asked: Asked, opening: OpenTime | None) -> Values:
    return _kept(rows, rows["asked"] != NEVER, (rows["told"] != NEVER).astype(np.int64))


def _quality(rows: Picked, asked: Asked, opening: OpenTime | None) -> Values:
    score = rows["score"]
    return _kept(rows, score != NEVER, score)


def _passed(rows: Picked, asked: Asked, opening: OpenTime | None) -> Values:
    return _kept(rows, rows["score"] != NEVER, rows["passed"])


RECKONED: dict[str, Callable[[Picked, Asked, OpenTime | None], Values]] = {
    "volume": _volume,
    "service_level": _service_level,
    "first_response": _first_response,
    "next_response": _next_response,
    "speed": _speed,
    "abandoned": _abandoned,
    "resolution": _resolution,
    "handle_time": _handle_time,
    "wrap_up": _wrap_up,
    "transferred": _transferred,
    "reopened": _reopened,
    "first_contact": _first_contact,
    "first_contact_asked": _first_contact_asked,
    "sold": _sold,
    "recommends": _recommends,
    "easy": _easy,
    "satisfied": _satisfied,
    "settled": _settled,
    "response": _response,
    "quality": _quality,
    "passed": _passed,
}


def values_of(folded: Folded, measure: str, asked: Asked, opening: OpenTime | None = None) -> Values:
    """The rows that count for a measure, and their values. `opening`: count open time only, where the measure may."""
    opening = opening if BY_ID[measure].asks_hours else None
    key = (measure, asked.start, asked.end, asked.at, asked.back_days, asked.but, opening, *asked.having.items())
    found = folded.answers.get(key)
    if found is None:
        if len(folded.answers) >= MOST_ANSWERS:
            folded.answers.clear()
        rows = picked(folded, BY_ID[measure].table, asked)
        found = folded.answers[key] = RECKONED[measure](rows, asked, opening)
    assert isinstance(found, Values)
    return found


def grouped(values: Index, groups: Index, count: int) -> Counted:
    """Values by group; `groups` (n,) in [0, count)."""
    weighed = values.astype(np.float64)
    sums = np.bincount(groups, weights=weighed, minlength=count).astype(np.float64)
    squares = sums if _is_share(values) else np.bincount(groups, weights=weighed * weighed, minlength=count).astype(np.float64)
    return Counted(np.bincount(groups, minlength=count), np.rint(sums).astype(np.int64), squares)


def together(values: Index) -> Counted:
    """Values as one group."""
    total = int(values.sum())
    squares = float(total) if _is_share(values) else float(np.square(values.astype(np.float64)).sum())
    return Counted(np.array([len(values)]), np.array([total]), np.array([squares]))


def _is_share(values: Index) -> bool:
    """Whether all values are 0 or 1, whose squares are themselves."""
    return not len(values) or bool(values.min() >= 0 and values.max() <= 1)


def quantile(values: Index, share: float) -> int | None:
    """The smallest value that at least `share` of them do not exceed; None of none."""
    if not len(values):
        return None
    place = max(0, -int(-share * len(values) // 1) - 1)
    return int(np.partition(values, place)[place])


def backlog(folded: Folded, at: int, asked: Asked) -> Values:
    """What is open at a moment, and its age in milliseconds: since it was opened or opened again."""
    begun, ended = folded.spells["begun"], folded.spells["ended"]
    open_then = [
        first + np.flatnonzero((begun[first:last] <= at) & ((ended[first:last] == NEVER) | (ended[first:last] > at)))
        for first, last in folded.spells.after(at)
    ]
    rows = Picked(folded, "spells", np.concatenate(open_then) if open_then else np.zeros(0, np.int64))
    rows = narrowed(rows, asked.having)
    return Values(rows, at - rows["begun"])
