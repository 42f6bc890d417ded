"""Prior: what is known of English words before a tenant's first label: 28 feelings, and which words are used alike.

A linear head over words and pairs of words, learnt once from GoEmotions (docs/understanding.md names its source and licence) by
`prior_training` and shipped as `prior.npz`. Of a Spanish message it says little, and its numbers stay near nothing.
A word that no label ever had is known by its neighbours: "card" stands near "debit", as both stand beside the same words.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from rapport.understanding.features import PIECES, SPACE, Found, matrix, rows_of

Floats = NDArray[np.float32]


class Prior:
    """The shipped arrays, ready to be asked."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:  # Any: each array has its own type
        self._rows = rows_of(arrays["buckets"])
        self._rarity: Floats = arrays["rarity"].astype(np.float32)
        self._weights: Floats = arrays["weights"].astype(np.float32) * arrays["scale"]
        self._bias: Floats = arrays["bias"].astype(np.float32)
        self._centre: Floats = arrays["centre"].astype(np.float32)
        self._spread: Floats = arrays["spread"].astype(np.float32)
        self._places: Floats = arrays["places"].astype(np.float32) * arrays["places_scale"]
        self._known = np.full(SPACE, -1, dtype=np.int32)
        self._known[arrays["placed"]] = np.arange(len(arrays["placed"]), dtype=np.int32)

    def of(self, found: Found) -> Floats:
        """How much more than usual each feeling speaks: (messages, 28), of length one or so."""
        values = matrix(found, self._rows, self._rarity).sparse(len(self._rarity))
        felt: Floats = (values @ self._weights + self._bias - self._centre) / self._spread
        return felt / np.float32(np.sqrt(felt.shape[1]))

    def alike(self, found: Found) -> Floats:
        """Where the words of each message stand among words that are used alike: (messages, 96), of length one or nothing."""
        known = self._known[found.buckets[:, len(PIECES)]]
        there = (found.buckets[:, len(PIECES)] >= 0) & (known >= 0)
        of_message = csr_array(
            (np.ones(int(there.sum()), dtype=np.float32), (found.message[there], known[there])),
            shape=(found.messages, len(self._places)),
        )
        summed = np.asarray(of_message @ self._places, dtype=np.float32)
        stands: Floats = summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-9)
        return stands
