"""What `rapport twin` does: a day of a file, or the one after it, before other staff or under another policy."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from rapport.app.workforce_commands import minutes, series_of
from rapport.errors import BadInput
from rapport.web.workforce.twinning import POLICIES, Staff, run_day, told
from rapport.web.workforce.what_if import BURST_LASTS
from rapport.workforce.calendar_kernel import prior
from rapport.workforce.forecast import forecast
from rapport.workforce.series import Series
from rapport.workforce.twin import Change, Told, burst_added, compared, drawn

Floats = NDArray[np.float64]
MOST_NEEDS, MOST_AGENTS = 200_000, 5_000


class Asked(msgspec.Struct, frozen=True):
    """What is to be tried: seconds, people, and the policies before and after; `burst`: so many more from `burst_at` on."""

    agents: int
    more: int
    after: str
    handle: float
    patience: float
    within: float
    policies: tuple[str, str]
    seeds: int
    burst: int = 0
    burst_at: str = "12:00"


def twin(file: Path, asked: Asked, *, interval: str, day: str, as_json: bool) -> int:
    """Print what so many more people after an hour, or another policy, change; and the same again with other seeds."""
    series = series_of(file, minutes(interval))
    which, rates = rates_of(series, day)
    _check(rates, asked)
    runs = [_run(series, rates, asked, chosen) for chosen in (range(1, asked.seeds + 1), range(1001, 1001 + asked.seeds))]
    first, second = runs[0][0], runs[1][0]
    confirmed = first.sure and second.sure and (first.difference > 0) == (second.difference > 0)
    if as_json:
        said = {
            "day": which,
            "expected": round(float(rates.sum())) + asked.burst,
            "agents": [asked.agents, asked.agents + asked.more],
            "policies": list(asked.policies),
            "changes": [_told(one) for one in runs[0]],
            "again": [_told(one) for one in runs[1]],
            "confirmed": confirmed,
        }
        print(json.dumps(said))
        return 0
    print(f"{which}: about {rates.sum() + asked.burst:.0f} come; {asked.agents} agents, then {asked.agents + asked.more}")
    for one in runs[0]:
        print(
            f"{one.name:10} {one.before:10.4g} -> {one.after:10.4g}  ({one.difference:+.4g}, {one.low:+.4g} to {one.high:+.4g})"
        )
    print("other seeds give the same verdict" if confirmed else "nothing can be promised: it is within what chance does")
    return 0


def _run(series: Series, rates: Floats, asked: Asked, seeds: Sequence[int]) -> list[Change]:
    ends = rates.size * series.step.total_seconds()
    begin, bursts = (
        min(max(_seconds(at, option) - series.opens.total_seconds(), 0.0), ends)
        for at, option in ((asked.after, "--after"), (asked.burst_at, "--burst-at"))
    )
    _check_burst(asked, series.opens.total_seconds(), ends)
    there = [(0.0, ends)] * asked.agents
    gone = [(0.0, begin)] * -asked.more
    added = there + [(begin, ends)] * asked.more if asked.more >= 0 else there[: asked.agents + asked.more] + gone

    def under(shifts: Sequence[tuple[float, float]], policy: str, seed: int) -> Told:
        comes = drawn(rates[None, :], series.step.total_seconds(), [asked.handle], asked.patience, seed)
        comes = (
            burst_added(comes, asked.burst, bursts, BURST_LASTS, asked.handle, asked.patience, seed, ends=ends)
            if asked.burst
            else comes
        )
        staff = Staff(np.ones((len(shifts), 1), np.bool_), np.array(shifts))
        return told(run_day(comes, staff, policy, patience_seconds=asked.patience), comes, 1, asked.within)

    before, after = asked.policies
    return compared(lambda seed: under(there, before, seed), lambda seed: under(added, after, seed), seeds)


def rates_of(series: Series, day: str) -> tuple[str, Floats]:
    """The day that is asked for by its number or date, or the forecast of the first one after the series. Raises BadInput."""
    if day == "next":
        following = series.dates[-1] + timedelta(days=1)
        while following.weekday() not in {one.weekday() for one in series.dates}:
            following += timedelta(days=1)
        return f"{following} (forecast)", forecast(series.counts, prior((*series.dates, following)), 1)[0]
    names = {one.isoformat(): n for n, one in enumerate(series.dates)} | {str(n): n for n in range(series.days)}
    if day not in names:
        raise BadInput(f"--day must be next, a number below {series.days} or a day of the series, got {day!r}")
    found: date = series.dates[names[day]]
    return found.isoformat(), series.counts[names[day]]


def _check(rates: Floats, asked: Asked) -> None:
    agents, after = asked.agents, asked.agents + asked.more
    if (
        asked.burst < 0
        or rates.sum() + asked.burst > MOST_NEEDS
        or not 0 < agents <= MOST_AGENTS
        or not 0 < after <= MOST_AGENTS
    ):
        raise BadInput(
            f"a day of {rates.sum():.0f} with a burst of {asked.burst} before {agents} and {after} agents cannot be run: "
            f"0 to {MOST_NEEDS} who come, 1 to {MOST_AGENTS} agents"
        )
    if asked.handle <= 0 or asked.patience <= 0 or asked.seeds < 2:
        times = f"{asked.handle}, {asked.patience}, {asked.seeds}"
        raise BadInput(f"--handle and --patience must be above 0 and --seeds at least 2, got {times}")
    if wrong := [name for name in asked.policies if name not in POLICIES]:
        raise BadInput(f"policies are {', '.join(POLICIES)}, got {wrong[0]!r}")


def _check_burst(asked: Asked, opens: float, lasts: float) -> None:
    """Raises BadInput where a burst is not within the day."""
    if asked.burst and not opens <= _seconds(asked.burst_at, "--burst-at") < opens + lasts:
        first, last = (f"{int(at) // 3600:02d}:{int(at) // 60 % 60:02d}" for at in (opens, opens + lasts))
        raise BadInput(f"--burst-at must be within the day, {first} to {last}, got {asked.burst_at!r}")


def _seconds(clock: str, option: str) -> float:
    hours, _, rest = clock.partition(":")
    if not (hours.isdigit() and (rest or "0").isdigit() and int(hours) < 24 and int(rest or 0) < 60):
        raise BadInput(f"{option} must be a time such as 18:00, got {clock!r}")
    return int(hours) * 3600.0 + int(rest or 0) * 60.0


def _told(one: Change) -> dict[str, float | str]:
    return {name: round(value, 5) if isinstance(value, float) else value for name, value in asdict(one).items()}
