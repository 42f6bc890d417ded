"""The view of surveys: the reminder of each that is planned, and when each person was asked last, by whomever."""

from typing import cast

from rapport.ledger.fetch_asked import SURVEY
from rapport.ledger.views import Folds, Rows, Written
from rapport.model.conversation import Conversation
from rapport.model.fact import PersonErased, SurveyAsked, SurveyPlanned, SurveySent
from rapport.model.ids import derived_id
from rapport.model.reply import Reminder
from rapport.model.survey import Asked


def _planned(entry: Written, rows: Rows) -> None:
    fact = cast(SurveyPlanned, entry.fact)
    rows.put(Reminder(derived_id(fact.conversation, "reminder", SURVEY), fact.at, SURVEY, fact.conversation))


def _sent(entry: Written, rows: Rows) -> None:
    fact = cast(SurveySent, entry.fact)
    rows.put(Asked(fact.person, entry.at, fact.conversation))


def _asked(entry: Written, rows: Rows) -> None:
    """Somebody asked by hand."""
    fact = cast(SurveyAsked, entry.fact)
    conversation = rows.get(Conversation, fact.conversation)
    if conversation is not None:
        rows.put(Asked(conversation.person, entry.at, conversation.id))


def _erased(entry: Written, rows: Rows) -> None:
    for person in cast(PersonErased, entry.fact).persons:
        rows.drop(Asked, person)


FOLDS: Folds = {SurveyPlanned: _planned, SurveySent: _sent, SurveyAsked: _asked, PersonErased: _erased}
