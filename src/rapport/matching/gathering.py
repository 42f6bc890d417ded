"""Gathering: where many more wait than can be looked at in a round, a market keeps them and says whose turn a free place is.

The market (`engine/market.py`) lists of each need the agents who suit it best, and of each agent the needs. A place that comes
free is worth most to one of all who wait; those are looked at, and the round's exact assignment decides among them.
What waiting is worth falls as a need ages, at one pace for all and without end, so nobody is passed over for ever.
"""

from collections.abc import Iterable
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from rapport.ledger.views import Rows
from rapport.matching.board import Turn
from rapport.matching.crowd import Crowd
from rapport.matching.engine.arrival import Group, arrive
from rapport.matching.engine.graph import NOBODY
from rapport.matching.engine.market import Market
from rapport.matching.engine.repair import reoptimise
from rapport.matching.memory import Memory
from rapport.matching.seating import Ask, Place, eligible, place_of
from rapport.matching.value import AGE, URGENCY
from rapport.matching.wants import Wants
from rapport.matching.wishes import Wish
from rapport.matching.worths import worth_of
from rapport.model.need import Need

MANY = 1024  # needs that wait, from which a market keeps them; below half of that it is given up
SERVED = 100.0  # what being served is worth beside any difference of worth
BUDGET = 4096  # slots that searches which were cut off may settle in a round
MOST_WRONG = 128  # needs in a call that are found to list whom they may no longer be put to; then it goes by turn
SLICE = 32  # needs that are listed anew in a round, after somebody came or went

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def gather(memory: Memory, rows: Rows) -> None:
    """Let who waits still, after a round, join the market of their places; give markets up where few wait."""
    came, memory.board.came = memory.board.came, {}
    seats = memory.board.seats
    if len(seats) < MANY // 2 or rows.centre.profile.matching != "best":
        memory.crowds.clear()
    elif memory.crowds or len(seats) >= MANY:
        of_places: dict[Place, list[bytes]] = {}
        for id in came if memory.crowds else seats:
            if id in seats:
                ask = seats[id][0]
                assert isinstance(ask, Ask)
                of_places.setdefault(place_of(ask), []).append(id)
        agents = len(memory.standing.roster.agents)
        for place, ids in of_places.items():
            crowd = memory.crowds.get(place)
            if crowd is None:
                crowd = memory.crowds[place] = Crowd(Market(agents), rows.now.timestamp(), turn=memory.standing.turn)
            _join(crowd, ids, memory, rows)
        for crowd in memory.crowds.values():
            _list_anew(crowd, memory, rows)


def called(crowd: Crowd, places: Ints, most: int, memory: Memory, rows: Rows) -> list[tuple[Ask, Turn]]:
    """Whom free places are worth most to, at most `most`; they stand nowhere until they are put back. `places`: (agents,).

    Nobody where there are places for all: then everybody is looked at anyway.
    """
    if places.sum() >= len(crowd.waiting):
        return []
    market, found, wrong = crowd.market, list[tuple[Ask, Turn]](), 0
    open_ = np.flatnonzero(places)
    open_ = open_[np.cumsum(places[open_]) <= max(most, int(places[open_[0]]))]
    for agent in open_.tolist():
        market.set_room(agent, int(places[agent]))
    market.catch_up(BUDGET)
    while wrong < MOST_WRONG and len(pairs := market.pairs()[0]):
        for number in pairs.tolist():
            agent = market.slot_of(number)
            if agent == NOBODY:  # moved as another was taken out
                continue
            ask, (turn, id) = crowd.waiting.pop(number)
            del crowd.numbers[id]
            stands = memory.board.seats.get(id) == (ask, turn)
            if stands and _may(ask, id, agent, memory, rows):
                market.lease(number)
                del memory.board.seats[id]
                found.append((ask, (turn, id)))
                continue
            market.remove(number)  # waits no more, or for somebody else: the place is another's
            if stands:
                memory.board.came[id] = None
                wrong += 1
    for agent in open_[market.room[open_] > 0].tolist():  # nobody in the market lists them
        market.set_room(agent, 0)
    return found


def _may(ask: Ask, id: bytes, agent: int, memory: Memory, rows: Rows) -> bool:
    """Whether an agent may still be asked; it was listed when others were here."""
    need = rows.get(Need, id)
    wants = memory.wants_of(need, rows) if need else None
    return wants is not None and bool(eligible(ask, wants, memory.standing).mask[agent])


def _list_anew(crowd: Crowd, memory: Memory, rows: Rows) -> None:
    """After somebody came or went: list all who wait anew, a slice in each round, those first who were listed first."""
    if crowd.turn != memory.standing.turn:
        crowd.turn, crowd.outdated = memory.standing.turn, len(crowd.waiting)
    ids = []
    for number in list(islice(crowd.waiting, min(SLICE, crowd.outdated))):
        ask, (turn, id) = crowd.waiting.pop(number)
        del crowd.numbers[id]
        crowd.market.remove(number)
        crowd.outdated -= 1
        if memory.board.seats.get(id) == (ask, turn):
            ids.append(id)
    _join(crowd, ids, memory, rows)


def _join(crowd: Crowd, ids: Iterable[bytes], memory: Memory, rows: Rows) -> None:
    """Bring needs into the market, those that ask the same together. Who is there already as they are now stays."""
    lines: dict[Ask, list[tuple[Need, Wants]]] = {}
    for id in ids:
        seat, number = memory.board.seats[id], crowd.numbers.get(id)
        if number is not None:
            if crowd.seat(number) == seat:
                continue
            crowd.market.remove(number)
            del crowd.waiting[number]
        need = rows.get(Need, id)
        wants = memory.wants_of(need, rows) if need else None
        if need is not None and wants is not None:
            assert isinstance(seat[0], Ask)
            lines.setdefault(seat[0], []).append((need, wants))
    if not lines:
        return
    groups = [_group(ask, [wants for _, wants in line], memory) for ask, line in lines.items()]
    holds = [np.array([_hold(need, crowd.since) for need, _ in line]) for line in lines.values()]
    if sum(group.count for group in groups) <= len(crowd.waiting):
        numbers = [arrive(crowd.market, group, hold) for group, hold in zip(groups, holds, strict=True)]
    else:
        numbers = [crowd.market.enlist(hold) for hold in holds]
        reoptimise(crowd.market, groups, numbers)
    for (ask, line), ours in zip(lines.items(), numbers, strict=True):
        for (need, _), number in zip(line, ours.tolist(), strict=True):
            crowd.numbers[need.id] = number
            crowd.waiting[number] = ask, (memory.board.seats[need.id][1], need.id)


def _group(ask: Ask, wants: list[Wants], memory: Memory) -> Group:
    """Needs of one line as the engine takes them."""
    standing = memory.standing
    may = eligible(ask, wants[0], standing)
    kinds: dict[Wish, int] = {}
    number = np.array([kinds.setdefault(one.wish, len(kinds)) for one in wants])
    firsts = dict(zip(reversed(number.tolist()), reversed(wants), strict=True))

    def score(some: Ints, slots: Ints) -> Floats:
        used, row = np.unique(number[some], return_inverse=True)
        worths = np.stack([worth_of(ask, may, firsts[kind], standing)[slots] for kind in used.tolist()])
        return worths[row]

    return Group(len(wants), np.flatnonzero(may.mask), score)


def _hold(need: Need, since: float) -> float:
    """What it is worth that a need waits, up to what falls for all alike: less for the urgent and the old."""
    return AGE * (need.since.timestamp() - since) / 60.0 - URGENCY * need.urgency - SERVED
