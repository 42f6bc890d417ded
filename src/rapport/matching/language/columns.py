"""Records in columns: one array a path, made when it is first asked for. Every array is over the records, in their order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rapport.matching.language.closures import step_into
from rapport.matching.language.kinds import FLAG, MANY, NULL, NUMBER, TEXT, kind_of

Mask = NDArray[np.bool_]
Record = Mapping[str, Any]  # Any: attribute values
MOST_COLUMNS = 4096  # paths with a key that a need gave are as many as needs can name


@dataclass(frozen=True, slots=True)
class Column:
    """One path of many records. A value stands in the array of its kind, and nowhere else.

    `numbers`: NaN where it is none. `flags`: 1, 0, and -1 where it is none. `codes`: the place in `texts`, which are sorted;
    -1 where it is none. `members`: who has a value among several, by kind and value.
    """

    values: list[Any]  # Any: attribute values
    kinds: NDArray[np.int8]
    numbers: NDArray[np.float64]
    flags: NDArray[np.int8]
    codes: NDArray[np.int32]
    texts: list[str]
    places: Mapping[str, int]
    members: Mapping[tuple[int, Any], Mask]
    single: Mask | None  # who has no list and no levels; None: all
    given: Mask  # who has a single value
    tables: dict[object, Mask] = field(default_factory=dict)  # what a constant says of each text


def column_of(values: Sequence[Any]) -> Column:  # Any: attribute values
    """The column of these values."""
    count = len(values)
    kind = [kind_of(value) for value in values]
    kinds = np.array(kind, np.int8)
    pairs = list(zip(kind, values, strict=True))
    texts = sorted({value for of, value in pairs if of == TEXT})
    places = {text: place for place, text in enumerate(texts)}
    numbers = np.array([value if of == NUMBER else np.nan for of, value in pairs], np.float64)
    flags = np.array([value if of == FLAG else -1 for of, value in pairs], np.int8)
    codes = np.array([places[value] if of == TEXT else -1 for of, value in pairs], np.int32)
    members = _members([(place, value) for place, (of, value) in enumerate(pairs) if of == MANY], count)
    single = kinds != MANY
    return Column(
        list(values),
        kinds,
        numbers,
        flags,
        codes,
        texts,
        places,
        members,
        None if single.all() else single,
        single & (kinds != NULL),
    )


def _members(many: list[tuple[int, Any]], count: int) -> dict[tuple[int, Any], Mask]:  # Any: lists and levels
    whose: dict[tuple[int, Any], list[int]] = {}
    for place, items in many:
        for item in items:
            whose.setdefault((kind_of(item), item) if kind_of(item) != MANY else (MANY, None), []).append(place)
    found: dict[tuple[int, Any], Mask] = {}
    for key, holders in whose.items():
        if key[0] not in (NULL, MANY):
            mask = found[key] = np.zeros(count, np.bool_)
            mask[holders] = True
    return found


@dataclass(slots=True)
class Columns:
    """Many records, such as all agents of a centre. `made`: the columns so far; `said`: what holds whatever the need."""

    records: Sequence[Record]
    made: dict[tuple[str | int, ...], Column] = field(default_factory=dict)
    said: dict[object, Mask | bool] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many records."""
        return len(self.records)

    def of(self, keys: tuple[str | int, ...]) -> Column:
        """The column of a path."""
        found = self.made.get(keys)
        if found is None:
            if len(self.made) > MOST_COLUMNS:
                self.made.clear()
            values: Sequence[Any] = self.records  # Any: attribute values
            for key in keys:
                values = [step_into(value, key) for value in values]
            found = self.made[keys] = column_of(values)
        return found
