"""Time as an argument: SystemClock and FakeClock."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time, in UTC."""

    def now(self) -> datetime:
        """The time now, with its zone."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time now, in UTC."""
        return datetime.now(UTC)


class FakeClock:
    """A clock that stands still until it is moved: for rehearsals and tests."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """The time that it was set to."""
        return self._now

    def move(self, step: timedelta) -> None:
        """Move forward by `step`."""
        self._now += step

    def set(self, now: datetime) -> None:
        """Stand at `now`."""
        self._now = now
