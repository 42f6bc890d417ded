"""The stage of answers: what a person writes back to a question that we asked in their conversation is no need of theirs."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import cast

from rapport.ledger.entry import New, follows
from rapport.ledger.fetch_asked import SURVEY_OVER
from rapport.ledger.views import Rows, Stage, Written
from rapport.model.conversation import Conversation, State
from rapport.model.fact import (
    ConversationContinued,
    PersonRecognised,
    ReminderFell,
    SurveyHeard,
    SurveyHinted,
    SurveyLapsed,
)
from rapport.model.ids import derived_id
from rapport.model.message import Direction, Message, Reach
from rapport.model.reply import Reminder
from rapport.model.survey import HEARD_FOR, AskedHere, hint
from rapport.replies.surveying.reading_answers import Read, read_answer
from rapport.replies.surveying.sending import refused, sent
from rapport.replies.writing import Judges

GoesOn = Callable[[Message, bytes, Rows], Conversation | None]  # what a person's message goes on with; None: with nothing


def stage(judges: Judges, goes_on: GoesOn) -> Stage:
    """The stage, which stands before the one that finds the conversation of a message. `judges`: as replies are judged."""
    return Stage("answers", {PersonRecognised: partial(_heard, judges, goes_on)}, due={SURVEY_OVER: _over})


def _heard(judges: Judges, goes_on: GoesOn, entry: Written, rows: Rows) -> Iterable[New]:
    fact = cast(PersonRecognised, entry.fact)
    message, waiting = rows.get(Message, fact.message), rows.get(AskedHere, fact.handle)
    if message is None or waiting is None or not _may_answer(message, waiting, rows):
        return
    conversation = rows.get(Conversation, waiting.conversation)
    if conversation is None or conversation.account != message.account or not _is_over(conversation):
        return
    other = goes_on(message, fact.person, rows)
    if other is not None and other.id != conversation.id and not _is_over(other):
        return
    said = read_answer(waiting.question, message.text)
    if said.kind == "other":
        return
    ids = conversation.id, message.id, fact.handle
    if said.kind == "answer":
        yield follows(entry, SurveyHeard(*ids, waiting.question, said.value), subject=conversation.id, at=rows.now)
    else:
        yield from _hinted(judges, entry, said, waiting, conversation, message, rows)
    kept = ConversationContinued(conversation.id, conversation.person, fact.handle, message.id)
    yield follows(entry, kept, subject=conversation.id, at=rows.now)


def _is_over(conversation: Conversation) -> bool:
    return conversation.state is State.RESOLVED and conversation.merged_into is None


def _may_answer(message: Message, waiting: AskedHere, rows: Rows) -> bool:
    """Whether a message can be an answer at all: it came lately, from somebody, to us alone, and belongs nowhere yet."""
    return (
        message.direction is Direction.IN
        and message.conversation is None
        and message.reach is Reach.PRIVATE
        and not message.automatic
        and not message.media
        and waiting.at <= message.at <= waiting.at + HEARD_FOR
    )


def _hinted(
    judges: Judges, entry: Written, said: Read, waiting: AskedHere, conversation: Conversation, message: Message, rows: Rows
) -> Iterable[New]:
    """One word on how to answer, where it may be said; after that nothing."""
    draft = None
    if not waiting.hinted:
        languages = rows.centre.profile.languages
        text = hint(waiting.question, conversation.language, languages[0] if languages else "en")
        deciding, why = refused(judges, text, conversation, rows)
        if not why:
            draft = derived_id(message.id, "survey hint")
            yield from sent(entry, draft, f"survey:{waiting.question}", deciding, conversation, rows)
    told = SurveyHinted(conversation.id, message.id, waiting.id, draft)
    yield follows(entry, told, subject=conversation.id, at=rows.now)


def _over(reminder: Reminder, rows: Rows) -> Iterable[New]:
    conversation = rows.get(Conversation, reminder.subject)
    waiting = rows.get(AskedHere, conversation.handle) if conversation is not None else None
    id = derived_id(reminder.id, int(reminder.at.timestamp() * 1000))
    fell = New(id, rows.now, reminder.subject, ReminderFell(reminder.id, reminder.what))
    if conversation is not None and waiting is not None and waiting.conversation == conversation.id:
        lapsed = SurveyLapsed(conversation.id, waiting.id)
        yield follows(fell, lapsed, subject=conversation.id, at=rows.now)
