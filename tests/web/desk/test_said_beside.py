"""What stands beside a conversation says no more than is so: signals once, and who took it themselves was not chosen."""

from datetime import UTC, datetime, timedelta

from rapport.model.attribute import Attribute
from rapport.model.need import Explanation
from rapport.model.person import Person
from rapport.model.signal import Signal
from rapport.web.desk.knowledge_shown import beginning
from rapport.web.desk.person_reading import person_shown
from rapport.web.page import environment
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
