"""The days on which an event of a calendar begins: the rules of RFC 5545, section 3.3.10, day by day.

Whether a day fits is asked of each day near now: a rule that says everything in every way costs no more than a plain one.
Rules that repeat within a day are left to whoever asks. Days are those of the event's own clock, so that a meeting at nine
stays at nine when the clocks change.
"""

import re
from bisect import bisect_left
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

import msgspec

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
BY_DAY = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
MOST_DAYS = 50_000  # from 1900 on: how far a rule that ends by a count is followed
LENGTHS = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}  # days of the period within which a rule counts
MOST_NAMED = 100  # days, dates, months or places that one rule names
_BYDAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"[+-]?[0-9]{1,6}")


class Rule(msgspec.Struct, frozen=True):
    """A rule. `days`: (which of the month or year, weekday), 0 for each; lists are empty where nothing is said."""

    freq: str
    every: int = 1
    count: int = 0
    days: tuple[tuple[int, int], ...] = ()
    dates: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    places: tuple[int, ...] = ()
    starts: int = 0


def read_rule(text: str) -> Rule | None:
    """The rule that an RRULE names; None where it repeats within a day, by weeks of the year, or is none."""
    said = dict(part.partition("=")[::2] for part in text.upper().split(";") if "=" in part)
    if said.get("FREQ") not in BY_DAY or said.keys() & {"BYWEEKNO", "BYYEARDAY", "BYHOUR", "BYMINUTE", "BYSECOND"}:
        return None
    days = ((int(found[1] or 0), DAYS.index(found[2])) for found in _BYDAY.finditer(said.get("BYDAY", "")))
    starts = said.get("WKST", "MO")
    return Rule(
        said["FREQ"],
        max(1, next(iter(_numbers(said.get("INTERVAL", ""))), 1)),
        max(0, next(iter(_numbers(said.get("COUNT", ""))), 0)),
        tuple(dict.fromkeys(days))[:MOST_NAMED],
        _numbers(said.get("BYMONTHDAY", "")),
        _numbers(said.get("BYMONTH", "")),
        _numbers(said.get("BYSETPOS", "")),
        DAYS.index(starts) if starts in DAYS else 0,
    )


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",") if _NUMBER.fullmatch(part.strip()))[:MOST_NAMED]


def days_of(
    rule: Rule, begin: date, first: date, last: date, tried: Callable[[int], None] = lambda days: None
) -> Iterator[date]:
    """The days from `first` to `last` on which an event begins that began first on `begin`, in their order.

    `tried` is told how many days are looked at, each as often as the rule asks something of it, before they are.
    """
    day = begin if rule.count else max(begin, first)
    named = 2 * len(rule.days) + len(rule.dates) + len(rule.months) + len(rule.places)
    periods: dict[date, list[date]] = {}
    met = 0
    for _ in range(MOST_DAYS):
        if day > last or (rule.count and met >= rule.count):
            return
        tried(1 + named // 8)
        if rule.places and _begins(rule, day) not in periods:
            tried(LENGTHS[rule.freq] * (1 + named // 8))
            periods = {_begins(rule, day): [other for other in _period(rule, day) if _asked(rule, begin, other)]}
        if day == begin or fits(rule, begin, day, periods):
            met += 1
            if day >= first:
                yield day
        day += timedelta(days=1)


def fits(rule: Rule, begin: date, day: date, periods: Mapping[date, list[date]]) -> bool:
    """Whether the rule of an event that began on `begin` names a day. `periods`: by their beginnings, what is counted."""
    if (rule.months and day.month not in rule.months) or not _asked(rule, begin, day):
        return False
    if not rule.places:
        return True
    others = periods[_begins(rule, day)]
    nth = bisect_left(others, day)
    return nth + 1 in rule.places or nth - len(others) in rule.places


def _asked(rule: Rule, begin: date, day: date) -> bool:
    return _in_turn(rule, begin, day) and _named(rule, begin, day)


def _begins(rule: Rule, day: date) -> date:
    """The first day of the week, month or year that the day lies in."""
    if rule.freq == "DAILY":
        return day
    if rule.freq == "WEEKLY":
        return _week(rule, day)
    return day.replace(day=1) if rule.freq == "MONTHLY" else date(day.year, 1, 1)


def _in_turn(rule: Rule, begin: date, day: date) -> bool:
    """Whether the day lies in a period that is not passed over."""
    if rule.freq == "DAILY":
        return (day - begin).days % rule.every == 0
    if rule.freq == "WEEKLY":
        return (_week(rule, day) - _week(rule, begin)).days // 7 % rule.every == 0
    if rule.freq == "MONTHLY":
        return ((day.year - begin.year) * 12 + day.month - begin.month) % rule.every == 0
    return (day.year - begin.year) % rule.every == 0


def _named(rule: Rule, begin: date, day: date) -> bool:
    """Whether the rule names it within its period; where it names none, the day that it began on."""
    length = monthrange(day.year, day.month)[1]
    if rule.dates and day.day not in rule.dates and day.day - length - 1 not in rule.dates:
        return False
    if rule.days:
        return any(_is_nth(rule, nth, weekday, day) for nth, weekday in rule.days)
    if rule.dates or rule.freq == "DAILY":
        return True
    if rule.freq == "WEEKLY":
        return day.weekday() == begin.weekday()
    return day.day == begin.day and (rule.freq == "MONTHLY" or bool(rule.months) or day.month == begin.month)


def _is_nth(rule: Rule, nth: int, weekday: int, day: date) -> bool:
    if day.weekday() != weekday:
        return False
    if not nth or rule.freq in ("DAILY", "WEEKLY"):
        return True
    if rule.freq == "YEARLY" and not rule.months:
        before, after = (day - date(day.year, 1, 1)).days, (date(day.year, 12, 31) - day).days
    else:
        before, after = day.day - 1, monthrange(day.year, day.month)[1] - day.day
    return nth == before // 7 + 1 or nth == -(after // 7 + 1)


def _week(rule: Rule, day: date) -> date:
    return day - timedelta(days=(day.weekday() - rule.starts) % 7)


def _period(rule: Rule, day: date) -> list[date]:
    """Every day of the week, month or year that the day lies in, of the months that the rule names."""
    length = LENGTHS[rule.freq]
    if rule.freq == "MONTHLY":
        length = monthrange(day.year, day.month)[1]
    elif rule.freq == "YEARLY":
        length = 366 if monthrange(day.year, 2)[1] == 29 else 365
    days = (_begins(rule, day) + timedelta(days=n) for n in range(length))
    return [other for other in days if not rule.months or other.month in rule.months]
