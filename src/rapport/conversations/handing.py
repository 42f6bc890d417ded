"""Handing over: to an agent or team, from a bot to a person, to be called back; with what was said, tried and promised."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import cast

from msgspec.structs import replace

from rapport.conversations.actions import leave, read_time
from rapport.conversations.answering import UNKNOWN, done, refused
from rapport.conversations.summarising import Summarise, messages_of
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Folds, Rows, Step, Written
from rapport.model.conversation import Conversation, State
from rapport.model.fact import (
    ActionTaken,
    CallBackAsked,
    ConversationSnoozed,
    ConversationTransferred,
    Fact,
    HandedOver,
    NoteWritten,
    Words,
    WrappedUp,
)
from rapport.model.ids import derived_id
from rapport.model.interaction import Interaction
from rapport.model.person import Handle, Person
from rapport.model.statement import Handover, Summary

SOON = timedelta(seconds=1)  # a call that is to be made at once
FURTHEST = timedelta(days=60)
TO_BE_CALLED = frozenset({"sms", "voice", "whatsapp", "phone"})
PHONES = ("phone", "telephone", "mobile", "telefono", "teléfono")
Act = Callable[[Written, ActionTaken, Rows], Iterable[New]]


def actions(summarise: Summarise) -> Mapping[str, Act]:
    """What an agent does to hand over; to an agent or a team matching does it, here only what they should know is noted."""
    return {"transfer": _note, "hand_over": _note, "call_back": partial(_call_back, summarise)}


def steps(summarise: Summarise) -> Mapping[type[Fact], Step]:
    """What follows from a hand-over: the summary."""
    return {ConversationTransferred: partial(_transferred, summarise), WrappedUp: partial(_wrapped_up, summarise)}


def _note(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """What whoever hands over adds, as a note in the thread; the hand-over itself is answered elsewhere."""
    conversation = rows.get(Conversation, fact.conversation)
    words = entry.content if isinstance(entry.content, Words) else Words()
    text = (words.reason or words.text).strip()
    if conversation is None or not text or conversation.state is State.RESOLVED:
        return
    note = NoteWritten(derived_id(fact.action, "note"), conversation.id, fact.agent)
    yield follows(entry, note, subject=conversation.id, at=rows.now, content=Words(text=text), owner=conversation.handle)


def summed_up(
    entry: Written, conversation: Conversation, rows: Rows, summarise: Summarise, *, by: str, to: str, how: str, note: str = ""
) -> New:
    """The fact that a conversation goes from one hand to another, with its summary sealed by the person's key."""
    summary = summarise(messages_of(conversation, rows))
    summary = replace(summary, note=note[:1_000]) if note else summary
    fact = HandedOver(conversation.id, by, to, how)
    return follows(entry, fact, subject=conversation.id, at=rows.now, content=summary, owner=conversation.handle)


def _transferred(summarise: Summarise, entry: Written, rows: Rows) -> Iterable[New]:
    fact = cast(ConversationTransferred, entry.fact)
    conversation = rows.get(Conversation, fact.conversation)
    if conversation is not None:
        how = "agent" if fact.to in rows.centre.agents else "team" if fact.to else "anyone"
        yield summed_up(entry, conversation, rows, summarise, by=fact.agent, to=fact.to, how=how)


def _wrapped_up(summarise: Summarise, entry: Written, rows: Rows) -> Iterable[New]:
    """A bot that hands over to a person."""
    fact = cast(WrappedUp, entry.fact)
    interaction, conversation = rows.get(Interaction, fact.interaction), rows.get(Conversation, fact.conversation)
    if fact.disposition == "handed-over" and interaction is not None and interaction.bot and conversation is not None:
        yield summed_up(entry, conversation, rows, summarise, by=fact.agent, to="", how="bot")


def _call_back(summarise: Summarise, entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """Whoever is to be called waits for an agent who telephones, from that time on; the place is free until then."""
    conversation = rows.get(Conversation, fact.conversation)
    words = entry.content if isinstance(entry.content, Words) else Words()
    if conversation is None:
        yield refused(entry, fact, rows, UNKNOWN)
        return
    phone = words.text.strip()[:40] or _phone_of(conversation, rows)
    at = read_time(fact.argument, rows.centre.profile.zone) if fact.argument.strip() else rows.now + SOON
    why = _not_to_call(conversation, fact, phone, at, rows)
    if why or at is None:
        yield refused(entry, fact, rows, why)
        return
    asked = CallBackAsked(conversation.id, at, fact.agent)
    yield follows(entry, asked, subject=conversation.id, at=rows.now, content=Words(text=phone), owner=conversation.handle)
    yield summed_up(entry, conversation, rows, summarise, by=fact.agent, to="voice", how="call")
    yield from leave(entry, rows, conversation, "call-back")
    yield follows(entry, ConversationSnoozed(conversation.id, at, fact.agent), subject=conversation.id, at=rows.now)
    yield done(entry, fact, rows, conversation.id)


def _not_to_call(conversation: Conversation, fact: ActionTaken, phone: str, at: datetime | None, rows: Rows) -> str:
    if conversation.state not in (State.OPEN, State.PENDING):
        return f"Only an open conversation can be called back; this one is {conversation.state}."
    if conversation.agent and fact.agent not in (conversation.agent, *conversation.beside):
        return f"{fact.agent} does not have this conversation; {conversation.agent} has it."
    if not any(letter.isdigit() for letter in phone):
        return "A telephone number is needed: none is known of this person."
    if at is None:
        return f"A time such as 2026-03-03T10:00 is needed, got {fact.argument[:40]!r}."
    if not rows.now <= at <= rows.now + FURTHEST:
        return f"The time must be in the future, got {fact.argument[:40]}."
    return ""


def _phone_of(conversation: Conversation, rows: Rows) -> str:
    """The number by which the person is known: their handle's, else one that they told."""
    handle = rows.get(Handle, conversation.handle)
    network, _, name = handle.name.partition(":") if handle else ("", "", "")
    if network in TO_BE_CALLED:
        return name
    person = rows.get(Person, conversation.person)
    told = {attribute.name.lower(): attribute.value for attribute in person.attributes} if person else {}
    return next((str(told[name]) for name in PHONES if isinstance(told.get(name), str)), "")


def _handed(entry: Written, rows: Rows) -> None:
    fact = cast(HandedOver, entry.fact)
    summary = entry.content if isinstance(entry.content, Summary) else Summary()
    rows.put(Handover(fact.conversation, entry.at, fact.by, fact.to, fact.how, summary))
    if fact.how == "centre":
        rows.change(Conversation, fact.conversation, agreement=fact.to)


def _to_be_called(entry: Written, rows: Rows) -> None:
    fact = cast(CallBackAsked, entry.fact)
    phone = entry.content.text if isinstance(entry.content, Words) else ""
    rows.change(Conversation, fact.conversation, call_at=fact.at, call_to=phone)


FOLDS: Folds = {HandedOver: _handed, CallBackAsked: _to_be_called}
