"""Shift patterns: the templates that a week is made of, from how long a shift is, where it may begin, and its break."""

import numpy as np
from numpy.typing import NDArray

from rapport.errors import BadInput

Ints = NDArray[np.int64]
ASIDE = (0, -2, 2)  # half a shift in, two slots earlier, two later


def patterns(slots: int, *, length: int, pause: int, every: int) -> tuple[Ints, Ints]:
    """Templates (templates, slots) and their spans (templates, 2), first slot and the one after the last.

    All in slots: `length` of a shift, its `pause` in the middle or near it, and `every` how many one may begin.
    Raises BadInput where no shift fits.
    """
    if not 0 < length <= slots or pause < 0 or pause >= length or every < 1:
        raise BadInput(f"a shift of {length} slots with a break of {pause} does not fit into a day of {slots} slots")
    places = sorted({min(max((length - pause) // 2 + aside, 1), length - pause - 1) for aside in ASIDE}) if pause else [0]
    found, spans = [], []
    for start in sorted({*range(0, slots - length + 1, every), slots - length}):
        for place in places:
            works = np.zeros(slots, np.int64)
            works[start : start + length] = 1
            works[start + place : start + place + pause] = 0
            found.append(works)
            spans.append((start, start + length))
    return np.array(found), np.array(spans)
