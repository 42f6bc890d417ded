"""The view of calls: where each stands, who is in it, and how long an agent talked."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import cast

from msgspec.structs import replace

from rapport.calls.ordering import order_in
from rapport.ledger.views import Folds, Rows, Written
from rapport.model.call import ALIVE, CALL, TALK, Call, CallState, Order
from rapport.model.conversation import Conversation
from rapport.model.fact import (
    CallEnded,
    CallLegEnded,
    CallMarked,
    CallStarted,
    ConversationResolved,
    OfferAccepted,
    OperationAsked,
    OperationDone,
    SendRefused,
    SendUnknown,
    Words,
)
from rapport.model.interaction import Interaction
from rapport.model.message import Message
from rapport.model.reply import Outgoing

RULE = re.compile("(no-answer|no-softphone|call-over):")
Change = Callable[[Call, Order, datetime], Call]


def _started(entry: Written, rows: Rows) -> None:
    """A call that comes; who was to be called back for the same conversation called themselves."""
    fact = cast(CallStarted, entry.fact)
    message = rows.get(Message, fact.message)
    if rows.get(Call, fact.call) is not None:
        return
    for other in [c for c in rows.all(Call) if c.state is CallState.PROMISED and c.handle == fact.handle]:
        rows.put(replace(other, state=CallState.OVER, reason="called-again", ended_at=other.ended_at or fact.started_at))
    conversation = (message.conversation if message else None) or fact.call
    rows.put(
        Call(fact.call, fact.account, fact.channel, fact.of, conversation, fact.handle, fact.started_at, message=fact.message)
    )


def _leg_ended(entry: Written, rows: Rows) -> None:
    fact = cast(CallLegEnded, entry.fact)
    call = rows.get(Call, fact.call)
    if call is not None and fact.leg == call.leg and call.state is CallState.CONNECTING:  # they took it, and hung up at once
        rows.put(replace(call, leg=""))
        return
    if call is None or fact.leg != call.guest or call.asked in ("complete", "part"):
        return
    state = {CallState.CONSULTING: CallState.HELD, CallState.CONFERENCE: CallState.TALKING}.get(call.state, call.state)
    rows.put(replace(call, guest="", guest_name="", state=state))


def _ended(entry: Written, rows: Rows) -> None:
    fact = cast(CallEnded, entry.fact)
    call = rows.get(Call, fact.call)
    if call is None or call.state in (CallState.OVER, CallState.PROMISED):
        return
    if call.state is CallState.CALLING:  # whether they ever answered, the order that is under way will say
        rows.put(replace(call, ended_at=fact.ended_at, reason=fact.reason))
        return
    promised = call.reason == "promised"
    talked = _left(call, fact.ended_at, rows)
    state = CallState.PROMISED if promised else CallState.OVER
    rows.put(replace(talked, state=state, reason=fact.reason, ended_at=fact.ended_at, recording="", asked=""))


def _left(call: Call, at: datetime, rows: Rows) -> Call:
    """The call when its agent's talk ends; the interaction knows how long it was."""
    if call.joined_at is None:
        return call
    seconds = max(0.0, (at - call.joined_at).total_seconds())
    interaction = rows.get(Interaction, call.interaction)
    if interaction is not None and interaction.agent == call.agent:
        rows.put(replace(interaction, talked=interaction.talked + seconds))
    return replace(call, joined_at=None, talked=call.talked + seconds)


def _asked(entry: Written, rows: Rows) -> None:
    fact = cast(OperationAsked, entry.fact)
    said = order_in(rows.get(Outgoing, fact.outgoing)) if fact.op == CALL else None
    call = rows.get(Call, bytes.fromhex(said.call)) if said else None
    if said is None or call is None:
        return
    conversation = rows.get(Conversation, call.conversation)
    if said.do in ("connect", "call_back") and conversation is not None:
        call = replace(call, interaction=conversation.interaction)
    match said.do:
        case "connect":
            call = replace(call, state=CallState.CONNECTING, agent=said.agent, leg=said.leg)
        case "reconnect":
            call = replace(call, leg=said.leg)
        case "call_back":
            count = call.calls_back + 1
            call = replace(
                call, state=CallState.CALLING, agent=said.agent, leg=said.leg, key=said.key, calls_back=count, ended_at=None
            )
        case "consult" | "pass_on":
            call = replace(call, guest=said.guest, guest_name=said.to)
        case "park":
            call = _left(call, entry.at, rows)
            call = replace(call, state=CallState.WAITING, agent="", leg="", guest="", guest_name="")
        case "greet" | "promise":
            return
    rows.put(replace(call, asked=said.do if said.do != "park" else "", problem=""))


DONE: dict[str, Change] = {
    "connect": lambda call, said, at: replace(call, state=CallState.TALKING, joined_at=at),
    "call_back": lambda call, said, at: replace(call, state=CallState.TALKING, joined_at=at),
    "hold": lambda call, said, at: replace(call, state=CallState.HELD),
    "resume": lambda call, said, at: replace(call, state=CallState.TALKING),
    "consult": lambda call, said, at: replace(call, state=CallState.CONSULTING),
    "join": lambda call, said, at: replace(call, state=CallState.CONFERENCE),
    "part": lambda call, said, at: replace(call, state=CallState.TALKING, guest="", guest_name=""),
    "record": lambda call, said, at: replace(call, recording=said.recording, recordings=call.recordings + 1),
    "stop_record": lambda call, said, at: replace(call, recording=""),
}


def _done(entry: Written, rows: Rows) -> None:
    fact = cast(OperationDone, entry.fact)
    said = order_in(rows.get(Outgoing, fact.outgoing))
    call = rows.get(Call, bytes.fromhex(said.call)) if said else None
    if said is None or call is None or call.state is CallState.OVER:
        return
    if said.do in ("connect", "call_back"):
        if call.leg != said.leg:
            return
        rows.change(Conversation, call.conversation, waiting_since=None, due_at=None, unread=False)
        conversation = rows.get(Conversation, call.conversation)
        if conversation is not None and conversation.answered_at is None:
            rows.put(replace(conversation, answered_at=fact.done_at))
    change = DONE.get(said.do)
    if change is not None:
        call = change(call, said, fact.done_at)
    if said.do == "call_back" and call.ended_at is not None:  # they hung up at once
        call = replace(_left(call, max(call.ended_at, fact.done_at), rows), state=CallState.OVER)
    if (
        said.do in ("complete", "pass_on") and call.guest_name not in rows.centre.agents
    ):  # the caller talks with who is no agent
        call = replace(_left(call, fact.done_at, rows), leg="", recording="")
    rows.put(replace(call, asked="" if call.asked == said.do else call.asked))


def _refused(entry: Written, rows: Rows) -> None:
    fact = cast("SendRefused | SendUnknown", entry.fact)
    said = order_in(rows.get(Outgoing, fact.outgoing))
    call = rows.get(Call, bytes.fromhex(said.call)) if said else None
    if said is None or call is None or call.state is CallState.OVER:
        return
    if said.do in ("consult", "pass_on") and call.asked != said.do:  # the agent did not want it any more
        return
    reason = entry.content.reason if isinstance(entry.content, Words) else ""
    rule = reason.partition(":")[0] if RULE.match(reason) else ""
    call = replace(call, asked="" if call.asked == said.do else call.asked, problem=rule or "failed")
    match said.do, call.state:
        case "connect", CallState.CONNECTING:
            call = replace(call, state=CallState.WAITING, agent="", leg="")
        case "call_back", CallState.CALLING:
            call = replace(call, state=CallState.PROMISED, agent="", leg="", reason="")
        case (("consult" | "pass_on"), (CallState.TALKING | CallState.HELD)):  # the caller was held first
            call = replace(call, state=CallState.HELD, guest="", guest_name="")
    rows.put(call)


def _marked(entry: Written, rows: Rows) -> None:
    fact = cast(CallMarked, entry.fact)
    call = rows.get(Call, fact.call)
    if call is None:
        return
    match fact.mark:
        case "agreed":
            rows.put(replace(call, agreed=True))
        case "promised":
            rows.put(replace(call, reason="promised"))
        case "cut":
            rows.change(Conversation, call.conversation, waiting_since=call.started_at)
        case "handed":
            left = _left(call, entry.at, rows)
            rows.put(
                replace(
                    left, state=CallState.TALKING, agent=fact.to, leg=call.guest, guest="", guest_name="", joined_at=entry.at
                )
            )


def _accepted(entry: Written, rows: Rows) -> None:
    """Whoever took a call over has an interaction of their own."""
    fact = cast(OfferAccepted, entry.fact)
    for call in [c for c in rows.all(Call) if c.conversation == fact.conversation and c.agent == fact.agent]:
        rows.put(replace(call, interaction=fact.interaction))


def _resolved(entry: Written, rows: Rows) -> None:
    """Who was to be called back need not be."""
    fact = cast(ConversationResolved, entry.fact)
    for call in [c for c in rows.all(Call) if c.conversation == fact.conversation and c.state not in ALIVE | TALK]:
        if call.state is CallState.PROMISED:
            rows.put(replace(call, state=CallState.OVER))


FOLDS: Folds = {
    CallStarted: _started,
    CallLegEnded: _leg_ended,
    CallEnded: _ended,
    CallMarked: _marked,
    OperationAsked: _asked,
    OperationDone: _done,
    SendRefused: _refused,
    SendUnknown: _refused,
    OfferAccepted: _accepted,
    ConversationResolved: _resolved,
}
