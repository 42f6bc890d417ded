"""What is seen of a pair: its terms, its words, its switches, and what can never be seen."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from rapport.errors import BadInput
from rapport.matching.learning.features import (
    FEATURES,
    NAMES,
    STYLE,
    Columns,
    Pairs,
    comparative,
    design,
    reasons,
    see,
)
from rapport.matching.learning.model import best_guess, new_model
from rapport.matching.protected import category_of


def by_the_tenant(name):
    """The list of this tenant."""
    return "of the tenant" if name.split(".")[-1] == "religion" else ""


def columns(names=(), needs=((), ()), agents=((), ())):
    return Columns(tuple(names), np.array(needs, float), np.array(agents, float))


def the_pairs(**changes):
    """Two needs before two agents; nothing is known of them but what the test is about."""
    nothing = {name: columns() for name in ("skills", "interests", "background", "emotions", "style")}
    return Pairs(**(nothing | {"earlier": np.zeros((2, 2))} | changes))


def term(pairs, name, **more):
    return see(pairs, by_the_tenant, **more)[:, :, NAMES.index(name)]


def test_of_a_pair_of_whom_nothing_is_known_only_the_base_is_seen():
    assert see(the_pairs(), by_the_tenant).tolist() == [[[1.0] + [0.0] * (len(NAMES) - 1)] * 2] * 2


@pytest.mark.parametrize(("source", "name"), [("interests", "interests"), ("background", "background")])
def test_what_two_share_counts_in_full_from_two_on(source, name):
    shared = columns(("running", "jazz", "chess"), [[1, 1, 1], [0, 0, 1]], [[1, 1, 1], [0, 0, 1]])

    assert term(the_pairs(**{source: shared}), name).tolist() == [[1.0, 0.5], [0.5, 0.5]]


def test_a_skill_counts_by_its_level_and_by_how_much_it_is_asked_for():
    skills = columns(("wifi",), [[1.0], [0.5]], [[0.8], [0.0]])

    assert term(the_pairs(skills=skills), "skill").tolist() == [[0.8, 0.0], [0.4, 0.0]]


def test_an_agent_who_calms_anger_is_seen_where_there_is_anger():
    emotions = columns(("anger",), [[0.8], [0.0]], [[0.5], [-0.5]])

    assert term(the_pairs(emotions=emotions), "calming").tolist() == [[0.4, -0.4], [0.0, 0.0]]


@pytest.mark.parametrize("name", STYLE)
def test_two_of_one_style_are_seen_as_alike_and_two_of_opposite_styles_as_unlike(name):
    style = columns((name,), [[1.0], [-1.0]], [[1.0], [-1.0]])

    assert term(the_pairs(style=style), name).tolist() == [[1.0, -1.0], [-1.0, 1.0]]


def test_good_interactions_before_count_for_and_bad_ones_against():
    earlier = term(the_pairs(earlier=np.array([[2.0, -2.0], [0.0, 9.0]])), "earlier")

    assert earlier[0, 0] == pytest.approx(0.76, abs=0.01)
    assert earlier[0, 1] == -earlier[0, 0]
    assert earlier[1, 0] == 0.0 < earlier[0, 0] < earlier[1, 1] < 1.0


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_feature_that_is_switched_off_is_not_seen(name):
    one = columns(("a",), [[1.0], [1.0]], [[1.0], [1.0]])
    style = columns(STYLE, np.ones((2, 3)), np.ones((2, 3)))
    pairs = Pairs(one, one, one, one, style, np.ones((2, 2)))

    assert term(pairs, name).all()
    assert not term(pairs, name, off=(name,)).any()
    assert (see(pairs, by_the_tenant, off=(name,)) != 0).sum() == (see(pairs, by_the_tenant) != 0).sum() - 4


@pytest.mark.parametrize("name", ["base", "horoscope"])
def test_what_is_no_feature_cannot_be_switched_off(name):
    with pytest.raises(BadInput, match=name):
        see(the_pairs(), by_the_tenant, off=(name,))


@pytest.mark.parametrize("name", ["religion", "person.religion"])
@pytest.mark.parametrize("source", ["interests", "background", "emotions", "style"])
def test_a_protected_attribute_is_refused_wherever_it_stands(source, name):
    with pytest.raises(BadInput, match=f"{name}.*protected"):
        see(the_pairs(**{source: columns((name,), [[1], [1]], [[1], [1]])}), by_the_tenant)


@pytest.mark.parametrize("side", ["need_traits", "agent_traits"])
def test_a_protected_attribute_is_refused_as_a_trait_of_either_side(side):
    with pytest.raises(BadInput, match="religion"):
        see(the_pairs(**{side: ("tempo", "religion")}), by_the_tenant)


@pytest.mark.parametrize("name", ["person.age_group", "Religión", "sexualOrientation", "nacionalidad"])
def test_what_the_law_protects_is_refused_with_the_list_of_the_house(name):
    with pytest.raises(BadInput, match="protected"):
        see(the_pairs(interests=columns((name,), [[1], [1]], [[1], [1]])), category_of)


def test_what_is_protected_is_refused_though_its_feature_is_switched_off():
    with pytest.raises(BadInput, match="religion"):
        see(the_pairs(interests=columns(("religion",), [[1], [1]], [[1], [1]])), by_the_tenant, off=("interests",))


def test_a_skill_may_have_the_name_of_what_is_protected_since_it_is_what_somebody_can_do():
    assert term(the_pairs(skills=columns(("religion",), [[1], [0]], [[1], [0]])), "skill")[0, 0] == 1.0


def test_a_style_that_is_not_known_is_refused():
    with pytest.raises(BadInput, match="volume"):
        see(the_pairs(style=columns(("volume",), [[1], [1]], [[1], [1]])), by_the_tenant)


@given(arrays(float, (3, 4), elements=st.one_of(st.floats(0, 1), st.just(-np.inf))))
def test_comparative_values_keep_the_order_of_agents_and_sum_to_nothing(values):
    found = comparative(values)

    assert np.array_equal(np.isfinite(found), np.isfinite(values))
    assert np.where(np.isfinite(found), found, 0.0).sum(axis=1) == pytest.approx(np.zeros(3), abs=1e-9)
    assert all(list(found[row, np.argsort(values[row], kind="stable")]) == sorted(found[row]) for row in range(3))


def test_an_easy_need_does_not_go_before_a_hard_one_that_the_agent_helps_more():
    easy_then_hard = comparative(np.array([[0.9, 0.9], [0.6, 0.2]]))

    assert easy_then_hard[1, 0] > easy_then_hard[0, 0]


def test_every_term_has_words_in_both_languages_that_name_what_is_shared():
    shared = columns(("running", "jazz"), [[1, 0], [0, 0]], [[1, 1], [0, 0]])
    pairs = the_pairs(interests=shared, earlier=np.array([[1.0, 0.0], [0.0, 0.0]]))
    terms, weights = see(pairs, by_the_tenant), np.array([feature.centre for feature in FEATURES])

    assert [words for words, _ in reasons(pairs, terms, weights, 0, 0, "en")] == [
        "got on well before",
        "shares an interest: running",
    ]
    assert [words for words, _ in reasons(pairs, terms, weights, 0, 0, "es")] == [
        "ya se entendieron antes",
        "comparte un interés: running",
    ]
    assert reasons(pairs, terms, weights, 1, 1, "es") == []
    assert all(feature.es and feature.en and feature.es != feature.en for feature in FEATURES)


def test_the_model_of_all_features_expects_more_of_a_pair_that_shares_something():
    shared = columns(("running",), [[1], [0]], [[1], [0]])
    made = design()

    weights = best_guess(new_model(made, ("ana", "juan")))

    logits = see(the_pairs(interests=shared), by_the_tenant) @ weights.terms
    assert logits[0, 0] > logits[0, 1] == logits[1, 0] == 0.0
