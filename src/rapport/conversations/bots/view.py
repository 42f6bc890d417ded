"""The view of bots at work: who has which conversation, how often they repeat themselves, and the timer that always runs."""

from datetime import timedelta
from typing import cast

from msgspec.structs import replace

from rapport.conversations.bots.understood import alike, words_of
from rapport.ledger.views import Folds, Rows, Written
from rapport.model.bot import Bot, Turn, span
from rapport.model.conversation import Conversation
from rapport.model.fact import (
    ConversationContinued,
    ConversationResolved,
    ConversationSnoozed,
    ConversationTransferred,
    OfferAccepted,
    ReplyQueued,
    Words,
    WrappedUp,
)
from rapport.model.fact_work import StepDone
from rapport.model.ids import derived_id
from rapport.model.reply import Reminder

BOT = "bot"  # the reminder's `what`


def bot_of(agent: str, rows: Rows) -> Bot:
    """How an agent that is a program answers."""
    return rows.centre.bots.get(agent) or Bot(agent)


def bot_reminder(conversation: bytes) -> bytes:
    """The id of the timer of a bot at work."""
    return derived_id(conversation, "reminder", BOT)


def _accepted(entry: Written, rows: Rows) -> None:
    fact = cast(OfferAccepted, entry.fact)
    if fact.bot:
        rows.put(Turn(fact.conversation, fact.agent))
        _wind(entry, fact.conversation, span(bot_of(fact.agent, rows).patience), rows)
    else:
        _over(fact.conversation, rows)


def _wind(entry: Written, conversation: bytes, long: timedelta, rows: Rows) -> None:
    rows.put(Reminder(bot_reminder(conversation), entry.at + long, BOT, conversation))


def _over(conversation: bytes, rows: Rows) -> None:
    if rows.knows(Turn, conversation):
        rows.drop(Turn, conversation)
        rows.drop(Reminder, bot_reminder(conversation))


def _ended(entry: Written, rows: Rows) -> None:
    fact = cast(ConversationResolved | ConversationTransferred | ConversationSnoozed | WrappedUp, entry.fact)
    _over(fact.conversation, rows)


def _continued(entry: Written, rows: Rows) -> None:
    fact = cast(ConversationContinued, entry.fact)
    turn = rows.get(Turn, fact.conversation)
    if turn is not None:
        _wind(entry, turn.id, span(bot_of(turn.agent, rows).patience), rows)


def _replied(entry: Written, rows: Rows) -> None:
    fact = cast(ReplyQueued, entry.fact)
    turn, conversation = rows.get(Turn, fact.conversation), rows.get(Conversation, fact.conversation)
    if turn is None or conversation is None or fact.part:
        return
    said = words_of(entry.content.text) if isinstance(entry.content, Words) else ()
    repeats = turn.repeats + 1 if alike(said, turn.said) else 0
    rows.put(replace(turn, repeats=repeats, said=said))
    _wind(entry, turn.id, span(bot_of(turn.agent, rows).silence), rows)


def _step_done(entry: Written, rows: Rows) -> None:
    """A step done is progress, whatever is asked next."""
    fact = cast(StepDone, entry.fact)
    turn = rows.get(Turn, fact.conversation)
    if turn is not None and turn.agent == fact.by and not fact.undone:
        rows.put(replace(turn, repeats=0, said=()))


FOLDS: Folds = {
    OfferAccepted: _accepted,
    ConversationContinued: _continued,
    ReplyQueued: _replied,
    StepDone: _step_done,
    ConversationResolved: _ended,
    ConversationTransferred: _ended,
    ConversationSnoozed: _ended,
    WrappedUp: _ended,
}
