"""Limits: forbidden combinations, shifts, occupancy, angry conversations an hour, voice alone; each said in the explanation."""

from msgspec.structs import replace

from matching.matchwork import MATCHED, Matchwork, an_agent
from rapport.model.agent import AgentNow
from rapport.model.centre import Policy, Profile
from rapport.model.need import Need, Plan, Step
from stagework import everything

NO_FRENCH_CHAT = "need.language == 'fr' and need.kind == 'chat'"


def bounded(agent, **bounds):
    """An agent with bounds on what they are given."""
    return replace(agent, **bounds)


def removed(work: Matchwork, post) -> dict[str, int]:
    return work.offer_of(post).why.removed


# ---- forbidden combinations


def test_a_forbidden_combination_is_never_put_to_its_agent_and_the_rest_is():
    work = Matchwork(bounded(an_agent("ann", languages=["fr"]), never=(NO_FRENCH_CHAT,)))

    post, chat = work.write("Bonjour", language="fr"), work.chat("Bonjour", language="fr", by="webchat:b")

    assert (work.asked(post), work.asked(chat)) == ("ann", "")


def test_a_forbidden_combination_holds_for_a_team_on_some_channels():
    work = Matchwork(an_agent("ann", team="desk", languages=["fr"]), an_agent("ben", languages=["en"]))
    work.set("policy", "p", Policy("p", teams=("desk",), channels=("chat",), never=("need.language == 'fr'",)))

    post, chat = work.write("Bonjour", language="fr"), work.chat("Bonjour", language="fr", by="webchat:b")

    assert (work.asked(post), work.asked(chat)) == ("ann", "ben")
    assert removed(work, chat)["excluded"] == 1


def test_a_forbidden_combination_holds_against_a_colleague_who_passes_the_conversation_on():
    work = Matchwork(bounded(an_agent("ann"), never=("need.intent == 'refund'",)), an_agent("ben"), an_agent("cam"))
    post = work.write("My money back", intent="refund")
    work.do(work.asked(post), "accept", post)

    work.do(work.has(post), "transfer", post, argument="ann")

    assert work.asked(post) not in ("", "ann")


# ---- shifts


def test_who_is_present_outside_their_shift_is_not_asked_until_it_begins():
    work = Matchwork(bounded(an_agent("ann"), shift=("mon-fri 16:05-20:00",)))  # the rehearsed day is a Tuesday, 16:00
    post = work.write("Hello")
    before = work.asked(post)

    work.later(minutes=5)

    assert (before, work.asked(post)) == ("", "ann")


def test_a_shift_that_ends_takes_its_agent_out_and_the_explanation_says_so():
    work = Matchwork(bounded(an_agent("ann"), shift=("tue 09:00-16:30",)), an_agent("ben", presence="away"))
    work.later(minutes=31)
    first = work.write("Hello")
    asked = work.asked(first)

    work.act("ben", "go_online")

    assert (asked, work.asked(first)) == ("", "ben")
    assert removed(work, first)["shift"] == 1


def test_a_shift_is_in_the_zone_of_its_agent_and_else_of_the_centre():
    work = Matchwork(bounded(an_agent("ann"), shift=("daily 09:00-11:00",)))
    work.set("centre", "centre", Profile(zone="America/Mexico_City"))  # 10:00 there

    assert work.asked(work.write("Hello")) == "ann"


# ---- angry conversations an hour


def angry(work: Matchwork, nth: int):
    return work.write("The wifi is an outrage", emotion="anger", by=f"mastodon:@angry{nth}@b.c")


def test_who_had_their_share_of_angry_conversations_gets_calm_ones_alone():
    work = Matchwork(bounded(an_agent("ann", skills={"wifi": 0.9}), angry_per_hour=2), an_agent("ben"))

    asked = [work.asked(angry(work, nth)) for nth in range(3)]

    assert asked == ["ann", "ann", "ben"]
    assert work.asked(work.write("The wifi is down", by="mastodon:@calm@b.c")) == "ann"


def test_no_round_gives_more_than_the_share_though_many_come_at_once():
    work = Matchwork(bounded(an_agent("ann", presence="away", slots={"social": 9}), angry_per_hour=2))
    posts = [angry(work, nth) for nth in range(5)]

    work.act("ann", "go_online")

    assert [work.asked(post) for post in posts].count("ann") == 2


def test_an_angry_conversation_waits_for_its_agent_and_comes_when_the_hour_is_over():
    work = Matchwork(bounded(an_agent("ann", slots={"social": 9}), angry_per_hour=1))
    first = angry(work, 1)
    work.do("ann", "accept", first)
    second = angry(work, 2)

    work.later(minutes=59)
    before = work.asked(second)
    work.later(minutes=1)

    assert (before, work.asked(second)) == ("", "ann")


def test_an_angry_conversation_that_was_declined_does_not_count():
    work = Matchwork(bounded(an_agent("ann"), angry_per_hour=1))
    work.do("ann", "decline", angry(work, 1))

    assert work.asked(angry(work, 2)) == "ann"


def test_the_share_of_a_team_is_said_by_a_policy():
    work = Matchwork(an_agent("ann", team="care", skills={"wifi": 0.9}), an_agent("ben"))
    work.set("policy", "fair", Policy("fair", teams=("care",), angry_per_hour=1))
    work.do("ann", "accept", angry(work, 1))
    second = angry(work, 2)

    assert (work.asked(second), removed(work, second)["anger"]) == ("ben", 1)


# ---- occupancy


def test_who_was_occupied_beyond_their_limit_rests_until_it_eases():
    work = Matchwork(bounded(an_agent("ann", slots={"social": 1}), max_occupancy=0.5))
    first = work.write("Hello", by="mastodon:@one@b.c")
    work.do("ann", "accept", first)
    work.later(hours=1)  # at 1 - 1/e = 0.632 now; ln(0.632 / 0.5) of an hour, 14 minutes, until it is 0.5
    work.do("ann", "wrap_up", first, argument="solved")
    second = work.write("Hello", by="mastodon:@two@b.c")

    work.later(minutes=13)
    before = work.asked(second)
    work.later(seconds=80)

    assert (before, work.asked(second)) == ("", "ann")


# ---- voice


def test_who_speaks_on_the_phone_is_given_nothing_beside_it():
    work = Matchwork(an_agent("ann"))
    standing = standing_of(work)
    slots = standing.roster.slots
    free = standing.free()

    standing.take(free, 0, slots.index("voice"))

    assert free.sum() == 0


def test_who_chats_is_not_called_but_may_get_a_post():
    work = Matchwork(an_agent("ann"))
    work.chat("Hello")
    standing = standing_of(work)

    free = dict(zip(standing.roster.slots, standing.free()[0].tolist(), strict=True))

    assert free == {"voice": 0, "chat": 2, "social": 5, "email": 5, "sms": 5}


def standing_of(work: Matchwork):
    from rapport.matching.memory import remember

    return remember(work.rows).standing


# ---- how plans end


def test_where_nobody_of_the_centre_could_meet_the_last_step_anyone_is_asked():
    work = Matchwork(an_agent("ann"))
    work.set("plan", "p", Plan("p", (Step(require="team == 'nobody'"),)))

    assert work.asked(work.write("Hello")) == "ann"


def test_who_could_meet_the_last_step_but_is_away_is_waited_for():
    work = Matchwork(an_agent("ann"), an_agent("ben", team="it", presence="away"))
    work.set("plan", "p", Plan("p", (Step(require="team == 'it'"),)))

    assert work.asked(work.write("Hello")) == ""


def test_a_plan_may_wait_until_the_centre_has_somebody():
    work = Matchwork(an_agent("ann"))
    work.set("plan", "p", Plan("p", (Step(require="team == 'it'"),), ends="wait"))
    post = work.write("Hello")
    before = work.asked(post)

    work.agents(an_agent("ben", team="it"))
    work.settle()

    assert (before, work.asked(post)) == ("", "ben")


def test_who_knows_the_person_goes_first_by_a_step_of_the_plan_and_is_passed_over_where_they_are_away():
    steps = (Step(require="id in need.known", seconds=60), Step(require="skills.wifi >= 0.5"))
    work = Matchwork(an_agent("ann", skills={"wifi": 0.9}), an_agent("ben", slots={"social": 2}))
    work.set("plan", "p", Plan("p", steps))
    work.event("shop.visited", by="mastodon:@guest@example.social", assistant="ben")
    known = work.write("The wifi is down")

    work.act("ben", "go_offline")

    assert work.ever_asked(known) == ["ben", "ann"]


def test_a_requirement_of_a_plan_holds_even_for_who_knows_the_person():
    work = Matchwork(an_agent("ann", skills={"wifi": 0.9}), an_agent("ben"))
    work.set("plan", "p", Plan("p", (Step(require="skills.wifi >= 0.5"),)))
    work.event("shop.visited", by="mastodon:@guest@example.social", assistant="ben")

    assert work.asked(work.write("Hello")) == "ann"


def test_a_step_that_looks_at_the_clock_is_looked_at_anew_as_it_goes_on():
    work = Matchwork(an_agent("ann"))
    work.set("plan", "p", Plan("p", (Step(require="clock.time >= 1602", seconds=90, skip_if_nobody=False), Step())))
    post = work.write("Hello")
    before = work.asked(post)
    work.later(minutes=1)

    work.later(seconds=45)

    assert (before, work.asked(post)) == ("", "ann")


# ---- the record


def test_a_day_with_limits_is_rebuilt_the_same():
    work = Matchwork(
        bounded(an_agent("ann", slots={"social": 2}), angry_per_hour=1, max_occupancy=0.4, shift=("daily 16:10-22:00",)),
        bounded(an_agent("ben"), never=("need.emotion == 'anger'",)),
    )
    first = angry(work, 1)
    work.later(minutes=10)
    work.do("ann", "accept", first)
    work.later(minutes=40)
    second = angry(work, 2)
    work.do("ann", "wrap_up", first, argument="solved")
    work.later(minutes=5)

    assert (work.has(first), work.asked(second), work.rows.count(Need)) == ("", "", 1)
    assert work.row(AgentNow, "ann").occupancy > 0.2
    assert everything(work.rebuilt(), MATCHED) == everything(work.rows, MATCHED)
