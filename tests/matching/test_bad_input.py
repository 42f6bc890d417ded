"""What is bad from outside has a defined answer: nobody there, somebody who vanishes, clocks that jump, a million who wait."""

from datetime import UTC, datetime, timedelta

import pytest

from matching.matchwork import Matchwork, an_agent
from rapport.matching.board import Board
from rapport.model.agent import Agent
from rapport.model.fact import CentreRemoved, OfferRevoked
from rapport.model.need import Need, Plan, Step

T = datetime(2026, 3, 3, tzinfo=UTC)


def test_with_no_agent_at_all_a_need_waits_and_is_put_to_the_first_who_comes():
    work = Matchwork()
    post = work.write("Hello")
    work.later(hours=2)
    before = work.asked(post)

    work.agents(an_agent("ann"))
    work.settle()

    assert (before, work.asked(post), work.row(Need, work.conversation_of(post).id).since) == ("", "ann", post.at)


def test_an_attribute_that_no_agent_has_holds_of_nobody_and_its_step_is_passed_over():
    work = Matchwork(an_agent("ann"))
    work.set("plan", "p", Plan("p", (Step(require="skils.wifi >= 0.5", seconds=60), Step())))

    post = work.write("Hello")

    assert (work.asked(post), work.offer_of(post).why.step) == ("ann", 1)


@pytest.mark.parametrize("level", ["high", ["a"], {"x": 1.0}, True])
def test_an_attribute_of_another_type_holds_of_nobody_and_breaks_nothing(level):
    work = Matchwork(an_agent("ann", grade=level), an_agent("ben", grade=3.0))
    work.set("plan", "p", Plan("p", (Step(require="grade >= 2"),)))

    assert work.asked(work.write("Hello")) == "ben"


def test_a_forbidden_combination_that_cannot_be_read_forbids_nothing():
    work = Matchwork(Agent("ann", presence="available", never=("need.language ==",), shift=("never ever",)))

    assert work.asked(work.write("Hello")) == "ann"


def test_who_vanishes_while_something_is_offered_to_them_loses_it_to_the_next():
    work = Matchwork(an_agent("ann", skills={"wifi": 0.9}), an_agent("ben"))
    post = work.write("The wifi is down")

    work.tell(CentreRemoved("agent", "ann"))
    refused = work.do("ann", "accept", post)

    assert (work.ever_asked(post), work.asked(post)) == (["ann", "ben"], "ben")
    assert work.last(OfferRevoked).agent == "ann"
    assert refused.reason == "This offer was made to somebody else."


@pytest.mark.parametrize("jump", [-86_400, -3_600, 86_400])
def test_when_the_clock_jumps_nobody_is_lost_and_limits_hold_by_the_new_time(jump):
    work = Matchwork(an_agent("ann", slots={"social": 3}))
    work.agents(Agent("ann", presence="available", slots={"social": 3}, max_occupancy=0.9, angry_per_hour=2))
    first = work.write("Hello", by="mastodon:@one@b.c")
    work.do("ann", "accept", first)

    work.rows.now += timedelta(seconds=jump)
    second = work.write("Hello", by="mastodon:@two@b.c")
    work.later(seconds=1)

    assert (work.has(first), work.asked(second)) == ("ann", "ann")


@pytest.mark.slow
def test_of_a_million_who_wait_the_first_of_a_line_are_taken_in_their_order_and_the_rest_stay():
    board, first = Board(), 777_777
    for nth in range(1_000_000):
        since = T + timedelta(seconds=-1 if nth == first else nth * 7919 % 86_400)
        board.seat(Need(nth.to_bytes(16, "big"), "p", since), ("line", nth % 50))

    taken = board.take(("line", first % 50), 512)

    assert taken[0][1] == first.to_bytes(16, "big")
    assert [turn for turn, _ in taken] == sorted(turn for turn, _ in taken)
    assert (len(taken), len(board.seats)) == (512, 999_488)
