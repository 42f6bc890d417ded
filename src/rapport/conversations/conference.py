"""Conference: two or more agents write in one conversation; one of them leads, and has it."""

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from rapport.conversations.answering import UNKNOWN, done, refused
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Folds, Rows, Written
from rapport.model.conversation import Conversation, State
from rapport.model.fact import ActionTaken, ConferenceChanged, Fact, OfferAccepted, WrappedUp
from rapport.model.ids import derived_id
from rapport.model.interaction import Interaction

SENIOR = frozenset({"supervisor", "administrator"})
MOST = 4  # beside who leads
Act = Callable[[Written, ActionTaken, Rows], Iterable[New]]


def _join(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """Whoever leads asks a colleague in; a senior comes by themselves."""
    conversation = rows.get(Conversation, fact.conversation)
    who = fact.argument.strip() or fact.agent
    why = _not_to_join(conversation, fact, who, rows)
    if why or conversation is None:
        yield refused(entry, fact, rows, why)
        return
    yield _changed(entry, conversation, rows, conversation.agent, (*conversation.beside, who), fact.agent)
    yield done(entry, fact, rows, conversation.id)


def _not_to_join(conversation: Conversation | None, fact: ActionTaken, who: str, rows: Rows) -> str:
    if conversation is None:
        return UNKNOWN
    if conversation.state is State.RESOLVED or not conversation.agent:
        return "Nobody has this conversation; take it instead."
    if who not in rows.centre.agents:
        return f"The centre has no agent {who}."
    if who in (conversation.agent, *conversation.beside):
        return f"{who} is in this conversation already."
    if len(conversation.beside) >= MOST:
        return f"At most {MOST} can be beside who leads."
    agent = rows.centre.agents.get(fact.agent)
    is_in = fact.agent in (conversation.agent, *conversation.beside)
    if not is_in and not (agent is not None and agent.role in SENIOR):
        return f"not-yours: {conversation.agent} leads this conversation and can ask you in."
    return ""


def _leave(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    conversation = rows.get(Conversation, fact.conversation)
    who = fact.argument.strip() or fact.agent
    if conversation is None:
        yield refused(entry, fact, rows, UNKNOWN)
    elif who not in conversation.beside:
        yield refused(entry, fact, rows, f"{who} is not beside who leads; pass the lead first.")
    elif fact.agent not in (who, conversation.agent):
        yield refused(entry, fact, rows, f"not-yours: {conversation.agent} leads this conversation.")
    else:
        beside = tuple(one for one in conversation.beside if one != who)
        yield _changed(entry, conversation, rows, conversation.agent, beside, fact.agent)
        yield done(entry, fact, rows, conversation.id)


def _lead(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """Somebody beside leads from now on: the work of who led ends, theirs begins."""
    conversation = rows.get(Conversation, fact.conversation)
    who = fact.argument.strip()
    agent = rows.centre.agents.get(fact.agent)
    if conversation is None:
        yield refused(entry, fact, rows, UNKNOWN)
    elif who not in conversation.beside:
        yield refused(entry, fact, rows, f"{who or 'Nobody'} is not in this conversation; ask them in first.")
    elif fact.agent != conversation.agent and not (agent is not None and agent.role in SENIOR):
        yield refused(entry, fact, rows, f"not-yours: {conversation.agent} leads this conversation.")
    else:
        yield from _passed(entry, fact, conversation, who, rows)
        yield done(entry, fact, rows, conversation.id)


def _passed(entry: Written, fact: ActionTaken, conversation: Conversation, who: str, rows: Rows) -> Iterable[New]:
    before, slot = conversation.agent, conversation.kind.value
    interaction = rows.get(Interaction, conversation.interaction)
    if interaction is not None:
        slot = interaction.slot
        ended: Fact = WrappedUp(interaction.id, conversation.id, before, "lead-passed", slot)
        yield follows(entry, ended, subject=conversation.id, at=rows.now)
    offer = derived_id(fact.action, "lead")
    known = rows.centre.agents.get(who)
    begun = OfferAccepted(offer, conversation.id, who, derived_id(offer, "interaction"), slot, bool(known and known.bot))
    yield follows(entry, begun, subject=conversation.id, at=rows.now)
    beside = tuple(one for one in (before, *conversation.beside) if one != who)
    yield _changed(entry, conversation, rows, who, beside, fact.agent)


def _changed(entry: Written, conversation: Conversation, rows: Rows, lead: str, beside: tuple[str, ...], by: str) -> New:
    fact = ConferenceChanged(conversation.id, lead, beside, by)
    return follows(entry, fact, subject=conversation.id, at=rows.now)


ACTIONS: Mapping[str, Act] = {"join": _join, "leave": _leave, "lead": _lead}


def _conference(entry: Written, rows: Rows) -> None:
    fact = cast(ConferenceChanged, entry.fact)
    rows.change(Conversation, fact.conversation, beside=fact.beside)


FOLDS: Folds = {ConferenceChanged: _conference}
