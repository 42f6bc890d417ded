"""Settling: once a round, all who wait are looked at with every place that is free; the best pairs become offers."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from rapport.ledger.entry import New
from rapport.ledger.views import Rows
from rapport.matching.choosing import MODES, Candidate, Choice, Looked
from rapport.matching.memory import Memory, remember
from rapport.matching.offering import Match, offer, widened
from rapport.matching.plan import AGAIN, plan_called, step_of, until
from rapport.matching.seating import Ask, eligible, is_bot, seat
from rapport.matching.standing import Standing
from rapport.matching.value import WEIGHTS, add_wishes
from rapport.matching.wants import Wants
from rapport.model.need import Need

MOST_AT_ONCE = 128  # needs in one assignment
MOST_FACTS = 4000  # in one round; who is left comes next
MOST_SEATED = 20_000  # in one round
LOOK = 4  # times as many needs are looked at as places are free

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def settle(rows: Rows) -> Iterable[New]:
    """The offers of this round, and the needs whose step nobody present could serve."""
    memory = remember(rows)
    facts = list(_seat_fresh(memory, rows))
    free = memory.standing.free()
    if not free.any():
        return facts
    left: list[Candidate] = []
    while len(facts) < MOST_FACTS and (looked := _look(memory, rows, free)):
        served = 0
        for group in _by_place(looked):
            matches, unserved, held = _match(memory, rows, group, free)
            left += unserved
            facts += held
            for match in matches:
                facts += offer(match, memory.board.offers_of, rows)
                memory.wants.pop(match.need.id, None)
            served += len(matches)
        if not served:
            break
    for candidate in left:
        memory.board.put_back(candidate.ask, [candidate.turn])
    return facts


def _seat_fresh(memory: Memory, rows: Rows) -> Iterator[New]:
    """Let each need that is new, or has changed, stand where it belongs; say so where its step moved on."""
    if memory.seen != memory.standing.turn:
        memory.seen = memory.standing.turn
        _look_through(memory, rows)
    moved = 0
    rows.unsettled = False
    for looked, id in enumerate(list(memory.board.fresh)):
        if moved >= MOST_FACTS // 2 or looked >= MOST_SEATED:
            rows.unsettled = True  # a million who wait are seated in as many rounds as it takes; the lease is kept
            return
        need = rows.get(Need, id)
        wants = memory.wants_of(need, rows) if need else None
        if need is None or wants is None:
            if need is None:
                memory.board.need_dropped(id)
            continue
        number, ask = seat(need, wants, memory.standing)
        memory.board.seat(need, ask)
        plan = plan_called(rows.centre, need.plan, need.slot)
        last = len(plan.steps) - 1
        # At the end of the plan, those who declined may be asked once more after a while: nobody waits for nothing.
        again = number >= last and any(not is_bot(agent, memory.standing.roster) for agent in ask.declined)
        if number != need.step or (again and need.step_until is None):
            moved += 1
            yield widened(need, number, rows.now + AGAIN if again else until(plan, number, rows.now), rows)


def _look_through(memory: Memory, rows: Rows) -> None:
    """Who is present has changed: needs for which nobody could come any more are seated anew."""
    board = memory.board
    for ask, line in list(board.lines.items()):
        assert isinstance(ask, Ask)
        first = _first_of(ask, memory, rows)
        if first is not None and not eligible(ask, first, memory.standing).anybody:
            for _, need in board.take(ask, len(line)):
                board.need_changed(need)


def _first_of(ask: Ask, memory: Memory, rows: Rows) -> Wants | None:
    """What somebody in a line wants: who may be asked follows from it, as from that of any other there."""
    for turn, id in memory.board.lines[ask]:
        need = rows.get(Need, id) if memory.board.seats.get(id) == (ask, turn) else None
        wants = memory.wants_of(need, rows) if need else None
        if wants is not None:
            return wants
    return None


def _look(memory: Memory, rows: Rows, free: Ints) -> list[Candidate]:
    """The needs whose turn it is among those for whom somebody is free, at most MOST_AT_ONCE."""
    board, standing = memory.board, memory.standing
    found: list[Candidate] = []
    for ask in list(board.lines):
        assert isinstance(ask, Ask)
        first = _first_of(ask, memory, rows)
        if first is None:
            continue
        may = eligible(ask, first, standing)
        places = int(standing.open_places(ask.kind, ask.channel, free, is_angry=ask.is_angry)[may.mask].sum())
        if not places:
            continue
        for turn in board.take(ask, min(MOST_AT_ONCE, LOOK * places)):
            need = rows.get(Need, turn[1])
            wants = memory.wants_of(need, rows) if need else None
            if need is not None and wants is not None:
                found.append(Candidate(turn, ask, need, wants, may))
    found.sort(key=lambda candidate: candidate.turn)
    for candidate in found[MOST_AT_ONCE:]:
        board.put_back(candidate.ask, [candidate.turn])
    return found[:MOST_AT_ONCE]


def _by_place(looked: list[Candidate]) -> Iterable[list[Candidate]]:
    """The candidates that compete for the same places, together."""
    groups: dict[tuple[str, str, bool], list[Candidate]] = {}
    for candidate in looked:
        ask = candidate.ask
        groups.setdefault((ask.kind, ask.channel, ask.is_angry), []).append(candidate)
    return groups.values()


def _match(memory: Memory, rows: Rows, group: list[Candidate], free: Ints) -> tuple[list[Match], list[Candidate], list[New]]:
    """Who of a group is put to whom, who is left, and who is held for somebody better; takes the places from `free`."""
    standing, mode = memory.standing, rows.centre.profile.matching
    ask = group[0].ask
    slots = standing.roster.places(ask.kind, ask.channel)
    anybody = np.logical_or.reduce([may.mask for may in {candidate.ask: candidate.eligible for candidate in group}.values()])
    who = np.flatnonzero(anybody)
    capacity = standing.open_places(ask.kind, ask.channel, free, is_angry=ask.is_angry)[who]
    if mode != "patient":
        who, capacity = who[capacity > 0], capacity[capacity > 0]
    worth = _worth(group, standing, who)
    found = MODES[mode](Looked(memory, rows, group, who, capacity, worth))
    matches = []
    for choice in _with_more(found.choices, group, rows):
        candidate, agent = group[choice.row], int(who[choice.column])
        slot = int(slots[agent])
        if not standing.open_places(ask.kind, ask.channel, free, is_angry=ask.is_angry)[agent]:
            continue  # one of several who would be asked at once has no place left
        standing.take(free, agent, slot, is_angry=ask.is_angry)
        matches.append(
            Match(
                candidate.need,
                candidate.wants,
                candidate.ask,
                candidate.eligible,
                agent,
                standing.roster.slots[slot],
                choice.score,
                tuple([(standing.roster.agents[who[column]].id, score) for column, score in choice.others]),
                free_now=bool(np.isfinite(standing.idle_since[agent])),
                mode=mode,
                decision=choice.decision,
                options=choice.options,
                valuer=memory.valuer,
            )
        )
    taken = {choice.row for choice in found.choices}
    return matches, [candidate for row, candidate in enumerate(group) if row not in taken], list(found.held)


def _with_more(choices: list[Choice], group: list[Candidate], rows: Rows) -> Iterator[Choice]:
    """The choices, then who else is asked at once where a plan puts a need to several."""
    yield from choices
    for choice in choices:
        need = group[choice.row].need
        more = plan_called(rows.centre, need.plan, need.slot).offers - 1
        for column, score in choice.others[: max(0, more)]:
            yield Choice(choice.row, column, score, choice.others)


def _worth(group: list[Candidate], standing: Standing, who: Ints) -> Floats:
    """What each pair is worth, -inf where it may not be: (needs, agents that are looked at)."""
    asks = {candidate.ask: candidate for candidate in group}
    number = {ask: row for row, ask in enumerate(asks)}
    of_asks = np.stack([_of_ask(candidate, standing, who) for candidate in asks.values()])
    worth: Floats = of_asks[[number[candidate.ask] for candidate in group]]
    add_wishes(worth, [candidate.wants for candidate in group], standing.roster, who)
    return worth


def _of_ask(candidate: Candidate, standing: Standing, who: Ints) -> Floats:
    """What agents are worth to every need that asks the same: by language, as a bot, by what the plan prefers."""
    ask, roster = candidate.ask, standing.roster
    worth = np.where(candidate.eligible.mask[who], 0.0, -np.inf)
    if ask.language:
        worth += WEIGHTS["languages"] * roster.speakers(ask.language)[who]
    if ask.bots:
        worth += WEIGHTS["bot"] * roster.bots[who]
    for preferred, weight in step_of(plan_called(roster.centre, ask.plan, ask.kind), ask.step).prefer.items():
        worth += weight * roster.holding(preferred, ask.values, candidate.wants.record_with(ask.values))[who]
    return worth
