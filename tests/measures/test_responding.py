"""Response bias: groups, and a weighted score that comes nearer to the truth where groups answer unequally."""

import random

import pytest

from measures.measured import an_id, folded, opened, resolved
from rapport.measures.picking import Asked
from rapport.measures.responding import FEWEST, responding
from rapport.model.fact import SurveyAnswered, SurveyAsked, SurveySent

ALL = Asked(0, 10**7, 10**14)


def answers(plan):
    """Entries: for each (language, asked, answered, satisfied), so many conversations."""
    entries, count = [], 0
    for language, asked, answered, happy in plan:
        for n in range(asked):
            name, seconds = f"{language}{n}", 10.0 * count
            count += 1
            talk = an_id("talk", name)
            sent = SurveyAsked(talk) if n % 2 else SurveySent(talk, talk, "after", talk)
            entries += [(seconds, opened(name, seconds, language=language)), (seconds + 1, resolved(name)), (seconds + 2, sent)]
            if n < answered:
                entries.append((seconds + 3, SurveyAnswered(talk, satisfied=5 if n < happy else 1)))
    return folded(*entries)


def test_a_weighted_score_is_nearer_to_the_truth_where_the_pleased_answer_more():
    rows = answers([("es", 100, 80, 72), ("en", 100, 20, 10)])
    found = responding(rows, ALL, {})
    [score] = [one for one in found.scores if one.measure == "satisfied"]

    assert score.raw == pytest.approx(82 / 100)
    assert score.cells == ("kind", "language", "mood")
    assert score.value == pytest.approx((0.9 + 0.5) / 2)
    assert score.worth == pytest.approx(200**2 / (80 * 1.25**2 + 20 * 5.0**2))
    assert score.low < score.value < score.high
    assert score.high - score.low > score.raw_high - score.raw_low


def test_who_answers_less_is_marked_and_the_groups_add_up():
    found = responding(answers([("es", 100, 80, 72), ("en", 100, 20, 10)]), ALL, {})

    assert [(one.word, one.asked, one.answered, one.differs) for one in found.groups["language"]] == [
        ("en", 100, 20, True), ("es", 100, 80, True),
    ]  # fmt: skip
    assert (found.all.asked, found.all.answered) == (200, 100)
    assert all(sum(one.asked for one in groups) == 200 for groups in found.groups.values())


def test_the_mood_of_a_conversation_tells_answers_apart_too():
    moods = {an_id("talk", f"es{n}"): "anger" for n in range(0, 100, 4)}
    found = responding(answers([("es", 100, 80, 72)]), ALL, moods)

    assert [(one.word, one.asked) for one in found.groups["mood"]] == [("", 75), ("anger", 25)]


def test_of_many_the_mood_of_some_is_told_and_weights_nothing():
    rows = answers([("es", 100, 80, 72), ("en", 100, 60, 30)])
    found = responding(rows, ALL, {an_id("talk", "en0"): "anger"}, most_moods=50)
    [score] = [one for one in found.scores if one.measure == "satisfied"]

    assert (found.looked, sum(one.asked for one in found.groups["mood"])) == (50, 50)
    assert (found.all.asked, score.cells) == (200, ("kind", "language"))


def test_where_a_group_has_too_few_answers_nothing_is_weighted():
    found = responding(answers([("es", 40, 30, 20), ("en", 40, FEWEST - 1, 1)]), ALL, {})
    [score] = found.scores

    assert (score.value, score.cells) == (None, ())
    assert score.raw == pytest.approx(21 / 34)


def test_fewer_than_ten_answers_show_no_score_and_an_empty_period_nothing_at_all():
    few = responding(answers([("es", 20, 9, 9)]), ALL, {})
    empty = responding(answers([]), ALL, {})

    assert few.scores == ()
    assert few.hidden == ("settled", "easy", "satisfied", "recommends")
    assert (empty.all.asked, empty.all.share, empty.scores) == (0, 0.0, ())


def test_intervals_of_weighted_scores_hold_the_truth_about_as_often_as_they_say():
    drawn, held, runs = random.Random(7), 0, 120
    for _ in range(runs):
        plan = []
        for language, rate, happy in (("es", 0.6, 0.85), ("en", 0.15, 0.55)):
            told = sum(drawn.random() < rate for _ in range(120))
            plan.append((language, 120, told, sum(drawn.random() < happy for _ in range(told))))
        [score] = responding(answers(plan), ALL, {}).scores
        held += score.low is not None and score.low <= 0.70 <= score.high

    assert held / runs > 0.88
