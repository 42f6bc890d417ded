"""The gate: which models it lets serve, in a world whose truth is known, and what it says."""

import math

import numpy as np
import pytest

from matching.learning.learnwork import two_logs
from rapport.matching.learning.gate import WORDS, Rule, Verdict, in_words, judge


def a_better_model(decisions=6000, seed=1, **changes):
    """The logs of a model that chooses better than the one that acted, and of that one."""
    new, current, _ = two_logs(np.random.default_rng(seed), decisions, **({"sharpness": 1.0} | changes))
    return new, current


def test_a_model_that_resolves_more_may_serve():
    verdict = judge(*a_better_model())

    assert verdict.serves
    assert verdict.reason == "better"
    assert verdict.gain > 0.02
    assert verdict.low < verdict.gain < verdict.high
    assert verdict.gain == pytest.approx(verdict.robust - verdict.current)


def test_a_model_that_resolves_less_may_not():
    better, worse = a_better_model()

    verdict = judge(worse, better)

    assert (verdict.serves, verdict.reason) == (False, "worse")


def test_a_model_that_does_the_same_as_the_present_one_has_nothing_to_offer():
    log, _ = a_better_model()

    assert not judge(log, log).serves


def test_with_too_few_decisions_nobody_serves_however_good_it_looks():
    verdict = judge(*a_better_model(decisions=150))

    assert (verdict.serves, verdict.reason) == (False, "sample")


def test_where_the_gain_is_not_sure_to_be_what_is_asked_it_waits_for_more_outcomes():
    new, current = a_better_model(decisions=700, target_sharpness=2.0)
    strict = judge(new, current, Rule(may_lose=-0.03))

    assert (strict.serves, strict.reason) == (False, "unsure")
    assert judge(new, current, Rule(may_lose=0.0)).serves


@pytest.mark.slow
def test_no_worse_model_gets_through_more_often_than_the_interval_allows():
    passed = []
    for seed in range(200):
        better, worse = a_better_model(decisions=1500, seed=seed)
        passed.append(judge(worse, better).serves)

    assert np.mean(passed) <= 0.025


@pytest.mark.parametrize("reason", sorted(WORDS["en"]))
def test_every_verdict_has_words_with_its_figures_in_both_languages(reason):
    verdict = Verdict(False, reason, 900, 120.0, 0.0, 0.4, 0.7, 0.7, 0.7, 0.68, 0.02, -0.01, math.inf)

    spanish, english = (in_words(verdict, language) for language in ("es", "en"))

    assert spanish != english
    assert any(figure in english and figure in spanish for figure in ("+2.0", "120", "0.40"))


def test_both_languages_have_words_for_the_same_verdicts():
    assert WORDS["es"].keys() == WORDS["en"].keys()
