"""Where many wait, a place that comes free goes to whom it is worth most to, of all; and nobody is passed over for ever."""

from datetime import timedelta

import pytest

from matching.matchwork import Matchwork, an_agent
from rapport.matching import gathering, settling
from rapport.matching.board import board_over
from rapport.matching.gathering import MANY
from rapport.matching.memory import remember
from rapport.model.centre import Profile
from rapport.model.need import Need, Offer, OfferState
from stagework import Stagework

FULL = {"social": 1}


class Crowded(Matchwork):
    """Posts are only heard, and settled when that is said: a crowd gathers in one round."""

    def tell(self, *args, **named):
        return Stagework.tell(self, *args, **named)


def a_crowd(*agents, count=MANY + 8):
    """A centre that is full and in which so many wait, a second apart; the posts, oldest first."""
    work = Crowded(*agents)
    posts = [post(work, number) for number in range(count)]
    work.settle()
    work.settle()
    return work, posts


def post(work, number, **read):
    work.rows.now += timedelta(seconds=1)
    return work.write("Hello", by=f"mastodon:@p{number}@b.c", **read)


def crowds(work):
    return list(remember(work.rows).crowds.values())


def free_all(work):
    """Whoever was offered something declines; who declined something is asked nothing of it again."""
    for offer in [offer for offer in work.rows.all(Offer) if offer.state is OfferState.OPEN]:
        work.act(offer.agent, "decline", conversation=offer.conversation)


def test_a_place_goes_to_whom_it_is_worth_most_to_however_many_stand_before_them():
    work, _ = a_crowd(an_agent("ann", slots=FULL))
    work.event("visit", by="mastodon:@friend@b.c", host="Ann")
    work.rows.now += timedelta(seconds=1)
    last = work.write("Hello", by="mastodon:@friend@b.c")
    work.settle()

    free_all(work)
    work.settle()

    assert work.asked(last) == "ann"
    assert "visit" in work.because(last)


def test_of_those_who_are_alike_the_oldest_is_served_first_and_the_urgent_before():
    work, posts = a_crowd(an_agent("ann", slots=FULL))
    work.rows.now += timedelta(seconds=1)
    urgent = work.write("Hello", by="mastodon:@u@b.c", urgency=0.9)
    work.settle()

    free_all(work)
    work.settle()
    first = work.asked(urgent)
    free_all(work)
    work.settle()

    assert (first, work.asked(posts[1])) == ("ann", "ann")


def test_whoever_waits_long_enough_is_served_before_somebody_whom_the_agent_suits_better():
    work, posts = a_crowd(an_agent("ann", slots=FULL))
    work.act("ann", "go_busy")
    free_all(work)
    work.rows.now += timedelta(hours=2)
    work.event("visit", by="mastodon:@friend@b.c", host="Ann")
    last = work.write("Hello", by="mastodon:@friend@b.c")
    work.settle()

    work.act("ann", "go_online")
    work.settle()

    assert (work.asked(last), work.asked(posts[1])) == ("", "ann")


def test_who_leaves_a_crowd_is_asked_for_nothing_and_the_place_is_anothers():
    work, posts = a_crowd(an_agent("ann", slots=FULL))
    for gone in posts[1:5]:
        work.act("ann", "close", conversation=work.conversation_of(gone).id)
    work.settle()

    free_all(work)
    work.settle()

    assert work.asked(posts[5]) == "ann"


def test_who_comes_to_a_crowd_is_asked_at_once_though_nobody_in_the_market_lists_them():
    work, _ = a_crowd(an_agent("ann", slots=FULL))

    work.agents(an_agent("ben", slots=FULL))
    work.settle()

    asked = [offer.agent for offer in work.rows.all(Offer) if offer.state is OfferState.OPEN]
    assert sorted(asked) == ["ann", "ben"]


def test_a_place_goes_to_somebody_else_where_those_it_is_called_for_must_be_put_to_others_since_these_came():
    work = Crowded(
        an_agent("ann", slots=FULL, languages=["en"]),
        an_agent("ben", slots=FULL, languages=["fr"], presence="offline"),
    )
    for number in range(MANY + 8):
        post(work, number, language="fr")
    work.settle()
    work.act("ann", "go_busy")
    free_all(work)
    work.rows.now += timedelta(hours=2)
    english = post(work, MANY + 8)
    work.settle()

    work.act("ben", "go_busy")
    work.act("ann", "go_online")
    work.settle()

    assert work.asked(english) == "ann"


def test_a_crowd_of_whom_each_asks_something_else_is_seated_in_several_rounds(monkeypatch):
    monkeypatch.setattr(settling, "MOST_ASKED", 4)
    work = Crowded(*(an_agent(f"a{number}") for number in range(8)))
    for number in range(8):
        need = work.conversation_of(post(work, number)).id
        work.rows.change(Need, need, declined_by=(f"a{number}",))
        board_over(work.rows).need_changed(need)
    rounds = 0

    while not rounds or work.rows.unsettled:
        work.settle()
        rounds += 1

    assert (rounds, len(list(work.rows.all(Offer)))) == (2, 8)


def test_after_somebody_came_all_are_listed_anew_a_slice_in_each_round():
    work, _ = a_crowd(an_agent("ann", slots=FULL), an_agent("ben", slots=FULL, presence="away"))
    work.act("ben", "go_online")
    rounds = MANY // gathering.SLICE + 2

    for _ in range(rounds):
        work.settle()

    (crowd,) = crowds(work)
    market = crowd.market
    listed = {int(slot) for number in crowd.waiting for slot in market.graph.slots[number, : market.graph.degree[number]]}
    assert (crowd.outdated, listed) == (0, {0, 1})


def test_no_market_is_kept_where_few_wait_and_it_is_given_up_when_they_have_been_served():
    work, posts = a_crowd(an_agent("ann", slots=FULL), count=MANY // 2)
    few = crowds(work)
    more = [post(work, number) for number in range(2 * MANY, 2 * MANY + MANY // 2 + 8)]
    work.settle()
    many = crowds(work)

    for gone in (posts + more)[1 : len(posts) + 16]:
        work.act("ann", "close", conversation=work.conversation_of(gone).id)
    work.settle()

    assert (few, len(many), crowds(work)) == ([], 1, [])


@pytest.mark.parametrize("mode", ["plain", "patient"])
def test_a_crowd_is_called_only_where_the_best_is_looked_for(mode):
    work, _ = a_crowd(an_agent("ann", slots=FULL), count=8)
    work.set("centre", "centre", Profile(matching=mode))
    for number in range(100, 108 + MANY):
        post(work, number)

    work.settle()

    assert crowds(work) == []


def test_everybody_in_a_crowd_is_served_once_when_places_come_for_all():
    work, _ = a_crowd(an_agent("ann", slots={"social": 400}), an_agent("ben", slots=FULL))

    work.agents(an_agent("cam", slots={"social": 2 * MANY}))
    work.settle()

    offers = [offer.conversation for offer in work.rows.all(Offer) if offer.state is OfferState.OPEN]
    assert sorted(offers) == sorted(need.id for need in work.rows.all(Need))
