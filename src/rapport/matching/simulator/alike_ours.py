"""Our policy before agents of a few kinds: the prices, wait values and surplus of `policy`, found once for all who are alike.

The terms and their order are those of `ours`, which asks the functions of production pair by pair; what is drawn among
near-ties is drawn from the same numbers. A need's rank in its stream changes only when its wait value is looked at again, so
who waits and who is free stand in heaps, and a look costs streams by kinds instead of needs by agents.
"""

from math import exp, inf

import numpy as np

from rapport.matching.policy.constants import Constants
from rapport.matching.policy.prices import STEEPEST
from rapport.matching.simulator.alike import Alike, Pairs
from rapport.matching.simulator.alike_state import Desk, Hall
from rapport.matching.simulator.loop import NOBODY, Now, Policy
from rapport.matching.simulator.ours import DRAWS

AT_ONCE = 8192  # numbers drawn together


def rapport(of: Alike, constants: Constants) -> Policy:
    """Ours, with the values of the streams: `ours.rapport`."""
    return _Ours(of, constants).asked


class _Ours:
    """The state of our policy over a run, by kind of agent and stream of needs."""

    def __init__(self, of: Alike, constants: Constants) -> None:
        self.of, self.constants = of, constants
        self.stream, self.arrival, self.kind = of.stream, of.arrival, of.kind
        self.desk, self.hall = Desk(of), Hall(of, constants)
        self.random, self.drawn, self.next = np.random.default_rng(DRAWS), list[float](), 0
        self.prices, self.priced_at = [0.0] * len(of.worth[0]), 0.0
        self.falls, self.handle = constants.price_step * constants.occupancy, constants.handle_seconds
        self.step, self.softness, self.limit = constants.price_step, constants.softness, constants.hard_limit_seconds
        self.ages, self.load_price = constants.age_per_second, constants.load_price
        self.at, self.since, self.mean = 0.0, 1.0, 0.0  # of this look: seconds, over what load is counted, and the mean load
        self.can = [[(kind, one) for kind, one in enumerate(row) if one > -inf] for row in of.worth]
        self.serves = [[(stream, one) for stream, one in enumerate(row) if one > -inf] for row in zip(*of.worth, strict=True)]

    def asked(self, now: Now, need: int, agent: int) -> Pairs:
        """The pairs to make as a need comes or an agent ends; handed out as a method, which is called faster than an object."""
        desk, at, waiting = self.desk, now.at, now.waiting
        if now.gone:
            desk.leave(now)
        if agent == NOBODY:
            self.priced(at, self.stream[need])
            if now.idle and len(waiting) == 1:
                return self.alone(now, need)
            self.hall.fresh.append(need)
        elif waiting and now.idle == 1 and desk.here[agent] and at - self.arrival[waiting[0]] < self.limit:
            return self.only(now, agent)
        else:
            desk.frees(agent, now.seconds[agent])
        return self.match(now) if now.idle and waiting else []

    def drift(self, at: float) -> None:
        """Prices fall with time: `prices.drifted`."""
        if at > self.priced_at:
            prices, fall = self.prices, self.falls * (at - self.priced_at) / self.handle
            for kind, price in enumerate(prices):
                prices[kind] = price - fall if price > fall else 0.0
            self.priced_at = at

    def priced(self, at: float, stream: int) -> None:
        """Prices rise by what a need that comes would gain of who is there: `prices.learnt`."""
        self.drift(at)
        prices, there, softness, can = self.prices, self.desk.there, self.softness, self.can[stream]
        if len(can) == 1 and there[can[0][0]]:
            kind, worth = can[0]
            want = (worth - prices[kind]) / softness
            want = exp(want if want < STEEPEST else STEEPEST)
            prices[kind] += self.step / (1.0 + there[kind] * want) * want
            return
        wanted, all_of_them = [], 1.0
        for kind, worth in can:
            if there[kind]:
                want = (worth - prices[kind]) / softness
                want = exp(want if want < STEEPEST else STEEPEST)
                all_of_them += there[kind] * want
                wanted.append((kind, want))
        share = self.step / all_of_them
        for kind, want in wanted:
            prices[kind] += share * want

    def alone(self, now: Now, need: int) -> Pairs:
        """What `match` does where one who came is the only one who waits."""
        desk, at, stream, prices = self.desk, now.at, self.stream[need], self.prices
        can, idle, load_price = self.can[stream], desk.idle, self.load_price
        wait = self.hall.hope(can, prices, 1, desk)
        since = at if at > self.handle else self.handle
        mean = now.all_worked / since / now.present
        best, who = -inf, -1
        for kind, worth in can:
            if idle[kind]:
                worked, agent = desk.head(kind)
                surplus = worth - prices[kind] - wait - load_price * (worked / since - mean)
                if surplus > best or (surplus == best and agent < who):
                    best, who = surplus, agent
        luck = self.next
        self.next += 2
        if best < 0.0:
            self.hall.stays(at, need, stream, wait)
            return []
        desk.take(who)
        if luck + 2 > len(self.drawn):
            luck = self.lucky(luck, 2)
        if self.drawn[luck] < self.constants.explored:
            self.begin(now)
            self.hall.wait[need] = wait
            who = self.other(need, who, self.drawn[luck + 1])
        return [(need, who)]

    def only(self, now: Now, agent: int) -> Pairs:
        """What `match` does where one who has ended is the only one who is free, and nobody is overdue."""
        at, hall, desk, waiting = now.at, self.hall, self.desk, now.waiting
        self.drift(at)
        kind = self.kind[agent]
        if hall.fresh or hall.is_due(at):
            desk.idle[kind] += 1
            hall.look(at, len(waiting), self.can, self.prices, desk)
            desk.idle[kind] -= 1
        self.next += 2 * len(waiting)
        since = at if at > self.handle else self.handle
        desk.worked[agent] = worked = now.seconds[agent]
        load = self.load_price * (worked / since - now.all_worked / since / now.present)
        price, arrival, best, chosen = self.prices[kind], self.arrival, -inf, -1
        for stream, worth in self.serves[kind]:
            need = hall.head(stream, at)
            if need >= 0:
                surplus = worth - price + (self.ages * (at - arrival[need]) - hall.wait[need]) - load
                if surplus > best or (surplus == best and need < chosen):
                    best, chosen = surplus, need
        if best < 0.0:
            desk.frees(agent, worked)
            return []
        hall.rank[chosen] = inf
        return [(chosen, agent)]

    def match(self, now: Now) -> Pairs:
        """The pairs of waiting needs and free agents to make now."""
        self.drift(now.at)
        waiting, of = now.waiting, self.constants
        self.hall.look(now.at, len(waiting), self.can, self.prices, self.desk)
        luck = self.next
        self.next += 2 * len(waiting)
        luck = self.lucky(luck, 2 * len(waiting))
        self.begin(now)
        found: Pairs = []
        if now.at - self.arrival[waiting[0]] >= of.hard_limit_seconds:
            found = self.overdue(waiting)
        first, most = len(found), min(len(waiting), now.idle)
        while len(found) < most and (one := self.best()) is not None:
            found.append(one)
        for place in range(first, len(found)):
            need, agent = found[place]
            row = luck + 2 * waiting.index(need)
            if self.drawn[row] < of.explored:
                found[place] = need, self.other(need, agent, self.drawn[row + 1])
        return found

    def begin(self, now: Now) -> None:
        """What holds for all pairs of a look."""
        self.at = at = now.at
        self.since = at if at > self.handle else self.handle
        self.mean = now.all_worked / self.since / now.present

    def lucky(self, begin: int, many: int) -> int:
        """Where so many numbers from `begin` on stand, as they are drawn: of those that nobody asks for, none is kept."""
        missing = begin + many - len(self.drawn)
        if missing > 0:
            fresh = self.random.random(max(AT_ONCE, missing)).tolist()
            begin, self.drawn = 0, [*self.drawn, *fresh][begin:]
            self.next = many
        return begin

    def best(self) -> tuple[int, int] | None:
        """The pair of most surplus, of the first of each stream and each kind; None where it would be below 0."""
        desk, hall, of = self.desk, self.hall, self.constants
        at, since, mean, prices = self.at, self.since, self.mean, self.prices
        best, pair = -inf, (-1, -1)
        for stream, can in enumerate(self.can):
            need = hall.head(stream, at)
            if need < 0:
                continue
            plus = of.age_per_second * (at - self.arrival[need]) - hall.wait[need]
            for kind, worth in can:
                if desk.idle[kind]:
                    worked, agent = desk.head(kind)
                    surplus = worth - prices[kind] + plus - of.load_price * (worked / since - mean)
                    if surplus > best or (surplus == best and (need, agent) < pair):
                        best, pair = surplus, (need, agent)
        if best < 0.0:
            return None
        hall.taken(pair[0])
        desk.take(pair[1])
        return pair

    def surplus(self, need: int, agent: int) -> float:
        """What one pair gains over waiting."""
        of, kind = self.constants, self.kind[agent]
        plus = of.age_per_second * (self.at - self.arrival[need]) - self.hall.wait[need]
        net = self.of.worth[self.stream[need]][kind] - self.prices[kind]
        return net + plus - of.load_price * (self.desk.worked[agent] / self.since - self.mean)

    def overdue(self, waiting: list[int]) -> Pairs:
        """Who waited to the limit, longest first, each with the best agent left, whatever the surplus."""
        found: Pairs = []
        for need in waiting:
            if self.at - self.arrival[need] < self.constants.hard_limit_seconds or not any(self.desk.idle):
                break
            able = [kind for kind, _ in self.can[self.stream[need]] if self.desk.idle[kind]]
            each = [(-self.surplus(need, agent), agent) for _, agent in map(self.desk.head, able)]
            if each:
                self.hall.taken(need)
                self.desk.take(min(each)[1])
                found.append((need, min(each)[1]))
        return found

    def other(self, need: int, agent: int, second: float) -> int:
        """One among those who are as good: near the agent's surplus, and free."""
        least = max(0.0, self.surplus(need, agent) - self.constants.near)
        near = sorted([agent, *(one for one in self.desk.all_free() if self.surplus(need, one) >= least)])
        chosen = near[int(second * len(near))]
        if chosen != agent:
            self.desk.take(chosen)
            self.desk.frees(agent, self.desk.worked[agent])
        return chosen
