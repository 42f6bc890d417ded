"""Signals of a conversation: each change is a fact, folded to the same rows again; met, late, and what follows from danger."""

from datetime import timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from rapport.conversations import stage as conversations
from rapport.matching.conditions import holds
from rapport.model.agent import Agent
from rapport.model.conversation import Conversation, State
from rapport.model.fact import Deciding, DraftWritten, ReplyQueued, Words
from rapport.model.fact_signal import SignalsChanged
from rapport.model.message import Message, Reach
from rapport.model.signal import Signalled
from rapport.people import stage as people
from rapport.replies.due import due_of
from rapport.understanding import stage as understanding
from stagework import START, Stagework, an_id

ANA = "mastodon:@ana@example.social"


@pytest.fixture
def work(reader) -> Stagework:
    made = Stagework(people.stage(), conversations.stage(), understanding.stage(reader.read, reader.promised, due_of))
    made.agents("luis")
    return made


def heard(work: Stagework, text: str, **read: Any) -> Conversation:
    """A message of Ana's; her conversation after it."""
    message = work.hear(text, by=ANA, **read)
    return work.row(Conversation, work.row(Message, message.id).conversation)


def answered(work: Stagework, conversation: Conversation, text: str) -> Conversation:
    """A reply of Luis that lies in the outbox."""
    work._count += 1
    id, draft = an_id(f"reply {work._count}"), an_id(f"draft {work._count}")
    work.tell(DraftWritten(draft, conversation.id, "luis", Reach.PUBLIC, id), Deciding(text), conversation.handle)
    queued = ReplyQueued(id, draft, id, conversation.id, conversation.handle, "our-mastodon", "mastodon", Reach.PUBLIC)
    work.tell(queued, Words(text), conversation.handle)
    return work.row(Conversation, conversation.id)


def kinds(conversation: Conversation) -> list[tuple[str, str]]:
    return [(one.kind, one.state) for one in conversation.signals]


def test_danger_is_on_the_row_with_its_words_is_urgent_and_found(work):
    conversation = heard(work, "Huele a gas en mi habitación")

    assert [(one.kind, one.words) for one in conversation.signals] == [("safety", "huele a gas")]
    assert conversation.urgency >= 0.95
    assert [one.kind for one in work.rows.all(Signalled)] == ["safety"]
    assert holds('signals HAS "safety"', conversation, work.rows)


def test_a_message_that_shows_nothing_is_no_fact(work):
    heard(work, "El wifi de la habitación no funciona")

    assert [entry for entry in work.entries if isinstance(entry.fact, SignalsChanged)] == []


def test_a_person_who_was_asked_for_is_met_when_a_person_answers(work):
    conversation = heard(work, "Quiero hablar con una persona")

    after = answered(work, conversation, "Hola, soy Luis")

    assert (kinds(conversation), kinds(after)) == ([("wants-person", "open")], [("wants-person", "met")])
    assert list(work.rows.all(Signalled)) == []


def test_a_hint_of_asking_for_a_person_counts_where_a_bot_answers_and_nowhere_else(work):
    hint = "that doesn't help"
    with_person = heard(work, hint)
    work.rows.put(replace(with_person, bot=True, signals=()))

    with_bot = heard(work, hint + " 2")

    assert "wants-person" not in {one.kind for one in with_person.signals}
    assert "wants-person" in {one.kind for one in with_bot.signals}
    assert with_bot.wants_person
    assert "may-want-person" not in {one.kind for one in (*with_person.signals, *with_bot.signals)}


def test_a_hint_in_the_first_words_counts_where_a_bot_might_answer(work):
    work.agents(Agent("robo", bot=True), "luis")

    opened = heard(work, "that doesn't help", reach=Reach.PRIVATE)

    assert kinds(opened) == [("wants-person", "open")]
    assert opened.wants_person


def test_a_hint_counts_nowhere_that_no_bot_may_go(work):
    work.agents(Agent("robo", bot=True), "luis")

    post = heard(work, "that doesn't help")

    assert (kinds(post), post.wants_person) == ([], False)


def test_who_asked_in_what_is_resolved_does_not_ask_again_with_the_next_question(work):
    asked = heard(work, "Quiero hablar con una persona")
    work.act("luis", "close", conversation=asked.id)
    closed = work.row(Conversation, asked.id)

    again = heard(work, "¿A qué hora abre la alberca?")

    assert kinds(closed) == [("wants-person", "met")]
    assert (again.id, again.wants_person) == (asked.id, False)


def test_a_question_that_an_answer_does_not_speak_of_stays_open(work):
    conversation = heard(work, "¿A qué hora abre la alberca? ¿El desayuno tiene costo?")

    after = answered(work, conversation, "La alberca abre a las 8")

    assert [(one.words, one.state) for one in after.signals] == [
        ("¿A qué hora abre la alberca?", "met"),
        ("¿El desayuno tiene costo?", "open"),
    ]


def test_a_promise_is_kept_when_we_come_back_in_time_and_late_when_we_do_not(work):
    conversation = answered(work, heard(work, "El wifi falla"), "Le llamaremos en dos horas")
    (promise,) = conversation.signals
    kept = answered(work, conversation, "Ya está resuelto")
    again = answered(work, kept, "Le escribo en una hora")

    work.later(hours=3)

    assert (promise.kind, promise.until) == ("promise", START + timedelta(hours=2))
    assert kinds(kept) == [("promise", "met")]
    assert kinds(again)[-1] == ("promise", "open")
    assert kinds(work.row(Conversation, conversation.id))[-1] == ("promise", "late")


def test_what_is_resolved_is_not_found_by_its_signals_and_is_late_with_nothing_until_it_is_reopened(work):
    conversation = answered(work, heard(work, "El wifi falla"), "Le llamaremos en dos horas")
    found = [one.kind for one in work.rows.all(Signalled)]
    work.act("luis", "close", conversation=conversation.id)
    work.later(hours=3)

    closed = work.row(Conversation, conversation.id)
    assert (found, closed.state) == (["promise"], State.RESOLVED)
    assert kinds(closed) == [("promise", "open")]
    assert list(work.rows.all(Signalled)) == []

    work.act("luis", "reopen", conversation=conversation.id)

    assert [one.kind for one in work.rows.all(Signalled)] == ["promise"]
    assert list(work.rebuilt().all(Signalled)) == list(work.rows.all(Signalled))


def test_the_feelings_of_a_conversation_are_told_from_message_to_message(work):
    heard(work, "¡Es indignante!", emotion="anger")
    conversation = heard(work, "Qué maravilla, ya funciona", emotion="joy")

    assert conversation.moods == ("anger", "joy")
    assert ("mood-better", "open") in kinds(conversation)


def test_rows_are_folded_again_alike_and_an_erased_one_keeps_the_kinds(work):
    conversation = heard(work, "Huele a gas, ¿qué hago?")

    assert work.rebuilt().get(Conversation, conversation.id).signals == conversation.signals
    (changed,) = [entry for entry in work.entries if isinstance(entry.fact, SignalsChanged)]
    assert (changed.fact.kinds, changed.owner) == (("safety", "question"), conversation.handle)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("sentence", "hours"),
    [
        ("Le llamamos mañana a las 10", 24),
        ("We'll call you back in an hour", 1),
        ("within 24 hours", 24),
        ("hoy a las 18:00", 8),
        ("antes de tres días hábiles", 72),
        ("pronto", None),
    ],
)
def test_when_a_promise_is_due(sentence, hours):
    due = partial(due_of, said_at=START, zone="America/Mexico_City")  # ten in the morning there

    assert due(sentence) == (None if hours is None else START + timedelta(hours=hours))


@pytest.mark.pure
@pytest.mark.parametrize(
    ("sentence", "day"),
    [
        ("We will call you today before midnight", 0),
        ("We will call you before midnight", 0),
        ("Le llamamos hoy antes de las 12 de la noche", 0),
        ("Le llamamos hoy antes de las 00:00", 0),
        ("Le llamamos mañana antes de medianoche", 1),
    ],
)
def test_midnight_is_the_end_of_the_day_that_is_named(sentence, day):
    said_at = START.astimezone(ZoneInfo("America/Mexico_City")).replace(hour=16)

    assert due_of(sentence, said_at, "America/Mexico_City") == said_at.replace(hour=23, minute=59) + timedelta(days=day)
