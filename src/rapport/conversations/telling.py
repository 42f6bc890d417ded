"""What a supervisor does beside whoever has a conversation: read along, say something to them alone, take it over."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import cast

from rapport.conversations.answering import UNKNOWN, done, refused
from rapport.conversations.handing import summed_up
from rapport.conversations.summarising import Summarise
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Folds, Rows, Written
from rapport.model.call import ALIVE, Call
from rapport.model.conversation import Conversation, State
from rapport.model.fact import ActionTaken, AgentTold, Fact, OfferAccepted, RuleCrossed, TellingSeen, Words, WrappedUp
from rapport.model.ids import derived_id, read_id
from rapport.model.interaction import Interaction
from rapport.model.telling import Telling

LONGEST = 2_000  # characters of what is said
MOST_SEEN = 50
Act = Callable[[Written, ActionTaken, Rows], Iterable[New]]
SteppedOver = Callable[[Conversation, str, Rows], tuple[bool, str]]  # whether a rule keeps it from them; why it is refused


def nothing_forbidden(conversation: Conversation, agent: str, rows: Rows) -> tuple[bool, str]:
    """Where nobody knows what is never put to whom."""
    return False, ""


def actions(summarise: Summarise, stepped_over: SteppedOver = nothing_forbidden) -> Mapping[str, Act]:
    """What a supervisor does with a conversation of somebody else, and what its agent answers."""
    return {
        "watch": _watch,
        "whisper": _whisper,
        "whisper_back": _whisper_back,
        "seen_tellings": _seen,
        "take_over": partial(_take_over, summarise, stepped_over),
    }


def _watch(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """Nothing but the record of it."""
    conversation = rows.get(Conversation, fact.conversation)
    yield done(entry, fact, rows, conversation.id) if conversation else refused(entry, fact, rows, UNKNOWN)


def _said(entry: Written) -> str:
    words = entry.content if isinstance(entry.content, Words) else Words()
    return (words.text or words.reason).strip()[:LONGEST]


def _whisper(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    conversation, text = rows.get(Conversation, fact.conversation), _said(entry)
    why = _not_to_whisper(conversation, fact, text)
    if why or conversation is None:
        yield refused(entry, fact, rows, why)
        return
    told = _told(entry, fact, conversation, rows, to=conversation.agent, what="whisper", text=text)
    yield told
    yield done(entry, fact, rows, cast(AgentTold, told.fact).telling)


def _not_to_whisper(conversation: Conversation | None, fact: ActionTaken, text: str) -> str:
    if conversation is None:
        return UNKNOWN
    if not conversation.agent or conversation.bot:
        return "Nobody has this conversation, so nobody would hear it."
    if conversation.agent == fact.agent:
        return "You have this conversation yourself; write a note instead."
    return "" if text else "A whisper needs words."


def _whisper_back(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    telling = rows.get(Telling, read_id(fact.argument))
    conversation = rows.get(Conversation, fact.conversation)
    text = _said(entry)
    if conversation is None:
        yield refused(entry, fact, rows, UNKNOWN)
    elif telling is None or telling.conversation != conversation.id or telling.agent != fact.agent:
        yield refused(entry, fact, rows, "There is nothing here that was said to you alone.")
    elif not text:
        yield refused(entry, fact, rows, "A whisper needs words.")
    else:
        told = _told(entry, fact, conversation, rows, to=telling.by, what="answer", text=text)
        yield from _marked(entry, fact, rows, [telling])
        yield told
        yield done(entry, fact, rows, cast(AgentTold, told.fact).telling)


def _seen(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    named = [read_id(part) for part in fact.argument.split(",")[:MOST_SEEN]]
    yield from _marked(entry, fact, rows, [one for id in named if (one := rows.get(Telling, id)) is not None])
    yield done(entry, fact, rows, fact.conversation)


def _marked(entry: Written, fact: ActionTaken, rows: Rows, tellings: list[Telling]) -> Iterable[New]:
    mine = [one for one in tellings if one.agent == fact.agent and one.seen_at is None]
    if mine:
        seen = TellingSeen(mine[0].conversation, fact.agent, tuple(sorted(one.id for one in mine)))
        yield follows(entry, seen, subject=mine[0].conversation, at=rows.now)


def _told(entry: Written, fact: ActionTaken, conversation: Conversation, rows: Rows, *, to: str, what: str, text: str) -> New:
    told = AgentTold(derived_id(fact.action, "telling"), conversation.id, to, fact.agent, what)
    return follows(entry, told, subject=conversation.id, at=rows.now, content=Words(text=text), owner=conversation.handle)


def _take_over(summarise: Summarise, stepped_over: SteppedOver, entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """The work of who has it ends, the supervisor's begins; who had it is told, with the reason."""
    conversation, reason = rows.get(Conversation, fact.conversation), _said(entry)
    why, crosses = _not_to_take_over(conversation, fact, reason, rows), False
    if not why and conversation is not None:
        crosses, why = stepped_over(conversation, fact.agent, rows)
    if why or conversation is None:
        yield refused(entry, fact, rows, why)
        return
    before, interaction = conversation.agent, rows.get(Interaction, conversation.interaction)
    slot = interaction.slot if interaction else conversation.kind.value
    if interaction is not None:
        ended: Fact = WrappedUp(interaction.id, conversation.id, before, "taken-over", slot)
        yield follows(entry, ended, subject=conversation.id, at=rows.now)
    if crosses:
        yield follows(entry, RuleCrossed(conversation.id, fact.agent), subject=conversation.id, at=rows.now)
    offer = derived_id(fact.action, "taken-over")
    begun = OfferAccepted(offer, conversation.id, fact.agent, derived_id(offer, "interaction"), slot)
    yield follows(entry, begun, subject=conversation.id, at=rows.now)
    yield summed_up(entry, conversation, rows, summarise, by=before, to=fact.agent, how="taken", note=reason)
    if not conversation.bot:
        yield _told(entry, fact, conversation, rows, to=before, what="taken", text=reason)
    yield done(entry, fact, rows, conversation.id)


def _not_to_take_over(conversation: Conversation | None, fact: ActionTaken, reason: str, rows: Rows) -> str:
    if conversation is None:
        return UNKNOWN
    if conversation.state is State.RESOLVED or not conversation.agent:
        return "Nobody has this conversation; take it instead."
    if fact.agent not in rows.centre.agents:
        return f"The centre has no agent {fact.agent}."
    if conversation.agent == fact.agent:
        return "You have this conversation already."
    if any(call.conversation == conversation.id and call.state in ALIVE for call in rows.all(Call)):
        return "They are speaking on the telephone; listen in or wait until the call is over."
    return "" if reason else "To take over needs a reason, which its agent will read."


def _agent_told(entry: Written, rows: Rows) -> None:
    fact = cast(AgentTold, entry.fact)
    text = entry.content.text if isinstance(entry.content, Words) else ""
    rows.put(Telling(fact.telling, fact.conversation, fact.agent, fact.by, fact.what, entry.at, text))


def _telling_seen(entry: Written, rows: Rows) -> None:
    for id in cast(TellingSeen, entry.fact).tellings:
        rows.change(Telling, id, seen_at=entry.at)


FOLDS: Folds = {AgentTold: _agent_told, TellingSeen: _telling_seen}
