"""Who is free and who is better: a centre that is patient lets both wait where that is likely to pay, and never for long."""

from collections import Counter

import pytest

from matching.matchwork import Matchwork, an_agent
from rapport.model.centre import Profile
from rapport.model.fact import NeedHeld
from rapport.model.need import Plan, Step

ANYONE = Plan("anyone", (Step(require="languages has need.language"),), ends="wait")
WIFI = "The wifi in my room drops"


def a_centre(*agents, matching="patient", **profile) -> Matchwork:
    work = Matchwork(*agents)
    work.set("centre", "centre", Profile(name="Hotel", matching=matching, **profile))
    work.set("plan", "anyone", ANYONE)
    return work


def the_experts_are_busy(work, *experts):
    """Each expert has a conversation that fills their one place."""
    taken = []
    for n, expert in enumerate(experts):
        post = work.write(WIFI, by=f"mastodon:@first{n}@example.social")
        assert work.asked(post) == expert
        work.do(expert, "accept", post, offer=work.offer_of(post).id)
        taken.append(post)
    return taken


def answered_at_once(work, guest):
    """The offer of a message that is accepted and done with before the next one comes."""
    post = work.write("Hello", by=guest)
    offer = work.offer_of(post)
    work.do(offer.agent, "accept", post, offer=offer.id)
    work.do(offer.agent, "close", post)
    work.later(minutes=5)
    return offer


def an_expert(id):
    return an_agent(id, slots={"social": 1}, languages=["en"], skills={"wifi": 1.0})


def a_novice(id="ned"):
    return an_agent(id, slots={"social": 3}, languages=["en"])


def test_a_need_waits_for_the_better_agent_where_many_are_about_to_come_free():
    experts = [f"eve{n:02}" for n in range(6)]
    work = a_centre(*map(an_expert, experts), a_novice())
    first, *_ = the_experts_are_busy(work, *experts)
    post = work.write(WIFI)
    held = work.last(NeedHeld)

    assert work.asked(post) == ""
    assert (held.agent, held.hope > held.likely) == ("ned", True)

    work.do("eve00", "close", first)

    assert work.asked(post) == "eve00"
    why = work.offer_of(post).why
    assert (why.mode, why.surplus > 0, why.propensity) == ("patient", True, 1.0)


def test_a_centre_that_is_not_patient_puts_it_to_whoever_is_free():
    experts = [f"eve{n:02}" for n in range(6)]
    work = a_centre(*map(an_expert, experts), a_novice(), matching="best")
    the_experts_are_busy(work, *experts)

    assert work.asked(work.write(WIFI)) == "ned"


def test_nobody_waits_beyond_the_hard_limit_whatever_they_could_hope_for():
    experts = [f"eve{n:02}" for n in range(40)]
    work = a_centre(*map(an_expert, experts), a_novice())
    the_experts_are_busy(work, *experts)
    post = work.write(WIFI)
    held = work.asked(post)

    work.later(minutes=10, seconds=1)

    assert (held, work.asked(post)) == ("", "ned")


def test_a_need_that_is_held_is_looked_at_again_by_itself_and_seldom():
    experts = [f"eve{n:02}" for n in range(40)]
    work = a_centre(*map(an_expert, experts), a_novice())
    the_experts_are_busy(work, *experts)
    post = work.write(WIFI)

    work.later(minutes=9)

    assert work.asked(post) == "" or work.ever_asked(post)
    assert 2 <= len(work.all(NeedHeld)) <= 20


def test_in_overload_nobody_is_held_back():
    work = a_centre(an_expert("eve"))
    posts = [work.write(WIFI, by=f"mastodon:@guest{n}@example.social") for n in range(5)]

    assert [work.asked(post) for post in posts] == ["eve", "", "", "", ""]
    assert work.all(NeedHeld) == []


def test_where_nothing_is_known_of_anybody_nobody_waits():
    work = a_centre(*[an_agent(f"a{n}", slots={"social": 1}, languages=["en"]) for n in range(3)])
    posts = [work.write("Hello", by=f"mastodon:@guest{n}@example.social") for n in range(3)]

    assert all(work.asked(post) for post in posts)


def test_agents_who_hold_many_at_once_are_not_saved_for_later_while_they_have_room():
    work = a_centre(*[an_agent(f"a{n}", slots={"social": 50}, languages=["en"]) for n in range(3)])
    asked = []
    for n in range(120):
        post = work.write("Hello", by=f"mastodon:@guest{n}@example.social")
        asked.append(work.asked(post))
        work.do(asked[-1], "accept", post, offer=work.offer_of(post).id)
        work.later(seconds=20)
        work.do(asked[-1], "close", post)

    assert all(asked)


def test_an_agent_with_room_for_several_is_given_several():
    work = a_centre(a_novice())
    posts = [work.write(WIFI, by=f"mastodon:@guest{n}@example.social") for n in range(3)]

    assert [work.asked(post) for post in posts] == ["ned"] * 3


def test_the_kill_switch_gives_the_longest_waiting_to_the_longest_idle():
    work = a_centre(an_agent("ann", languages=["en"]), matching="plain")
    work.later(minutes=5)
    work.agents(an_expert("eve"))

    post = work.write(WIFI)

    assert (work.asked(post), work.offer_of(post).why.mode) == ("ann", "plain")


def test_among_near_ties_the_agent_is_drawn_with_a_probability_that_is_on_record():
    work = a_centre(*[an_agent(f"a{n}", slots={"social": 90}, languages=["en"]) for n in range(4)], explored=0.05)
    seen = [work.offer_of(work.write("Hello", by=f"mastodon:@guest{n}@example.social")).why for n in range(80)]

    assert all(0.0 < why.propensity < 1.0 for why in seen)
    assert any(why.drawn for why in seen)


def test_of_several_who_are_alike_each_is_asked_as_often_as_the_record_says():
    work = a_centre(*[an_agent(f"a{n}", slots={"social": 5}, languages=["en"]) for n in range(4)], explored=0.05)
    seen = [answered_at_once(work, f"mastodon:@guest{n}@example.social") for n in range(200)]
    asked = Counter(offer.agent for offer in seen)

    assert all(30 <= asked[f"a{n}"] <= 70 for n in range(4))
    assert {offer.why.propensity for offer in seen} == {0.25}


def test_a_centre_without_chance_takes_the_first_of_several_who_are_alike():
    work = a_centre(*[an_agent(f"a{n}", slots={"social": 900}, languages=["en"]) for n in range(4)])

    assert work.asked(work.write("Hello")) == "a0"


def test_the_same_day_again_gives_the_same_offers():
    def a_day():
        work = a_centre(*map(an_expert, ["eve00", "eve01"]), a_novice(), explored=0.05)
        posts = [work.write(WIFI, by=f"mastodon:@guest{n}@example.social") for n in range(6)]
        work.later(minutes=5)
        return [work.ever_asked(post) for post in posts]

    assert a_day() == a_day()


@pytest.mark.parametrize("matching", ["patient", "plain"])
def test_who_may_not_be_asked_is_asked_by_no_mode(matching):
    work = a_centre(an_agent("fay", languages=["fr"]), matching=matching)

    assert work.asked(work.write(WIFI)) == ""
