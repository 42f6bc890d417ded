"""Target: within which business time people are answered; Service: the clocks of one conversation."""

import re
from datetime import date, datetime
from typing import Literal

import msgspec

from rapport.model.hours import check_hours
from rapport.model.ids import Id

Clocked = Literal["first", "next", "resolution"]
CLOCKS: tuple[Clocked, ...] = ("first", "next", "resolution")
_SPAN = re.compile(r"([1-9]\d{0,4})(s|m|h|wd)", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600}


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How soon people are answered. Spans are business time, as `90s`, `15m`, `8h`; `15wd` are working days after the day.

    `brands`, `channels` (an account, a channel or its kind) and `person` (attributes, as `{ loyalty = "gold" }`) say for whom;
    empty: for all. Of several, the one for a person goes before the one for a channel, that before a brand's. `floor`: it holds
    whatever else is promised: what is due earlier counts. `hours` {}: the centre's; `holidays`: of a country or a part of it,
    as `ES` or `ES-MD`. `pause`: the clock of the resolution stands while we wait for the customer. `warn`: the share of
    the time after which it is said that it nears. `source`: the law or contract that asks for it.
    """

    id: str
    first: str = ""
    next: str = ""
    resolution: str = ""
    brands: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    person: dict[str, str] = {}
    floor: bool = False
    hours: dict[str, tuple[str, ...]] = {}
    zone: str = ""
    holidays: str = ""
    days_off: tuple[date, ...] = ()
    pause: bool = True
    warn: float = 0.8
    source: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError where a span, the hours or the share cannot be followed."""
        check_hours(self.hours)
        for name in CLOCKS:
            text = getattr(self, name)
            if text and not _SPAN.fullmatch(text):
                raise ValueError(f"{name} of target {self.id!r} is a span such as 90s, 15m, 8h or 15wd, got {text!r}")
        if not any(getattr(self, name) for name in CLOCKS):
            raise ValueError(f"target {self.id!r} promises nothing; give it a first, next or resolution")
        if not 0 < self.warn < 1:
            raise ValueError(f"warn of target {self.id!r} is a share above 0 and below 1, got {self.warn:g}")


class Promise(msgspec.Struct, frozen=True):
    """A span as it is counted: seconds of business time, or working days."""

    seconds: int = 0
    days: int = 0


def promise_of(text: str) -> Promise | None:
    """The span that a target says; None where it says none."""
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    number, unit = int(found[1]), found[2]
    return Promise(days=number) if unit == "wd" else Promise(seconds=number * _SECONDS[unit])


class Clock(msgspec.Struct, frozen=True):
    """One clock of a conversation. `due_at` None: it stands, with `left` seconds of business time."""

    target: str
    due_at: datetime | None = None
    warn_at: datetime | None = None
    left: float = 0.0
    near: bool = False
    missed: bool = False


class Service(msgspec.Struct, frozen=True):
    """The clocks that run or stand for a conversation, whose id is this one's; `late`: whether one was ever missed."""

    id: Id
    clocks: dict[str, Clock] = {}
    near: bool = False
    late: bool = False
    open: bool = True
