"""What becomes of offers: accepted once, declined, expired, taken back; who goes, and what is passed on."""

from datetime import timedelta

import pytest

from matching.matchwork import MATCHED, Matchwork, an_agent
from rapport.matching import settling
from rapport.matching.explain import in_words
from rapport.model.agent import AgentNow, Presence
from rapport.model.conversation import Conversation, State
from rapport.model.fact import ActionDone, ActionRefused, CentreRemoved, NeedWithdrawn, OfferRevoked, PresenceChanged
from rapport.model.fact_signal import SignalsChanged
from rapport.model.interaction import Interaction
from rapport.model.need import Need, Offer, OfferState, Plan, Step
from rapport.model.signal import Signal, Signals
from stagework import everything


def test_an_accepted_offer_begins_an_interaction_and_nothing_waits_any_more():
    work = Matchwork(an_agent("ann"))
    post = work.write("Hello")
    work.later(seconds=12)

    done = work.do("ann", "accept", post)

    interaction = work.only(Interaction)
    assert isinstance(done, ActionDone)
    assert (work.has(post), interaction.agent, interaction.waited) == ("ann", "ann", 12.0)
    assert work.rows.count(Need) == 0


def test_an_offer_is_accepted_once_only():
    work = Matchwork(an_agent("ann"))
    offer = work.offer_of(work.write("Hello")).id

    first, second = work.act("ann", "accept", offer=offer), work.act("ann", "accept", offer=offer)

    assert isinstance(first, ActionDone)
    assert isinstance(second, ActionRefused)
    assert second.reason == "This offer was accepted already."


def test_an_offer_made_to_a_colleague_cannot_be_accepted():
    work = Matchwork(an_agent("ann"), an_agent("ben", presence="away"))
    post = work.write("Hello")

    assert work.do("ben", "accept", post) == ActionRefused(
        work.last(ActionRefused).action, "This offer was made to somebody else."
    )


def test_an_agent_with_one_offer_need_not_name_it():
    work = Matchwork(an_agent("ann"))
    post = work.write("Hello")

    work.act("ann", "accept")

    assert work.has(post) == "ann"


def test_a_declined_offer_goes_to_the_next_best_at_once():
    work = Matchwork(an_agent("ann", skills={"wifi": 0.9}), an_agent("ben", skills={"wifi": 0.8}))
    post = work.write("The wifi is down")

    work.do("ann", "decline", post)

    assert work.ever_asked(post) == ["ann", "ben"]


def test_an_offer_that_nobody_answers_expires_and_goes_to_the_next_best():
    work = Matchwork(an_agent("ann", skills={"wifi": 0.9}), an_agent("ben", skills={"wifi": 0.8}))
    post = work.write("The wifi is down")

    work.later(seconds=31)

    assert work.ever_asked(post) == ["ann", "ben"]
    assert isinstance(work.act("ann", "accept"), ActionRefused)


def test_who_lets_two_offers_pass_in_a_row_is_taken_to_be_away():
    work = Matchwork(an_agent("ann"))
    work.write("Hello", by="mastodon:@uno@b.c")
    work.later(seconds=31)
    work.write("Hello", by="mastodon:@dos@b.c")

    work.later(seconds=31)

    assert work.last(PresenceChanged) == PresenceChanged("ann", Presence.AWAY, "missed")


def test_who_declines_is_not_taken_to_be_away():
    work = Matchwork(an_agent("ann"))
    for n in range(3):
        work.do("ann", "decline", work.write("Hello", by=f"mastodon:@p{n}@b.c"))

    assert work.row(AgentNow, "ann").presence is Presence.AVAILABLE


def test_who_alone_declined_is_asked_once_more_after_a_while():
    work = Matchwork(an_agent("ann"))
    post = work.write("Hello")
    work.do("ann", "decline", post)
    at_once = work.ever_asked(post)

    work.later(seconds=61)

    assert (at_once, work.ever_asked(post)) == (["ann"], ["ann", "ann"])


def test_the_place_of_an_offer_is_free_again_when_it_has_ended():
    work = Matchwork(an_agent("ann", slots={"social": 1}))
    first = work.write("Hello", by="mastodon:@uno@b.c")
    second = work.write("Hello", by="mastodon:@dos@b.c")

    work.do("ann", "decline", first)

    assert work.asked(second) == "ann"
    assert work.row(AgentNow, "ann").held == {"social": 1}


def test_whoever_wraps_up_has_a_place_free():
    work = Matchwork(an_agent("ann", slots={"social": 1}))
    first = work.write("Hello", by="mastodon:@uno@b.c")
    second = work.write("Hello", by="mastodon:@dos@b.c")
    work.do("ann", "accept", first)

    work.do("ann", "wrap_up", first, argument="solved")

    assert work.asked(second) == "ann"


def test_the_open_offers_of_who_goes_away_go_to_others():
    work = Matchwork(an_agent("ann", skills={"wifi": 1.0}), an_agent("ben"))
    post = work.write("The wifi is down")

    work.act("ann", "go_away")

    assert work.ever_asked(post) == ["ann", "ben"]
    assert work.last(OfferRevoked).reason == "away"


def test_whom_an_agent_had_who_goes_offline_are_put_to_others():
    work = Matchwork(an_agent("ann", skills={"wifi": 1.0}), an_agent("ben"))
    post = work.write("The wifi is down")
    work.do("ann", "accept", post)

    work.act("ann", "go_offline")

    assert (work.has(post), work.asked(post)) == ("", "ben")
    assert work.only(Interaction).disposition == "went-offline"
    assert work.row(AgentNow, "ann").held == {}


def test_an_agent_who_is_removed_is_asked_nothing_more():
    work = Matchwork(an_agent("ann", skills={"wifi": 1.0}), an_agent("ben"))
    post = work.write("The wifi is down")

    work.tell(CentreRemoved("agent", "ann"))

    assert work.asked(post) == "ben"


def test_who_is_set_anew_keeps_their_presence():
    work = Matchwork(an_agent("ann"))
    work.act("ann", "go_away")

    work.agents(an_agent("ann", skills={"wifi": 1.0}))

    assert work.row(AgentNow, "ann").presence is Presence.AWAY


def test_a_conversation_is_taken_unasked_and_the_offer_to_a_colleague_taken_back():
    work = Matchwork(an_agent("ann", skills={"wifi": 1.0}), an_agent("ben"))
    post = work.write("The wifi is down")

    done = work.do("ben", "take", post)

    assert isinstance(done, ActionDone)
    assert work.has(post) == "ben"
    assert work.row(AgentNow, "ann").held == {}
    assert work.row(AgentNow, "ben").held == {"social": 1}


def test_what_a_colleague_has_cannot_be_taken():
    work = Matchwork(an_agent("ann"), an_agent("ben"))
    post = work.write("Hello")
    work.do("ann", "accept", post)

    assert work.do("ben", "take", post).reason == "ann has this conversation."


def test_a_transfer_to_an_agent_is_put_to_that_agent():
    work = Matchwork(an_agent("ann", skills={"wifi": 1.0}), an_agent("ben"), an_agent("cam", skills={"wifi": 0.9}))
    post = work.write("The wifi is down")
    work.do("ann", "accept", post)

    work.do("ann", "transfer", post, argument="ben")

    assert work.asked(post) == "ben"
    assert "transfer" in work.because(post)


def test_a_transfer_to_a_team_is_put_to_its_best_member():
    team = (an_agent("ben", team="money"), an_agent("bea", team="money", skills={"billing": 0.9}))
    work = Matchwork(an_agent("ann", skills={"billing": 1.0}), *team)
    post = work.write("My invoice is wrong")
    work.do("ann", "accept", post)

    work.do("ann", "transfer", post, argument="Money")

    assert work.asked(post) == "bea"


def test_a_transfer_to_whoever_fits_best_is_not_put_to_who_passed_it_on():
    work = Matchwork(an_agent("ann", skills={"wifi": 1.0}), an_agent("ben"))
    post = work.write("The wifi is down")
    work.do("ann", "accept", post)

    work.do("ann", "transfer", post)

    assert work.asked(post) == "ben"


def test_a_transfer_to_nobody_that_the_centre_knows_is_refused():
    work = Matchwork(an_agent("ann"))
    post = work.write("Hello")
    work.do("ann", "accept", post)

    assert work.do("ann", "transfer", post, argument="mars").reason == "The centre has no agent and no team mars."


def test_an_offer_is_taken_back_when_the_conversation_is_closed():
    work = Matchwork(an_agent("ann"))
    post = work.write("Hello")

    work.do("ann", "close", post, argument="spam")

    assert work.asked(post) == ""
    assert work.last(NeedWithdrawn).reason == "resolved"
    assert work.row(AgentNow, "ann").held == {}


def test_a_conversation_that_wakes_waits_again():
    work = Matchwork(an_agent("ann"))
    post = work.write("Hello")
    work.do("ann", "snooze", post, argument=(work.now + timedelta(hours=1)).isoformat())
    asleep = work.asked(post)

    work.later(hours=1, seconds=1)

    assert (asleep, work.asked(post)) == ("", "ann")


def test_a_further_message_of_a_conversation_that_an_agent_has_is_offered_to_nobody():
    work = Matchwork(an_agent("ann"), an_agent("ben"))
    work.do("ann", "accept", work.write("Hello"))

    again = work.write("Are you there?")

    assert work.has(again) == "ann"
    assert work.ever_asked(again) == ["ann"]


# ---- bots


def test_a_bot_goes_first_in_a_private_chat():
    work = Matchwork(an_agent("ann"), an_agent("robo", bot=True))

    question = work.chat("When do you open?")

    assert work.has(question) == "robo"
    assert work.conversation_of(question).state is State.PENDING


def test_a_bot_is_never_asked_in_public():
    work = Matchwork(an_agent("robo", bot=True))

    assert work.ever_asked(work.write("When do you open?")) == []


def test_who_asks_for_a_person_gets_a_person_at_the_first_ask():
    work = Matchwork(an_agent("ann"), an_agent("robo", bot=True))

    question = work.chat("Send me to a person", wants_person=True)

    assert work.ever_asked(question) == ["ann"]


def test_who_asks_a_bot_for_a_person_gets_one_and_never_the_bot_again():
    work = Matchwork(an_agent("ann"), an_agent("robo", bot=True))
    work.chat("When do you open?")

    question = work.chat("Quiero hablar con una persona", language="es", wants_person=True)
    work.do("ann", "decline", question)
    work.later(minutes=5)

    assert work.ever_asked(question)[:2] == ["robo", "ann"]
    assert "robo" not in work.ever_asked(question)[1:]
    assert work.only(Interaction).disposition == "handed-over"


def test_what_was_said_to_a_bot_and_may_ask_for_a_person_ends_its_work():
    work = Matchwork(an_agent("ann"), an_agent("robo", bot=True))
    question = work.chat("When do you open?")
    talk = work.conversation_of(question)
    sign = Signal("wants-person", "do people work there", question.id, work.now)

    work.tell(SignalsChanged(talk.id, talk.handle, ("wants-person",), (), question.id), Signals((sign,)), talk.handle)

    assert work.ever_asked(question) == ["robo", "ann"]
    assert work.only(Interaction).disposition == "handed-over"
    assert work.row(Conversation, talk.id).wants_person


@pytest.mark.parametrize("kind", ["safety", "vulnerable", "legal"])
def test_what_is_for_persons_ends_a_bot_s_work_and_a_bot_never_begins_with_it(kind):
    work = Matchwork(an_agent("ann"), an_agent("robo", bot=True))
    question = work.chat("When do you open?")
    talk = work.conversation_of(question)
    sign = Signal(kind, "my mother cannot see", question.id, work.now)

    work.tell(SignalsChanged(talk.id, talk.handle, (kind,), (), question.id), Signals((sign,)), talk.handle)
    work.do("ann", "decline", question)
    work.later(minutes=5)

    assert work.ever_asked(question)[:2] == ["robo", "ann"]
    assert "robo" not in work.ever_asked(question)[1:]


def test_what_is_said_of_leaving_stays_with_the_bot():
    work = Matchwork(an_agent("ann"), an_agent("robo", bot=True))
    question = work.chat("When do you open?")
    talk = work.conversation_of(question)
    sign = Signal("leaving", "I leave on Monday", question.id, work.now)

    work.tell(SignalsChanged(talk.id, talk.handle, ("leaving",), (), question.id), Signals((sign,)), talk.handle)

    assert work.ever_asked(question) == ["robo"]


def test_what_may_ask_for_a_person_changes_nothing_where_a_person_answers():
    work = Matchwork(an_agent("ann"), an_agent("ben"))
    post = work.write("Hello")
    work.do("ann", "accept", post)
    talk = work.conversation_of(post)
    sign = Signal("wants-person", "hello", post.id, work.now)

    work.tell(SignalsChanged(talk.id, talk.handle, ("wants-person",), (), post.id), Signals((sign,)), talk.handle)

    assert (work.has(post), work.rows.count(Need), work.row(Conversation, talk.id).wants_person) == ("ann", 0, False)


# ---- plans, explanations, replay


def test_a_plan_of_the_centre_widens_step_by_step():
    work = Matchwork(an_agent("ann", team="night"), an_agent("ben", presence="busy", team="gold"))
    steps = (Step(require='team == "gold"', seconds=20), Step(require='not team == "gold"'))
    work.set("plan", "gold", Plan("gold", steps, when='person.loyalty == "gold"'))
    work.declare("mastodon:@guest@example.social", loyalty="gold")

    post = work.write("Hello")
    at_first = work.asked(post)
    work.later(seconds=21)

    assert (at_first, work.asked(post)) == ("", "ann")
    assert work.offer_of(post).why.plan == "gold"


def test_a_step_without_seconds_lasts_until_nobody_present_could_serve_it():
    work = Matchwork(an_agent("ann"), an_agent("ben", presence="busy", team="gold"))
    work.set("plan", "p", Plan("p", (Step(require='team == "gold"'), Step())))
    post = work.write("Hello")
    work.later(hours=2)
    at_first = work.asked(post)

    work.act("ben", "go_away")

    assert (at_first, work.asked(post)) == ("", "ann")


def test_what_a_plan_prefers_decides_between_equals():
    work = Matchwork(an_agent("ann"), an_agent("ben", team="gold"))
    work.set("plan", "p", Plan("p", (Step(prefer={'team == "gold"': 1.0}),)))

    post = work.write("Hello")

    assert work.asked(post) == "ben"
    assert "prefer" in work.because(post)


def test_a_plan_that_does_not_speak_of_languages_keeps_to_them():
    work = Matchwork(an_agent("eve", languages=["en"]), an_agent("sol", languages=["es"], presence="busy"))
    work.set("plan", "p", Plan("p", (Step(),)))

    assert work.asked(work.write("Hola", language="es")) == ""


def test_an_explanation_says_how_many_each_filter_removed_and_who_came_next():
    work = Matchwork(
        an_agent("ann", languages=["en"], skills={"wifi": 0.9}),
        an_agent("ben", languages=["en"], skills={"wifi": 0.7}),
        an_agent("sol", languages=["es"]),
        an_agent("off", presence="offline"),
    )

    why = work.offer_of(work.write("The wifi is down")).why

    assert (why.considered, why.removed, why.others[0][0]) == (4, {"presence": 1, "languages": 1}, "ben")
    assert in_words(why, "en") == "good at wifi · speaks English · free now"
    assert in_words(why, "es") == "sabe de wifi · habla inglés · libre ahora"


def test_every_row_is_the_same_when_folded_again_from_zero():
    work = Matchwork(an_agent("ann", slots={"social": 2}), an_agent("ben"), an_agent("robo", bot=True))
    posts = [work.write("The wifi is down", by=f"mastodon:@p{n}@b.c") for n in range(4)]
    work.do(work.asked(posts[0]), "accept", posts[0])
    work.do(work.asked(posts[1]), "decline", posts[1])
    work.later(minutes=3)
    work.act("ann", "go_offline")

    assert everything(work.rebuilt(), MATCHED) == everything(work.rows, MATCHED)


def test_a_restarted_worker_goes_on_where_the_rows_stand():
    from rapport.ledger.views import Rows

    work = Matchwork(an_agent("ann", slots={"social": 1}))
    posts = [work.write("Hello", by=f"mastodon:@p{n}@b.c") for n in range(2)]
    rows = Rows(work.now)
    for table in {type(row) for kind in work.rows.changed.values() for row in kind.values() if row is not None}:
        for row in work.rows.all(table):
            rows.hold(row)
    work.rows = rows

    work.do("ann", "decline", posts[0])

    assert (work.asked(posts[0]), work.asked(posts[1])) == ("", "ann")


def a_centre_that_asks_several(*agents) -> Matchwork:
    work = Matchwork(*agents)
    work.set("plan", "both", Plan("both", (Step(),), offers=2))
    return work


def open_offers(work, post):
    conversation = work.conversation_of(post).id
    return {o.agent: o for o in work.rows.all(Offer) if o.conversation == conversation and o.state is OfferState.OPEN}


def test_a_plan_may_put_a_need_to_two_at_once_and_the_first_who_accepts_has_it():
    work = a_centre_that_asks_several(an_agent("ann"), an_agent("ben"), an_agent("cat"))
    post = work.write("Hello")
    asked = open_offers(work, post)

    work.do("ben", "accept", post, offer=asked["ben"].id)
    late = work.do("ann", "accept", post, offer=asked["ann"].id)

    assert (set(asked), work.has(post)) == ({"ann", "ben"}, "ben")
    assert (late.reason, open_offers(work, post)) == ("This offer was taken back.", {})
    assert work.row(AgentNow, "ann").held == {}


def test_who_declines_one_of_two_offers_leaves_the_other_open_and_nobody_further_is_asked():
    work = a_centre_that_asks_several(an_agent("ann"), an_agent("ben"), an_agent("cat"))
    post = work.write("Hello")

    work.do("ann", "decline", post, offer=open_offers(work, post)["ann"].id)

    assert set(open_offers(work, post)) == {"ben"}


def test_when_both_have_declined_the_next_two_are_asked():
    work = a_centre_that_asks_several(*[an_agent(name) for name in ("ann", "ben", "cat", "dan")])
    post = work.write("Hello")
    for agent, offer in open_offers(work, post).items():
        work.do(agent, "decline", post, offer=offer.id)

    assert set(open_offers(work, post)) == {"cat", "dan"}


def test_a_conversation_that_is_closed_takes_every_open_offer_back():
    work = a_centre_that_asks_several(an_agent("ann"), an_agent("ben"))
    post = work.write("Hello")

    work.do("ann", "close", post, argument="spam")

    assert open_offers(work, post) == {}
    assert {work.row(AgentNow, agent).held.get("social", 0) for agent in ("ann", "ben")} == {0}


def test_more_than_are_seated_in_one_round_are_left_for_the_next_which_is_asked_for(monkeypatch):
    monkeypatch.setattr(settling, "MOST_SEATED", 2)
    work = Matchwork()
    posts = [work.write("Hello", by=f"mastodon:@guest{n}@example.social") for n in range(5)]
    work.agents(an_agent("ann", slots={"social": 9}))
    left = [work.rows.unsettled]
    for _ in range(2):
        work.settle()
        left.append(work.rows.unsettled)

    assert left == [True, True, False]
    assert [work.asked(post) for post in posts] == ["ann"] * 5
