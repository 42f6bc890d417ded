"""Crossing: a conversation goes to another centre, with the agreed fields alone, and its answer comes back the same way."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, cast

import msgspec
from msgspec.structs import replace

from rapport.conversations.actions import leave
from rapport.conversations.answering import UNKNOWN, done, refused
from rapport.conversations.handing import summed_up
from rapport.conversations.summarising import Summarise, messages_of
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Folds, Rows, Written
from rapport.model.agreement import CROSSING, Agreement
from rapport.model.conversation import Conversation, State
from rapport.model.fact import (
    ActionTaken,
    ConversationContinued,
    ConversationSnoozed,
    ConversationWoken,
    CrossingAnswered,
    OperationAsked,
    SendRefused,
    Words,
)
from rapport.model.ids import derived_id
from rapport.model.message import Direction, Message, Reach, Standing
from rapport.model.person import Handle
from rapport.model.reply import Outgoing
from rapport.model.statement import Summary

PREFIX = "agreement:"
OP = "cross"
MOST_WORDS = 4_000
SHORTEST, LONGEST = 0.1, 24.0 * 90  # hours for an answer, whatever an agreement says
Act = Callable[[Written, ActionTaken, Rows], Iterable[New]]


def actions(summarise: Summarise, within: Act) -> Mapping[str, Act]:
    """Handing over to another centre, and its answer. `within`: what handing over inside the house does."""
    return {"hand_over": partial(_hand_over, summarise, within), "answer_back": _answer_back}


def _hand_over(summarise: Summarise, within: Act, entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    if not fact.argument.startswith(PREFIX):
        yield from within(entry, fact, rows)
        return
    conversation = rows.get(Conversation, fact.conversation)
    agreement = rows.centre.agreements.get(fact.argument.removeprefix(PREFIX))
    why = _not_to_cross(conversation, agreement, fact)
    if why or conversation is None or agreement is None:
        yield refused(entry, fact, rows, why)
        return
    words = entry.content if isinstance(entry.content, Words) else Words()
    note = words.reason or words.text
    handed = summed_up(entry, conversation, rows, summarise, by=fact.agent, to=agreement.id, how="centre", note=note)
    yield handed
    id = derived_id(fact.action, "crossing")
    summary = handed.content if isinstance(handed.content, Summary) else Summary()
    said = {"fields": fields_of(agreement, conversation, summary, note, rows)}
    about = conversation.message or conversation.id
    asked = OperationAsked(
        id, about, conversation.id, conversation.handle, agreement.id, CROSSING, Reach.PRIVATE, OP, agreement.id, fact.agent
    )
    text = Words(text=msgspec.json.encode(said).decode())
    yield follows(entry, asked, subject=conversation.id, at=rows.now, content=text, owner=conversation.handle)
    yield from leave(entry, rows, conversation, "handed-over")
    until = rows.now + timedelta(hours=min(max(SHORTEST, agreement.hours), LONGEST))
    yield follows(entry, ConversationSnoozed(conversation.id, until, fact.agent), subject=conversation.id, at=rows.now)
    yield done(entry, fact, rows, conversation.id)


def _not_to_cross(conversation: Conversation | None, agreement: Agreement | None, fact: ActionTaken) -> str:
    if conversation is None:
        return UNKNOWN
    if agreement is None:
        return f"The centre has no agreement {fact.argument.removeprefix(PREFIX)[:60]}."
    if agreement.paused or not agreement.gives:
        return f"The agreement {agreement.id} does not let conversations go there now."
    if conversation.state not in (State.OPEN, State.PENDING):
        return f"Only an open conversation can be handed over; this one is {conversation.state}."
    if conversation.agent and conversation.agent != fact.agent:
        return f"{fact.agent} does not have this conversation; {conversation.agent} has it."
    return ""


def fields_of(
    agreement: Agreement, conversation: Conversation, summary: Summary, note: str, rows: Rows
) -> dict[str, Any]:  # Any: plain JSON
    """The fields that the agreement names, and nothing else. What the other side's does not name is dropped on the way."""
    handle = rows.get(Handle, conversation.handle)
    theirs = [m for m in messages_of(conversation, rows) if m.direction is Direction.IN and m.text.strip()]
    theirs.sort(key=lambda m: (m.at, m.id))
    every: dict[str, Any] = {  # Any: as above
        "name": conversation.name,
        "handle": handle.name if handle else "",
        "language": conversation.language,
        "channel": conversation.channel,
        "intent": conversation.intent,
        "urgency": conversation.urgency,
        "words": "\n".join(m.text for m in theirs)[-MOST_WORDS:],
        "summary": {"said": summary.said, "tried": summary.tried, "promised": summary.promised},
        "note": note[:1_000],
        "reference": dict(summary.given),
    }
    return {field: every[field] for field in agreement.fields if every[field]}


def _answer_back(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """The other centre answered: it stands in the thread for the team, and the conversation waits for its own people again."""
    outgoing, conversation = rows.get(Outgoing, fact.outgoing), rows.get(Conversation, fact.conversation)
    words = entry.content if isinstance(entry.content, Words) else Words()
    is_theirs = outgoing is not None and outgoing.op == OP and outgoing.target == fact.argument
    if conversation is None or not is_theirs or fact.agent != f"{PREFIX}{fact.argument}":
        yield refused(entry, fact, rows, "Nothing of ours was handed over by this agreement.")
        return
    answered = CrossingAnswered(derived_id(fact.action, "answer"), conversation.id, fact.argument)
    text = Words(text=words.text)
    yield follows(entry, answered, subject=conversation.id, at=rows.now, content=text, owner=conversation.handle)
    yield from _wanted_again(entry, conversation, rows)
    yield done(entry, fact, rows, conversation.id)


def _wanted_again(entry: Written, conversation: Conversation, rows: Rows) -> Iterable[New]:
    if conversation.state is State.SNOOZED:
        yield follows(entry, ConversationWoken(conversation.id), subject=conversation.id, at=rows.now)
    elif conversation.state is State.RESOLVED and conversation.message is not None:
        due_at = rows.now + rows.centre.target(conversation.kind)
        again = ConversationContinued(
            conversation.id, conversation.person, conversation.handle, conversation.message, reopened=True, due_at=due_at
        )
        yield follows(entry, again, subject=conversation.id, at=rows.now)


def not_taken(entry: Written, rows: Rows) -> Iterable[New]:
    """The other centre did not take it: it waits here again, and the reason stands at its operation."""
    outgoing = rows.get(Outgoing, cast(SendRefused, entry.fact).outgoing)
    conversation = rows.get(Conversation, outgoing.conversation) if outgoing else None
    if outgoing is not None and outgoing.op == OP and conversation is not None:
        yield from _wanted_again(entry, conversation, rows)


def _answered(entry: Written, rows: Rows) -> None:
    fact = cast(CrossingAnswered, entry.fact)
    before = rows.get(Conversation, fact.conversation)
    agreement = rows.centre.agreements.get(fact.agreement)
    if before is None:
        return
    text = entry.content.text if isinstance(entry.content, Words) else ""
    rows.put(replace(before, agreement="", unread=True))
    rows.put(
        Message(
            id=fact.message,
            at=entry.at,
            direction=Direction.NOTE,
            standing=Standing.RECEIVED,
            reach=Reach.PRIVATE,
            channel=CROSSING,
            handle=before.handle,
            person=before.person,
            conversation=before.id,
            agent=f"{PREFIX}{fact.agreement}",
            author=(agreement.label if agreement else "") or fact.agreement,
            text=text,
        )
    )


FOLDS: Folds = {CrossingAnswered: _answered}
