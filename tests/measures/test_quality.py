"""Quality reviews as numbers: alpha against published examples, samples that nobody can pick, scores by hand."""

from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pytest
from hypothesis import given, strategies as st

from rapport.measures.quality.alpha import agreement, alpha
from rapport.measures.quality.comparing import compared, spread
from rapport.measures.quality.sampling import Candidate, digest_of, drawn, periods, seed_of
from rapport.measures.quality.scoring import scored, wrong_answer
from rapport.model.review import FILL, RANDOM, RISK, Scorecard
from rapport.model.reviewed import Review

SEED = bytes(range(32))
BOTH = {"en": "Hello?", "es": "¿Hola?"}
CARD = msgspec.convert(
    {
        "id": "service", "title": BOTH,
        "sections": [{"id": "a", "title": BOTH, "weight": 3}, {"id": "b", "title": BOTH}],
        "questions": [
            {"id": "yes", "section": "a", "text": BOTH},
            {"id": "scale", "section": "a", "text": BOTH, "kind": "scale", "weight": 2},
            {"id": "other", "section": "b", "text": BOTH},
            {"id": "fatal", "section": "b", "text": BOTH, "kind": "fatal"},
        ],
    },
    Scorecard,
)  # fmt: skip


def scores(*reviewers: str) -> np.ndarray:
    """One line for each reviewer, one sign for each unit; a dot where there is none."""
    return np.array([[np.nan if sign == "." else float(ord(sign) - ord("0")) for sign in line] for line in reviewers])


# K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011): sections A, B and C, and D and E on the data of C.
BINARY = scores("0100000010", "1110010000")
LETTERS = scores("aabbdcccedda", "babbbcccedd d".replace(" ", ""))
MISSING = scores("123321412...", "1233224125.3", ".3332342251.", "12332441251.")


@pytest.mark.parametrize(
    ("data", "metric", "published"),
    [
        (BINARY, "nominal", 0.095),
        (LETTERS, "nominal", 0.692),
        (MISSING, "nominal", 0.743),
        (MISSING, "ordinal", 0.815),
        (MISSING, "interval", 0.849),
    ],
    ids=["A binary", "B nominal", "C missing", "D ordinal", "E interval"],
)
def test_alpha_is_that_of_the_published_examples(data, metric, published):
    assert round(alpha(data, metric), 3) == published


def test_alpha_says_nothing_where_nobody_could_disagree():
    assert alpha(scores("111", "111"), "nominal") is None
    assert alpha(scores("1.2", ".3."), "nominal") is None
    assert alpha(np.full((0, 0), np.nan), "interval") is None


def test_an_interval_holds_its_alpha_and_few_units_have_none():
    many = agreement(np.tile(MISSING, 3), "ordinal")
    few = agreement(MISSING[:, :3], "nominal")

    assert many.low < many.alpha < many.high <= 1
    assert many.high - many.low < agreement(MISSING, "ordinal").high - agreement(MISSING, "ordinal").low
    assert (few.low, few.high, few.units) == (None, None, 3)


def test_units_that_are_all_one_are_no_disagreement_by_rounding():
    data = np.array([[85.7143, 100.0, 71.4286], *[[71.4286] * 3] * 4]).T  # a draw without the first has nothing to compare

    found = agreement(data, "interval")

    assert alpha(data[:, 1:], "interval") is None
    assert found.high == pytest.approx(found.alpha)


@given(st.lists(st.lists(st.sampled_from([np.nan, 1.0, 2.0, 3.0]), min_size=3, max_size=3), min_size=2, max_size=8))
def test_which_reviewer_said_what_changes_no_alpha_and_it_is_never_above_one(units):
    data = np.array(units).T
    shuffled = np.array([unit[::-1] for unit in units]).T

    for metric in ("nominal", "ordinal", "interval"):
        found = alpha(data, metric)
        assert found is None or found <= 1
        assert found == pytest.approx(alpha(shuffled, metric), nan_ok=True) if found is not None else True


def candidates(agent: str, count: int, risky: int = 0) -> list[Candidate]:
    """So many conversations of an agent, of which the first `risky` show a risk."""
    return [
        Candidate(f"{agent}{n}".encode().ljust(16), f"c{agent}{n}".encode().ljust(16), agent, 1.0 if n < risky else 0.0)
        for n in range(count)
    ]


@given(st.randoms(use_true_random=False), st.binary(min_size=32, max_size=32))
def test_of_each_agent_the_same_count_is_drawn_whoever_lists_them_in_whatever_order(chance, seed):
    everything = candidates("ana", 40, 5) + candidates("ben", 7) + candidates("eva", 2)
    listed = everything[:]
    chance.shuffle(listed)

    found = drawn(listed, seed, each=3, risky=1)

    assert found == drawn(everything, seed, each=3, risky=1)
    assert digest_of(listed) == digest_of(everything)
    assert Counter(one.candidate.agent for one in found) == {"ana": 3, "ben": 3, "eva": 2}
    assert len({one.candidate.id for one in found}) == len(found)


def test_a_risky_part_is_filled_up_where_an_agent_has_no_risk_and_only_the_random_part_is_called_random():
    found = drawn(candidates("ana", 40, 5) + candidates("ben", 7), SEED, each=3, risky=1)

    assert Counter((one.candidate.agent, one.kind) for one in found) == {
        ("ana", RANDOM): 2, ("ana", RISK): 1, ("ben", RANDOM): 2, ("ben", FILL): 1,
    }  # fmt: skip
    assert all(one.candidate.weight > 0 for one in found if one.kind == RISK)


def test_each_conversation_is_as_likely_as_any_other_and_risk_goes_by_weight():
    plain, weighed = candidates("ana", 10), [c._replace(weight=1.0 + 2 * (n == 0)) for n, c in enumerate(candidates("ana", 10))]
    often, risky = Counter(), Counter()
    for n in range(3000):
        seed = seed_of("weekly", datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC), n.to_bytes(4, "big"))
        often.update(one.candidate.id for one in drawn(plain, seed, each=2))
        risky.update(one.candidate.id for one in drawn(weighed, seed, each=1, risky=1))

    assert max(abs(count / 3000 - 0.2) for count in often.values()) < 0.03  # 4 standard errors
    assert abs(risky[weighed[0].id] / 3000 - 3 / 12) < 0.032


def test_among_those_that_chance_left_a_risk_of_twice_the_weight_is_drawn_twice_as_often():
    light, heavy = (c._replace(weight=1.0 + n) for n, c in enumerate(candidates("ana", 2)))
    risky = Counter()
    for n in range(3000):
        found = drawn([light, heavy, *candidates("ana", 6)[2:]], n.to_bytes(32, "big"), each=4, risky=1)
        if not {light.id, heavy.id} & {one.candidate.id for one in found if one.kind == RANDOM}:
            risky.update(one.candidate.id for one in found if one.kind == RISK)

    assert risky.total() > 500
    assert abs(risky[heavy.id] / risky.total() - 2 / 3) < 4 * (2 / 9 / risky.total()) ** 0.5


def test_the_share_that_two_see_is_the_share_that_was_asked_for():
    twice = sum(one.twice for one in drawn(candidates("ana", 2000), SEED, each=2000, twice=0.25))

    assert abs(twice / 2000 - 0.25) < 0.04
    assert not any(one.twice for one in drawn(candidates("ana", 50), SEED, each=50))


def test_periods_are_those_that_are_over_by_the_clock_of_the_centre_over_a_change_of_it_too():
    zone = ZoneInfo("Europe/Madrid")
    now = datetime(2026, 4, 1, 12, tzinfo=UTC)
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)

    weeks = periods("week", now, zone, long_ago, most=2)
    months = periods("month", now, zone, datetime(2026, 3, 1, 23, tzinfo=UTC))
    days = periods("day", now, zone, long_ago, most=1)

    assert [(s.date().isoformat(), e.date().isoformat()) for s, e in weeks] == [
        ("2026-03-23", "2026-03-30"), ("2026-03-16", "2026-03-23"),
    ]  # fmt: skip
    assert (weeks[0][1].astimezone(UTC) - weeks[0][0].astimezone(UTC)).total_seconds() == (7 * 24 - 1) * 3600
    assert [s.date().isoformat() for s, _ in months] == ["2026-03-01"]
    assert days[0][0].date().isoformat() == "2026-03-31"


def test_a_score_is_the_weighted_mean_and_what_does_not_apply_weighs_nothing():
    whole = scored(CARD, {"yes": "yes", "scale": "3", "other": "no", "fatal": "no"})
    part = scored(CARD, {"yes": "na", "scale": "5", "other": "na", "fatal": "no"})
    nothing = scored(CARD, {"yes": "na", "scale": "na", "other": "na", "fatal": "no"})
    fatal = scored(CARD, {"yes": "yes", "scale": "5", "other": "yes", "fatal": "yes"})

    assert (whole.score, whole.by_section) == (50.0, {"a": 66.6667, "b": 0.0})  # (3 * 2/3 + 1 * 0) / 4
    assert (part.score, part.passed) == (100.0, True)
    assert (nothing.score, nothing.passed) == (None, False)
    assert (fatal.score, fatal.fatal, fatal.passed) == (0.0, True, False)


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"scale": "6"}, ("scale", "6")),
        ({"fatal": "na"}, ("fatal", "na")),
        ({"yes": ""}, ("yes", "")),
        ({"unknown": "yes"}, ("unknown", "yes")),
    ],
    ids=["off the scale", "fatal never skips", "left out", "no such question"],
)
def test_an_answer_that_is_none_is_named(changed, wrong):
    sound = {"yes": "yes", "scale": "3", "other": "no", "fatal": "no"}

    assert wrong_answer(CARD, sound) is None
    assert wrong_answer(CARD, sound | changed) == wrong


def a_review(item: int, reviewer: str, score: float | None, **answers: str) -> Review:
    """A review with some answers."""
    at = datetime(2026, 3, 2, tzinfo=UTC)
    id = f"{item}{reviewer}".encode().ljust(16)
    return Review(id, item.to_bytes(16, "big"), bytes(16), "ana", reviewer, at, answers, score, False, True)


def test_reviewers_are_compared_question_by_question_where_two_saw_the_same():
    reviews = [a_review(n, who, 50.0 + n, yes="yes" if n % 2 else "no", scale=str(1 + n % 5)) for n in range(6) for who in "ab"]
    alone = [a_review(9, "a", 10.0, yes="na", scale="na")]

    found = {one.question.id if one.question else "": one for one in compared(CARD, reviews + alone)}

    assert {name: one.agreement.alpha for name, one in found.items()} == {
        "": 1.0, "yes": 1.0, "scale": 1.0, "other": None, "fatal": None,
    }  # fmt: skip
    assert (found["scale"].metric, found["yes"].metric, found["yes"].agreement.units) == ("ordinal", "nominal", 6)


def test_a_session_shows_how_far_its_reviewers_were_apart():
    lines, found = spread(CARD, [a_review(1, "a", 90.0, yes="yes", scale="5"), a_review(1, "b", 70.0, yes="no", scale="5")])

    assert [(one.question.id, one.apart) for one in lines] == [
        ("yes", True), ("scale", False), ("other", False), ("fatal", False),
    ]  # fmt: skip
    assert (found.number, found.mean, found.low, found.high) == (2, 80.0, 70.0, 90.0)
    assert found.deviation == pytest.approx(14.142, abs=0.001)
    assert spread(CARD, [a_review(1, "a", None)])[1] is None
