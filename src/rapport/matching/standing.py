"""How agents stand now: present, with which places free; kept beside the roster and renewed where an agent's row changed."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rapport.matching.roster import Mask, Roster, make_roster
from rapport.model.agent import AgentNow, Presence
from rapport.model.centre import Centre

HERE = (Presence.AVAILABLE, Presence.BUSY)  # present: may come free


@dataclass(slots=True)
class Standing:
    """Arrays are over the roster's agents; `held`: (agents, slots). `turn` grows when somebody comes or goes."""

    roster: Roster
    online: Mask
    available: Mask
    held: NDArray[np.int64]
    idle_since: NDArray[np.float64]  # Unix seconds; infinite for who holds something
    missed: Mask  # who let their last offer pass, and is still there
    turn: int = 0
    found: dict[object, object] = field(default_factory=dict)  # what follows from who is online, by what was asked

    def free(self) -> NDArray[np.int64]:
        """The free places of who is available: (agents, slots), a fresh array."""
        left: NDArray[np.int64] = np.maximum(self.roster.capacity - self.held, 0) * self.available[:, None]
        return left

    def renew(self, agent: str, now: AgentNow | None) -> None:
        """Take over how one agent stands."""
        place = self.roster.place.get(agent)
        if place is None:
            return
        presence = now.presence if now else Presence.OFFLINE
        online = presence in HERE
        if online != self.online[place]:
            self.turn += 1
            self.found.clear()
        self.online[place] = online
        self.available[place] = presence == Presence.AVAILABLE
        self.missed[place] = online and now is not None and now.missed > 0
        held = now.held if now else {}
        slots = self.roster.slots
        self.held[place] = [held.get(name, 0) for name in slots] if held else 0
        self.idle_since[place] = now.idle_since.timestamp() if now and now.idle_since and not held else np.inf


def make_standing(centre: Centre, rows: Iterable[AgentNow]) -> Standing:
    """The columns of a centre whose agents stand as these rows say."""
    roster = make_roster(centre)
    count = len(roster.agents)
    standing = Standing(
        roster,
        np.zeros(count, np.bool_),
        np.zeros(count, np.bool_),
        np.zeros((count, len(roster.slots)), np.int64),
        np.full(count, np.inf),
        np.zeros(count, np.bool_),
    )
    for now in rows:
        standing.renew(now.id, now)
    return standing
