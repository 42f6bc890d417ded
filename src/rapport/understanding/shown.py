"""Shown: signals that a linear head finds where the rules of `signals` and `person` do not, in ten words in a row.

A message tells its danger in a few words of many; over all of them it would be thin. What words add is added up already
(`weighing`), so each run of ten costs two subtractions. The head leans towards yes; in what is said to a bot still more, as
there a wrong yes only offers a person. Where it is sure that a message only looks alike, what rules found in it is not kept.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rapport.model.signal import ASKED, HINTED
from rapport.understanding.features import SPACE
from rapport.understanding.linear import Floats
from rapport.understanding.weighing import Weighed

KINDS = ("safety", "vulnerable", ASKED, "legal", "leaving")
RUN = 10  # words
LEAST: Mapping[str, float] = {"safety": 0.6, "vulnerable": 0.65, ASKED: 0.3, "legal": 0.7, "leaving": 0.6}
ENOUGH_FOR_BOT = -0.6  # of asking for a person, where a bot answers

DOUBT: Mapping[str, float] = {"safety": -2.5, "vulnerable": -1.0}  # under it what rules found is not kept

_FINE = float(1 << 32)  # sums are of whole parts of this: a run's is the same whatever stands before it in a batch
_LEAST = np.array([ENOUGH_FOR_BOT if kind == ASKED else LEAST[kind] for kind in KINDS])

Ints = NDArray[np.intp]
Run = tuple[str, int, int]  # a signal, or HINTED; the place of the run's first word in its message, and that after its last


def spread(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:  # Any: each array has its own type
    """The arrays of `train` with a whole row for each bucket.

    `own`: (buckets, `own_columns`) of those that only the signals and the languages know, the last ones: blank for all other
    heads, as rare as unknown ones. It is kept apart, as a row of few columns is small.
    """
    own, weights, rarity = arrays["own"], arrays["weights"], arrays["rarity"]
    rows = np.zeros((len(own), weights.shape[1]), dtype=weights.dtype)
    rows[:, own_columns(arrays["names"].tolist(), weights.shape[1])] = own
    of_words = (arrays["buckets"][len(weights) - 2 :] >= SPACE // 2).astype(np.intp)
    whole = {"weights": np.concatenate((weights, rows)), "rarity": np.concatenate((rarity, rarity[of_words])), "own": own[:0]}
    return {**arrays, **whole}


def own_columns(names: Sequence[str], columns: int) -> list[int]:
    """Where the languages and the signals stand among so many columns. `names`: of all but the signals, which come last."""
    return [*(at for at, name in enumerate(names) if name.startswith("language:")), *range(len(names), columns)]


class Runs:
    """The runs of a batch that show a signal. `sizes`: words of each message; `columns`: of the signals; `bias`: of each."""

    def __init__(self, weighed: Weighed, sizes: Sequence[int], columns: slice, bias: Floats) -> None:
        self._found: dict[int, list[Run]] = {}
        self._scores, self._owner = np.empty((0, len(bias))), np.empty(0, dtype=np.intp)
        if not len(weighed.squares):
            return
        begin, stop, owner, first = _runs(sizes)
        parts = np.empty((len(weighed.squares) + 1, len(bias) + 1), dtype=np.int64)
        parts[0] = 0
        np.multiply(weighed.added[:, columns], _FINE, out=parts[1:, :-1], casting="unsafe")
        np.multiply(weighed.squares, _FINE, out=parts[1:, -1], casting="unsafe")
        summed = parts.cumsum(axis=0)
        gained = (summed.take(stop, axis=0) - summed.take(begin, axis=0)) / _FINE
        scores = gained[:, :-1] / np.sqrt(np.maximum(gained[:, -1:], 1e-9)) + bias
        self._scores, self._owner = scores, owner
        enough = scores > _LEAST
        if enough.any():
            self._keep(scores, np.argwhere(enough).tolist(), begin - first, stop - first, owner)

    def _keep(self, scores: NDArray[np.float64], enough: list[list[int]], begin: Ints, stop: Ints, owner: Ints) -> None:
        """Of each message and signal the run that shows it most."""
        best: dict[tuple[int, int], float] = {}
        for run, kind in enough:
            message, score = int(owner[run]), float(scores[run, kind])
            if score > best.get((message, kind), -np.inf):
                best[message, kind] = score
                name = KINDS[kind] if score > LEAST[KINDS[kind]] else HINTED
                same = (ASKED, HINTED) if name in (ASKED, HINTED) else (name,)
                kept = [one for one in self._found.get(message, ()) if one[0] not in same]
                self._found[message] = [*kept, (name, int(begin[run]), int(stop[run]))]

    def of(self, message: int) -> Sequence[Run]:
        """What the head finds in a message."""
        return self._found.get(message, ())

    def doubts(self, message: int, kind: str) -> bool:
        """Whether no run of a message comes near showing a signal."""
        if kind not in DOUBT:
            return False
        first, after = np.searchsorted(self._owner, (message, message + 1))
        return first < after and bool(self._scores[first:after, KINDS.index(kind)].max() < DOUBT[kind])


def _runs(sizes: Sequence[int]) -> tuple[Ints, Ints, Ints, Ints]:
    """Where each run of words begins and stops, of which message it is, and where that begins.

    A message of RUN words and fewer is one run, an empty one none.
    """
    if len(sizes) == 1:
        begin = np.arange(max(sizes[0] - RUN, 0) + 1)
        nothing = np.zeros(len(begin), dtype=np.intp)
        return begin, begin + min(sizes[0], RUN), nothing, nothing
    many = np.array(sizes, dtype=np.intp)
    runs = np.where(many > 0, np.maximum(many - RUN, 0) + 1, 0)
    owner = np.repeat(np.arange(len(many)), runs)
    ends = np.cumsum(many)
    first = (ends - many)[owner]
    begin = first + np.arange(len(owner)) - (np.cumsum(runs) - runs)[owner]
    return begin, np.minimum(begin + RUN, ends[owner]), owner, first
