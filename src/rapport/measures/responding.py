"""Response bias: who was asked, who answered, by group; and a score weighted so that each counts as it was asked. Pure.

Weighting by cells (post-stratification): an answer counts for all who were asked like it. It mends a score only as far as who
answered and who did not differ by what the cells tell apart, so the raw figure always stands beside it.
"""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from rapport.measures.columns import NEVER
from rapport.measures.folding import Folded
from rapport.measures.picking import Asked, Index, Picked, picked
from rapport.model.share import Z, wilson

Mask = NDArray[np.bool_]
Reals = NDArray[np.float64]
FEWEST = 5  # answers in a cell below which its weight says nothing
MOST_MOODS = 20_000  # conversations whose mood is looked up; of more so many, evenly over the period
MOOD = "mood"
SMALL = 10  # answers below which no score is shown
GOOD = {
    "settled": ("solved", 1),
    "easy": ("effort", 5),
    "satisfied": ("satisfied", 4),
}  # a measure: its answer, from which on good
SCORE = "recommends"
CELLS = (
    ("kind", "language", "mood"),
    ("kind", "language"),
    ("kind", "mood"),
    ("language", "mood"),
    ("kind",),
    ("language",),
    ("mood",),
)  # tried in turn: the first whose every cell has answers enough


class Group(msgspec.Struct, frozen=True):
    """People of one word: how many were asked, how many answered, and between which shares that lies with 95 %.

    `differs`: its interval lies apart from the share of all: those who answer are not like those who do not.
    """

    word: str
    asked: int
    answered: int
    low: float
    high: float
    differs: bool = False

    @property
    def share(self) -> float:
        """The share who answered."""
        return self.answered / self.asked if self.asked else 0.0


class Weighted(msgspec.Struct, frozen=True):
    """A measure as it was answered, and weighted by `cells`; `value` None: no cells have answers enough to weight by.

    `raw`, `value` and the bounds are shares in [0, 1], of `recommends` a score from -100 to 100. `worth`: as how many equal
    answers the weighted ones count (Kish 1965).
    """

    measure: str
    answers: int
    raw: float
    raw_low: float
    raw_high: float
    cells: tuple[str, ...] = ()
    value: float | None = None
    low: float | None = None
    high: float | None = None
    worth: float = 0.0


class Responding(msgspec.Struct, frozen=True):
    """Who was asked in the period and who answered, in all and by dimension; and the scores.

    `looked`: of how many of those who were asked the mood was looked up; groups of moods are of these alone.
    """

    all: Group
    groups: dict[str, tuple[Group, ...]]
    scores: tuple[Weighted, ...]
    hidden: tuple[str, ...]  # measures that too few answered
    looked: int = 0


class Parted(NamedTuple):
    """Rows told apart by a dimension: its words, and which each row has; (n,)."""

    words: Sequence[str]
    codes: Index


def asked_rows(folded: Folded, asked: Asked) -> Picked:
    """The conversations of the period about which somebody was asked."""
    rows = picked(folded, "talks", asked)
    return rows.only(rows["asked"] != NEVER)


def some_of(rows: Picked, most: int) -> Picked:
    """So many of the rows at most, evenly over all of them."""
    count = len(rows.rows)
    if count <= most:
        return rows
    keep = np.zeros(count, bool)
    keep[np.arange(most) * count // most] = True
    return rows.only(keep)


def ids_of(rows: Picked) -> list[bytes]:
    """The ids of conversations."""
    return [bytes(rows.folded.ids[16 * row : 16 * row + 16]) for row in rows.rows.tolist()]


def responding(folded: Folded, asked: Asked, moods: Mapping[bytes, str], most_moods: int = MOST_MOODS) -> Responding:
    """Who answered. `moods`: the feeling, by id, of each of `some_of` those asked that shows one."""
    rows = asked_rows(folded, asked)
    looked = some_of(rows, most_moods)
    answered = rows["told"] != NEVER
    parts = {name: Parted(folded.labels[name].words, rows.of(name)) for name in ("kind", "channel", "language", "team")}
    mood = _mood(looked, moods)
    everybody = _group("", len(answered), int(answered.sum()))
    groups = {name: _groups(part, answered, everybody) for name, part in parts.items()}
    groups[MOOD] = _groups(mood, looked["told"] != NEVER, everybody)
    if len(looked.rows) == len(rows.rows):
        parts[MOOD] = mood
    scores = [found for found in (_score(name, rows, parts) for name in (*GOOD, SCORE)) if found is not None]
    known = {one.measure for one in scores}
    hidden = tuple(name for name in (*GOOD, SCORE) if name not in known)
    return Responding(everybody, groups, tuple(scores), hidden, len(looked.rows))


def _mood(rows: Picked, moods: Mapping[bytes, str]) -> Parted:
    words = ["", *sorted(set(moods.values()) - {""})]
    places = {word: n for n, word in enumerate(words)}
    return Parted(words, np.array([places[moods.get(id, "")] for id in ids_of(rows)], np.int64))


def _group(word: str, asked: int, answered: int) -> Group:
    return Group(word, asked, answered, *wilson(answered, asked))


def _groups(part: Parted, answered: Mask, everybody: Group) -> tuple[Group, ...]:
    asked, told = (np.bincount(codes, minlength=len(part.words)).tolist() for codes in (part.codes, part.codes[answered]))
    found = []
    for word, count, said in sorted(zip(part.words, asked, told, strict=True), key=lambda one: (-one[1], one[0])):
        if count:
            group = _group(word, count, said)
            apart = count >= SMALL and not group.low <= everybody.share <= group.high
            found.append(msgspec.structs.replace(group, differs=apart))
    return tuple(found)


def _score(measure: str, rows: Picked, parts: Mapping[str, Parted]) -> Weighted | None:
    """A measure, raw and weighted; None where fewer than SMALL answered."""
    if measure == SCORE:
        said = rows["recommends"]
        values = 100.0 * ((said >= 9).astype(float) - (said <= 6).astype(float))
    else:
        question, good = GOOD[measure]
        said = rows[question]
        values = (said >= good).astype(float)
    has = said != NEVER
    count = int(has.sum())
    if count < SMALL:
        return None
    raw, raw_low, raw_high = _bounds(measure, values[has], np.ones(count))
    found = Weighted(measure, count, raw, raw_low, raw_high)
    for cells in CELLS:
        weights = _weights([parts[name] for name in cells], has) if parts.keys() >= set(cells) else None
        if weights is not None:
            value, low, high = _bounds(measure, values[has], weights)
            worth = float(weights.sum() ** 2 / (weights**2).sum())
            return msgspec.structs.replace(found, cells=cells, value=value, low=low, high=high, worth=worth)
    return found


def _weights(parts: Sequence[Parted], has: Mask) -> Reals | None:
    """The weight of each answer: asked in its cell by answers in it; None where a cell has too few, or there is but one."""
    cell = np.zeros(len(has), np.int64)
    for part in parts:
        cell = cell * len(part.words) + part.codes
    asked = np.bincount(cell)
    told = np.bincount(cell[has], minlength=len(asked))
    if np.count_nonzero(asked) < 2 or told[asked > 0].min() < FEWEST:
        return None
    weights: Reals = asked[cell[has]] / told[cell[has]]
    return weights


def _bounds(measure: str, values: Reals, weights: Reals) -> tuple[float, float, float]:
    """A weighted mean with its interval of 95 %, reckoned as of as many answers as the weighted ones are worth."""
    mean = float((weights * values).sum() / weights.sum())
    worth = float(weights.sum() ** 2 / (weights**2).sum())
    if measure != SCORE:
        return mean, *wilson(mean * worth, worth)
    spread = float((weights * (values - mean) ** 2).sum() / weights.sum()) * worth / max(worth - 1.0, 1.0)
    half = Z * sqrt(spread / worth)
    return mean, max(-100.0, mean - half), min(100.0, mean + half)
