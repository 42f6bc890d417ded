"""Handing over: with what was said, tried and promised; to colleagues, together with them, to be called, to another centre."""

from datetime import timedelta

import msgspec
import pytest

from rapport.conversations.stage import stage as conversations
from rapport.conversations.summarising import extract
from rapport.matching import stage as matching, view as matching_view
from rapport.model.agent import Agent
from rapport.model.agreement import Agreement, crossing
from rapport.model.attribute import Attribute
from rapport.model.centre import Centre, Profile
from rapport.model.conversation import Conversation
from rapport.model.fact import (
    ActionDone,
    ActionRefused,
    ConversationWoken,
    CrossingAnswered,
    HandedOver,
    MessageUnderstood,
    NeedRaised,
    OperationAsked,
    SendRefused,
    Words,
)
from rapport.model.interaction import Interaction
from rapport.model.message import Direction, Message, Reach
from rapport.model.person import Person
from rapport.model.reply import Outgoing
from rapport.model.statement import Handover, Summary
from rapport.people.stage import stage as people
from rapport.replies.asked_once import given_in
from rapport.replies.stage import stage as replies
from rapport.web.desk.sensitive import hidden_of, shown_of
from replies.test_check import find
from replies.test_replies_stage import fit
from stagework import START, VIEWS, Stagework, an_id, everything

TABLES = [Conversation, Handover, Message, Outgoing]


def told(text):
    return [(one.kind, one.value) for one in given_in(text, find(text))]


@pytest.fixture
def work() -> Stagework:
    understood = {MessageUnderstood: VIEWS[1][MessageUnderstood]}
    stages = people(), conversations(told), replies(fit, find), matching.stage()
    work = Stagework(*stages, views=(VIEWS[0], understood, *VIEWS[2:], matching_view.FOLDS))
    work.agents(Agent("bob", team="it"), Agent("eva", team="it"), Agent("lea", team="legal"), Agent("sue", role="supervisor"))
    return work


@pytest.fixture
def held(work) -> Conversation:
    found = work.conversation_of(work.hear("My wifi is down, order number A-77120", name="Ana", intent="wifi"))
    work.act("bob", "take", conversation=found.id)
    return work.row(Conversation, found.id)


def answer(work, held, text, agent="bob"):
    return work.act(agent, "reply", text, conversation=held.id)


def test_the_receiver_sees_what_was_said_tried_and_promised(work, held):
    answer(work, held, "We checked the line. A technician will come tomorrow.")
    work.act("bob", "transfer", conversation=held.id, argument="legal", reason="She is a lawyer")

    found = work.row(Handover, held.id)
    assert (found.by, found.to, found.how) == ("bob", "legal", "team")
    assert found.summary.said == ("My wifi is down, order number A-77120",)
    assert found.summary.tried == ("We checked the line.",)
    assert found.summary.promised == ("A technician will come tomorrow.",)
    assert found.summary.given == (("order", "A-77120"),)
    assert found.summary.note == "She is a lawyer"


def test_a_summary_is_sealed_for_the_person_and_stands_in_no_body(work, held):
    work.act("bob", "hand_over", conversation=held.id, argument="eva", reason="Be quick")

    (entry,) = [e for e in work.entries if isinstance(e.fact, HandedOver)]
    assert (entry.owner, entry.fact.how) == (held.handle, "agent")
    assert "A-77120" not in str(work.facts)


def test_a_bot_hands_over_with_a_summary(work):
    work.agents(Agent("robi", bot=True))
    found = work.conversation_of(work.hear("My internet is down", by="webchat:ana", reach=Reach.PRIVATE))
    work.accept("robi", found, bot=True)
    work.hear("A person please", by="webchat:ana", reach=Reach.PRIVATE, wants_person=True)

    handed = work.row(Handover, found.id)
    assert (handed.how, handed.by, handed.summary.said) == ("bot", "robi", ("My internet is down", "A person please"))


def test_nothing_is_said_that_nobody_wrote():
    assert extract([]) == Summary()


# ---- together


def test_two_write_in_one_conversation_and_one_leads(work, held):
    alone = answer(work, held, "I am Eva", agent="eva")
    work.act("bob", "join", conversation=held.id, argument="eva")
    together = answer(work, held, "I am Eva", agent="eva")
    work.act("bob", "lead", conversation=held.id, argument="eva")

    found = work.row(Conversation, held.id)
    assert (type(alone), type(together)) == (ActionRefused, ActionDone)
    assert (found.agent, found.beside) == ("eva", ("bob",))
    assert [i.agent for i in work.rows.all(Interaction) if i.ended_at is None] == ["eva"]
    assert isinstance(work.act("bob", "leave", conversation=held.id), ActionDone)


@pytest.mark.parametrize(
    ("agent", "do", "argument", "says"),
    [
        ("eva", "join", "", "not-yours: bob leads"),
        ("bob", "join", "nobody", "The centre has no agent nobody."),
        ("bob", "join", "bob", "bob is in this conversation already."),
        ("bob", "leave", "", "bob is not beside who leads"),
        ("bob", "lead", "lea", "lea is not in this conversation"),
    ],
)
def test_nobody_comes_in_unasked(work, held, agent, do, argument, says):
    assert work.act(agent, do, conversation=held.id, argument=argument).reason.startswith(says)


def test_a_senior_comes_in_by_themselves(work, held):
    assert isinstance(work.act("sue", "join", conversation=held.id), ActionDone)


# ---- call back


def test_who_is_to_be_called_waits_for_somebody_who_telephones_from_that_time_on(work, held):
    work.act("bob", "call_back", "+52 55 5550 0117", conversation=held.id, argument="2026-03-03T17:00:00+00:00")
    asleep = work.row(Conversation, held.id)
    work.later(hours=2)

    assert (asleep.state, asleep.agent, asleep.call_to) == ("snoozed", "", "+52 55 5550 0117")
    assert work.last(NeedRaised).slot == "voice"


def test_without_a_number_nobody_is_called(work, held):
    assert work.act("bob", "call_back", conversation=held.id).reason.startswith("A telephone number is needed")


# ---- to another centre

FIELDS = ("language", "intent", "words", "summary", "note", "reference")


def cross(work, held, **fields):
    work.set("agreement", "telco", Agreement("telco", "telco", **{"gives": True, "fields": FIELDS, **fields}))
    return work.act("bob", "hand_over", conversation=held.id, argument="agreement:telco", reason="Angry")


def test_exactly_the_agreed_fields_are_given_to_the_way(work, held):
    cross(work, held, fields=("intent", "words"))

    (part,) = work.rows.all(Outgoing)
    assert (part.op, part.account, part.channel) == ("cross", "telco", "crossing")
    assert msgspec.json.decode(part.text) == {"fields": {"intent": "wifi", "words": "My wifi is down, order number A-77120"}}


@pytest.mark.parametrize("hours", [1e300, -1.0])
def test_no_agreement_lets_a_conversation_sleep_for_ever(work, held, hours):
    assert isinstance(cross(work, held, hours=hours), ActionDone)

    assert work.now < work.row(Conversation, held.id).snoozed_until <= work.now + timedelta(days=90)


def test_meanwhile_it_sleeps_with_an_end_and_says_where_it_is(work, held):
    cross(work, held, hours=2)
    asleep = work.row(Conversation, held.id)
    work.later(hours=3)

    assert (asleep.state, asleep.agent, asleep.agreement) == ("snoozed", "", "telco")
    assert work.row(Conversation, held.id).state == "open"


def test_the_answer_comes_back_as_a_note_and_the_conversation_waits_for_its_own_people(work, held):
    cross(work, held)
    fields = {"conversation": held.id, "outgoing": work.only(Outgoing).id, "argument": "telco"}
    done = work.act("agreement:telco", "answer_back", "Port 14 was down", **fields)

    note = [m for m in work.rows.all(Message) if m.direction is Direction.NOTE][-1]
    assert isinstance(done, ActionDone)
    assert (note.text, note.author, work.last(CrossingAnswered).agreement) == ("Port 14 was down", "telco", "telco")
    assert (work.row(Conversation, held.id).state, work.row(Conversation, held.id).agreement) == ("open", "")
    assert everything(work.rebuilt(), TABLES) == everything(work.rows, TABLES)


@pytest.mark.parametrize(("agent", "argument"), [("bob", "telco"), ("agreement:other", "other"), ("agreement:other", "telco")])
def test_nobody_else_answers_in_the_name_of_the_other_centre(work, held, agent, argument):
    cross(work, held)
    fields = {"conversation": held.id, "outgoing": work.only(Outgoing).id, "argument": argument}

    assert isinstance(work.act(agent, "answer_back", "Hi", **fields), ActionRefused)


def test_what_the_other_centre_does_not_take_waits_here_again(work, held):
    cross(work, held)
    work.tell(SendRefused(work.only(Outgoing).id, 1), Words(reason="no such centre"), held.handle)

    assert work.all(ConversationWoken)
    assert (work.only(Outgoing).state, work.row(Conversation, held.id).state) == ("refused", "open")
    assert work.all(OperationAsked)[0].op == "cross"


@pytest.mark.parametrize("fields", [{"gives": False}, {"paused": True}])
def test_an_agreement_that_does_not_let_it_go_is_told(work, held, fields):
    assert isinstance(cross(work, held, **fields), ActionRefused)


MINE = Agreement("a", "theirs", gives=True, fields=("words", "note"))
THEIRS = Agreement("a", "mine", takes=True, fields=("words", "name"))


@pytest.mark.parametrize(
    ("theirs", "found"),
    [
        (THEIRS, ("words",)),
        (None, "has no agreement"),
        (msgspec.structs.replace(THEIRS, with_tenant="third"), "with another centre"),
        (msgspec.structs.replace(THEIRS, paused=True), "paused"),
        (msgspec.structs.replace(THEIRS, takes=False), "this way"),
    ],
)
def test_what_crosses_is_what_both_sides_name(theirs, found):
    fields = crossing(MINE, theirs, "mine", "theirs")

    assert fields == found or found in fields


# ---- clearance


def test_what_is_sensitive_is_shown_to_who_says_what_for(work, held):
    work.set("centre", "centre", Profile(sensitive=("diagnosis",)))
    see = {"conversation": held.id, "argument": "diagnosis"}

    assert isinstance(work.act("sue", "see", reason="She asked for her file", **see), ActionDone)
    assert isinstance(work.act("sue", "see", **see), ActionRefused)
    assert isinstance(work.act("sue", "see", reason="x", conversation=held.id, argument="loyalty"), ActionRefused)


def test_without_a_clearance_the_attribute_is_not_there():
    at = START
    person = Person(an_id("p"), attributes=(Attribute("diagnosis", "x", "s", at), Attribute("loyalty", "gold", "s", at)))
    centre = Centre(Profile(sensitive=("diagnosis",)))

    assert hidden_of(person, centre) == ("diagnosis",)
    assert [a.name for a in shown_of(person, centre).attributes] == ["loyalty"]
