"""A series: how much came in each interval of each open day, made from records of any interval, with what was found wrong.

A day that has no record was closed: it is not a day of zeros. Raises BadInput where a count cannot be used.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from rapport.errors import BadInput

Floats = NDArray[np.float64]
ABSURD = 1e9  # no interval of anybody has so many
FAR_OUT = 100.0  # times the level that one interval in a hundred reaches
OPEN_SHARE = 0.5  # of its intervals that a day must have, and of the days on which an interval is whole
SHOWN = 3  # examples named in a note


@dataclass(frozen=True, slots=True)
class Series:
    """Counts of open days: `counts` is (days, intervals) without gaps; `opens` is the time of day at which the first begins."""

    dates: tuple[date, ...]
    counts: Floats
    opens: timedelta
    step: timedelta
    notes: tuple[str, ...] = ()

    @property
    def days(self) -> int:
        """How many open days there are."""
        return len(self.dates)


def from_records(records: Iterable[tuple[datetime, float]], step: timedelta) -> Series:
    """The series at `step` of records (when an interval began by the clock of the place, what came in it).

    Raises:
        BadInput: there is no record, or their own interval is longer than `step` or does not divide it.
    """
    held: dict[datetime, float] = {}
    twice = 0
    for at, count in records:
        twice += at in held
        held[at] = held.get(at, 0.0) + count
    if len(held) < 2:
        raise BadInput(f"a series needs at least two intervals, got {len(held)}")
    times = sorted(held)
    own, notes = _own_step(times, step)
    if twice:
        notes.append(f"{twice} intervals stand twice, as when the clock is put back: they are added up")
    begun = np.array([(at - at.replace(hour=0, minute=0, second=0, microsecond=0)) / own for at in times])
    found = np.array([held[at] for at in times])
    dates = sorted({at.date() for at in times})
    row = np.array([at.date().toordinal() for at in times])
    rows = np.searchsorted([day.toordinal() for day in dates], row)
    return _gridded(dates, rows, np.floor(begun + 1e-6).astype(np.int64), found, own, step, notes)


def _own_step(times: Sequence[datetime], step: timedelta) -> tuple[timedelta, list[str]]:
    gaps = Counter(b - a for a, b in zip(times, times[1:], strict=False) if a.date() == b.date())
    if not gaps:
        raise BadInput("each day has one record only: an interval within the day cannot be seen")
    own = gaps.most_common(1)[0][0]
    notes = []
    often = [gap for gap, seen in gaps.items() if gap > own and seen > max(5, 0.02 * gaps[own])]
    if often:
        if max(often) > step:
            raise BadInput(f"the interval changes from {_said(own)} to {_said(max(often))}: ask for the longer one")
        notes.append(f"the interval changes between {_said(own)} and {_said(max(often))}: all is added up to {_said(step)}")
    shorter = [gap for gap, seen in gaps.items() if gap < own and seen > max(5, 0.02 * gaps[own])]
    if own > step or step % own:
        raise BadInput(f"the records are {_said(own)} apart: they cannot be told by {_said(step)}; ask for a multiple")
    return min(shorter) if shorter and not step % min(shorter) else own, notes


def _gridded(
    dates: Sequence[date],
    rows: NDArray[np.int64],
    places: NDArray[np.int64],
    found: Floats,
    own: timedelta,
    step: timedelta,
    notes: list[str],
) -> Series:
    """Records put on a grid that begins when the place opens, with short gaps filled and said."""
    first = int(np.median([places[rows == day].min() for day in range(len(dates))]))
    inside = places >= first
    parts, slots = int(step / own), (places - first) // int(step / own)
    across = int(slots[inside].max()) + 1
    counts, seen = np.zeros((len(dates), across)), np.zeros((len(dates), across))
    np.add.at(counts, (rows[inside], slots[inside]), found[inside])
    np.add.at(seen, (rows[inside], slots[inside]), 1.0)
    coarse = len(notes) > 0 and "interval changes" in notes[0]
    whole = seen >= (1 if coarse else parts)
    kept = whole.mean(axis=0) >= OPEN_SHARE
    if not kept.any():
        raise BadInput(f"no interval of {_said(step)} is whole on half of the days: ask for a shorter one")
    last = int(np.flatnonzero(kept).max()) + 1
    counts, whole = counts[:, :last], whole[:, :last]
    open_days = whole.mean(axis=1) >= OPEN_SHARE
    if not open_days.all():
        lost = [dates[n].isoformat() for n in np.flatnonzero(~open_days).tolist()]
        notes.append(f"{len(lost)} days with fewer than half of their intervals are left out: {_some(lost)}")
    kept_dates = tuple(day for day, is_open in zip(dates, open_days, strict=True) if is_open)
    filled = _filled(kept_dates, counts[open_days], whole[open_days], notes)
    _say_what_is_odd(kept_dates, filled, notes)
    return Series(kept_dates, filled, own * first, step, tuple(notes))


def _filled(dates: Sequence[date], counts: Floats, whole: NDArray[np.bool_], notes: list[str]) -> Floats:
    """Missing intervals take the profile of the others at the level of their day."""
    if whole.all():
        return counts
    known = np.where(whole, counts, np.nan)
    profile = np.nan_to_num(np.nanmean(known, axis=0))
    level = np.array([row[ok].sum() / max(profile[ok].sum(), 1e-9) for row, ok in zip(counts, whole, strict=True)])
    days = [dates[n].isoformat() for n in np.flatnonzero(~whole.all(axis=1)).tolist()]
    notes.append(f"{int((~whole).sum())} intervals are missing on {len(days)} days and filled: {_some(days)}")
    return np.where(whole, counts, level[:, None] * profile)


def _say_what_is_odd(dates: Sequence[date], counts: Floats, notes: list[str]) -> None:
    if not counts.any():
        notes.append("all counts are zero: the forecast is zero, which says nothing about a day that is not")
    usual = float(np.quantile(counts, 0.99))
    odd = [dates[n].isoformat() for n in np.flatnonzero((counts > FAR_OUT * max(usual, 1.0)).any(axis=1)).tolist()]
    if odd:
        notes.append(
            f"{len(odd)} days have a count of more than {FAR_OUT:.0f} times the usual: {_some(odd)}; see that they are true"
        )


def count_of(text: str, where: str) -> float:
    """A count from text. Raises BadInput that names the place: not a number, negative, not finite, or absurd."""
    try:
        count = float(text)
    except ValueError:
        raise BadInput(f"{where}: {text!r} is not a number: write a count, or leave the line out") from None
    if not 0.0 <= count <= ABSURD:
        raise BadInput(f"{where}: {text} cannot be a count (0 to {ABSURD:.0e}): correct it, or leave the line out")
    return count


def _said(span: timedelta) -> str:
    return f"{span / timedelta(minutes=1):g} min"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (" ..." if len(names) > SHOWN else "")
