"""Which state of a conversation may follow which."""

import pytest
from hypothesis import given, strategies as st

from rapport.conversations.lifecycle import FOLLOWS, may_follow, moved
from rapport.model.conversation import State

STATES = st.sampled_from(State)


def test_every_state_has_its_followers_and_can_be_left():
    assert set(FOLLOWS) == set(State)
    assert all(FOLLOWS.values())


@pytest.mark.parametrize(("after", "state"), [(State.RESOLVED, State.SNOOZED)])
def test_what_is_done_cannot_be_put_to_sleep(after, state):
    assert not may_follow(state, after)


def test_every_state_can_be_resolved_and_what_is_resolved_can_be_opened():
    assert all(may_follow(State.RESOLVED, state) for state in State)
    assert may_follow(State.OPEN, State.RESOLVED)


@given(STATES, STATES)
def test_a_conversation_only_moves_where_it_may(before, to):
    after = moved(before, to)

    assert after is before or after in FOLLOWS[before]
    assert may_follow(after, before)
