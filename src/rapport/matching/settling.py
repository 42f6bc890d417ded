"""Settling: once a round, all who wait are looked at with every place that is free; the best pairs become offers."""

from collections.abc import Iterable, Iterator
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from rapport.ledger.entry import New
from rapport.ledger.views import Rows
from rapport.matching.board import Turn
from rapport.matching.choosing import MODES, Candidate, Choice, Looked
from rapport.matching.gathering import called, gather
from rapport.matching.memory import Memory, remember
from rapport.matching.offering import Match, offer, widened
from rapport.matching.plan import AGAIN, plan_called, until
from rapport.matching.seating import Ask, Place, eligible, is_bot, place_of, seat
from rapport.matching.wants import Wants
from rapport.matching.wishes import Wish
from rapport.matching.worths import worth_of
from rapport.model.need import Need

MOST_AT_ONCE = 256  # needs in one assignment
MOST_FACTS = 4000  # in one round; who is left comes next
MOST_SEATED = 20_000  # in one round
MOST_ASKED = 512  # different asks that are worked out to seat them: a millisecond each where a thousand agents are
LOOK = 4  # times as many needs are looked at as places are free

Ints = NDArray[np.int64]


def settle(rows: Rows) -> Iterable[New]:
    """The offers of this round, and the needs whose step nobody present could serve."""
    memory = remember(rows)
    facts = list(_seat_fresh(memory, rows))
    free = memory.standing.free()
    left: list[Candidate] = []
    while len(facts) < MOST_FACTS and free.any() and (looked := _look(memory, rows, free)):
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
    gather(memory, rows)
    return facts


def _seat_fresh(memory: Memory, rows: Rows) -> Iterator[New]:
    """Let each need that is new, or has changed, stand where it belongs; say so where its step moved on."""
    if memory.seen != memory.standing.turn:
        memory.seen = memory.standing.turn
        _look_through(memory, rows)
    moved, known = 0, len(memory.standing.found)
    rows.unsettled = False
    for looked, id in enumerate(list(memory.board.fresh)):
        asked = len(memory.standing.found) - known
        if moved >= MOST_FACTS // 2 or looked >= MOST_SEATED or asked >= MOST_ASKED:
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
    opened: dict[Place, Ints] = {}
    found: list[Candidate] = []
    for place, crowd in memory.crowds.items():
        opened[place] = standing.open_at(place, free)
        called_now = called(crowd, opened[place], MOST_AT_ONCE, memory, rows) if opened[place].any() else []
        found += _candidates(called_now, memory, rows)
        if called_now and len(called_now) >= opened[place].sum():
            opened[place] = np.zeros_like(opened[place])  # for each place there is somebody
    for ask in list(board.lines):
        assert isinstance(ask, Ask)
        place = place_of(ask)
        if place not in opened:
            opened[place] = standing.open_at(place, free)
        first = _first_of(ask, memory, rows) if opened[place].any() else None
        count = int(np.dot(opened[place], eligible(ask, first, standing).mask)) if first else 0
        turns = board.take(ask, min(MOST_AT_ONCE, LOOK * count)) if count else []
        found += _candidates([(ask, turn) for turn in turns], memory, rows)
    found.sort(key=lambda candidate: candidate.turn)
    for candidate in found[MOST_AT_ONCE:]:
        board.put_back(candidate.ask, [candidate.turn])
    return found[:MOST_AT_ONCE]


def _candidates(seats: Iterable[tuple[Ask, Turn]], memory: Memory, rows: Rows) -> Iterator[Candidate]:
    """Those who were taken from where they stood."""
    for ask, turn in seats:
        need = rows.get(Need, turn[1])
        wants = memory.wants_of(need, rows) if need else None
        if need is not None and wants is not None:
            yield Candidate(turn, ask, need, wants, eligible(ask, wants, memory.standing))


def _by_place(looked: list[Candidate]) -> Iterable[list[Candidate]]:
    """The candidates that compete for the same places, together."""
    groups: dict[Place, list[Candidate]] = {}
    for candidate in looked:
        groups.setdefault(place_of(candidate.ask), []).append(candidate)
    return groups.values()


def _match(memory: Memory, rows: Rows, group: list[Candidate], free: Ints) -> tuple[list[Match], list[Candidate], list[New]]:
    """Who of a group is put to whom, who is left, and who is held for somebody better; takes the places from `free`."""
    standing, mode = memory.standing, rows.centre.profile.matching
    ask = group[0].ask
    slots = standing.roster.places(ask.kind, ask.channel)
    looked = _looked(memory, rows, group, standing.open_at(place_of(ask), free))
    found = MODES[mode](looked)
    who, agents = looked.who.tolist(), standing.roster.agents
    matches, taken = [], set[int]()
    for choice in _with_more(found.choices, group, rows):
        candidate, agent = group[choice.row], who[choice.column]
        slot = int(slots[agent])
        if not free[agent, slot] or (ask.is_angry and standing.angry_left[agent] <= 0):
            continue  # one of several who would be asked at once has no place left
        standing.take(free, agent, slot, is_angry=ask.is_angry)
        taken.add(choice.row)
        matches.append(
            Match(
                candidate.need,
                candidate.wants,
                candidate.ask,
                candidate.eligible,
                agent,
                standing.roster.slots[slot],
                choice.score,
                tuple([(agents[who[column]].id, score) for column, score in choice.others]),
                free_now=standing.idle_since[agent] < np.inf,
                mode=mode,
                decision=choice.decision,
                options=choice.options,
                valuer=memory.valuer,
            )
        )
    return matches, [candidate for row, candidate in enumerate(group) if row not in taken], list(found.held)


def _with_more(choices: list[Choice], group: list[Candidate], rows: Rows) -> Iterator[Choice]:
    """The choices, then who else is asked at once where a plan puts a need to several."""
    yield from choices
    for choice in choices:
        need = group[choice.row].need
        more = plan_called(rows.centre, need.plan, need.slot).offers - 1
        for column, score in choice.others[: max(0, more)]:
            yield Choice(choice.row, column, score, choice.others)


def _looked(memory: Memory, rows: Rows, group: list[Candidate], places: Ints) -> Looked:
    """The group by kinds: needs that ask and wish the same are looked at once, with whoever may serve any of them."""
    kinds: dict[tuple[Ask, Wish], int] = {}
    number = [kinds.setdefault((candidate.ask, candidate.wants.wish), len(kinds)) for candidate in group]
    firsts = dict(zip(reversed(number), reversed(group), strict=True))
    worths = [worth_of(c.ask, c.eligible, c.wants, memory.standing) for _, c in sorted(firsts.items(), key=itemgetter(0))]
    masks = {candidate.ask: candidate.eligible.mask for candidate in firsts.values()}
    anybody = np.logical_or.reduce(list(masks.values()))
    if rows.centre.profile.matching != "patient":
        anybody &= places > 0
    who = np.flatnonzero(anybody)
    return Looked(memory, rows, group, who, places[who], np.array(number), np.stack([worth[who] for worth in worths]))
