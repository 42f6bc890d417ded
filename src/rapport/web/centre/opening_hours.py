"""Opening hours as a form has them: one line for each day, such as `09:00-14:00, 16:00-18:00`."""

import re
from collections.abc import Mapping

import msgspec

from rapport.errors import BadInput
from rapport.model.hours import DAYS, Hours, check_hours

_LOOSE = re.compile(r"(\d{1,2})(?::(\d\d))?\s*(?:-|–|—|to|a)\s*(\d{1,2})(?::(\d\d))?", re.ASCII)


class Day(msgspec.Struct, frozen=True):
    """One day of the week: its key, and what stands in its line."""

    key: str
    text: str


def typed_hours(hours: Hours, typed: Mapping[str, str] | None = None) -> tuple[Day, ...]:
    """The week as its lines; `typed`: what somebody wrote that could not be read, so that no letter is lost."""
    return tuple(Day(day, typed.get(day, "") if typed is not None else ", ".join(hours.get(day, ()))) for day in DAYS)


def read_hours(typed: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The hours that the lines say: `9-14, 16:00 a 18:30` is as good as `09:00-14:00, 16:00-18:30`. Raises BadInput."""
    found: dict[str, tuple[str, ...]] = {}
    for day in DAYS:
        parts = [part.strip() for part in re.split(r"[,;\n]", typed.get(day, "")) if part.strip()]
        if parts:
            found[day] = tuple(_span(part) for part in parts)
    try:
        check_hours(found)
    except ValueError as error:
        raise BadInput(str(error)) from None
    return found


def _span(text: str) -> str:
    """The span in full; what is none is left as it is, for its refusal to name it."""
    loose = _LOOSE.fullmatch(text.lower())
    if loose is None:
        return text[:40]
    from_hour, from_minute, to_hour, to_minute = loose.groups("00")
    return f"{int(from_hour):02}:{from_minute}-{int(to_hour):02}:{to_minute}"
