"""Driving: the rows of a measure with the mix that explains it, and what the drivers say of each group. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec
import numpy as np
from numpy.typing import NDArray

from rapport.measures.definitions import BY_ID
from rapport.measures.drivers import Driver, drivers
from rapport.measures.folding import Folded
from rapport.measures.open_time import OpenTime
from rapport.measures.picking import Asked, Index, Picked, words_of
from rapport.measures.reckoning import values_of
from rapport.measures.report import UNITS

SPOKEN = "spoken"  # a factor: language, kind of channel and part of the day together, as in Spanish calls at night
PARTS = 4  # of a day: night, morning, afternoon, evening; six hours each
FEWEST = 30  # rows below which a group is not spoken of
MOST_ROWS = 100_000  # of more so many, evenly over the period: more do not narrow what is said by much
NO_TIERS: Mapping[bytes, str] = MappingProxyType({})
GROUPED = ("site", "team", "agent", "brand", "channel")


class Reason(msgspec.Struct, frozen=True):
    """A part of a group's mix: it has `more` of `word` than the whole, which does `by`.

    Of SPOKEN, `word` is the language, `kind` that of the channel, and `part` that of the day; -1 for none.
    """

    factor: str
    word: str
    by: float
    more: float
    part: int = -1
    kind: str = ""


class Driven(msgspec.Struct, frozen=True):
    """A group against the whole, in shares or seconds; see `drivers.Driver`."""

    word: str
    count: int
    raw: float
    mix: float
    own: float
    low: float
    high: float
    is_clear: bool
    reasons: tuple[Reason, ...]


def driven(
    folded: Folded, measure: str, by: str, asked: Asked, opening: OpenTime | None = None, tiers: Mapping[bytes, str] = NO_TIERS
) -> tuple[Driven, ...]:
    """What explains a measure, by group; the clearest first. Groups of few rows are not spoken of.

    `tiers`: the customer's tier by person; where any is known it is part of the mix, and who has none is a tier of its own.
    """
    rows, values = _read(folded, measure, asked, opening)
    values = values / UNITS.get(BY_ID[measure].unit, 1.0)
    mix = {"intent": rows.of("intent")} | ({} if by == "channel" else {"kind": rows.of("kind")})
    kinds = len(folded.labels["kind"].words)
    mix[SPOKEN] = (rows.of("language") * kinds + mix.get("kind", 0)) * PARTS + rows.of("hour") // (24 // PARTS)
    words = ("", *sorted(set(tiers.values()) - {""}))
    if len(words) > 1:
        mix["tier"] = _tiers(folded, rows, tiers, words)
    return tuple(_shown(folded, by, one, words) for one in drivers(values, rows.of(by), mix) if one.rows >= FEWEST)


def people_of(folded: Folded, measure: str, asked: Asked, opening: OpenTime | None = None) -> list[bytes]:
    """Whose rows a measure is explained by: each person once, in the order of their ids, as they lie in a table."""
    rows, _ = _read(folded, measure, asked, opening)
    return sorted(set(_people(folded, _talks(rows))))


def counted(folded: Folded, measure: str, asked: Asked, opening: OpenTime | None = None) -> int:
    """How many rows a measure has in the period; of more than MOST_ROWS so many are read."""
    return len(values_of(folded, measure, asked, opening).values)


def _read(folded: Folded, measure: str, asked: Asked, opening: OpenTime | None) -> tuple[Picked, NDArray[np.float64]]:
    """The rows that a measure is explained by, and their values."""
    found = values_of(folded, measure, asked, opening)
    rows, values = found.rows, found.values.astype(np.float64)
    if len(values) <= MOST_ROWS:
        return rows, values
    some = np.zeros(len(values), bool)
    some[np.arange(MOST_ROWS) * len(values) // MOST_ROWS] = True
    return rows.only(some), values[some]


def _talks(rows: Picked) -> Index:
    return rows.rows if rows.table == "talks" else rows["talk"]


def _tiers(folded: Folded, rows: Picked, tiers: Mapping[bytes, str], words: tuple[str, ...]) -> Index:
    """By row, the place of its person's tier among the words."""
    codes = {word: n for n, word in enumerate(words)}
    code_of = {person: codes[word] for person, word in tiers.items()}
    people = _people(folded, _talks(rows))
    return np.fromiter((code_of.get(person, 0) for person in people), np.int64, len(people))


def _people(folded: Folded, talks: Index) -> list[bytes]:
    """The person of each conversation."""
    found: list[bytes] = np.frombuffer(folded.people, "V16")[talks].tolist()
    return found


def _shown(folded: Folded, by: str, one: Driver, tiers: tuple[str, ...]) -> Driven:
    reasons = tuple(
        Reason(part.factor, tiers[part.level], part.by, part.more)
        if part.factor == "tier"
        else _reason(folded, part.factor, part.level, part.by, part.more)
        for part in one.shares
    )
    return Driven(_word(folded, by, one.level), one.rows, one.raw, one.mix, one.own, one.low, one.high, one.is_clear, reasons)


def _reason(folded: Folded, factor: str, level: int, by: float, more: float) -> Reason:
    if factor == SPOKEN:
        language, kind = divmod(level // PARTS, len(folded.labels["kind"].words))
        words = _word(folded, "language", language), _word(folded, "kind", kind)
        return Reason(factor, words[0], by, more, level % PARTS, words[1])
    return Reason(factor, _word(folded, factor, level), by, more)


def _word(folded: Folded, dimension: str, code: int) -> str:
    return words_of(folded, dimension, np.array([code], np.int64))[0]
