"""The stage of calls: what callers and lines do, and who answers, becomes orders for the telephone server."""

from collections.abc import Iterable
from typing import cast

from rapport.calls.acting import act, to_call_back
from rapport.calls.ordering import call_of, line, marked, number_of, order, order_in, setting
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Stage, Written
from rapport.model.call import ALIVE, TALK, Call, CallState
from rapport.model.conversation import Conversation, State
from rapport.model.fact import (
    ActionTaken,
    CallEnded,
    CallKeyed,
    CallLegEnded,
    CallStarted,
    ConversationResolved,
    ConversationSnoozed,
    Keyed,
    OfferAccepted,
    OperationDone,
    SendRefused,
    SendUnknown,
    Words,
    WrappedUp,
)
from rapport.model.reply import Outgoing

HUNG_UP, VANISHED = "hung-up", "vanished"
ENDS_WELL = frozenset({"complete", "pass_on", "park", "hang_up", "part"})  # orders that end lines themselves


def stage() -> Stage:
    """The calls stage."""
    return Stage(
        "calls",
        {
            CallStarted: _started,
            CallKeyed: _keyed,
            CallLegEnded: _leg_ended,
            CallEnded: _ended,
            OfferAccepted: _accepted,
            OperationDone: _done,
            SendRefused: _refused,
            SendUnknown: _refused,
            WrappedUp: _wrapped_up,
            ConversationResolved: _closed,
            ConversationSnoozed: _closed,
            ActionTaken: act,
        },
    )


def _started(entry: Written, rows: Rows) -> Iterable[New]:
    fact = cast(CallStarted, entry.fact)
    call = rows.get(Call, fact.call)
    if call is None or call.state is not CallState.WAITING:
        return
    conversation = rows.get(Conversation, call.conversation)
    if conversation is None:  # the guard held it: so many calls are no person's
        yield order(entry, call, "hang_up", rows)
        return
    yield order(entry, call, "greet", rows)
    if conversation.agent and not conversation.bot:  # whoever has the conversation already is rung; they did not say yes yet
        leg = line(entry, call, "ag")
        yield order(entry, call, "connect", rows, nth=1, agent=conversation.agent, leg=leg, rings=True)


def _keyed(entry: Written, rows: Rows) -> Iterable[New]:
    fact = cast(CallKeyed, entry.fact)
    call = rows.get(Call, fact.call)
    keys = entry.content.keys if isinstance(entry.content, Keyed) else ""
    if call is None or not keys or call.state not in ALIVE:
        return
    if keys == setting(call, "consent_key", "2", rows) and not call.agreed:
        yield marked(entry, call, "agreed", rows)
    elif keys == setting(call, "callback_key", "1", rows) and call.state is CallState.WAITING and number_of(call, rows):
        yield marked(entry, call, "promised", rows)
        yield order(entry, call, "promise", rows)


def _accepted(entry: Written, rows: Rows) -> Iterable[New]:
    fact = cast(OfferAccepted, entry.fact)
    call = call_of(rows, fact.conversation)
    if call is None or fact.bot or call.agent == fact.agent:
        return
    if call.state is CallState.WAITING:
        yield order(entry, call, "connect", rows, agent=fact.agent, leg=line(entry, call, "ag"))
    elif call.state is CallState.PROMISED:
        yield to_call_back(entry, call, fact.agent, rows)


def _leg_ended(entry: Written, rows: Rows) -> Iterable[New]:
    """An agent who hangs up ends the call; one whose line broke leaves a caller who must not be lost."""
    fact = cast(CallLegEnded, entry.fact)
    call = rows.get(Call, fact.call)
    if call is None or fact.leg != call.leg or call.state not in TALK or call.asked in ENDS_WELL:
        return
    if fact.reason == HUNG_UP:
        yield order(entry, call, "hang_up", rows)
        return
    yield marked(entry, call, "cut", rows, agent=call.agent)
    yield order(entry, call, "park", rows)


def _ended(entry: Written, rows: Rows) -> Iterable[New]:
    fact = cast(CallEnded, entry.fact)
    call = rows.get(Call, fact.call)
    if call is None or call.state is not CallState.OVER:
        return
    if fact.reason == VANISHED:
        yield marked(entry, call, "lost", rows, agent=call.agent)
    yield order(entry, call, "hang_up", rows)
    if call.talked == 0 and call.reason != "called-again":
        yield from _abandoned(entry, call, rows)


def _abandoned(entry: Written, call: Call, rows: Rows) -> Iterable[New]:
    """Nobody had answered. Nothing waits then, where the call was the last that the person said and nobody has it."""
    yield marked(entry, call, "abandoned", rows)
    conversation = rows.get(Conversation, call.conversation)
    if conversation is None or conversation.agent or conversation.message != call.message:
        return
    if conversation.state is not State.RESOLVED:
        resolved = ConversationResolved(conversation.id, "abandoned")
        yield follows(entry, resolved, subject=conversation.id, at=rows.now)


def _done(entry: Written, rows: Rows) -> Iterable[New]:
    """What was asked is so. Who left the call to a colleague hands the conversation over; who left at once, to another."""
    fact = cast(OperationDone, entry.fact)
    said = order_in(rows.get(Outgoing, fact.outgoing))
    call = rows.get(Call, bytes.fromhex(said.call)) if said else None
    if said is None or call is None:
        return
    if said.do == "connect" and call.state is CallState.CONNECTING and not call.leg:
        yield marked(entry, call, "cut", rows, agent=said.agent)
        yield order(entry, call, "park", rows, leg=said.leg)
    if said.do == "complete" and said.to in rows.centre.agents:
        before = rows.get(Outgoing, fact.outgoing)
        yield marked(entry, call, "handed", rows, agent=before.by if before else "", to=said.to)


def _refused(entry: Written, rows: Rows) -> Iterable[New]:
    """An agent who cannot be reached loses the call to another; a person who does not answer stays with the agent."""
    fact = cast("SendRefused | SendUnknown", entry.fact)
    said = order_in(rows.get(Outgoing, fact.outgoing))
    call = rows.get(Call, bytes.fromhex(said.call)) if said else None
    if said is None or call is None or said.do not in ("connect", "call_back", "reconnect"):
        return
    reason = entry.content.reason if isinstance(entry.content, Words) else ""
    if reason.startswith("call-over") or call.state is CallState.OVER:
        return
    if said.do == "reconnect":
        yield marked(entry, call, "cut", rows, agent=said.agent)
        yield order(entry, call, "park", rows)
        return
    reached = said.do == "call_back" and not reason.startswith("no-softphone")
    yield marked(entry, call, "unanswered" if reached else "unreachable", rows, agent=said.agent)


def _wrapped_up(entry: Written, rows: Rows) -> Iterable[New]:
    """The agent's work ended while the caller is there: they wait again, unless the conversation ends too."""
    fact = cast(WrappedUp, entry.fact)
    call, conversation = call_of(rows, fact.conversation), rows.get(Conversation, fact.conversation)
    ends = conversation is None or conversation.state in (State.RESOLVED, State.SNOOZED)
    if call is not None and not ends and call.agent == fact.agent and call.state in (*TALK, CallState.CONNECTING):
        yield order(entry, call, "park", rows)


def _closed(entry: Written, rows: Rows) -> Iterable[New]:
    fact = cast("ConversationResolved | ConversationSnoozed", entry.fact)
    call = call_of(rows, fact.conversation)
    if call is not None and call.state in ALIVE and call.ended_at is None:
        yield order(entry, call, "hang_up", rows)
