"""What is known of a centre's days: what it wrote as `known_ahead`, and the public holidays that its targets name."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from rapport.conversations.targets.calendar import public_holidays
from rapport.model.centre import Centre
from rapport.model.known_ahead import days_known_ahead

HOLIDAY = "public holiday"


def known_days(centre: Centre, first: date, last: date) -> dict[date, list[str]]:
    """Names by day, those of holidays from `first` to `last`; a forecast learns from past days of a name what it does."""
    found = days_known_ahead(centre.profile.known_ahead)
    places = {target.holidays for target in centre.targets.values() if target.holidays}
    for year in range(first.year, last.year + 1):
        for day in sorted({day for place in places for day in public_holidays(place, year)}):
            if first <= day <= last:
                found.setdefault(day, []).append(HOLIDAY)
    return found


def days_ahead(
    dates: Sequence[date], known: Mapping[date, Sequence[str]], after: date, count: int
) -> tuple[list[date], list[date]]:
    """The next `count` open days after a day, and the closed holidays between them. `dates`: open days so far.

    Weekdays on which nothing ever came are closed; so are holidays, where none of the past ones was open.
    """
    weekdays = {day.weekday() for day in dates}
    past = {
        day for day, names in known.items() if HOLIDAY in names and dates[0] <= day <= dates[-1] and day.weekday() in weekdays
    }
    shut = bool(past) and not past & set(dates)
    found, closed, day = list[date](), list[date](), after
    while len(found) < count and day < after + timedelta(days=10 * count + 20):
        day += timedelta(days=1)
        if day.weekday() not in weekdays:
            continue
        (closed if shut and HOLIDAY in known.get(day, ()) else found).append(day)
    return found, [one for one in closed if not found or one < found[-1]]
