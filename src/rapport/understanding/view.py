"""What was understood, on the message's row; what agents said of it; what came of comparing readers."""

from typing import cast

from msgspec.structs import replace

from rapport.ledger.cards import COVERED
from rapport.ledger.views import Folds, Rows, Written
from rapport.model.conversation import Conversation
from rapport.model.correction import NONE, Comparison, Correction
from rapport.model.fact import MessageReread, MessageUnderstood, ReaderCompared, ReadingCorrected
from rapport.model.message import Message
from rapport.model.reading import NOTHING_READ, Reading
from rapport.understanding.adapting import MOST_LEARNING, traces_of
from rapport.understanding.own import as_said, spam_as_said, still_said
from rapport.understanding.words import text_of


def _understood(entry: Written, rows: Rows) -> None:
    fact = cast(MessageUnderstood | MessageReread, entry.fact)
    reading = entry.content if isinstance(entry.content, Reading) else NOTHING_READ  # erased: what the fact itself says stays
    message = rows.get(Message, fact.message)
    rows.change(
        Message,
        fact.message,
        language=fact.language,
        intent=fact.intent,
        urgency=fact.urgency,
        words=reading.words,
        emotion=reading.emotion,
        wants_person=reading.wants_person,
        actionable=reading.actionable and not (message and message.automatic),  # a machine's mail asks for nothing
        sure=reading.intent_confidence,
        evidence=reading.evidence,
        read_by=fact.version,
        corrected_by="",
        personal=_personal(reading, message),
        sentiment=reading.sentiment,
        spam=reading.spam,
        because=reading.because,
    )


def _personal(reading: Reading, message: Message | None) -> tuple[str, ...]:
    """The kinds that were found, and cards that were covered before they were written."""
    covered = {"card"} if message is not None and COVERED in message.text else set()
    return tuple(sorted({*reading.personal, *covered}))


def _corrected(entry: Written, rows: Rows) -> None:
    fact = cast(ReadingCorrected, entry.fact)
    message = rows.get(Message, fact.message)
    before = rows.get(Correction, fact.message)
    votes = dict(before.votes) if before else {}
    if fact.intent:
        votes[fact.agent] = fact.intent
    said = text_of(message.subject, message.text) if message is not None and not _is_erased(message) else ""
    correction = Correction(
        id=fact.message,
        conversation=fact.conversation,
        handle=fact.handle,
        agent=fact.agent,
        at=entry.at,
        intent=fact.intent or (before.intent if before else ""),
        emotion=fact.emotion or (before.emotion if before else ""),
        urgency=fact.urgency or (before.urgency if before else ""),
        was_intent=before.was_intent if before else fact.was_intent,
        was_emotion=before.was_emotion if before else fact.was_emotion,
        step=fact.step if fact.intent else (before.step if before else 0.0),
        version=fact.version,
        votes=votes,
        traces=traces_of(said) if said else b"",
        learns=bool(said),
        sentiment=fact.sentiment or (before.sentiment if before else ""),
        spam=fact.spam or (before.spam if before else ""),
    )
    rows.put(correction)
    _keep_newest(rows)
    if message is not None:
        _show(correction, message, rows)


def _is_erased(message: Message) -> bool:
    """Whether nothing is left of what was said, as after an erasure: a correction of it then teaches and shows nothing."""
    return not (message.subject or message.text or message.words or message.media)


def _keep_newest(rows: Rows) -> None:
    """Of more than MOST_LEARNING the oldest no longer changes readings."""
    learning = [one for one in rows.all(Correction) if one.learns]
    if len(learning) > MOST_LEARNING:
        rows.put(replace(min(learning, key=lambda one: (one.at, one.id)), learns=False))


def _show(correction: Correction, message: Message, rows: Rows) -> None:
    """What was said is what the message is, and what its conversation is about where it is the last one."""
    intent = "" if correction.intent == NONE else correction.intent or message.intent
    emotion = correction.emotion or message.emotion
    urgency = as_said(message.urgency, correction.urgency)
    read = replace(message, intent=intent, urgency=urgency, corrected_by=correction.agent)
    if not _is_erased(message):
        sentiment, spam = correction.sentiment or message.sentiment, spam_as_said(message.spam, correction.spam)
        because = still_said(message.because, sentiment, spam)
        read = replace(read, emotion=emotion, sentiment=sentiment, spam=spam, because=because)
    rows.put(read)
    conversation = rows.get(Conversation, message.conversation)
    if conversation is not None and conversation.message == message.id:
        urgency = conversation.urgency if conversation.priority else as_said(conversation.urgency, correction.urgency)
        rows.put(replace(conversation, intent=intent, emotion=emotion, urgency=urgency))


def _compared(entry: Written, rows: Rows) -> None:
    fact = cast(ReaderCompared, entry.fact)
    rows.put(Comparison(fact.comparison, entry.at, fact.agent, fact.figures.version, fact.figures.serves, fact.figures))


FOLDS: Folds = {
    MessageUnderstood: _understood,
    MessageReread: _understood,
    ReadingCorrected: _corrected,
    ReaderCompared: _compared,
}
