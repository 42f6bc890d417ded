"""Who somebody is, and what they do that teaches us about them."""

from datetime import timedelta

import pytest

from rapport.model.agent import Agent
from rapport.model.centre import Signal
from rapport.model.fact import (
    AttributeCorrected,
    AttributeLearnt,
    PersonData,
    PersonHeld,
    PersonRecognised,
    PersonsAlike,
    PersonsMerged,
    Words,
)
from rapport.model.message import Message
from rapport.model.person import Handle, Hold, JourneyEvent, Person, PersonEvents
from rapport.people.stage import stage
from stagework import Stagework, an_id, everything

ANA = "mastodon:@ana@example.social"


@pytest.fixture
def work() -> Stagework:
    return Stagework(stage())


def the_person(work: Stagework, handle: str = ANA) -> Person:
    return work.row(Person, work.row(Handle, an_id(handle)).person)


def attributes(work: Stagework, handle: str = ANA) -> dict[str, object]:
    return {a.name: a.value for a in the_person(work, handle).attributes}


def test_the_first_message_of_a_handle_makes_a_person_and_the_second_finds_them(work):
    work.hear(name="Ana")
    work.hear()

    first, second = work.all(PersonRecognised)
    assert (first.is_new, second.is_new) == (True, False)
    assert first.person == second.person
    assert (the_person(work).name, the_person(work).messages) == ("Ana", 2)


def test_a_person_is_called_by_their_handle_until_a_name_is_known(work):
    work.hear()
    before = the_person(work).name
    work.hear(name="Ana López")

    assert (before, the_person(work).name) == ("@ana@example.social", "Ana López")


def test_the_latest_language_that_is_known_is_the_persons(work):
    work.hear(language="es")
    work.hear("ok", language="")

    assert the_person(work).language == "es"


def test_handles_that_are_declared_together_are_one_person(work):
    work.hear(by=ANA)
    work.declare(ANA, "email:ana@example.org", name="Ana López", loyalty="gold")
    work.hear(by="email:ana@example.org")

    assert the_person(work, "email:ana@example.org").id == the_person(work).id
    assert attributes(work)["loyalty"] == "gold"
    assert (the_person(work).name, the_person(work).messages) == ("Ana López", 2)


def test_what_a_person_withdrew_or_said_of_themselves_stands_against_a_department_and_through_a_merge(work):
    other = "email:ana@example.org"
    work.declare(ANA, name="Ana", city="Lima", tier="gold", hobbies=["golf"])
    work.declare(other, name="Ana", city="Quito", tier="iron", hobbies=["chess"])
    ana, mail = the_person(work).id, the_person(work, other).id
    for name, value in (("city", "Puebla"), ("hobbies", ["yoga"])):
        work.tell(AttributeCorrected(ana, name), PersonData(attributes={name: value}), an_id(ANA))
    work.tell(AttributeCorrected(ana, "tier", withdrawn=True), PersonData(), an_id(ANA))
    said = {"city": "Puebla", "hobbies": ["yoga"]}

    work.declare(ANA, city="Cusco", tier="silver", hobbies=["tennis"])
    assert attributes(work) == said

    work.later(hours=1)
    work.declare(other, city="Bogotá", hobbies=["opera"])
    for one, into in ((ana, mail), (mail, ana)):
        work.tell(PersonsMerged(one, into))
        assert attributes(work) == attributes(work, other) == said
        work.tell(PersonsMerged(one, into, undone=True))
    assert attributes(work, other) == {"city": "Bogotá", "tier": "iron", "hobbies": ["opera"]}


def test_who_was_held_apart_is_not_made_one_again_through_another_of_the_family(work):
    first, second, other = "email:ana@example.org", "email:anita@example.org", "mastodon:@aq@example.social"
    for handle in (first, second, other):
        work.declare(handle, name="Ana Quintero")
    ana, anita, third = (the_person(work, handle).id for handle in (first, second, other))
    work.tell(PersonsMerged(anita, ana, "ben"))
    work.tell(PersonsAlike(ana, third, 0.5, ("linked",), "apart", "ben"))
    known = len(work.all(PersonsMerged)), len(work.all(PersonsAlike))

    work.declare(other, name="Ana Quintero", email="anita@example.org", birth_date="1980-02-03")

    assert (len(work.all(PersonsMerged)), len(work.all(PersonsAlike))) == known
    assert the_person(work, other).family == ()


def test_a_legal_hold_is_lifted_for_all_who_are_one(work):
    work.declare(ANA)
    work.declare("email:ana@example.org")
    ana, other = the_person(work).id, the_person(work, "email:ana@example.org").id
    work.tell(PersonHeld(other, "law"), Words("case 12/2026"), an_id(ANA))
    work.tell(PersonsMerged(other, ana, "ben"))

    work.tell(PersonHeld(ana, "law", lifted=True))

    assert work.row(Hold, other).lifted_at == work.now


def test_a_person_declared_before_they_write_is_known_when_they_do(work):
    work.declare(ANA, name="Ana")
    work.hear()

    assert not work.last(PersonRecognised).is_new


def test_two_persons_who_turn_out_to_be_one_keep_both_journeys(work):
    work.event("shop.visited", by=ANA)
    work.event("bank.called", by="sms:+525512345678")
    work.declare(ANA, "sms:+525512345678")

    events = work.row(PersonEvents, the_person(work).id).events
    assert {e.kind for e in events} == {"shop.visited", "bank.called"}
    assert {e.person for e in events} == {the_person(work).id}


def test_an_event_of_somebody_who_never_wrote_is_kept_with_the_name_it_came_by(work):
    work.event("shop.visited", by="sms:+525512345678")

    assert work.row(Handle, an_id("sms:+525512345678")).name == "sms:+525512345678"
    assert work.only(JourneyEvent).person == the_person(work, "sms:+525512345678").id


def test_what_was_told_of_somebody_before_anybody_knew_them_stands_in_their_journey_when_they_write(work):
    work.event("shop.visited", by="sms:+525512345678", ago=timedelta(days=2))
    work.hear("Hello", by="sms:+525512345678")

    person = the_person(work, "sms:+525512345678")
    assert (person.messages, [event.kind for event in work.row(PersonEvents, person.id).events]) == (1, ["shop.visited"])


def test_the_newest_twenty_events_are_at_hand_whatever_order_they_come_in(work):
    for day in (*range(12, 24), *range(12)):
        work.event("shop.visited", ago=timedelta(days=day), day=day)

    assert [e.data["day"] for e in work.only(PersonEvents).events] == list(range(20))


@pytest.mark.parametrize(
    "data",
    [
        {"topic": "spending"},
        {"text": "how much did I spend on restaurants?"},
        {"text": "¿Cuánto llevo gastado este mes?"},
        {"pregunta": "¿Cómo puedo ahorrar?"},
    ],
)
def test_five_questions_about_spending_are_a_strong_sign_of_money_management(work, data):
    for day in range(5):
        work.event("bank.question", ago=timedelta(days=day), **data)

    # 1 - 0.65 ** 5
    assert attributes(work)["topics"]["money-management"] == pytest.approx(0.884, abs=0.001)


def test_five_earlier_messages_about_spending_say_the_same_as_five_events(work):
    for text in (
        "How much did I spend in March?",
        "what is my biggest expense",
        "can I set a budget",
        "spending by category please",
        "how are my savings",
    ):
        work.hear(text)

    assert attributes(work)["topics"]["money-management"] > 0.85


def test_one_question_says_little(work):
    work.event("bank.question", topic="spending")

    assert attributes(work)["topics"]["money-management"] == pytest.approx(0.35)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("club.signed_up", {"race": "City 5K"}),
        ("evento.inscripcion", {"nombre": "Carrera de la Ciudad"}),
        ("race.registered", {}),
        ("crm.note", {"interest": "running"}),
    ],
)
def test_who_signs_up_for_a_race_is_interested_in_running(work, kind, data):
    work.event(kind, **data)

    assert attributes(work)["interests"] == ["running"]


@pytest.mark.parametrize("text", ["Just signed up for my first 5K!", "Me inscribí al medio maratón"])
def test_a_message_about_a_race_says_it_too(work, text):
    work.hear(text)

    assert attributes(work)["interests"] == ["running"]


def test_a_sign_up_that_was_cancelled_teaches_nothing(work):
    work.event("race.cancelled", race="City 5K")

    assert work.all(AttributeLearnt) == []


def test_ordinary_words_teach_nothing(work):
    work.hear("The wifi in my room is running slow, please send somebody")

    assert work.all(AttributeLearnt) == []


def test_an_agent_named_in_an_event_has_worked_with_the_person(work):
    work.agents(Agent("rosa", name="Rosa Díaz"), "tom")
    work.event("care.visit", nurse="Rosa Díaz")

    assert the_person(work).agents == ("rosa",)


def test_who_took_a_conversation_has_worked_with_the_person_latest_first():
    from rapport.conversations.stage import stage as conversations

    work = Stagework(stage(), conversations())
    conversation = work.conversation_of(work.hear())
    work.accept("ana", conversation)
    work.accept("ben", conversation)
    work.accept("robot", conversation, bot=True)

    assert the_person(work).agents == ("ben", "ana")


def test_a_signal_of_the_centre_holds_when_enough_of_the_last_events_say_so(work):
    work.set(
        "signal", "vip", Signal("vip", event="shop.bought", where={"size": "large"}, set={"tier": "vip"}, last=3, at_least=2)
    )
    work.event("shop.bought", size="large")
    work.event("shop.bought", size="small")
    early = attributes(work)
    work.event("shop.bought", size="Large")

    assert "tier" not in early
    assert attributes(work)["tier"] == "vip"
    assert work.last(AttributeLearnt).source == "signal:vip"


def test_of_what_was_undone_the_signals_of_the_centre_alone_learn(work):
    work.set("signal", "lost", Signal("lost", event="order.refunded", set={"tier": "lost"}))
    work.event("order.refunded", interest="golf")

    assert attributes(work) == {"tier": "lost"}


def test_a_signal_that_holds_still_is_not_said_again(work):
    work.set("signal", "vip", Signal("vip", event="shop.bought", set={"tier": "vip"}))
    work.event("shop.bought")
    work.event("shop.bought")

    assert len(work.all(AttributeLearnt)) == 1


def test_events_older_than_a_signal_asks_do_not_count(work):
    work.set("signal", "fresh", Signal("fresh", event="shop.bought", set={"tier": "vip"}, at_least=2, days=10))
    work.event("shop.bought", ago=timedelta(days=20))
    work.event("shop.bought")

    assert work.all(AttributeLearnt) == []


def test_what_is_learnt_ends_when_it_expires(work):
    work.event("race.registered")
    work.later(days=200)
    work.event("crm.note", interest="golf")

    assert attributes(work)["interests"] == ["golf"]


def test_every_fact_is_of_the_running_round_and_what_it_quotes_has_an_owner(work):
    work.hear("I spent too much on my marathon")
    work.later(hours=1)
    work.event("race.registered", topic="spending")

    followed = [e for e in work.entries if not hasattr(e, "seq")]
    assert followed
    assert all(e.at in (work.now, work.now - timedelta(hours=1)) for e in followed)
    assert all(e.owner == an_id(ANA) for e in followed if e.content is not None)
    assert "marathon" not in str([e.fact for e in followed])


def test_folding_again_from_zero_gives_the_same_rows(work):
    work.hear("I spent too much", name="Ana")
    work.event("race.registered")
    work.declare(ANA, "email:ana@example.org", loyalty="gold")
    work.hear(by="email:ana@example.org")
    tables = (Handle, Person, PersonEvents, JourneyEvent, Message)

    assert everything(work.rebuilt(), tables) == everything(work.rows, tables)
