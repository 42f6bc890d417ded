"""Phrases: which talks say what, which phrases rise against the period before, and which set good endings apart from bad ones.

A phrase is one to three words that do not begin or end with a stop word. Each talk counts once, however often it says it, and a
phrase of fewer than FEWEST talks or PEOPLE people is not told: it may say who they are.
Rising: given how many talks have it in both periods, those of this one are binomial with the share of talks that are this
one's, if nothing changed (Przyborowski and Wilenski, Biometrika 31, 1940); the chance of so many is one-sided, phrases pass by
Benjamini and Hochberg's rule (J. R. Stat. Soc. B 57, 1995) at 5 %, and the ratio's interval is Clopper and Pearson's.
Contrast: log-odds with an informative Dirichlet prior of strength 500 from all talks (Monroe, Colaresi and Quinn, Political
Analysis 16, 2008, eq. 16 to 22), counted in talks; two-sided, by the same rule.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np
import scipy  # its parts are read when they are first used: not by each process that starts
from numpy.typing import NDArray

from rapport.measures.stories.told import Contrast, Rising

Floats = NDArray[np.float64]
FEWEST, PEOPLE = 5, 3
MISTAKEN = 0.05  # of the phrases that are told, at most so many by chance
PRIOR = 500.0
LONGEST = 3  # words of a phrase
MOST_WORDS = 600  # of one talk are looked at
MOST = 14  # phrases that are told
COMMON, RATHER_FEW = 0.15, 60  # of all talks; so many talks are never too many to be named by what they say
SHARED = 0.7  # of the talks of a phrase: with so many in common, two phrases say one thing
Told = TypeVar("Told", Rising, Contrast)
Said = Sequence[Sequence[str]]  # the words of each sentence


class Found:
    """Which talks say what. `talks`: by phrase, the numbers of the talks that have it, in order."""

    def __init__(self, said: Sequence[Said], people: Sequence[bytes], stops: frozenset[str]) -> None:
        self.size = len(said)
        self._people = people
        often: set[str] = set()
        talks: dict[str, list[int]] = {}
        for length in range(1, LONGEST + 1):
            found: dict[str, list[int]] = defaultdict(list)
            for number, one in enumerate(said):
                for phrase in _phrases(one, length, stops, often):
                    found[phrase].append(number)
            found = {phrase: numbers for phrase, numbers in found.items() if len(numbers) >= FEWEST}
            often |= found.keys()
            talks |= found
        self.talks = {phrase: numbers for phrase, numbers in talks.items() if _may_be_told(phrase, stops)}

    def told(self, numbers: Iterable[int]) -> bool:
        """Whether enough different people say it that it tells nobody."""
        people: set[bytes] = set()
        for number in numbers:
            people.add(self._people[number])
            if len(people) >= PEOPLE:
                return True
        return False


def _phrases(said: Said, length: int, stops: frozenset[str], often: set[str]) -> set[str]:
    """The phrases of so many words in one talk; of longer ones only those both of whose ends are often said."""
    found: set[str] = set()
    left = MOST_WORDS
    for words in said:
        words = words[:left]
        left -= len(words)
        if length == 1:
            found.update(words)
            continue
        for place in range(len(words) - length + 1):
            run = words[place : place + length]
            if run[0] in stops or run[-1] in stops or "." in run:
                continue
            first, last = " ".join(run[:-1]), " ".join(run[1:])
            if (length == 2 and first in often and last in often) or (length > 2 and run[0] in often and run[-1] in often):
                found.add(" ".join(run))
    return found


def _may_be_told(phrase: str, stops: frozenset[str]) -> bool:
    return not (phrase in stops or len(phrase) < 3 or phrase.isdigit())


def passing(chances: Floats) -> NDArray[np.bool_]:
    """Which of the chances pass Benjamini and Hochberg's rule at MISTAKEN."""
    if not len(chances):
        return np.zeros(0, bool)
    order = np.argsort(chances, kind="stable")
    good = np.flatnonzero(chances[order] <= MISTAKEN * np.arange(1, len(chances) + 1) / len(chances))
    passed = np.zeros(len(chances), bool)
    passed[order[: good[-1] + 1 if len(good) else 0]] = True
    return passed


def counted(said: Sequence[Said], phrases: Collection[str]) -> Counter[str]:
    """How many talks have each of these phrases, exactly, however few."""
    sought = frozenset(phrases)
    found: Counter[str] = Counter()
    for one in said:
        runs: set[str] = set()
        left = MOST_WORDS
        for words in one:
            words = words[:left]
            left -= len(words)
            for length in range(1, LONGEST + 1):
                runs.update(" ".join(words[place : place + length]) for place in range(len(words) - length + 1))
        found.update(runs & sought)
    return found


def rising(now: Found, before: Sequence[Said]) -> list[tuple[Rising, list[int]]]:
    """The phrases that rise, the least likely by chance first, each with its talks. `before`: what earlier talks say."""
    size = len(before)
    if not now.size or not size:
        return []
    phrases = sorted(phrase for phrase, numbers in now.talks.items() if now.told(numbers))
    a = np.array([len(now.talks[phrase]) for phrase in phrases], np.float64)
    earlier = counted(before, phrases)
    b = np.array([earlier[phrase] for phrase in phrases], np.float64)
    # The binomial's upper tail, P(at least a of a + b), is the incomplete beta function (NIST DLMF 8.17.5); all where a is 0.
    chance = np.where(a > 0, scipy.special.betainc(np.maximum(a, 1), b + 1, now.size / (now.size + size)), 1.0)
    kept = np.flatnonzero(passing(chance))
    low, high = ratio_between(a, b, now.size, size)
    told = [
        Rising(
            phrases[n], int(a[n]), int(b[n]), float(a[n] / b[n] * size / now.size) if b[n] else None,
            float(low[n]), float(high[n]) if b[n] else None, float(chance[n]),
        )
        for n in sorted(kept, key=lambda n: (chance[n], -a[n], -len(phrases[n].split()), phrases[n]))
    ]  # fmt: skip
    return _apart([(one, now.talks[one.phrase]) for one in told])


def ratio_between(a: Floats, b: Floats, talks: int, talks_before: int) -> tuple[Floats, Floats]:
    """The 95 % interval of the ratio of two rates, of `a` in `talks` to `b` in `talks_before`; infinite where `b` is 0."""
    low = np.where(a > 0, scipy.special.betaincinv(np.maximum(a, 1), b + 1, 0.025), 0.0)
    high = np.where(b > 0, scipy.special.betaincinv(a + 1, np.maximum(b, 1), 0.975), 1.0)
    with np.errstate(divide="ignore"):
        return low / (1 - low) * talks_before / talks, high / (1 - high) * talks_before / talks


def log_odds(well: Floats, badly: Floats, all_of: Floats) -> Floats:
    """z of each phrase: above 0 it goes with `well`. `all_of`: how often in all, which is the prior."""
    prior = PRIOR * all_of / all_of.sum()
    sum_well, sum_badly = well.sum(), badly.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        d = np.log((well + prior) / (sum_well + PRIOR - well - prior))
        d -= np.log((badly + prior) / (sum_badly + PRIOR - badly - prior))
        z: Floats = d / np.sqrt(1 / (well + prior) + 1 / (badly + prior))
    return np.nan_to_num(z)


def contrast(found: Found, well: Sequence[bool], badly: Sequence[bool]) -> list[tuple[Contrast, list[int]]]:
    """The phrases that set both apart, those of the good endings first, each with its talks; at most MOST of either side."""
    phrases = sorted(phrase for phrase, numbers in found.talks.items() if found.told(numbers))
    if not phrases or not any(well) or not any(badly):
        return []
    good = np.array([sum(well[n] for n in found.talks[phrase]) for phrase in phrases], np.float64)
    bad = np.array([sum(badly[n] for n in found.talks[phrase]) for phrase in phrases], np.float64)
    z = log_odds(good, bad, np.array([len(found.talks[phrase]) for phrase in phrases], np.float64))
    kept = np.flatnonzero(passing(2 * scipy.special.ndtr(-np.abs(z))))
    told: list[tuple[Contrast, list[int]]] = []
    for sign, side in ((1.0, well), (-1.0, badly)):
        mine = sorted((n for n in kept if sign * z[n] > 0), key=lambda n: (-abs(z[n]), phrases[n]))
        ranked = [Contrast(phrases[n], int(good[n]), int(bad[n]), float(z[n])) for n in mine]
        told += _apart([(one, [n for n in found.talks[one.phrase] if side[n]]) for one in ranked])
    return told


def _apart(ranked: list[tuple[Told, list[int]]]) -> list[tuple[Told, list[int]]]:
    """The first MOST, without those that say what one before them says.

    That is so where most talks are the same: of the rarer of both where they have a word in common, else of the more common.
    """
    kept: list[tuple[set[str], set[int], tuple[Told, list[int]]]] = []
    for one, numbers in ranked:
        words, talks = set(one.phrase.split()), set(numbers)
        if any(len(talks & t) >= SHARED * (min if words & w else max)(len(talks), len(t)) for w, t, _ in kept):
            continue
        kept.append((words, talks, (one, numbers)))
        if len(kept) == MOST:
            break
    return [pair for _, _, pair in kept]


def distinctive(found: Found, groups: Mapping[str, Sequence[int]]) -> dict[str, dict[str, float]]:
    """By group, how much each phrase sets its talks apart: how many have it, times the squared log of how rare it is in all.

    What more than COMMON of all talks say names none of them.
    """
    of: dict[int, str] = {number: name for name, numbers in groups.items() for number in numbers}
    weights: dict[str, dict[str, float]] = defaultdict(dict)
    for phrase, numbers in found.talks.items():
        if len(numbers) > max(RATHER_FEW, COMMON * found.size) or not found.told(numbers):
            continue
        weight = float(np.log(1 + found.size / len(numbers))) ** 2
        for name, count in Counter(of[n] for n in numbers if n in of).items():
            weights[name][phrase] = count * weight
    return weights
