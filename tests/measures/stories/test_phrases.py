"""Phrases against independent reckonings: scipy's exact tests, and the formula of the paper by hand."""

import math
import random

import numpy as np
import pytest
from scipy.stats import binomtest, fisher_exact

from measures.stories.told_talks import an_id
from rapport.measures.stories.phrases import PRIOR, Found, contrast, log_odds, passing, ratio_between, rising

STOPS = frozenset({"the", "is", "a"})
WORDS = [f"word{n}" for n in range(40)]


def talks(count: int, seed: int, planted: float = 0.0) -> list[list[tuple[str, ...]]]:
    """Talks of eight words by chance; a share of them says that the pool is cold."""
    chance = random.Random(seed)
    said = [[tuple(chance.choices(WORDS, k=8))] for _ in range(count)]
    return [[*one, ("the", "pool", "is", "cold")] if chance.random() < planted else one for one in said]


def found(said) -> Found:
    return Found(said, [an_id(n) for n in range(len(said))], STOPS)


def test_a_phrase_that_rises_is_found_and_nothing_else_is():
    told = [one for one, _ in rising(found(talks(600, 1, 0.12)), talks(600, 2, 0.01))]

    assert [one.phrase for one in told] == ["pool is cold"]


def test_between_two_periods_that_are_alike_nothing_rises():
    told = [len(rising(found(talks(300, seed)), talks(300, 100 + seed))) for seed in range(20)]

    assert sum(count > 0 for count in told) <= 3  # 5 % of 20, and what chance may add


def test_the_chance_and_the_ratio_are_those_of_the_exact_binomial_test():
    now, before = talks(600, 1, 0.12), talks(400, 2, 0.01)
    [(one, numbers)] = rising(found(now), before)
    test = binomtest(one.now, one.now + one.before, 600 / 1000, alternative="greater")
    share = binomtest(one.now, one.now + one.before).proportion_ci(0.95, "exact")

    assert one.now == len(numbers) == sum(len(talk) > 1 for talk in now)
    assert one.before == sum(len(talk) > 1 for talk in before)
    assert one.chance == pytest.approx(test.pvalue, rel=1e-9)
    assert one.low == pytest.approx(share.low / (1 - share.low) * 400 / 600, rel=1e-9)
    assert one.high == pytest.approx(share.high / (1 - share.high) * 400 / 600, rel=1e-9)
    assert one.times == pytest.approx(one.now / 600 / (one.before / 400))


def test_a_phrase_that_was_never_said_before_has_a_lower_bound_alone():
    low, high = ratio_between(np.array([9.0]), np.array([0.0]), 100, 100)

    assert low[0] == pytest.approx(0.025 ** (1 / 9) / (1 - 0.025 ** (1 / 9)))
    assert math.isinf(high[0])


def test_the_log_odds_are_those_of_the_paper():
    well, badly, every = np.array([30.0, 5.0]), np.array([10.0, 25.0]), np.array([60.0, 40.0])
    prior = PRIOR * every[0] / every.sum()
    d = math.log((30 + prior) / (35 + PRIOR - 30 - prior)) - math.log((10 + prior) / (35 + PRIOR - 10 - prior))

    z = log_odds(well, badly, every)

    assert z[0] == pytest.approx(d / math.sqrt(1 / (30 + prior) + 1 / (10 + prior)))
    assert z[1] < 0 < z[0]


def test_what_sets_good_ends_apart_is_found_on_its_side():
    said = talks(400, 3)
    well = [n % 2 == 0 for n in range(400)]
    said = [
        [*one, ("upgrade", "you")] if good and n % 3 == 0 else one for n, (one, good) in enumerate(zip(said, well, strict=True))
    ]

    told = [(one.phrase, one.z > 0) for one, _ in contrast(found(said), well, [not good for good in well])]

    assert told[0][1] is True
    assert "upgrade" in told[0][0]


def test_a_phrase_of_few_people_is_not_told():
    said = [[("secret", "garden")]] * 9
    alone = Found(said, [an_id(1)] * 9, STOPS)

    assert alone.talks
    assert rising(alone, talks(9, 1)) == []


def test_benjamini_and_hochberg_keep_what_their_rule_keeps():
    chances = np.array([0.01, 0.04, 0.03, 0.5])  # by hand: 0.01 <= 0.0125 and no further one passes

    assert passing(chances).tolist() == [True, False, False, False]
    assert fisher_exact([[1, 9], [11, 3]]).pvalue < 0.01  # a table of the textbook, that scipy is the one we mean
