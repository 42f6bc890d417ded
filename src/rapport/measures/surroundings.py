"""Surroundings: what the centre says at the moment that is being folded: who belongs where, who is there, what clocks show."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rapport.measures.columns import Columns, Labels
from rapport.model.agent import Agent
from rapport.model.centre import Account, Brand, Profile, read_thing
from rapport.model.fact import CentreRemoved, CentreSet, Fact, PresenceChanged

QUARTER = 900_000  # milliseconds: no zone changes its clocks at another time than a quarter of an hour
WORKING = {"available", "busy"}
Who = tuple[int, int, int]  # agent, team and site, as labels


class Surroundings:
    """Agents, accounts, brands and zones as they are now; words become numbers of `labels`."""

    def __init__(self, labels: dict[str, Labels]) -> None:
        self.labels = labels
        self.zone = "UTC"
        self._agents: dict[str, Agent] = {}
        self._who: dict[str, Who] = {}  # by agent, as long as it holds
        self._zones: dict[str, str] = {}  # by brand
        self._brands: dict[str, str] = {}  # by account
        self._clock: dict[tuple[str, int], tuple[int, int]] = {}

    def brand_of(self, account: str) -> str:
        """The brand of an account; "" where it has none."""
        return self._brands.get(account, "")

    def who(self, agent: str) -> Who:
        """An agent with their team, and their site: the attribute of that name."""
        found = self._who.get(agent)
        if found is None:
            known, labels = self._agents.get(agent), self.labels
            team, site = (known.team, str(known.attributes.get("site", ""))) if known else ("", "")
            found = self._who[agent] = labels["agent"].code(agent), labels["team"].code(team), labels["site"].code(site)
        return found

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
            self._who.pop(name, None)
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
        if thing == "agent":
            self._who.pop(name, None)


def zone_called(name: str) -> ZoneInfo:
    """A zone; UTC where there is none of that name."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


class Rows(Protocol):
    """What is folded into. `here`: by agent, the row of `present` that goes on."""

    around: Surroundings
    present: Columns
    here: dict[str, int]

    def set(self, table: Columns, row: int, **fields: int) -> None:
        """Set fields of a row."""


def presence(folded: Rows, at: int, fact: PresenceChanged) -> None:
    """An agent came or went."""
    around, before = folded.around, folded.here.pop(fact.agent, None)
    if before is not None:
        folded.present.cells["ended"][before] = at
    if fact.presence in WORKING and not around.is_bot(fact.agent):
        agent, team, site = around.who(fact.agent)
        row = folded.here[fact.agent] = folded.present.add()
        day, _ = around.clock(at)
        folded.set(folded.present, row, agent=agent, team=team, site=site, begun=at, day=day)


def centre_changed(folded: Rows, at: int, fact: CentreSet | CentreRemoved) -> None:
    """A piece of the centre is as it says from now on, or is no more."""
    if isinstance(fact, CentreSet):
        folded.around.put(fact.thing, fact.name, fact.body)
    else:
        folded.around.drop(fact.thing, fact.name)


FOLDS: dict[type[Fact], Callable[[Any, int, Any], None]] = {  # Any: the rows, and each its own kind of fact
    PresenceChanged: presence,
    CentreSet: centre_changed,
    CentreRemoved: centre_changed,
}
