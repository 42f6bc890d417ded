"""Prior: which of 28 feelings the words of an English message speak of, known before a tenant's first label.

A linear head over words and pairs of words, learnt once from GoEmotions (docs/understanding.md names its source and licence) by
`prior_training` and shipped as `prior.npz`. Of a Spanish message it says little, and its numbers stay near nothing.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rapport.understanding.features import Found, matrix, rows_of

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

    def of(self, found: Found) -> Floats:
        """How much more than usual each feeling speaks: (messages, 28), of length one or so."""
        values = matrix(found, self._rows, self._rarity).sparse(len(self._rarity))
        felt: Floats = (values @ self._weights + self._bias - self._centre) / self._spread
        return felt / np.float32(np.sqrt(felt.shape[1]))
