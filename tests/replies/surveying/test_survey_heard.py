"""Answers to a question that we asked in the conversation itself: one counts, a wrong one gets one word, and none is a need."""

import pytest
from msgspec.structs import replace

from rapport.conversations.belonging import goes_on
from rapport.conversations.stage import stage as conversations
from rapport.model.conversation import Conversation, State
from rapport.model.fact import (
    ConversationOpened,
    PersonErased,
    ReplyQueued,
    SurveyAnswered,
    SurveyHeard,
    SurveyHinted,
    SurveyLapsed,
    SurveySent,
    Words,
)
from rapport.model.message import Message, Reach
from rapport.model.person import Person
from rapport.model.reply import Reminder
from rapport.model.survey import Asked, AskedHere, Survey, hint
from rapport.people import rights
from rapport.people.stage import stage as people
from rapport.replies.stage import stage as replies
from rapport.replies.surveying import heard, view
from rapport.replies.surveying.stage import stage
from rapport.replies.writing import Judges
from stagework import VIEWS, Stagework, an_id, everything

ANA = "webchat:ana"


def fit(account, channel, text, reach, to):
    return (text,)


def nothing_personal(text):
    return ()


def may(asking):
    return ""


@pytest.fixture
def work() -> Stagework:
    """A conversation of ana's is over, and an hour later she was asked from 1 to 5."""
    judges = Judges(fit, nothing_personal, may)
    stages = (people(), heard.stage(judges, goes_on), conversations(), replies(fit, nothing_personal), stage(judges))
    work = Stagework(*stages, views=(*VIEWS, view.FOLDS, rights.FOLDS))
    work.agents("eva")
    work.set("survey", "after", Survey("after", hours={}, question="satisfied"))
    talk = work.conversation_of(work.hear("no hay wifi", by=ANA, reach=Reach.PRIVATE, language="es"))
    work.accept("eva", talk)
    work.act("eva", "reply", "Aquí tiene.", conversation=talk.id)
    work.act("eva", "close", conversation=talk.id, argument="solved")
    work.later(minutes=61)
    return work


def says(work: Stagework, text: str, **more) -> Message:
    """Ana writes back, in a way that is read as something to be done."""
    return work.hear(text, by=ANA, reach=more.pop("reach", Reach.PRIVATE), language=more.pop("language", "es"), **more)


def said(work: Stagework) -> list[str]:
    """What went out, from the question on."""
    texts = [one.content.text for one in work.entries if isinstance(one.fact, ReplyQueued) and isinstance(one.content, Words)]
    return texts[1:]


def test_the_question_is_asked_without_a_link_and_a_number_answers_it_without_being_a_need(work):
    message = says(work, "muy bien, 5")
    talk = work.only(Conversation)

    assert said(work) == [
        "Gracias por escribirnos. Del 1 (nada) al 5 (mucho), ¿qué tan satisfecho está con el trato? "
        "Conteste aquí con un número."
    ]
    assert [(one.question, one.value, one.message) for one in work.all(SurveyHeard)] == [("satisfied", 5, message.id)]
    assert (talk.state, talk.waiting_since, talk.messages) == (State.RESOLVED, None, 4)
    assert work.row(Message, message.id).conversation == talk.id
    assert list(work.rows.all(AskedHere)) == []


def test_one_answer_counts_and_a_second_one_is_a_message_like_any_other(work):
    says(work, "5")
    says(work, "1", actionable=False)

    assert [one.value for one in work.all(SurveyHeard)] == [5]
    assert work.only(Conversation).state is State.RESOLVED


def test_a_wrong_answer_gets_one_word_and_then_nothing_and_a_right_one_still_counts(work):
    says(work, "15")
    says(work, "4 o 5")
    says(work, "cuatro")

    assert said(work)[1:] == ["Basta con un número del 1 al 5."]
    assert [one.draft is None for one in work.all(SurveyHinted)] == [False, True]
    assert [one.value for one in work.all(SurveyHeard)] == [4]
    assert work.only(Conversation).state is State.RESOLVED


def test_a_need_is_a_need_though_a_number_stands_in_it(work):
    says(work, "La habitación 5 no tiene luz")
    talk = work.only(Conversation)

    assert talk.state is State.OPEN
    says(work, "5")
    assert work.all(SurveyHeard) == []
    assert len(said(work)) == 1


def test_a_number_in_another_conversation_that_goes_on_is_said_there(work):
    [waiting] = work.rows.all(AskedHere)
    asked = work.row(Conversation, waiting.conversation)
    other = replace(asked, id=an_id("another conversation"), state=State.OPEN)
    work.rows.put(other)
    work.rows.change(Person, asked.person, conversation=other.id)

    later = says(work, "4")
    assert work.all(SurveyHeard) == []
    assert work.row(Message, later.id).conversation == other.id


def test_nothing_is_heard_for_a_conversation_that_goes_on_in_another_one(work):
    [waiting] = work.rows.all(AskedHere)
    work.rows.change(Conversation, waiting.conversation, merged_into=an_id("another conversation"))
    says(work, "4")

    assert work.all(SurveyHeard) == []


def test_how_to_answer_is_said_in_the_language_of_the_conversation_else_of_the_centre(work):
    says(work, "15", language="it")
    assert said(work)[1:] == ["Basta con un número del 1 al 5."]
    assert hint("solved", "pt", "es") == "Basta con un sí o un no."


def test_what_is_written_a_day_later_or_where_all_can_read_is_no_answer(work):
    says(work, "5", reach=Reach.PUBLIC, actionable=False)
    before = work.all(SurveyHeard)
    work.later(hours=25)
    says(work, "5", actionable=False)

    assert before == work.all(SurveyHeard) == []
    assert len(work.all(SurveyLapsed)) == 1
    assert list(work.rows.all(AskedHere)) == []


def test_who_answered_by_a_link_is_not_waited_for_and_who_was_erased_leaves_nothing(work):
    [waiting] = work.rows.all(AskedHere)
    work.tell(SurveyAnswered(waiting.conversation, satisfied=2))
    assert list(work.rows.all(AskedHere)) == []

    work.rows.put(waiting)
    person = work.only(Conversation).person
    work.tell(PersonErased(person, (person,), (waiting.id,), "sue"))
    assert list(work.rows.all(AskedHere)) == list(work.rows.all(Asked)) == []


def test_a_rebuild_of_answers_gives_the_same_rows(work):
    says(work, "15")
    says(work, "3")
    tables = (AskedHere, Asked, Reminder, Conversation, Message)

    assert len(work.all(ConversationOpened)) == len(work.all(SurveySent)) == 1
    assert everything(work.rebuilt(), tables) == everything(work.rows, tables)
