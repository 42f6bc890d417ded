"""The stage of surveys: a resolved conversation plans one; at its time the link goes out as any reply, or why not is said."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import cast

from rapport.ledger.entry import New, follows
from rapport.ledger.fetch_asked import SURVEY
from rapport.ledger.views import Rows, Stage, Written
from rapport.model.conversation import Conversation
from rapport.model.fact import (
    ConversationResolved,
    Fact,
    ReminderFell,
    SurveyLeft,
    SurveyPlanned,
    SurveySent,
)
from rapport.model.ids import derived_id
from rapport.model.reply import Reminder
from rapport.model.survey import Survey
from rapport.replies.surveying.choosing import awake, is_worth_asking, left_out, survey_for, when
from rapport.replies.surveying.sending import refused, sent
from rapport.replies.writing import Judges

LinkOf = Callable[[bytes, datetime], str]  # of a conversation, now; "" where nobody outside can reach us


def no_link(conversation: bytes, now: datetime) -> str:
    """Where we are reached from nowhere."""
    return ""


def stage(judges: Judges, link: LinkOf = no_link) -> Stage:
    """The stage of surveys. `judges`: as replies are judged; `link`: the signed address of the questions."""
    return Stage("surveys", {ConversationResolved: _planned}, due={SURVEY: partial(_due, judges, link)})


def _planned(entry: Written, rows: Rows) -> Iterable[New]:
    fact = cast(ConversationResolved, entry.fact)
    conversation = rows.get(Conversation, fact.conversation)
    if conversation is None or not is_worth_asking(conversation):
        return
    survey = survey_for(conversation, rows.centre)
    if survey is not None:
        at = when(survey, conversation, rows.centre, rows.now)
        yield follows(entry, SurveyPlanned(conversation.id, survey.id, at), subject=conversation.id, at=rows.now)


def _due(judges: Judges, link: LinkOf, reminder: Reminder, rows: Rows) -> Iterable[New]:
    """What falls due is looked at anew: the person may have written, been asked, been erased, or the night may have come."""
    conversation = rows.get(Conversation, reminder.subject)
    if conversation is None:
        return
    id = derived_id(reminder.id, int(reminder.at.timestamp() * 1000))
    fell = New(id, rows.now, conversation.id, ReminderFell(reminder.id, reminder.what))
    survey = survey_for(conversation, rows.centre)
    why = left_out(survey, conversation, rows)
    if survey is None or why:
        yield _said(fell, SurveyLeft(conversation.id, survey.id if survey else "", why or "gone"), rows)
    elif (at := awake(survey, conversation, rows.centre, rows.now)) > rows.now:
        yield _said(fell, SurveyPlanned(conversation.id, survey.id, at), rows)
    else:
        yield from _asking(judges, link, fell, survey, conversation, rows)


def _asking(judges: Judges, link: LinkOf, fell: New, survey: Survey, conversation: Conversation, rows: Rows) -> Iterable[New]:
    address, languages = link(conversation.id, rows.now), rows.centre.profile.languages
    text = survey.words(conversation.language, languages[0] if languages else "en")
    deciding, why = refused(judges, text.replace("{link}", address), conversation, rows)
    if "{link}" in text and not address:
        why = "no-address"
    if why:
        yield _said(fell, SurveyLeft(conversation.id, survey.id, why), rows)
        return
    draft = derived_id(fell.id, "draft")
    yield from sent(fell, draft, f"survey:{survey.id}", deciding, conversation, rows)
    yield _said(fell, SurveySent(conversation.id, conversation.person, survey.id, draft, survey.question), rows)


def _said(fell: New, fact: Fact, rows: Rows) -> New:
    assert isinstance(fact, SurveyPlanned | SurveyLeft | SurveySent)
    return follows(fell, fact, subject=fact.conversation, at=rows.now)
