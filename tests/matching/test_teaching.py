"""A tenant's decisions teach a model, and it serves only where the log of the present one shows that it is no worse."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from rapport.matching.learning.features import NAMES
from rapport.matching.learning.keeping import from_bytes
from rapport.matching.outcomes import Decided
from rapport.matching.teaching import logs, taught, teach, terms_of
from rapport.model.need import Option

START = datetime(2026, 3, 3, 16, tzinfo=UTC)
TEAMS = {"ana": "desk", "ben": "desk", "eva": "night"}
UNLIKE = {"ana": 0.85, "ben": 0.55, "eva": 0.45}
ALIKE = dict.fromkeys(TEAMS, 0.6)


def a_log(resolves, count, *, share=2 / 3, seed=1, version="1"):
    """Decisions among three who looked alike: `share` of them drawn evenly, else ben was asked. Outcomes by `resolves`."""
    random = np.random.default_rng(seed)
    found = []
    for n in range(count):
        agents = list(TEAMS)
        chosen = agents[random.integers(3)] if random.random() < share else "ben"
        options = [Option(agent, 0.7, 0.0, 0.0, {"skill": 1.0}) for agent in [chosen, *(a for a in agents if a != chosen)]]
        propensity = share / 3 + (1 - share) * (chosen == "ben")
        good = bool(random.random() < resolves[chosen])
        found.append(Decided(START + timedelta(minutes=n), tuple(options), propensity, version, good))
    return found


def test_a_model_that_found_who_resolves_more_serves():
    lesson = teach(a_log(UNLIKE, 3000), TEAMS, "1")

    assert (lesson.verdict.serves, lesson.verdict.reason, lesson.taught) == (True, "better", 2000)
    assert lesson.verdict.low > 0.0
    assert lesson.verdict.robust == pytest.approx(0.85, abs=0.06)
    assert lesson.thing.verdict["reason"] == "better"


def test_where_agents_are_alike_no_model_serves():
    assert not teach(a_log(ALIKE, 3000), TEAMS, "1").verdict.serves


def test_a_short_log_says_nothing():
    verdict = teach(a_log(UNLIKE, 90), TEAMS, "1").verdict

    assert (verdict.serves, verdict.reason) == (False, "sample")


def test_one_decision_says_nothing_either():
    assert teach(a_log(UNLIKE, 1), TEAMS, "1").verdict.reason == "sample"


def test_a_log_that_tried_nobody_else_does_not_cover_what_a_model_would_do():
    older, newer = a_log(UNLIKE, 2000), a_log(UNLIKE, 1000, share=0.0)

    assert teach(older + newer, TEAMS, "1").verdict.reason in ("sample", "coverage")


def test_a_model_is_judged_by_the_decisions_of_the_present_one_alone():
    verdict = teach(a_log(UNLIKE, 3000, version="another"), TEAMS, "1").verdict

    assert (verdict.decisions, verdict.reason) == (0, "sample")


def test_the_present_model_is_worth_what_it_brought():
    decided = a_log(UNLIKE, 900)

    _, current = logs(decided, taught(decided, TEAMS), (), 0.0)

    assert teach(decided, TEAMS, "1").verdict.current == pytest.approx(np.mean([one.good for one in decided[600:]]))
    assert list(current.target) == list(current.logged)


def test_the_same_log_gives_the_same_model():
    first, second = (teach(a_log(UNLIKE, 300), TEAMS, "1").thing for _ in range(2))

    assert first == second
    assert len(first.version) == 12


def test_who_left_teaches_and_is_forgotten():
    thing = teach(a_log(UNLIKE, 300), {"ana": "desk", "new": "desk"}, "1").thing

    assert from_bytes(thing.kept).agents == ("ana", "new")


def test_a_feature_that_is_switched_off_is_not_learnt():
    option = Option("ana", 0.7, 0.0, 0.0, {"skill": 1.0, "earlier": 0.5})

    assert dict(zip(NAMES, terms_of(option, ("skill",)), strict=True))["skill"] == 0.0
    assert teach(a_log(UNLIKE, 30), TEAMS, "1", off=("skill",)).thing.off == ("skill",)


def test_whoever_was_drawn_the_log_of_many_who_are_alike_is_covered():
    random, everybody = np.random.default_rng(3), [f"a{n}" for n in range(6)]
    decided = []
    for n in range(4500):
        chosen = everybody[random.integers(6)]
        others = [agent for agent in everybody[:5] if agent != chosen]
        options = tuple(Option(agent, 0.7, 0.0, 0.0, {}) for agent in [chosen, *others])
        good = bool(random.random() < (0.9 if chosen == "a3" else 0.5))
        decided.append(Decided(START + timedelta(minutes=n), options, 1 / 6, "1", good))

    verdict = teach(decided, dict.fromkeys(everybody, ""), "1").verdict

    assert verdict.covered == pytest.approx(1.0, abs=0.15)
    assert (verdict.serves, verdict.robust) == (True, pytest.approx(0.9, abs=0.1))
