"""Adapting: what a tenant has taught, on top of the shipped heads: corrections at once, and a head that was trained on labels.

The intents' log-probabilities p of the shipped head, and OWN for names that it does not have, are the beginning:

    z = max(p, OWN) + x W + b        x: (features,) hashed, weighed by rarity, of length one

A correction adds its message's features to its intent's column of W, as far as its `step` says: at the time it was made, so far
that the message leads by MARGIN. So the sum does not depend on the order, and what is taken away leaves no trace. Raising the
true answer alone, and this margin, were chosen on banking77's development part (docs/understanding.md). A trained head adds its
own columns and `b`.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from rapport.model.correction import NONE, Correction
from rapport.understanding.features import SPACE, found_in, in_half
from rapport.understanding.linear import Floats, softmax
from rapport.understanding.words import prepare

if TYPE_CHECKING:
    from scipy.sparse import csr_array

OWN = -6.0  # log-probability of an intent that the shipped head does not know, before anything was learnt of it
MARGIN = 6.0  # log-odds by which a corrected message leads afterwards
MOST_TRACES = 2_000  # features of a message that are kept
MOST_LEARNING = 2_000  # corrections that change readings at once
NEAR = 0.6  # likeness from which a corrected feeling or urgency is taken over

Ints = NDArray[np.int32]


class Taught(msgspec.Struct, frozen=True):
    """A head trained on a tenant's labels. `buckets`: (features,); `weights`: (features, names) log-odds; `bias`: (names,)."""

    version: str
    names: tuple[str, ...]
    buckets: Ints
    weights: Floats
    bias: Floats


class Weigh(msgspec.Struct, frozen=True):
    """How features weigh. `rows`: (SPACE,) the row of each bucket; `rarity`: (rows,), see `features.matrix`."""

    rows: Ints
    rarity: Floats

    def values(self, owner: NDArray[np.intp], buckets: Ints, messages: int, place: Ints, places: int) -> "csr_array":
        """Messages as rows over the buckets that have a place: (messages, places); each of length one with all its buckets.

        `owner`: (features,) the message of each, ascending; `place`: (SPACE,) -1 for none.
        """
        from scipy.sparse import csr_array  # only where something was taught: each process that starts need not read it

        weight = self.rarity[self.rows[buckets]]
        _, first, times = np.unique(owner.astype(np.int64) * SPACE + buckets, return_index=True, return_counts=True)
        weight, owner, buckets = weight[first] * times, owner[first], buckets[first]
        length = np.sqrt(np.bincount(owner, weight * weight, messages))
        known = place[buckets] >= 0
        data = (weight[known] / np.maximum(length[owner[known]], 1e-9)).astype(np.float32)
        ends = np.concatenate(([0], np.cumsum(np.bincount(owner[known], minlength=messages))))
        return csr_array((data, place[buckets[known]], ends), shape=(messages, places))


def traces_of(text: str) -> bytes:
    """The features of a text as int32, at most MOST_TRACES: what a correction keeps of it."""
    found = found_in([prepare(text).words])
    return np.ascontiguousarray(found.buckets[found.buckets >= 0][:MOST_TRACES]).tobytes()


class Adapted:
    """What a tenant taught, ready to be added to the shipped head's answers. `names`: of the intents, shipped ones first."""

    def __init__(self, shipped: Sequence[str], weigh: Weigh, corrections: Iterable[Correction], taught: Taught | None) -> None:
        learnt = [one for one in corrections if one.traces]
        own = dict.fromkeys([*(taught.names if taught else ()), *(_name(one.intent) for one in learnt if one.intent)])
        self.names = (*shipped, *(name for name in own if name not in shipped))
        self.shipped = len(shipped)
        self.version = f"{'/' + taught.version if taught else ''}{f'+{len(learnt)}' if learnt else ''}"
        self._weigh, self._learnt = weigh, learnt
        traces = [np.frombuffer(one.traces, dtype=np.int32) for one in learnt]
        buckets = np.concatenate([*traces, taught.buckets if taught else np.zeros(0, dtype=np.int32)])
        self._used: Ints = np.unique(buckets)
        self._place: Ints = np.full(SPACE, -1, dtype=np.int32)
        self._place[self._used] = np.arange(len(self._used), dtype=np.int32)
        owner = np.repeat(np.arange(len(traces)), [len(one) for one in traces])
        memory = self._values(owner, buckets[: len(owner)], len(traces))
        self._weights, self._bias = self._learnt_weights(memory, taught)
        self._felt = [nth for nth, one in enumerate(learnt) if one.emotion or one.urgency or one.sentiment or one.spam]
        self._felt_memory = memory[self._felt].T.tocsr() if self._felt else None

    def _learnt_weights(self, memory: "csr_array", taught: Taught | None) -> tuple[Floats, Floats]:
        """(used, names) and (names,)."""
        place = {name: place for place, name in enumerate(self.names)}
        steps = np.zeros((len(self._learnt), len(self.names)), dtype=np.float32)
        for nth, one in enumerate(self._learnt):
            if one.intent:
                steps[nth, place[_name(one.intent)]] = one.step
        weights = np.asarray(memory.T @ steps, dtype=np.float32)
        bias = np.zeros(len(self.names), dtype=np.float32)
        if taught is not None:
            columns = np.array([place[name] for name in taught.names], dtype=np.intp)
            bias[columns] = taught.bias
            weights[self._place[taught.buckets][:, None], columns[None, :]] += taught.weights
        return weights, bias

    def _values(self, owner: NDArray[np.intp], buckets: Ints, messages: int) -> "csr_array":
        return self._weigh.values(owner, buckets, messages, self._place, len(self._used))

    def standing(self, messages: Sequence[Sequence[str]], likely: Floats) -> tuple[Floats, "csr_array"]:
        """Log-odds of each intent, (messages, names), and the messages' values; `likely`: (messages, shipped)."""
        found = found_in(messages)
        there = found.buckets >= 0
        values = self._values(np.repeat(found.message, there.sum(axis=1)), found.buckets[there], found.messages)
        begun = np.full((len(messages), len(self.names)), OWN, dtype=np.float32)
        begun[:, : self.shipped] = np.maximum(np.log(likely + 1e-9), OWN)
        standing: Floats = begun + values @ self._weights + self._bias
        return standing, values

    def likely(self, standing: Floats) -> Floats:
        """Probabilities of the intents: (messages, names)."""
        return softmax(standing)

    def nearest(self, values: "csr_array") -> list[Correction | None]:
        """For each message the correction of a feeling or an urgency that it is nearly alike to, if there is one."""
        if self._felt_memory is None:
            return [None] * int(values.shape[0])
        alike = np.asarray((values @ self._felt_memory).todense())
        return [self._learnt[self._felt[int(row.argmax())]] if row.max() >= NEAR else None for row in alike]

    def added(self, words: Sequence[str], name: int) -> list[float]:
        """What each word as a whole adds to an intent's log-odds, before the message's length."""
        found = found_in([words])
        place = self._place[in_half(found.hashes)]
        weight = self._weigh.rarity[self._weigh.rows[in_half(found.hashes)]]
        added: list[float] = np.where(place >= 0, weight * self._weights[place, name], 0.0).tolist()
        return added


def _name(intent: str) -> str:
    """An intent as the heads call it: none of those that are known is ""."""
    return "" if intent == NONE else intent
