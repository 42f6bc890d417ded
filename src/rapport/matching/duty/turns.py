"""Turns: the times at which agents work, from what stands at them, and how one day of an agent is written anew."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from rapport.matching.shifts import DAY, read_shift, turns_on, zone_of
from rapport.matching.strain import shift_of
from rapport.model.agent import Agent
from rapport.model.centre import Centre

PAST = timedelta(days=2)  # for so long what was said of one day is kept


@dataclass(frozen=True, slots=True)
class Turn:
    """An agent's work on a day: minutes from its midnight by their own clock, and the times themselves."""

    agent: str
    day: date
    start: int
    end: int
    begins: datetime
    ends: datetime

    @property
    def hours(self) -> float:
        """How long it is."""
        return (self.ends - self.begins) / timedelta(hours=1)


def turns_of(agent: Agent, centre: Centre, first: date, days: int) -> list[Turn]:
    """What an agent works from `first` on, in the order of time."""
    zone = agent.timezone or centre.profile.zone
    return turns_from(agent.id, shift_of(agent, centre), zone, first, days)


def turns_over(agent: Agent, centre: Centre, first: date, days: int) -> list[Turn]:
    """As above, and what began on the day before and goes on into `first`."""
    begins = at_wall(first, 0, agent.timezone or centre.profile.zone)
    return [turn for turn in turns_of(agent, centre, first - timedelta(days=1), days + 1) if turn.ends > begins]


def turns_from(agent: str, texts: Sequence[str], zone: str, first: date, days: int) -> list[Turn]:
    """As above, from what is written."""
    shifts = [read_shift(text) for text in texts]
    return [
        Turn(agent, day, start, end, at_wall(day, start, zone), at_wall(day, end, zone))
        for day in (first + timedelta(days=ahead) for ahead in range(days))
        for start, end in turns_on(shifts, day)
    ]


def at_wall(day: date, minute: int, zone: str) -> datetime:
    """A time of the wall as the time itself: an hour that the wall has twice is its first."""
    day += timedelta(days=minute // DAY)
    minute %= DAY
    return datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone_of(zone)).astimezone(UTC)


def written_anew(texts: Iterable[str], day: date, turns: Iterable[tuple[int, int]], today: date) -> tuple[str, ...]:
    """What stands at an agent, with one day as these turns; leave stays leave; what was said of days long past goes."""
    texts = list(texts)
    kept = [text for text in texts if (of := read_shift(text).day) is None or (of != day and of >= today - PAST)]
    lines = [f"{day} {show(start)}-{show(end)}" for start, end in sorted(turns)]
    return tuple(kept + (lines or [f"{day} off" if day in leave_of(texts) else f"{day} free"]))


def leave_of(texts: Iterable[str]) -> frozenset[date]:
    """The days on which somebody is away, as it is written of single days; a day that a roster left free is none."""
    return frozenset(shift.day for text in texts if (shift := read_shift(text)).leave and shift.day is not None)


def show(minute: int) -> str:
    """A time of the wall, from minutes after midnight."""
    return f"{minute % DAY // 60:02d}:{minute % 60:02d}"


def everybody(centre: Centre, first: date, days: int) -> Mapping[str, list[Turn]]:
    """What each person of the centre works; bots do not."""
    return {agent.id: turns_of(agent, centre, first, days) for agent in centre.agents.values() if not agent.bot}
