"""Adherence: the share of a shift so far in which its agent was there, over pauses, before it began, and after it ended."""

from datetime import UTC, datetime, timedelta

import pytest

from rapport.matching.duty.turns import Turn
from rapport.model.agent import AgentNow, Presence
from rapport.model.presence_was import PresenceWas
from rapport.web.workforce.adherence import adherence_of, spells_of, with_now

pytestmark = pytest.mark.pure
NINE = datetime(2026, 3, 3, 9, tzinfo=UTC)
TURN = Turn("ana", NINE.date(), 540, 1020, NINE, NINE + timedelta(hours=8))


def stood(*changes):
    return [PresenceWas(bytes([n]) * 16, "ana", what, NINE + timedelta(minutes=at)) for n, (at, what) in enumerate(changes)]


def seen(now, *changes):
    at = NINE + timedelta(minutes=now)
    return adherence_of(TURN, "Ana", spells_of(stood(*changes), at).get("ana", []), at)


def test_a_late_beginning_and_a_pause_are_missing():
    found = seen(120, (30, "available"), (60, "away"), (90, "busy"))

    assert (found.share, found.minutes, found.missing) == (pytest.approx(0.5), 60, False)
    assert found.spells == ((18.75, 18.75), (56.25, 18.75)) or found.spells == ((18.8, 18.8), (56.2, 18.8))


def test_who_was_there_before_counts_from_the_beginning_and_who_went_is_missing():
    found = seen(60, (-30, "available"), (45, "offline"))

    assert (found.share, found.missing) == (pytest.approx(0.75), True)


def test_before_a_shift_nothing_is_said_and_after_it_nobody_is_missing():
    assert seen(-10, (-30, "available")).share is None
    assert not seen(600, (0, "available"), (480, "offline")).missing
    assert seen(600, (0, "available"), (480, "offline")).share == 1.0


def test_who_is_there_since_long_ago_or_since_they_were_set_up_counts_by_how_they_stand_now():
    before = stood((30, "away"))
    now = [AgentNow("ana", Presence.AVAILABLE, NINE + timedelta(minutes=60)), AgentNow("ben", Presence.BUSY, NINE)]
    rows = with_now(before, [*now, AgentNow("cas")])

    assert [(row.agent, row.presence) for row in rows] == [("ben", "busy"), ("ana", "away"), ("ana", "available")]
    assert with_now(rows, now) == rows


def test_who_never_came_was_there_for_nothing():
    assert (seen(60).share, seen(60).missing) == (0.0, True)
