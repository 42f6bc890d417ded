"""The calendar of a target: its hours or the centre's, its zone, public holidays and days of its own."""

from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rapport.conversations.targets.business import Calendar
from rapport.model.centre import Profile
from rapport.model.target import Target


def calendar_of(target: Target, profile: Profile, brand_zone: str = "") -> Calendar:
    """When a target's time counts."""
    own = frozenset(target.days_off)
    public = target.holidays

    def is_off(day: date) -> bool:
        return day in own or (bool(public) and day in public_holidays(public, day.year))

    hours = target.hours or profile.hours
    return Calendar(_zone(target.zone or brand_zone or profile.zone), hours, is_off)


@lru_cache(256)
def public_holidays(place: str, year: int) -> frozenset[date]:
    """The public holidays of a country or a part of it, as `ES` or `ES-MD`; none where the library knows none."""
    import holidays  # it takes a second to come in, and most centres name no country

    country, _, part = place.partition("-")
    try:
        return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))
    except NotImplementedError:
        return frozenset()


def knows_holidays(place: str) -> bool:
    """Whether there are holidays of this country or part of it."""
    return not place or bool(public_holidays(place, 2026))


def holidays_wrong(thing: object) -> str:
    """Why a target's holidays cannot be known; "" where they can, and of what is no target."""
    if not isinstance(thing, Target) or knows_holidays(thing.holidays):
        return ""
    return f"holidays are those of a country or a part of it, as ES or ES-MD, got {thing.holidays[:40]!r}"


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
