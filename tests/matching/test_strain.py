"""Strain: occupancy by hand, angry conversations within the hour, and when each eases."""

from datetime import UTC, datetime, timedelta
from math import exp

import pytest
from hypothesis import given, strategies as st

from rapport.matching.strain import (
    HOUR,
    Limits,
    angry_left,
    eases_at,
    is_rested,
    limits_of,
    noted,
    occupancy_at,
    with_angry,
    without_angry,
)
from rapport.model.agent import Agent, AgentNow
from rapport.model.centre import Centre, Policy

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)


def test_who_holds_all_places_for_an_hour_is_at_one_minus_one_by_e():
    busy = AgentNow("ann", held={"voice": 1}, occupancy_at=NOW)

    assert occupancy_at(busy, 1, NOW + HOUR) == pytest.approx(1 - exp(-1))


def test_who_holds_half_of_their_places_comes_near_to_a_half():
    half = AgentNow("ann", held={"chat": 2}, occupancy_at=NOW)

    assert occupancy_at(half, 4, NOW + 10 * HOUR) == pytest.approx(0.5, abs=1e-4)


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(-7200, 7200)), max_size=20))
def test_occupancy_is_a_share_whatever_the_clock_does(changes):
    now, at = AgentNow("ann"), NOW
    for held, seconds in changes:
        at += timedelta(seconds=seconds)
        now = noted(now, 3, at)
        now = AgentNow("ann", held={"chat": held}, occupancy=now.occupancy, occupancy_at=now.occupancy_at)

    assert 0 <= occupancy_at(now, 3, at) <= 1


@given(st.floats(0.05, 0.95), st.floats(0.01, 1.0), st.integers(0, 3))
def test_occupancy_has_eased_when_it_is_said_to(limit, occupancy, held):
    limits = Limits(occupancy=limit, places=4)
    now = AgentNow("ann", held={"chat": held} if held else {}, occupancy=occupancy, occupancy_at=NOW)
    eases = eases_at(now, limits, NOW)

    assert (eases is None) == (is_rested(now, limits, NOW) or held / 4 >= limit)
    assert eases is None or is_rested(now, limits, eases)
    assert eases is None or not is_rested(now, limits, eases - timedelta(seconds=2)) or eases - NOW < timedelta(seconds=3)


def test_angry_conversations_count_for_an_hour():
    limits = Limits(angry=2)
    now = with_angry(with_angry(AgentNow("ann"), NOW), NOW + timedelta(minutes=10))

    assert angry_left(now, limits, NOW + timedelta(minutes=20)) == 0
    assert eases_at(now, limits, NOW + timedelta(minutes=20)) == NOW + HOUR
    assert angry_left(now, limits, NOW + HOUR) == 1


def test_one_that_came_to_nothing_counts_no_more():
    now = without_angry(with_angry(AgentNow("ann"), NOW), NOW)

    assert angry_left(now, Limits(angry=1), NOW) == 1


def test_ones_own_limits_go_before_the_strictest_of_ones_team():
    policies = {
        "a": Policy("a", teams=("care",), angry_per_hour=5, max_occupancy=0.9),
        "b": Policy("b", angry_per_hour=3),
        "c": Policy("c", teams=("other",), angry_per_hour=1, max_occupancy=0.1),
    }
    centre = Centre(policies=policies)

    team, own = limits_of(Agent("ann", team="care"), centre), limits_of(Agent("ben", team="care", angry_per_hour=9), centre)

    assert (team.angry, team.occupancy, own.angry) == (3, 0.9, 9)


def test_a_bot_is_never_tired():
    assert not limits_of(Agent("robo", bot=True, angry_per_hour=1, shift=("daily 09:00-10:00",)), Centre())
