"""A model as bytes: the same, to the bit, and anything else is refused."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, strategies as st

from matching.learning.learnwork import a_design
from rapport.errors import BadInput
from rapport.matching.learning.keeping import from_bytes, to_bytes, version
from rapport.matching.learning.model import learn, new_model


def taught(seed=1, outcomes=20):
    random = np.random.default_rng(seed)
    model = new_model(a_design(x=2, y=3), ("ana", "juan", "eva"), ("it", "it", "shop"))
    for _ in range(outcomes):
        learn(
            model,
            np.array([1.0, random.random()]),
            random.normal(size=2),
            random.normal(size=3),
            1,
            bool(random.random() < 0.6),
        )
    return model


def test_a_model_comes_back_to_the_bit():
    model = taught()

    again = from_bytes(to_bytes(model))

    assert to_bytes(again) == to_bytes(model)
    assert np.array_equal(again.cov, model.cov)
    assert (again.agents, again.teams, again.seen, again.evidence) == (model.agents, model.teams, 20, model.evidence)


def test_a_model_that_was_kept_learns_on_as_if_it_had_not_been():
    model = taught()
    again = from_bytes(to_bytes(model))

    for one in (model, again):
        learn(one, np.ones(2), np.ones(2), np.ones(3), 2, True)

    assert version(again) == version(model)


def test_the_version_is_the_same_for_the_same_outcomes_and_changes_with_each():
    assert version(taught()) == version(taught())
    assert len({version(taught(outcomes=count)) for count in range(5)}) == 5


@given(st.integers(0, 400))
def test_a_model_that_was_cut_short_is_refused(length):
    with pytest.raises(BadInput, match="train anew"):
        from_bytes(to_bytes(taught(outcomes=1))[:length])


def test_bytes_of_a_later_format_or_of_another_shape_are_refused():
    kept = msgspec.msgpack.decode(to_bytes(taught()))
    later = [2, *kept[1:]]
    narrow = [*kept[:-1], [numbers[:-8] for numbers in kept[-1]]]

    with pytest.raises(BadInput, match="format 2"):
        from_bytes(msgspec.msgpack.encode(later))
    with pytest.raises(BadInput, match="do not fit"):
        from_bytes(msgspec.msgpack.encode(narrow))
