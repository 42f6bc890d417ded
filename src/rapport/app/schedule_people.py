"""The people of `rapport schedule`: who can what, when they are away, what they would rather, and what stays as it is."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rapport.errors import BadInput
from rapport.workforce.roster import OFF

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MOST_PEOPLE = 500
COLUMNS = ("agent", "skills", "shifts", "away", "begins", "free", "locked")
AN_HOUR, A_FREE_DAY, A_CHANGE = (
    1.0,
    6.0,
    4.0,
)  # what an hour from the wished beginning, a day that was wished free, a change costs
AWAY, FREE = ("off", "libre"), ("free", "descanso")  # leave; and a day without a shift, which another roster may use
LATE = 18 * 60  # a shift that ends after this is a late one


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be scheduled. `away` cannot be, `free` is wished; `begins` minutes from midnight; `locked` by day, OFF: none.

    `before`: when they begin on days as it stands now, OFF where they do not work; what changes of it costs.
    """

    id: str
    skills: frozenset[str]
    shifts: int
    away: frozenset[date] = frozenset()
    begins: int | None = None
    free: frozenset[date] = frozenset()
    locked: tuple[tuple[date, int], ...] = ()
    before: tuple[tuple[date, int], ...] = ()


def read_people(file: Path) -> list[Person]:
    """The people of a CSV file: agent, skills with semicolons, shifts a week, and what else a header names. Raises BadInput."""
    found: dict[str, Person] = {}
    header: list[str] = list(COLUMNS[:3])
    for number, (where, row) in enumerate(rows_of(file, 3, "agent, skills, shifts")):
        if number == 0 and row[0].strip().casefold() == "agent":
            header = [name.strip().casefold() for name in row]
            if unknown := [name for name in header if name not in COLUMNS]:
                raise BadInput(f"{where}: columns are {', '.join(COLUMNS)}, got {unknown[0]!r}")
            if missing := [name for name in COLUMNS[:3] if name not in header]:
                raise BadInput(f"{where}: columns {', '.join(COLUMNS[:3])} are needed, {missing[0]!r} is missing")
            continue
        said = dict(zip(header, row, strict=False))
        name, shifts = said["agent"].strip(), said["shifts"].strip()
        if not name or name in found or not shifts.isdigit() or not 0 < int(shifts) <= 7:
            raise BadInput(f"{where}: {','.join(row)!r}: each agent once, with 1 to 7 shifts a week")
        skills = frozenset(part.partition("=")[0].strip() for part in said["skills"].split(";") if part.strip())
        begins = said.get("begins", "").strip()
        found[name] = Person(
            name,
            skills,
            int(shifts),
            frozenset(_day(text, where) for text in _parts(said.get("away", ""))),
            clock_of(begins, where) if begins else None,
            frozenset(_day(text, where) for text in _parts(said.get("free", ""))),
            tuple(_turn(text, where) for text in _parts(said.get("locked", ""))),
        )
    if not 0 < len(found) <= MOST_PEOPLE:
        raise BadInput(f"{file.name}: 1 to {MOST_PEOPLE} people can be scheduled together, got {len(found)}")
    return list(found.values())


def minded(people: Sequence[Person], dates: Sequence[date], begins: Ints) -> tuple[Floats, NDArray[np.bool_]]:
    """What each would mind of each shift, and which they may: (people, days, templates). `begins`: minutes of templates."""
    costs = np.zeros((len(people), len(dates), len(begins)))
    may = np.ones(costs.shape, np.bool_)
    for row, person in enumerate(people):
        before = dict(person.before)
        if person.begins is not None:
            costs[row] += AN_HOUR * np.abs(begins - person.begins) / 60.0
        for place, day in enumerate(dates):
            may[row, place] = day not in person.away
            costs[row, place] += A_FREE_DAY * (day in person.free)
            if day in before:
                costs[row, place] += A_CHANGE * (begins != before[day])
    return costs, may


def locks_of(people: Sequence[Person], dates: Sequence[date], begins: Ints, counts: Ints) -> dict[tuple[int, int], int]:
    """What stays, by person and day: a template that is in `counts`, or OFF. Raises BadInput where there is no such shift."""
    found: dict[tuple[int, int], int] = {}
    left = counts.copy()
    for row, person in enumerate(people):
        for day, at in dict(person.locked).items():
            if day not in dates:
                continue
            place = dates.index(day)
            fit = [kind for kind in np.flatnonzero(begins == at).tolist() if left[place, kind]]
            if at != OFF and not fit:
                raise BadInput(
                    f"{person.id} is locked to {day} {at // 60:02d}:{at % 60:02d}: no shift that is needed begins then, "
                    "or others are locked to it; take the lock away, or ask for shifts that may begin then with --every"
                )
            found[row, place] = OFF if at == OFF else fit[0]
            if at != OFF:
                left[place, fit[0]] -= 1
    return found


def rows_of(file: Path, columns: int, said: str) -> Iterator[tuple[str, list[str]]]:
    """The rows of a CSV file, each with where it stands. Raises BadInput."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for number, row in enumerate(csv.reader(lines), start=1):
                if not row:
                    continue
                if len(row) < columns:
                    raise BadInput(f"{file.name}, line {number}: columns {said} are needed, got {','.join(row)!r}")
                yield f"{file.name}, line {number}", row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{file}: cannot be read as CSV in UTF-8: {error}") from error


def clock_of(text: str, where: str) -> int:
    """Minutes from midnight. Raises BadInput."""
    hours, colon, rest = text.strip().partition(":")
    if not (colon and hours.isdigit() and rest.isdigit() and int(hours) < 24 and int(rest) < 60):
        raise BadInput(f"{where}: {text!r} is not a time such as 09:00")
    return int(hours) * 60 + int(rest)


def _turn(text: str, where: str) -> tuple[date, int]:
    day, _, at = text.partition(" ")
    free = at.strip().casefold() in (*AWAY, *FREE)
    return _day(day, where), OFF if free else clock_of(at.partition("-")[0], where)


def is_leave(text: str) -> bool:
    """Whether a shift of one day says that somebody is away, as `2026-03-02 off`."""
    return text.partition(" ")[2].strip().casefold() in AWAY


def _day(text: str, where: str) -> date:
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise BadInput(f"{where}: {text!r} is not a day such as 2026-03-02") from None


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def standing(file: Path | None, people: Sequence[Person], dates: Sequence[date], *, keep: bool) -> list[Person]:
    """The people with what an agents.csv, if any, says of these days: leave is `away`; and `before`, where it is to be kept.

    Raises:
        BadInput: it is no agents.csv, or a shift of these days cannot be read.
    """
    if file is None:
        return list(people)
    rows = [row for _, row in rows_of(file, 1, "id, shift")]
    if not rows or "id" not in rows[0] or (keep and "shift" not in rows[0]):
        raise BadInput(f"{file.name}: columns id{' and shift' if keep else ''} are needed; it is no agents.csv")
    place = rows[0].index("shift") if "shift" in rows[0] else None
    by = {row[rows[0].index("id")].strip(): row[place] for row in rows[1:] if place is not None and len(row) == len(rows[0])}
    days = {day.isoformat() for day in dates}
    found = []
    for person in people:
        said = [text for text in _parts(by.get(person.id, "")) if text[:10] in days]
        before = tuple(_turn(text, file.name) for text in said) if keep else ()
        away = person.away | {_day(text[:10], file.name) for text in said if is_leave(text)}
        found.append(replace(person, away=away, before=before))
    return found
