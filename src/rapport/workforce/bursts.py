"""Bursts, seen as they begin: counts come one interval at a time, and each burst is told once.

Two questions are asked of every interval. Is it more than chance would bring: a negative binomial tail over half an hour, whose
mean follows the level and the hour. And is it rare among all that was: the tail of the ratio to the level, by Hill's estimator.
Both are -log10 of a probability. What passes both, or is many times the usual, begins a burst, until chance explains it again.
"""

import heapq
from collections import deque
from dataclasses import dataclass, field
from math import exp, log, log1p, log10

CHANCE, RARE = 5.0, 3.0  # what begins a burst: once in 100,000 by chance, once in 1,000 of what was
HALF_LIFE_DAYS = 7.0
LARGEST = 60  # ratios that make the tail
PROFILE_GAIN, HOUR_GAIN = 0.12, 0.15
WINDOW_MINUTES, QUIET_MINUTES = 30, 60
TIMES = 3.0  # the usual, that need not be rare: a burst after many others is one
LEAST = 4  # in half an hour: fewer are no burst, however rare
BEFORE_ALL = 200  # intervals before the tail is asked
LONGEST_DAYS = 1.0  # after so long it is the new usual


@dataclass(frozen=True, slots=True)
class Seen:
    """What an interval says. `begins`: a burst begins with it; `running`: one is under way; `usual`: what was expected."""

    rare: float
    chance: float
    usual: float
    begins: bool
    ends: bool
    running: "Burst | None"


@dataclass(slots=True)
class Burst:
    """A burst so far: when it began and its peak, in intervals from the first; `above`: how many came more than usual."""

    began: int
    lasted: int = 0
    above: float = 0.0
    peak: float = 0.0
    peak_at: int = 0
    rate: float = 0.0  # more than usual in an interval, over the last half-hour

    @property
    def still_to_come(self) -> float:
        """How many more than usual may still come: while it grows as many again, then what its fall so far leads to."""
        if self.lasted - self.peak_at <= self.lasted * 0.25 or self.rate >= 0.9 * self.peak:
            return max(self.above, self.rate * self.lasted)
        falling = log(max(self.peak, 1e-9) / max(self.rate, 1e-9)) / max(self.lasted - self.peak_at, 1)
        return self.rate / max(falling, 1e-3)

    @property
    def still_to_last(self) -> float:
        """How many intervals more it may last."""
        return max(float(self.lasted), self.still_to_come / max(self.rate, 1e-9)) if self.rate > 0 else 0.0


def unheld(kind: str, to_come: float, came: int, held: int) -> float:
    """Of what may still come, what somebody has to answer: of a brigade without the share that the guard holds."""
    return to_come * (1.0 - min(held / max(came, 1), 1.0)) if kind == "brigade" else to_come


@dataclass(slots=True)
class Detector:
    """The state of one series; `minutes` is the length of its intervals."""

    minutes: int = 5
    at: int = -1
    running: Burst | None = None
    level: float = 0.0  # of log(1 + count)
    mean: float = -1.0
    apart: float = 0.1  # variance over the squared mean, beyond what chance brings
    quiet: int = 0
    profile: list[float] = field(default_factory=list)
    hours: list[float] = field(default_factory=list)
    recent: deque[tuple[float, float]] = field(default_factory=deque)  # count and usual
    largest: list[float] = field(default_factory=list)

    def see(self, count: float) -> Seen:
        """Take in the next interval's count."""
        self.at += 1
        if self.at == 0:
            self._begin(count)
        place, hour = self._places()
        usual = max(self.hours[hour], 0.25 * self.mean, 1e-3)
        rare = self._rare(count, place)
        self.recent.append((count, usual))
        if len(self.recent) > max(1, WINDOW_MINUTES // self.minutes):
            self.recent.popleft()
        came, expected = (sum(side) for side in zip(*self.recent, strict=True))
        chance = self._chance(came, expected)
        begins, ends = self._follow(count, usual, rare, chance, came)
        self._learn(count, place, hour, came, expected)
        return Seen(rare, chance, usual, begins, ends, self.running)

    def _begin(self, count: float) -> None:
        self.level, self.mean = log1p(count), max(count, 0.1)
        self.profile = [0.0] * self._a_day()
        self.hours = [self.mean] * 24

    def _a_day(self) -> int:
        return max(1, 24 * 60 // self.minutes)

    def _places(self) -> tuple[int, int]:
        place = self.at % self._a_day()
        return place, min(23, place * self.minutes // 60)

    def _rare(self, count: float, place: int) -> float:
        """-log10 of the probability of such a ratio to the level, by what was so far."""
        last = self.recent[-1][0] if self.recent else count
        ratio = exp(log1p((count + last) / 2.0) - self.level - self.profile[place])
        found = 0.0
        if self.at > BEFORE_ALL and len(self.largest) == LARGEST and ratio > self.largest[0]:
            least = self.largest[0]
            shape = max(0.05, sum(log(one / least) for one in self.largest) / LARGEST)
            found = log10(self.at / LARGEST) + log(ratio / least) / (shape * log(10.0))
        if len(self.largest) < LARGEST:
            heapq.heappush(self.largest, ratio)
        elif ratio > self.largest[0]:
            heapq.heapreplace(self.largest, ratio)
        return found

    def _chance(self, came: float, expected: float) -> float:
        """-log10 of the probability that chance brings so many in half an hour: a negative binomial tail."""
        if came <= max(expected, LEAST - 1):
            return 0.0
        from scipy.special import betainc  # only where many come: each process that starts need not read it

        shape = 1.0 / self.apart
        return -log10(max(float(betainc(came, shape, expected / (expected + shape))), 1e-300))

    def _follow(self, count: float, usual: float, rare: float, chance: float, came: float) -> tuple[bool, bool]:
        burst = self.running
        begins = (
            burst is None
            and chance >= CHANCE
            and came >= LEAST
            and (rare >= RARE or came >= TIMES * sum(one for _, one in self.recent))
        )
        if begins:
            burst = self.running = Burst(self.at)
            self.quiet = 0
        if burst is None:
            return False, False
        burst.lasted = self.at - burst.began + 1
        burst.above += max(0.0, count - usual)
        burst.rate = max(0.0, sum(one - other for one, other in self.recent) / len(self.recent))
        if burst.rate > burst.peak:
            burst.peak, burst.peak_at = burst.rate, burst.lasted
        self.quiet = self.quiet + 1 if chance < 1.0 else 0
        over = self.quiet * self.minutes >= QUIET_MINUTES or burst.lasted * self.minutes >= LONGEST_DAYS * 24 * 60
        if over:
            self.running = None
        return begins, over

    def _learn(self, count: float, place: int, hour: int, came: float, expected: float) -> None:
        gain = 1.0 - 0.5 ** (1.0 / (HALF_LIFE_DAYS * self._a_day()))
        new = min(1.0, max(-1.0, log1p(count) - self.level - self.profile[place]))
        early = max(gain, 1.0 / (self.at + 1))
        self.level += (gain if self.at > 12 else early) * new
        self.profile[place] += PROFILE_GAIN * new
        if self.running is None:
            drawn = min(count, 4.0 * self.hours[hour] + 3.0) if self.at > self._a_day() else count
            self.mean += early * (drawn - self.mean)
            visits = self.at // self._a_day() * 60 // self.minutes + place * self.minutes % 60 // self.minutes
            self.hours[hour] += max(HOUR_GAIN * self.minutes / 60.0, 1.0 / (visits + 1)) * (drawn - self.hours[hour])
            over = min(4.0, ((came - expected) ** 2 - expected) / max(expected, 0.5) ** 2)
            self.apart = max(0.05, self.apart + early * (over - self.apart))
