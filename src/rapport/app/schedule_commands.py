"""What `rapport schedule` does: shifts and names for a week from files, its gap to the bound, and why it cannot be met."""

import csv
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from rapport.app.schedule_people import (
    LATE,
    Person,
    is_leave,
    locks_of,
    minded,
    read_people,
    rows_of,
    standing,
)
from rapport.errors import BadInput
from rapport.workforce.open_shifts import reasons
from rapport.workforce.roster import OFF, Rules, roster
from rapport.workforce.schedule import Group, Week, schedule
from rapport.workforce.series import count_of
from rapport.workforce.shift_patterns import patterns
from rapport.workforce.shortage import Shortage, shortages

Ints = NDArray[np.int64]
MOST_DAYS = 14
WHY = {
    "away": "are away",
    "works": "work that day",
    "rest": "would rest too little",
    "full": "have all their shifts",
    "in_a_row": "would work too many days in a row",
    "free": "could, but no better roster was found in time",
}


class Asked(msgspec.Struct, frozen=True):
    """Hours of a shift, minutes of its break and between two beginnings, hours of rest; by which solver names are found."""

    hours: float
    pause: int
    every: int
    rest: float
    by: str = "highs"


@dataclass(frozen=True, slots=True)
class Demand:
    """People asked for: (days, skills, slots); `opens` minutes from midnight of the first slot, `step` minutes of each."""

    dates: tuple[date, ...]
    skills: tuple[str, ...]
    required: Ints
    opens: int
    step: int


def week(
    demand_file: Path, people_file: Path, asked: Asked, *, agents: Path | None, keep: bool = False, as_json: bool = False
) -> int:
    """Print the schedule of a week and its names; write them as shifts into an agents.csv where one is named.

    `keep`: what stands there of these days is changed as little as may be. Raises BadInput.
    """
    if keep and agents is None:
        raise BadInput("--keep needs --agents: the file whose shifts are kept as far as they can be")
    demand = read_demand(demand_file)
    people = standing(agents, read_people(people_file), demand.dates, keep=keep)
    groups = _groups(people, demand, people_file)
    templates, spans = patterns(
        demand.required.shape[2],
        length=_slots(asked.hours * 60, demand, "--hours"),
        pause=_slots(asked.pause, demand, "--break"),
        every=max(1, _slots(asked.every, demand, "--every")),
    )
    keys = list(groups)
    able = (Group(frozenset(demand.skills.index(s) for s in skills), len(groups[skills, n]), n) for skills, n in keys)
    asked_of = Week(tuple(able), templates, demand.required)
    found = schedule(asked_of)
    turns, left, apart = _named([groups[key] for key in keys], keys, found.shifts, spans, demand, asked)
    said: dict[str, Any] = {  # Any: numbers, texts and lists by name
        "days": [day.isoformat() for day in demand.dates],
        "skills": list(demand.skills),
        "required": int(demand.required.sum()),
        "short": found.short,
        "bound": round(found.bound, 2),
        "gap": round(found.gap, 5),
        "roster_gap": round(apart, 2),
        "open_shifts": len(left),
        "open": left,
        "why": [_why(one, demand) for one in shortages(asked_of)],
        "shifts": [{"agent": name, "shift": text} for name, text in turns],
    }
    if agents is not None:
        said["written"] = write_agents(agents, turns, {person.id for person in people}, demand.dates)
    _print(said, as_json)
    return 0


def _print(said: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(said))
        return
    for name in ("days", "required", "short", "bound", "gap", "roster_gap", "open_shifts"):
        print(f"{name:12} {said[name]}")
    for line in said["open"]:
        print(f"stays open: {line}")
    for line in said["why"]:
        print(f"cannot be met: {line}")
    for one in said["shifts"]:
        print(f"{one['agent']:20} {one['shift']}")


def _named(
    groups: Sequence[Sequence[Person]],
    keys: Sequence[tuple[frozenset[str], int]],
    shifts: Ints,
    spans: Ints,
    demand: Demand,
    asked: Asked,
) -> tuple[list[tuple[str, str]], list[str], float]:
    """Who works what, each as a shift of a day; the shifts that nobody may legally take, with the reasons; and the gap.

    The gap: how far, in what is minded, the rosters may be above the best ones; 0: proven that there are none better.
    """
    day_slots, turns, left, apart = 24 * 60 // demand.step, [], list[str](), 0.0
    begins = demand.opens + spans[:, 0] * demand.step
    weekend = np.array([day.weekday() >= 5 for day in demand.dates])[:, None] & np.ones(len(spans), np.bool_)
    late = np.ones((len(demand.dates), 1), np.bool_) & (demand.opens + spans[:, 1] * demand.step > LATE)
    for number, (people, (_, owed)) in enumerate(zip(groups, keys, strict=True)):
        costs, may = minded(people, demand.dates, begins)
        rules = Rules(day_slots, int(np.ceil(asked.rest * 60 / demand.step)), owed)
        locked = locks_of(people, demand.dates, begins, shifts[number])
        made = roster(shifts[number], spans, costs, rules, may=may, locked=locked, even=(weekend, late), by=asked.by)
        apart += made.gap
        if locked and not np.isfinite(made.cost):
            names = ", ".join(person.id for person in people if person.locked)
            raise BadInput(f"the locked shifts of {names} break a rule: rest, days in a row, or shifts in all; take one away")
        for day, kind in np.argwhere(made.left_open > 0).tolist():
            why = reasons(made, spans, rules, may, day, kind)
            said = ", ".join(f"{count} {WHY[reason]}" for reason, count in why.most_common())
            at = f"{demand.dates[day]} {_clock(int(begins[kind]))}"
            left += [f"{at}: of {len(people)} people, {said}"] * int(made.left_open[day, kind])
        for person, row in zip(people, made.works.tolist(), strict=True):
            for date_of, kind in zip(demand.dates, row, strict=True):
                if kind != OFF:
                    begin, end = (demand.opens + int(slot) * demand.step for slot in spans[kind])
                    turns.append((person.id, f"{date_of} {_clock(begin)}-{_clock(end)}"))
    return sorted(turns), left, apart


def _groups(people: Sequence[Person], demand: Demand, file: Path) -> dict[tuple[frozenset[str], int], list[Person]]:
    found: dict[tuple[frozenset[str], int], list[Person]] = defaultdict(list)
    for person in people:
        skills = person.skills & set(demand.skills)
        if skills:
            found[skills, person.shifts].append(person)
    if not found:
        raise BadInput(f"{file.name}: nobody has one of the skills that are asked for: {', '.join(demand.skills)}")
    return found


def read_demand(file: Path) -> Demand:
    """The demand of a CSV file: day, time, skill, people. Raises BadInput that names the line, the value and the cure."""
    held: dict[tuple[date, int, str], float] = {}
    for where, row in rows_of(file, 4, "day, time, skill, people"):
        if row[0].strip().casefold() == "day":
            continue
        at = _when(f"{row[0]} {row[1]}", where)
        key = (at.date(), at.hour * 60 + at.minute, row[2].strip())
        if not key[2] or key in held:
            raise BadInput(f"{where}: {row[0]} {row[1]} {row[2]!r} has no skill, or stands twice: write each once")
        held[key] = count_of(row[3], where)
    if not held:
        raise BadInput(f"{file.name}: no line of demand; write lines of day, time, skill, people")
    dates, skills = tuple(sorted({key[0] for key in held})), tuple(sorted({key[2] for key in held}))
    times = sorted({key[1] for key in held})
    step = min([b - a for a, b in zip(times, times[1:], strict=False)], default=30)
    if len(dates) > MOST_DAYS or step < 5 or any((minute - times[0]) % step for minute in times):
        raise BadInput(
            f"{file.name}: at most {MOST_DAYS} days in equal steps of 5 minutes or more, got {len(dates)}, {step} min"
        )
    required = np.zeros((len(dates), len(skills), (times[-1] - times[0]) // step + 1), np.int64)
    for (day, minute, skill), count in held.items():
        required[dates.index(day), skills.index(skill), (minute - times[0]) // step] = int(np.ceil(count))
    return Demand(dates, skills, required, times[0], step)


def _when(text: str, where: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{where}: {text!r} is not a day and a time such as 2026-03-02,07:30") from None


def _slots(minutes: float, demand: Demand, what: str) -> int:
    if minutes < 0 or minutes % demand.step:
        raise BadInput(f"{what} is {minutes:g} minutes: the demand goes by {demand.step} minutes; write a multiple of it")
    return int(minutes // demand.step)


def _why(one: Shortage, demand: Demand) -> str:
    """What no schedule can mend, in words."""
    skills = ", ".join(demand.skills[n] for n in one.skills)
    if one.kind == "heads":
        at = f"{demand.dates[one.day]} {_clock(demand.opens + one.slot * demand.step)}"
        return f"{at}: {one.required} people are asked for {skills}, and {one.there} have one of these skills at all"
    hours, can = (count * demand.step / 60 for count in (one.required, one.there))
    return f"{hours:g} hours of {skills} are asked for, and those who have one of these skills work {can:g} in all"


def write_agents(file: Path, turns: Sequence[tuple[str, str]], known: set[str], dates: Sequence[date]) -> int:
    """Write the shifts of these days into an agents.csv, others stay. How many agents were changed."""
    by: dict[str, list[str]] = defaultdict(list)
    for name, text in turns:
        by[name].append(text)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        header, *rows = [row for row in csv.reader(lines) if row] or [[]]
    if "id" not in header:
        raise BadInput(f"{file.name}: the first line has no column 'id'; it is no agents.csv")
    header = header if "shift" in header else [*header, "shift"]
    days, written = {day.isoformat() for day in dates}, 0
    body = []
    for row in rows:
        cells = [*row, *[""] * (len(header) - len(row))]
        name = cells[header.index("id")].strip()
        if name in known:
            before = [text.strip() for text in cells[header.index("shift")].split(";")]
            kept = [text for text in before if text and text[:10] not in days]
            # `free`, as the roster page writes a day without a shift: `off` would be leave, on which nobody is rostered.
            leave = {text[:10] for text in before if is_leave(text)}
            off = [f"{day} {'off' if day in leave else 'free'}" for day in sorted(days - {text[:10] for text in by[name]})]
            cells[header.index("shift")] = ";".join([*kept, *sorted([*by[name], *off])])
            written += 1
        body.append(cells)
    fresh = file.with_name(f".{file.name}.new")
    with fresh.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows([header, *body])
    fresh.replace(file)
    return written


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"
