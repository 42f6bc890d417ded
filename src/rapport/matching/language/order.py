"""Orders: `worker.level DESC, worker.calls ASC`, as TaskRouter's `order_by`.

By numbers; who has no number for a key comes after all who have one, whichever the direction; of equals, the first by position.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rapport.errors import BadInput
from rapport.matching.language.columns import Columns
from rapport.matching.language.parsing import error_at, read_tree
from rapport.matching.language.tree import AGENT, Path

MOST_KEYS = 10
_KEY = re.compile(r"\s*(.*?)(?:\s+(asc|desc))?\s*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Order:
    """Paths of agents and whether each is descending, the first key first."""

    keys: tuple[tuple[tuple[str | int, ...], bool], ...]

    def ranked(self, columns: Columns) -> NDArray[np.int64]:
        """The positions of all records, the first of the order first: (records,)."""
        by: list[NDArray[np.float64]] = []
        for path, descends in reversed(self.keys):
            numbers = columns.of(path).numbers
            by.append(np.where(np.isnan(numbers), np.inf, -numbers if descends else numbers))
        found: NDArray[np.int64] = np.lexsort(by) if by else np.arange(len(columns))
        return found


def read_order(text: str) -> Order:
    """The order that a text says; empty text orders nothing. Raises BadInput, naming the character."""
    keys: list[tuple[tuple[str | int, ...], bool]] = []
    place = 0
    for part in text.split(",") if text.strip() else ():
        match = _KEY.fullmatch(part)
        written, direction = (match[1], match[2]) if match else ("", None)
        start = place + len(part) - len(part.lstrip())
        keys.append((_path(text, written, start), (direction or "asc").lower() == "desc"))
        place += len(part) + 1
    if len(keys) > MOST_KEYS:
        raise BadInput(f"an order has at most {MOST_KEYS} keys, this one has {len(keys)}")
    return Order(tuple(keys))


def _path(text: str, written: str, start: int) -> tuple[str | int, ...]:
    try:
        found = read_tree(written) if written else None
    except BadInput:
        found = None
    if not isinstance(found, Path) or found.side != AGENT or any(isinstance(key, Path) for key in found.keys):
        raise error_at(text, start, f"expected an attribute of agents, then ASC or DESC, got {written or 'nothing'!r}")
    return tuple(key for key in found.keys if not isinstance(key, Path))
