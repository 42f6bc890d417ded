"""What stands beside a conversation says no more than is so: signals once, and who took it themselves was not chosen."""

from datetime import UTC, datetime, timedelta

import pytest

from rapport.model.agent import Agent
from rapport.model.attribute import Attribute
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation, State
from rapport.model.message import ChannelKind, Reach
from rapport.model.need import Explanation
from rapport.model.person import Person
from rapport.model.signal import Signal
from rapport.web.desk.actions import named
from rapport.web.desk.filling import values_of
from rapport.web.desk.knowledge_shown import beginning
from rapport.web.desk.person_reading import person_shown
from rapport.web.desk.reading import may_reply
from rapport.web.page import environment
from rapport.web.security import Who
from rapport.web.wording import signals_first

NOW = datetime(2026, 3, 3, 16, tzinfo=UTC)
WHY = '{% import "_journey.html" as way with context %}{{ way.why(why, mine, "Ana Quiroz", {}) }}'


def a_signal(minute: int, kind: str, words: str) -> Signal:
    return Signal(kind, words, bytes([minute] * 16), NOW + timedelta(minutes=minute))


def test_the_same_words_are_one_signal_and_thanks_are_said_once():
    said = [a_signal(1, "thanks", "gracias"), a_signal(2, "question", "¿a qué hora?"), a_signal(3, "question", "¿A qué hora?")]
    said += [a_signal(4, "thanks", "mil gracias"), a_signal(5, "question", "¿y el lunes?")]

    shown = signals_first(said)

    assert [one.words for one in shown] == ["¿y el lunes?", "¿A qué hora?", "mil gracias"]


def test_who_took_a_conversation_was_not_chosen_among_nobody():
    mine, theirs = (environment("es").from_string(WHY).render(why=Explanation(), mine=mine) for mine in (True, False))

    assert "La tomó usted; no se le ofreció." in mine
    assert "La tomó Ana Quiroz; no se le ofreció." in theirs
    assert "consider" not in mine + theirs


def test_an_article_begins_without_the_marks_of_its_lists():
    assert beginning("We keep it for 90 days.\n\n- Tell us the day.\n- 12 - 14 h\n\n1. Choose it.") == (
        "We keep it for 90 days. Tell us the day. 12 - 14 h Choose it."
    )


def test_a_persons_tags_say_values_and_not_the_names_of_attributes():
    known = {
        "loyalty": "gold",
        "interests": ["running", "yoga"],
        "topics": {"wine": 0.35},
        "vip": True,
        "late": False,
        "stays": 3,
    }
    person = Person(bytes(16), "Ana", attributes=tuple(Attribute(name, value, "crm", NOW) for name, value in known.items()))

    assert person_shown(person, (), 0).tags == ("gold", "running, yoga", "vip", "stays 3")


@pytest.mark.parametrize(
    ("called", "first"), [("Visitante E79D", ""), ("Visitor 0A1B", ""), ("+5255", ""), ("Ana Ruiz", "Ana")]
)
def test_a_saved_reply_greets_nobody_by_what_is_no_name(called, first):
    one = Conversation(
        bytes(16), bytes(16), bytes(16), State.OPEN, ChannelKind.CHAT, "web", "webchat", Reach.PRIVATE, NOW, NOW, name=called
    )  # fmt: skip
    who = Who(1, "ana", "agent", "Ana", "es", frozenset())

    assert values_of(Centre(), who, one, "Hotel")["person.first_name"] == first


def test_a_refusal_names_colleagues_by_their_names():
    names = {"ana": "Ana Quiroz", "bo": "Bo Salas"}

    assert named("not-yours: ana does not have this conversation; take it", names) == (
        "not-yours: Ana Quiroz does not have this conversation; take it"
    )
    assert named("ana does not have this conversation; bo has it.", names) == (
        "Ana Quiroz does not have this conversation; Bo Salas has it."
    )
    assert named("the room has a minibar; ana is told", names) == "the room has a minibar; ana is told"


def test_who_has_a_conversation_is_beside_it_or_is_senior_may_reply():
    roles = {"ana": "agent", "bo": "agent", "eva": "agent", "irene": "supervisor"}
    agents = {id: Agent(id, role=role) for id, role in roles.items()}
    one = Conversation(
        bytes(16), bytes(16), bytes(16), State.OPEN, ChannelKind.CHAT, "web", "webchat", Reach.PRIVATE, NOW, NOW,
        agent="ana", beside=("bo",),
    )  # fmt: skip

    assert [may_reply(Centre(agents=agents), agent, one) for agent in (*agents, "stranger")] == [True, True, False, True, False]
