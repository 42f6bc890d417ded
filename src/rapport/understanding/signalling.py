"""What a conversation shows, kept as it goes on: each change of its signals is a fact.

A signal is of a message: of theirs as the reader found it, of ours where it promises. It is met when a person answers, when the
question was answered, when we came back before the promised time; a promise whose time passed is late.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import cast

from msgspec.structs import replace

from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.model.conversation import Conversation, State, is_private_chat
from rapport.model.fact import ConversationContinued, ConversationOpened, Fact, MessageReread, ReplyQueued
from rapport.model.fact_signal import SignalsChanged
from rapport.model.ids import derived_id
from rapport.model.message import Message
from rapport.model.reading import Reading
from rapport.model.reply import Reminder
from rapport.model.signal import ASKED, HINTED, LATE, MET, OPEN, Shown, Signal, Signals
from rapport.understanding.words import meaning_words

Promised = Callable[[str], str]  # the sentence of a text of ours that promises; "" where none does
DueOf = Callable[[str, datetime, str], datetime | None]  # when a sentence of that time says that it is due, in a zone
MOST = 24  # signals of a conversation that are kept, the newest
QUOTED = 80
MOOD = {"anger": -2, "fear": -1, "sadness": -1, "neutral": 0, "joy": 1}
PROMISE = "promise"


def nothing_promised(text: str) -> str:
    """Where nobody looks for promises."""
    return ""


def never_due(sentence: str, said_at: datetime, zone: str) -> datetime | None:
    """Where nobody reads times."""
    return None


class Signalling:
    """The steps. `reading`: of a message of theirs, kept for the round; `promised` and `due_of`: of what we say."""

    def __init__(self, reading: Callable[[Message], Reading], promised: Promised, due_of: DueOf) -> None:
        self._reading = reading
        self._promised = promised
        self._due_of = due_of

    def said(self, entry: Written, rows: Rows) -> Iterable[New]:
        """A message of theirs began or continued a conversation, or says something else since it was edited."""
        fact = cast(ConversationOpened | ConversationContinued | MessageReread, entry.fact)
        message = rows.get(Message, fact.message)
        conversation = rows.get(Conversation, message.conversation) if message else None
        if message is None or conversation is None:
            return ()
        at = min(message.at, rows.now)
        known = {(one.kind, one.message, one.words) for one in conversation.signals}
        shown = [Signal(one.kind, one.words, message.id, at) for one in _told(conversation, self._reading(message), rows)]
        kept = [one for one in conversation.signals if not one.kind.startswith("mood-")]
        mood = [] if isinstance(fact, MessageReread) else _mood(conversation, message, at)
        mood = mood or [one for one in conversation.signals if one.kind.startswith("mood-")]
        after = [*kept, *(one for one in shown if (one.kind, one.message, one.words) not in known), *mood]
        return _changed(entry, conversation, after, message.id, rows)

    def replied(self, entry: Written, rows: Rows) -> Iterable[New]:
        """We said something: what it answers is met, what it promises is a signal."""
        fact = cast(ReplyQueued, entry.fact)
        conversation = rows.get(Conversation, fact.conversation)
        message = rows.get(Message, fact.message)
        if fact.part or conversation is None or message is None:
            return ()
        agent = rows.centre.agents.get(message.agent)
        by_person = agent is not None and not agent.bot
        after = _answered(conversation.signals, message.text, by_person)
        sentence = self._promised(message.text)
        if sentence:
            until = self._due_of(sentence, rows.now, rows.centre.profile.zone)
            after.append(Signal(PROMISE, sentence, message.id, rows.now, until=until))
        return _changed(entry, conversation, after, message.id, rows)

    def late(self, reminder: Reminder, rows: Rows) -> Iterable[New]:
        """The time of a promise has come; of what is resolved nobody waits for it."""
        conversation = rows.get(Conversation, reminder.subject)
        if conversation is None or conversation.state is State.RESOLVED:
            return ()
        after = [
            replace(one, state=LATE) if _is_due(one, rows.now) else one
            for one in conversation.signals
        ]  # fmt: skip
        if tuple(after) == conversation.signals:
            return ()
        id = derived_id(reminder.id, SignalsChanged.number, int(reminder.at.timestamp() * 1000))
        content = Signals(tuple(after))
        return [New(id, rows.now, conversation.id, _fact(conversation, after, None), content, conversation.handle)]


def _told(conversation: Conversation, reading: Reading, rows: Rows) -> list[Shown]:
    """What a message shows; where a bot answers, or may yet, a hint of asking for a person is asking for one."""
    told = [one for one in reading.signals if one.kind != HINTED]
    hints = [replace(one, kind=ASKED) for one in reading.signals if one.kind == HINTED]
    return [*told, *hints] if hints and (conversation.bot or _a_bot_may_come(conversation, rows)) else told


def _a_bot_may_come(conversation: Conversation, rows: Rows) -> bool:
    return is_private_chat(conversation) and not conversation.agent and any(agent.bot for agent in rows.centre.agents.values())


def _is_due(signal: Signal, now: datetime) -> bool:
    return signal.kind == PROMISE and signal.state == OPEN and signal.until is not None and signal.until <= now


def _mood(conversation: Conversation, message: Message, at: datetime) -> list[Signal]:
    """Where the feeling of the last message is another than before it: worse, or better than it was at its worst."""
    levels = [MOOD.get(mood, 0) for mood in conversation.moods]
    if len(levels) < 2:
        return []
    last, before = levels[-1], levels[:-1]
    words = " ".join(message.text[: QUOTED * 4].split())[:QUOTED]
    if last < 0 and last < before[-1]:
        return [Signal("mood-worse", words, message.id, at)]
    return [Signal("mood-better", words, message.id, at)] if min(before) < 0 <= last and before[-1] < last else []


def _answered(signals: Iterable[Signal], text: str, by_person: bool) -> list[Signal]:
    """The signals after a reply of ours: of several questions those that it speaks of, or else all that are open."""
    questions = [one for one in signals if one.kind == "question" and one.state == OPEN]
    told = set(meaning_words(text))
    spoken_of = [one for one in questions if told & set(meaning_words(one.words))]
    answered = spoken_of if spoken_of and len(questions) > 1 else questions
    met = {id(one) for one in answered}
    return [
        replace(one, state=MET)
        if id(one) in met or (by_person and one.state == OPEN and one.kind in ("wants-person", PROMISE))
        else one
        for one in signals
    ]


def _changed(entry: Written, conversation: Conversation, after: list[Signal], message: bytes, rows: Rows) -> Iterable[New]:
    after = after[-MOST:]
    if tuple(after) == conversation.signals:
        return
    content = Signals(tuple(after))
    fact = _fact(conversation, after, message)
    yield follows(entry, fact, subject=conversation.id, at=rows.now, content=content, owner=conversation.handle)


def _fact(conversation: Conversation, after: list[Signal], message: bytes | None) -> SignalsChanged:
    open_now = tuple(dict.fromkeys(one.kind for one in after if one.state != MET))
    before = {one.kind for one in conversation.signals if one.state != MET}
    gone = tuple(sorted(before - set(open_now)))
    dues = [one.until for one in after if one.kind == PROMISE and one.state == OPEN and one.until is not None]
    return SignalsChanged(conversation.id, conversation.handle, open_now, gone, message, min(dues, default=None))


def steps(signalling: Signalling) -> dict[type[Fact], Callable[[Written, Rows], Iterable[New]]]:
    """What of the order concerns signals."""
    return {
        ConversationOpened: signalling.said,
        ConversationContinued: signalling.said,
        MessageReread: signalling.said,
        ReplyQueued: signalling.replied,
    }
