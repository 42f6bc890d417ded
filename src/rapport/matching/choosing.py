"""Choosing: of the needs and agents of one round, who is put to whom; by the best total, patiently, or plainly by turn."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rapport.ledger.entry import New
from rapport.ledger.views import Rows
from rapport.matching.board import Turn, next_decision
from rapport.matching.engine.assign import NOBODY, assign, ranked
from rapport.matching.memory import Memory
from rapport.matching.patience import Waiting, constants_of, decisions
from rapport.matching.policy.decide import Decision
from rapport.matching.policy.plain import longest_first
from rapport.matching.seating import Ask, Eligible
from rapport.matching.value import LOAD_PRICE, of_agents, of_need
from rapport.matching.valuing import Valued, seen_of, value
from rapport.matching.wants import Wants
from rapport.model.fact import NeedHeld
from rapport.model.ids import named_id
from rapport.model.need import MOST_OPTIONS, Need, Option

MOST_OTHERS = 4
ALIKE = 1e-6  # likelihood, less the price and the load, within which nobody is better
HELD_AGAIN = 0.25  # of what it has waited, and at least the policy's own seconds, pass before a held need is looked at again

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Other = tuple[int, float]


@dataclass(slots=True)
class Candidate:
    """A need that is looked at in this round."""

    turn: Turn
    ask: Ask
    need: Need
    wants: Wants
    eligible: Eligible


@dataclass(frozen=True, slots=True)
class Looked:
    """What a choice is made of. `who`: agents, by position. `kinds`: (needs,), the row of each need in `worths`.

    `worths`: (kinds, agents), -inf where the pair may not be.
    """

    memory: Memory
    rows: Rows
    group: list[Candidate]
    who: Ints
    capacity: Ints
    kinds: Ints
    worths: Floats

    @property
    def worth(self) -> Floats:
        """What each pair is worth: (needs, agents), a fresh array."""
        found: Floats = self.worths[self.kinds]
        return found

    @property
    def now(self) -> float:
        """Unix seconds of the round."""
        return self.rows.now.timestamp()

    @property
    def waited(self) -> Floats:
        """Seconds that each need has waited, at least 0 though the clock went back."""
        return np.array([max(0.0, self.now - candidate.need.since.timestamp()) for candidate in self.group])

    @property
    def idle(self) -> Floats:
        """Seconds that each agent has held nothing; 0 who holds something."""
        return np.maximum(self.now - self.memory.standing.idle_since[self.who], 0.0)

    @property
    def taken(self) -> Floats:
        """The share of each agent's places that is taken."""
        share: Floats = self.memory.standing.taken[self.who]
        return share


class Choice(NamedTuple):
    """A need (row) put to an agent (column); `others`: who came next."""

    row: int
    column: int
    score: float
    others: tuple[Other, ...] = ()
    decision: Decision | None = None
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was decided. `held`: the facts of needs that wait though somebody was free."""

    choices: list[Choice]
    held: Iterable[New] = ()


def best(looked: Looked) -> Chosen:
    """As many needs as possible, and of all ways to do that the one of the largest worth."""
    values = looked.worths + of_agents(looked.taken, np.clip(looked.idle / 3600.0, 0.0, 1.0))
    mine = [of_need(c.need.urgency, waited) for c, waited in zip(looked.group, looked.waited.tolist(), strict=True)]
    firsts = ranked(values)
    chosen = assign(values, looked.capacity, LOAD_PRICE, kinds=looked.kinds, adds=np.array(mine), firsts=firsts).tolist()
    choices = []
    for row, (kind, column, adds) in enumerate(zip(looked.kinds.tolist(), chosen, mine, strict=True)):
        if column != NOBODY:
            others = [(other, round(worth + adds, 4)) for other, worth in firsts[kind][: MOST_OTHERS + 1] if other != column]
            choices.append(Choice(row, column, round(float(values[kind, column]) + adds, 4), tuple(others[:MOST_OTHERS])))
    return Chosen(choices)


def plain(looked: Looked) -> Chosen:
    """Who waits longest goes to who is idle longest, of those who may be asked: no worth is looked at."""
    may, places, waited = np.isfinite(looked.worth), looked.capacity.copy(), looked.waited
    choices: list[Choice] = []
    while pairs := longest_first(may & (places > 0), waited, looked.idle - looked.taken):
        for row, column in pairs:
            choices.append(Choice(row, column, 0.0))
            places[column] -= 1
            may[row] = False
    return Chosen(choices)


def patient(looked: Looked) -> Chosen:
    """Pairs of positive surplus over waiting; both wait where somebody better is likely to come free in time."""
    memory, ask, now = looked.memory, looked.group[0].ask, looked.now
    constants = replace(constants_of(ask.kind), explored=looked.rows.centre.profile.explored)
    places_of = memory.standing.roster.places_of(ask.kind, ask.channel)[looked.who]
    valued = value(looked.worth, [candidate.wants for candidate in looked.group], memory.valuer_now(), looked.who)
    likely = valued.likely
    for row, candidate in enumerate(looked.group):
        memory.prices.learn(ask.kind, candidate.need.id, looked.who, likely[row], now, places_of)
    prices = memory.prices.now(ask.kind, now)[looked.who]
    target = float(looked.rows.centre.profile.targets.get(ask.kind, 0)) or np.inf
    waiting = Waiting(
        looked.waited, np.full(len(likely), target), np.array([candidate.need.urgency for candidate in looked.group])
    )
    draws = np.array([_draw(candidate.need, looked.rows) for candidate in looked.group])
    luck = _luck(looked) * (likely > 0.0) * (constants.explored > 0.0)
    rows, places, choices = np.arange(len(likely)), looked.capacity.copy(), list[Choice]()
    hopes = np.zeros(len(likely))
    while len(rows):
        one = Waiting(waiting.waited[rows], waiting.target[rows], waiting.urgent[rows])
        made, hope = decisions((likely + luck)[rows], prices, places, looked.taken, one, constants, draws[rows])
        hopes[rows] = hope
        if not made:
            break
        taken = {decision.agent for decision in made}
        could = [column for column in np.flatnonzero(places > 0).tolist() if column not in taken]
        costs = prices + constants.load_price * looked.taken
        for found in made:
            row, column = int(rows[found.need]), found.agent
            decision = _evened(found, (likely[row] - costs)[[column, *could]], constants.explored)
            kept = options(looked, valued, decision, row, [] if decision.overdue else could, costs)
            choices.append(Choice(row, column, round(decision.surplus, 4), _next(likely[row], column), decision, kept))
            places[column] -= 1
        rows = np.setdiff1d(rows, [choice.row for choice in choices])
    return Chosen(choices, list(_held(looked, rows, likely, hopes)))


def _luck(looked: Looked) -> Floats:
    """Less than what tells two agents apart, so that of several who are alike it is not always the first: (needs, agents)."""
    id = named_id(looked.rows.now, "luck", *(candidate.need.id for candidate in looked.group))
    chance: Floats = np.random.default_rng(int.from_bytes(id)).random(looked.worth.shape)
    return ALIKE / 2.0 * chance


def _evened(decision: Decision, worths: Floats, explored: float) -> Decision:
    """The decision with its propensity as it is where luck chose among who were alike. `worths`: the chosen's, then others'."""
    if explored <= 0.0 or decision.overdue or decision.propensity == 1.0:
        return decision
    sure = 1.0 - explored
    share = decision.propensity - sure * (decision.propensity > sure)
    alike = np.abs(worths - worths[0]) <= ALIKE
    could_be_best = not decision.drawn or bool(worths[0] >= worths.max() - ALIKE)
    return replace(decision, propensity=share + sure * could_be_best / int(alike.sum()))


def options(
    looked: Looked, valued: Valued, decision: Decision, row: int, could: list[int], costs: Floats
) -> tuple[Option, ...]:
    """Who was chosen, then who else could have been. `costs`: (agents,), the price of each and their load's.

    The best MOST_OPTIONS are kept, whoever of them was chosen. One more than that: the chosen was drawn from beyond them.
    """
    likely, agents = valued.likely[row], looked.memory.standing.roster.agents
    besides = decision.surplus - decision.value + costs[decision.agent] - costs
    best = sorted((-(likely[one] + besides[one]), one) for one in {*could, decision.agent} if likely[one] > 0.0)
    others = [one for _, one in best[:MOST_OPTIONS] if one != decision.agent]
    return tuple(
        Option(
            agents[looked.who[column]].id,
            round(float(likely[column]), 4),
            round(float(besides[column]), 4) + 0.0,
            round(float(valued.shift[row, column]), 4) + 0.0,
            seen_of(valued.terms[row, column]),
        )
        for column in (decision.agent, *others)
    )


MODES: Mapping[str, Callable[[Looked], Chosen]] = {"best": best, "patient": patient, "plain": plain}


def _held(looked: Looked, left: Ints, likely: Floats, hopes: Floats) -> Iterable[New]:
    """Say of each need that is left though somebody was free that it is held, and look at it again in time."""
    free = looked.capacity > 0
    memory = looked.memory
    for row in left:
        able = np.where(free, likely[row], 0.0)
        need, ask = looked.group[row].need, looked.group[row].ask
        if not able.any() or memory.held_until.get(need.id, 0.0) > looked.now:
            continue
        constants = constants_of(ask.kind)
        waited = looked.now - need.since.timestamp()
        again = max(constants.look_again_seconds, HELD_AGAIN * waited)
        again = min(again, max(1.0, constants.hard_limit_seconds - waited))
        memory.held_until[need.id] = looked.now + again
        until, column = looked.rows.now + timedelta(seconds=again), int(able.argmax())
        agent = memory.standing.roster.agents[looked.who[column]].id
        held = NeedHeld(need.id, until, agent, round(float(able[column]), 4), round(float(hopes[row]), 4))
        id = named_id(looked.rows.now, "held", need.id, next_decision(looked.rows))
        yield New(id, looked.rows.now, need.id, held)


def _draw(need: Need, rows: Rows) -> tuple[float, float]:
    """Two numbers in [0, 1) that follow from the need and the time alone, so that a decision can be made again."""
    digest = blake2b(named_id(rows.now, "draw", need.id), digest_size=16).digest()
    return int.from_bytes(digest[:7], "big") / 2**56, int.from_bytes(digest[8:15], "big") / 2**56


def _next(likely: Floats, column: int) -> tuple[Other, ...]:
    order = [int(other) for other in np.argsort(-likely, kind="stable")[: MOST_OTHERS + 1] if other != column]
    return tuple([(other, round(float(likely[other]), 4)) for other in order[:MOST_OTHERS] if likely[other] > 0.0])
