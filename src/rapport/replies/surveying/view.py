"""The view of surveys: the reminder of each that is planned, and when each person was asked last, by whomever."""

from typing import cast

from rapport.ledger.fetch_asked import SURVEY, SURVEY_OVER
from rapport.ledger.views import Folds, Rows, Written
from rapport.model.conversation import Conversation
from rapport.model.fact import (
    PersonErased,
    SurveyAnswered,
    SurveyAsked,
    SurveyHeard,
    SurveyHinted,
    SurveyLapsed,
    SurveyPlanned,
    SurveySent,
)
from rapport.model.ids import derived_id
from rapport.model.message import Message
from rapport.model.reply import Reminder
from rapport.model.survey import HEARD_FOR, Asked, AskedHere


def _planned(entry: Written, rows: Rows) -> None:
    fact = cast(SurveyPlanned, entry.fact)
    rows.put(Reminder(derived_id(fact.conversation, "reminder", SURVEY), fact.at, SURVEY, fact.conversation))


def _sent(entry: Written, rows: Rows) -> None:
    fact = cast(SurveySent, entry.fact)
    rows.put(Asked(fact.person, entry.at, fact.conversation))
    conversation = rows.get(Conversation, fact.conversation)
    if fact.question and conversation is not None:
        rows.put(AskedHere(conversation.handle, entry.at, conversation.id, fact.question))
        over = derived_id(conversation.id, "reminder", SURVEY_OVER)
        rows.put(Reminder(over, entry.at + HEARD_FOR, SURVEY_OVER, conversation.id))


def _asked(entry: Written, rows: Rows) -> None:
    """Somebody asked by hand."""
    fact = cast(SurveyAsked, entry.fact)
    conversation = rows.get(Conversation, fact.conversation)
    if conversation is not None:
        rows.put(Asked(conversation.person, entry.at, conversation.id))


def _erased(entry: Written, rows: Rows) -> None:
    fact = cast(PersonErased, entry.fact)
    for person in fact.persons:
        rows.drop(Asked, person)
    for handle in fact.handles:
        rows.drop(AskedHere, handle)


def _heard(entry: Written, rows: Rows) -> None:
    """One answer counts, so we wait for no other."""
    fact = cast(SurveyHeard, entry.fact)
    rows.drop(AskedHere, fact.handle)
    _no_need(fact.message, rows)


def _hinted(entry: Written, rows: Rows) -> None:
    fact = cast(SurveyHinted, entry.fact)
    rows.change(AskedHere, fact.handle, hinted=True)
    _no_need(fact.message, rows)


def _no_need(message: bytes, rows: Rows) -> None:
    """What answers us, or tries to, asks nothing of us."""
    rows.change(Message, message, actionable=False)


def _lapsed(entry: Written, rows: Rows) -> None:
    rows.drop(AskedHere, cast(SurveyLapsed, entry.fact).handle)


def _answered(entry: Written, rows: Rows) -> None:
    """Who answers by the link has answered."""
    fact = cast(SurveyAnswered, entry.fact)
    conversation = rows.get(Conversation, fact.conversation)
    waiting = rows.get(AskedHere, conversation.handle) if conversation is not None else None
    if waiting is not None and waiting.conversation == fact.conversation:
        rows.drop(AskedHere, waiting.id)


FOLDS: Folds = {
    SurveyPlanned: _planned,
    SurveySent: _sent,
    SurveyAsked: _asked,
    SurveyAnswered: _answered,
    SurveyHeard: _heard,
    SurveyHinted: _hinted,
    SurveyLapsed: _lapsed,
    PersonErased: _erased,
}
