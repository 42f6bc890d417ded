"""How agents stand now: present, with which places free, within which limits; renewed where an agent's row changed.

Limits that time alone lifts (shifts, angry conversations within an hour, occupancy) are looked at anew by `tick`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from rapport.matching.roster import Mask, Roster, make_roster
from rapport.matching.strain import MOST_KEPT, angry_left, is_on_shift, is_rested
from rapport.model.agent import AgentNow, Presence
from rapport.model.centre import Centre

HERE = (Presence.AVAILABLE, Presence.BUSY)  # present: may come free
EXCLUSIVE = "voice"  # who speaks with somebody does nothing else
LIVE = ("voice", "chat")  # who waits while one does something else: nobody is called away from these


@dataclass(slots=True)
class Standing:
    """Arrays are over the roster's agents; `left`, free places: (agents, slots); `taken`: the share of places that is taken.

    `turn` grows when somebody comes, goes, or may be asked.
    """

    roster: Roster
    online: Mask
    left: NDArray[np.int64]
    taken: NDArray[np.float64]
    idle_since: NDArray[np.float64]  # Unix seconds; infinite for who holds something
    missed: Mask  # who let their last offer pass, and is still there
    on_shift: Mask
    rested: Mask  # whose occupancy is below their limit
    angry_left: NDArray[np.int64]  # how many more angry conversations within the hour
    rows: dict[int, AgentNow]  # of who has limits
    turn: int = 0
    now: datetime | None = None  # of the running round
    found: dict[object, object] = field(default_factory=dict)  # what follows from who may be asked, by what was asked
    here: dict[object, object] = field(default_factory=dict)  # the part of it that many asks have in common

    def free(self) -> NDArray[np.int64]:
        """The free places of who is available: (agents, slots), a fresh array."""
        return self.left.copy()

    def open_at(self, place: tuple[str, str, bool], free: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many conversations each agent may be given now: (agents,); of angry ones no more than their limit.

        `place`: their kind and channel, and whether they are angry.
        """
        kind, channel, is_angry = place
        found = free.ravel().take(self.roster.flat_places(kind, channel))
        return np.minimum(found, np.maximum(self.angry_left, 0)) if is_angry else found

    def take(self, free: NDArray[np.int64], agent: int, slot: int, *, is_angry: bool = False) -> None:
        """Take a place from `free`, and those that cannot be filled beside it."""
        names = self.roster.slots
        free[agent, slot] -= 1
        if names[slot] == EXCLUSIVE:
            free[agent] = 0
        elif names[slot] in LIVE and EXCLUSIVE in names:
            free[agent, names.index(EXCLUSIVE)] = 0
        if is_angry and self.roster.limits[agent].angry:
            self.angry_left[agent] -= 1
            if not self.angry_left[agent]:
                self._changed()

    def renew(self, agent: str, now: AgentNow | None) -> None:
        """Take over how one agent stands."""
        place = self.roster.place.get(agent)
        if place is None:
            return
        presence = now.presence if now else Presence.OFFLINE
        online = presence in HERE
        if online != self.online[place]:
            self._changed()
        self.online[place] = online
        self.missed[place] = online and now is not None and now.missed > 0
        held = now.held if now else {}
        self.left[place] = self._left(place, held) if presence == Presence.AVAILABLE else 0
        self.taken[place] = min(1.0, sum(held.values()) / self.roster.all_places[place]) if held else 0.0
        self.idle_since[place] = now.idle_since.timestamp() if now and now.idle_since and not held else np.inf
        if now is not None and self.roster.limits[place]:
            self.rows[place] = now

    def _left(self, place: int, held: Mapping[str, int]) -> list[int]:
        """The free places of somebody who is available, by slot."""
        slots = self.roster.slots
        if held.get(EXCLUSIVE):
            return [0] * len(slots)
        left: list[int] = self.roster.capacity[place].tolist()
        for name, count in held.items():
            if name in slots:
                left[slots.index(name)] = max(0, left[slots.index(name)] - count)
            if count and name in LIVE and EXCLUSIVE in slots:
                left[slots.index(EXCLUSIVE)] = 0
        return left

    def tick(self, now: datetime) -> bool:
        """Look anew at what time alone changes; the clock may have gone back. Whether another minute has begun."""
        before, self.now = self.now, now
        for place, row in self.rows.items():
            limits = self.roster.limits[place]
            on_shift, rested = is_on_shift(limits, now), is_rested(row, limits, now)
            left = angry_left(row, limits, now)
            if (on_shift, rested, left > 0) != (self.on_shift[place], self.rested[place], self.angry_left[place] > 0):
                self._changed()
            self.on_shift[place], self.rested[place], self.angry_left[place] = on_shift, rested, left
        return before is None or before.replace(second=0, microsecond=0) != now.replace(second=0, microsecond=0)

    def _changed(self) -> None:
        self.turn += 1
        self.found.clear()
        self.here.clear()


def make_standing(centre: Centre, rows: Iterable[AgentNow]) -> Standing:
    """The columns of a centre whose agents stand as these rows say."""
    roster = make_roster(centre)
    count = len(roster.agents)
    standing = Standing(
        roster,
        np.zeros(count, np.bool_),
        np.zeros((count, len(roster.slots)), np.int64),
        np.zeros(count),
        np.full(count, np.inf),
        np.zeros(count, np.bool_),
        np.ones(count, np.bool_),
        np.ones(count, np.bool_),
        np.full(count, MOST_KEPT, np.int64),
        {},
    )
    for now in rows:
        standing.renew(now.id, now)
    return standing
