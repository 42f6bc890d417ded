"""What networks limit, as dated data beside each channel (`limits.toml`): lengths, windows, budgets, prices; never in code."""

import tomllib
from datetime import date, datetime, timedelta
from importlib.resources import files
from typing import Any

import msgspec

from rapport.channels.budget import Budget
from rapport.channels.capabilities import MediaRules, Unit
from rapport.errors import SetupError


class Rate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`limit` units every `seconds`."""

    limit: float
    seconds: float


class Charge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one call costs."""

    amount: float
    currency: str


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The limits of one network. `checked`: the day on which `source` was read. `windows`, in seconds, and `prices` by name."""

    checked: date
    source: str
    text_limit: int = 0
    unit: Unit = Unit.CHARS
    poll: float = 60.0
    windows: dict[str, float] = {}
    lengths: dict[str, int] = {}  # further limits of length, by name
    media: MediaRules = MediaRules()
    budgets: dict[str, Rate] = {}
    prices: dict[str, Charge] = {}
    notes: tuple[str, ...] = ()

    def window(self, name: str) -> timedelta:
        """How long a window is open."""
        return timedelta(seconds=self.windows[name])

    def fill(self, budget: Budget, now: datetime) -> None:
        """Give an account's budget the buckets that the network publishes."""
        for name, rate in self.budgets.items():
            budget.allow(name, rate.limit, timedelta(seconds=rate.seconds), now)


def limits_of(package: str) -> Limits:
    """The limits beside a channel, `package` being its package's name, such as `rapport.channels.x`.

    Raises:
        SetupError: the file is not there, or says something that is not a limit.
    """
    place = files(package) / "limits.toml"
    try:
        told: dict[str, Any] = tomllib.loads(place.read_text("utf-8"))
        return msgspec.convert(told, Limits)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SetupError(f"the limits of {package} cannot be read: {error}") from error
