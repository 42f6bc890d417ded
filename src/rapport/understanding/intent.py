"""Intent: which of forty things a message is about, or "" when nobody should be told that we know.

A linear head says how likely each is; one of its answers is "none of these", learnt from small talk. What stays below the
threshold, or is hardly likelier than the runner-up, is not known: a wrong label costs more than none. Why a threshold and
not the answer alone: reference of the field in Larson et al., EMNLP 2019 (a trained class finds 18 % of what is out of
scope, a threshold 86 %).
"""

from collections.abc import Sequence

THRESHOLD = 0.45
MARGIN = 0.08


def known(likely: list[float], names: Sequence[str]) -> tuple[str, float]:
    """The intent of a message and its probability; ("", the probability of the best) where it is not known.

    `likely`: (names,), adding up to one.
    """
    first = max(likely)
    place = likely.index(first)
    return judged(names[place], first, max(likely[:place] + likely[place + 1 :], default=0.0))


def judged(name: str, first: float, second: float) -> tuple[str, float]:
    """The same of the likeliest intent and its probability, with that of the runner-up."""
    return (name if first >= THRESHOLD and first - second >= MARGIN else "", round(first, 4))
