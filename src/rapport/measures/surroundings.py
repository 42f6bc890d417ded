"""Surroundings: what the centre says at the moment that is being folded: who belongs where, and what the clocks show."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rapport.measures.columns import Labels
from rapport.model.agent import Agent
from rapport.model.centre import Account, Brand, Profile, read_thing

QUARTER = 900_000  # milliseconds: no zone changes its clocks at another time than a quarter of an hour
Who = tuple[int, int, int]  # agent, team and site, as labels


class Surroundings:
    """Agents, accounts, brands and zones as they are now; words become numbers of `labels`."""

    def __init__(self, labels: dict[str, Labels]) -> None:
        self.labels = labels
        self.zone = "UTC"
        self._agents: dict[str, Agent] = {}
        self._zones: dict[str, str] = {}  # by brand
        self._brands: dict[str, str] = {}  # by account
        self._clock: dict[tuple[str, int], tuple[int, int]] = {}

    def brand_of(self, account: str) -> str:
        """The brand of an account; "" where it has none."""
        return self._brands.get(account, "")

    def who(self, agent: str) -> Who:
        """An agent with their team, and their site: the attribute of that name."""
        known = self._agents.get(agent)
        site = known.attributes.get("site", "") if known else ""
        labels = self.labels
        return labels["agent"].code(agent), labels["team"].code(known.team if known else ""), labels["site"].code(str(site))

    def is_bot(self, agent: str) -> bool:
        """Whether an agent is a bot."""
        known = self._agents.get(agent)
        return bool(known and known.bot)

    def clock(self, at: int, brand: str = "") -> tuple[int, int]:
        """The day, as its ordinal, and the hour of a moment where the brand is, or the centre."""
        key = (self._zones.get(brand) or self.zone, at // QUARTER)
        found = self._clock.get(key)
        if found is None:
            local = datetime.fromtimestamp(key[1] * QUARTER / 1000, UTC).astimezone(zone_called(key[0]))
            found = self._clock[key] = (local.toordinal(), local.hour)
        return found

    def put(self, thing: str, name: str, body: bytes) -> None:
        """A piece of the centre is as it says from now on."""
        if thing not in ("agent", "account", "brand", "centre"):
            return
        said = read_thing(thing, body)
        if isinstance(said, Agent):
            self._agents[name] = said
        elif isinstance(said, Account):
            self._brands[name] = said.brand
        elif isinstance(said, Brand):
            self._zones[name] = said.zone
        elif isinstance(said, Profile):
            self.zone = said.zone

    def drop(self, thing: str, name: str) -> None:
        """A piece of the centre is no more."""
        kept: dict[str, dict[str, Any]] = {
            "agent": self._agents,
            "account": self._brands,
            "brand": self._zones,
        }  # Any: each its own
        kept.get(thing, {}).pop(name, None)


def zone_called(name: str) -> ZoneInfo:
    """A zone; UTC where there is none of that name."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
