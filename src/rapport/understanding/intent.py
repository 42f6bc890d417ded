"""Intent: which of forty things a message is about, or "" when nobody should be told that we know.

A linear head says how likely each is; one of its answers is "none of these", learnt from small talk. What stays below the
threshold, or is hardly likelier than the runner-up, is not known: a wrong label costs more than none. Why a threshold and
not the answer alone: reference of the field in Larson et al., EMNLP 2019 (a trained class finds 18 % of what is out of
scope, a threshold 86 %).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

THRESHOLD = 0.45
MARGIN = 0.08


def known(likely: NDArray[np.float32], names: Sequence[str]) -> list[tuple[str, float]]:
    """The intent of each message and its probability; ("", the probability of the best) where it is not known.

    `likely`: (messages, names), each row adds up to one.
    """
    if not len(likely):
        return []
    order = np.argpartition(likely, -2, axis=1)[:, -2:]
    pairs = np.take_along_axis(likely, order, axis=1)
    best = np.where(pairs[:, 1] >= pairs[:, 0], order[:, 1], order[:, 0]).tolist()
    highest, second = pairs.max(axis=1).tolist(), pairs.min(axis=1).tolist()
    return [
        (names[place] if first >= THRESHOLD and first - next_ >= MARGIN else "", round(first, 4))
        for place, first, next_ in zip(best, highest, second, strict=True)
    ]
