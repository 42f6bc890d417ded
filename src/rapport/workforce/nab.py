"""The score of the Numenta Anomaly Benchmark, and the detections that it is given: the tail score, the highest of a day.

How improbable a record is says little where many are seen: half of the length so far (its logarithm) is taken from it. That
half, of 0, 1/4, 1/2, 3/4 and 1, and the threshold were chosen on the 48 files of the benchmark that are not realTweets.
Source: Lavin and Ahmad 2015; numenta/NAB, standard profile. `windows` are pairs of indices, first and last.
"""

from collections.abc import Sequence
from math import exp, log10

import numpy as np
from numpy.typing import NDArray

from rapport.workforce.bursts import BEFORE_ALL, LARGEST, Detector

PROBATION, LONGEST_PROBATION = 0.15, 750
FALSE, MISSED = 0.11, 1.0
A_DAY = 288
SHARE, THRESHOLD = 0.5, 1.84
Windows = Sequence[tuple[int, int]]


def detections(counts: Sequence[float], threshold: float = THRESHOLD, share: float = SHARE) -> list[int]:
    """Where the tail score, less that share of the length so far, passes the threshold, and the score all of the day before."""
    detector = Detector(5)
    scores = np.array([detector.see(count).rare for count in counts])
    return [
        int(at)
        for at in np.flatnonzero(scores > 0.0)
        if scores[at] - share * log10(max(int(at), BEFORE_ALL) / LARGEST) >= threshold
        and scores[at] > scores[max(0, at - A_DAY) : at].max(initial=0.0)
    ]


def score(files: Sequence[tuple[int, Windows, Sequence[int]]]) -> float:
    """The score of all files, 0 to 100: (records, windows, detections) of each."""
    got = perfect = null = 0.0
    for records, windows, found in files:
        begin = min(int(PROBATION * records), LONGEST_PROBATION)
        late = np.array([at for at in found if at >= begin], np.int64)
        null -= MISSED * len(windows)
        perfect += _near(-1.0) * len(windows)
        got += sum(_hit(late, first, last) for first, last in windows)
        got += FALSE * sum(_beside(int(at), windows) for at in late)
    return 100.0 * (got - null) / (perfect - null) if perfect > null else 0.0


def _hit(late: NDArray[np.int64], first: int, last: int) -> float:
    inside = late[(late >= first) & (late <= last)]
    return _near(-(last - int(inside[0])) / max(last - first, 1)) if len(inside) else -MISSED


def _beside(at: int, windows: Windows) -> float:
    """What a detection costs: nothing in a window, little just after one, all before the first; in [-1, 0]."""
    if any(first <= at <= last for first, last in windows):
        return 0.0
    before = [(first, last) for first, last in windows if last < at]
    return _near((at - before[-1][1]) / max(before[-1][1] - before[-1][0], 1)) if before else -1.0


def _near(place: float) -> float:
    return -1.0 if place > 3.0 else 1.0 if place < -3.0 else 2.0 / (1.0 + exp(5.0 * place)) - 1.0
