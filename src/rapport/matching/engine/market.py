"""The market: who waits, which slots are free, and the best assignment of the ones to the others, kept exact at each event.

A need lists up to MOST_LISTED slots with what each pair is worth; it may also wait, which is worth its `hold`. A slot has room
for some needs; a unit that stays free is worth its `floor`. The market keeps the pairs of the largest total, and the duals that
prove it: `profit` of a need and `price` of a slot, with profit + price >= worth on every listed pair, equal on each chosen one.
The price of a slot is what one more unit of it is worth to those who wait (Jonker and Volgenant, Computing 38, 1987).

Every event costs one shortest search, at most `budget` slots deep. A search that is cut off takes the best that it has seen and
leaves a need or a slot *late*: duals stay feasible, and `catch_up` looks again. Equals are decided by number, so the same
events give the same pairs to the bit.
"""

import numpy as np
from numpy.typing import NDArray

from rapport.errors import BadInput, NotFound, Overloaded
from rapport.matching.engine.graph import MOST_LISTED, NOBODY, Graph, asked, empty, unlink, wider
from rapport.matching.engine.lists import Lists
from rapport.matching.engine.search import Found, seek_need, seek_slot

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BUDGET = 32  # slots that one search may settle (docs/decisions/0005)
MOST_WAITING = 1_000_000
NEARLY = 1e-12  # prices that differ by less are equal
CLOSED = np.inf
MOST_UNLISTED = 32  # arrivals whose lists are put off


class Market:
    """Needs and slots, both by number: the market gives needs their numbers and uses them again, the caller those of slots."""

    def __init__(self, slots: int = 0, *, most_waiting: int = MOST_WAITING) -> None:
        self.most_waiting = most_waiting
        self.waiting = 0  # needs in the market, those that have a slot too
        self.lists = Lists(slots)
        self.room: Ints = np.zeros(slots, np.int64)
        self.graph: Graph = empty(64, slots, self.lists)
        self.late_needs: dict[int, None] = {}
        self.late_slots: dict[int, None] = {}
        self._unlisted: list[tuple[Ints, Ints]] = []
        self._unused: list[int] = []
        self._next = 0

    def insert(self, slots: Ints, values: Floats, hold: float = 0.0, *, budget: int = BUDGET) -> int:
        """Add a need and place it; its number. `slots`: the different slots it lists; `values`: what each is worth.

        A pair whose value is not a finite number is not allowed; of more than MOST_LISTED the best are kept. A hold that is no
        finite number counts as 0. Raises Overloaded when `most_waiting` are there already, BadInput for a slot below 0.
        """
        slots, values = self._checked(slots, values)
        return int(self.insert_all(np.zeros(len(slots), np.int64), slots, values, np.array([hold]), budget=budget)[0])

    def insert_all(self, rows: Ints, slots: Ints, values: Floats, holds: Floats, *, budget: int = BUDGET) -> Ints:
        """Add needs and place them one by one: (needs,), their numbers. `holds`: (needs,).

        The others have one item for each pair: `rows`, the position of its need, ascending; `slots`, ascending for each need,
        at most MOST_LISTED, all known to the market; `values`, finite. Raises Overloaded, before anything is changed.
        """
        numbers = self.enlist(holds)
        self._list(numbers, rows, slots, values)
        for need in numbers.tolist():
            self._place(need, budget)
        return numbers

    def enlist(self, holds: Floats) -> Ints:
        """Add needs that list nothing yet, all or none; their numbers, as `holds`: (needs,). Raises Overloaded."""
        if self.waiting + len(holds) > self.most_waiting:
            raise Overloaded(f"{self.waiting} needs are in the market, {self.most_waiting} may be: keep {len(holds)} outside")
        count = len(holds)
        again = [self._unused.pop() for _ in range(min(count, len(self._unused)))]
        numbers = np.concatenate([np.array(again, np.int64), np.arange(self._next, self._next + count - len(again))])
        self._next += count - len(again)
        self.waiting += count
        if self._next > len(self.graph.degree):
            self.graph = wider(self.graph, max(self._next, 2 * len(self.graph.degree)), len(self.room), self.lists)
        self.graph.profit[numbers] = self.graph.hold[numbers] = np.where(np.isfinite(holds), holds, 0.0)
        return numbers

    def remove(self, need: int, *, budget: int = BUDGET) -> None:
        """Take a need out; the slot it had goes to whom it is now worth most. Raises NotFound."""
        self._take_out(self._known(need), budget)
        self._forget(need)

    def lease(self, need: int) -> int:
        """Take a need and the unit that it has out together, as when the pair becomes an offer; the slot.

        What is left stays optimal, so nothing is searched. Raises NotFound where the need has no slot.
        """
        slot = int(self.graph.slot_of[self._known(need)])
        if slot == NOBODY:
            raise NotFound(f"need {need} waits, so it has no slot to lease")
        unlink(self.graph, need)
        self._resize(slot, -1)
        self._unlist(need)
        self._forget(need)
        return slot

    def set_room(self, slot: int, room: int, *, budget: int = BUDGET) -> None:
        """Say how many units a slot has, 0 when its agent is gone. Who had one that is no longer there is placed anew."""
        self.have(slot + 1)
        more = max(0, room) - int(self.room[slot])
        if more > 0 and not self.room[slot]:
            self.list_all()
            self.graph.price[slot] = asked(self.graph, slot)
        self._resize(slot, more)
        for need in self._evict(slot, -int(self.graph.spare[slot])):
            self._place(need, budget)
        self._fill(slot, budget)

    def catch_up(self, budget: int = BUDGET) -> int:
        """Go on with searches that were cut off, settling about so many slots; how many needs and slots are still late."""
        while budget > 0 and self.late_needs:
            budget -= max(1, self._place(next(iter(self.late_needs)), budget))
        while budget > 0 and self.late_slots:
            budget -= max(1, self._fill(next(iter(self.late_slots)), budget))
        return len(self.late_needs) + len(self.late_slots)

    def slot_of(self, need: int) -> int:
        """The slot that a need has, or NOBODY. Raises NotFound."""
        return int(self.graph.slot_of[self._known(need)])

    def pairs(self) -> tuple[Ints, Ints]:
        """Who has whom: (pairs,) the needs, ascending, and the slot of each."""
        needs = np.flatnonzero(self.graph.slot_of[: self._next] != NOBODY)
        return needs, self.graph.slot_of[needs]

    def needs(self) -> Ints:
        """The needs in the market, ascending."""
        there = np.ones(self._next, np.bool_)
        there[self._unused] = False
        return np.flatnonzero(there).astype(np.int64)

    def list_all(self) -> None:
        """Write down under the slots who lists them: put off until a slot looks for needs, as no arrival must wait for it."""
        if self._unlisted:
            slots, places = (np.concatenate(parts) for parts in zip(*self._unlisted, strict=True))
            self._unlisted.clear()
            if self.lists.add(slots, places, self.graph.slots.ravel()):
                self.graph = self.graph._replace(lists=self.lists.entries)

    def have(self, slots: int) -> None:
        """Know at least so many slots; new ones have no room."""
        known = len(self.room)
        if slots > known:
            slots = max(slots, known + known // 2)
            self.lists.grow(slots)
            self.room = np.concatenate([self.room, np.zeros(slots - known, np.int64)])
            self.graph = wider(self.graph, len(self.graph.degree), slots, self.lists)

    def _checked(self, slots: Ints, values: Floats) -> tuple[Ints, Floats]:
        """What a need lists: finite values only, the best MOST_LISTED, ascending by slot."""
        allowed = np.isfinite(values)
        if not allowed.all():
            slots, values = slots[allowed], values[allowed]
        if len(slots) > MOST_LISTED:
            kept = np.lexsort((slots, -values))[:MOST_LISTED]
            slots, values = slots[kept], values[kept]
        if (slots[1:] <= slots[:-1]).any():
            slots, kept = np.unique(slots, return_index=True)
            values = values[kept]
        if len(slots):
            if slots[0] < 0:
                raise BadInput(f"a slot's number must be 0 or more, got {slots[0]}")
            self.have(int(slots[-1]) + 1)
        return slots, values

    def _list(self, needs: Ints, rows: Ints, slots: Ints, values: Floats) -> None:
        """Let needs that list nothing list these pairs."""
        graph = self.graph
        counts = np.bincount(rows, minlength=len(needs))
        places = np.arange(len(rows)) + (needs * MOST_LISTED - (np.cumsum(counts) - counts))[rows]
        graph.slots.ravel()[places] = slots
        graph.values.ravel()[places] = values
        graph.degree[needs] = counts
        self._unlisted.append((slots, places))
        if len(self._unlisted) >= MOST_UNLISTED:
            self.list_all()

    def _unlist(self, need: int) -> None:
        self.graph.slots[need] = NOBODY
        self.graph.degree[need] = 0

    def _take_out(self, need: int, budget: int) -> None:
        """Leave a need without list and slot; the slot goes to another."""
        slot = int(self.graph.slot_of[need])
        self._unlist(need)
        self.late_needs.pop(need, None)
        if slot != NOBODY:
            unlink(self.graph, need)
            self._fill(slot, budget)

    def _forget(self, need: int) -> None:
        self.late_needs.pop(need, None)
        self.graph.slot_of[need] = NOBODY
        self.graph.hold[need] = np.nan
        self._unused.append(need)
        self.waiting -= 1

    def _known(self, need: int) -> int:
        if not 0 <= need < self._next or np.isnan(self.graph.hold[need]):
            raise NotFound(f"no need has the number {need} in this market: it was removed or leased, or never inserted")
        return need

    def _resize(self, slot: int, more: int) -> None:
        self.room[slot] += more
        self.graph.spare[slot] += more
        if not self.room[slot]:
            self.graph.price[slot] = CLOSED
            self.late_slots.pop(slot, None)

    def _evict(self, slot: int, count: int) -> list[int]:
        """Take the units of so many needs from a slot."""
        evicted: list[int] = []
        while len(evicted) < count:
            evicted.append(int(self.graph.first[slot]))
            unlink(self.graph, evicted[-1])
        return evicted

    def _place(self, need: int, budget: int) -> int:
        """Search a slot for a need that has none, or whose pair is favoured; what that settled."""
        self.late_needs.pop(need, None)
        slot = int(self.graph.slot_of[need])
        if slot != NOBODY:
            if self.graph.favoured[need] == NOBODY:
                return 0
            unlink(self.graph, need)
        settled = self._note(seek_slot(self.graph, need, budget))
        return settled if slot == NOBODY else settled + self._fill(slot, budget)

    def _fill(self, slot: int, budget: int) -> int:
        """Search needs for the spare units of a slot until its price is its floor; what that settled."""
        self.late_slots.pop(slot, None)
        self.list_all()
        graph, total = self.graph, 0
        while slot not in self.late_slots and graph.spare[slot] > 0 and graph.price[slot] > graph.floor[slot] + NEARLY:
            total += self._note(seek_need(graph, slot, budget))
        return total

    def _note(self, found: Found) -> int:
        """Remember who is to be looked at again; what was settled."""
        settled, need, slot = found
        if need != NOBODY:
            self.late_needs[need] = None
        if slot != NOBODY:
            self.late_slots[slot] = None
        return settled
