"""What an agent does with a call: each becomes an order for the telephone server, or is refused saying why."""

from collections.abc import Iterable
from typing import cast

from rapport.calls.ordering import NUMBER, call_of, line, number_of, order
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.model.call import Call, CallState
from rapport.model.conversation import Conversation
from rapport.model.fact import ActionDone, ActionRefused, ActionTaken, Fact
from rapport.model.ids import show_id

INSIDE = "agent:"
WHEN: dict[str, frozenset[CallState]] = {  # what can be done in which state
    "hold": frozenset({CallState.TALKING}),
    "resume": frozenset({CallState.HELD}),
    "consult": frozenset({CallState.TALKING, CallState.HELD}),
    "complete": frozenset({CallState.CONSULTING, CallState.CONFERENCE}),
    "join": frozenset({CallState.CONSULTING}),
    "part": frozenset({CallState.CONSULTING, CallState.CONFERENCE}),
    "pass_on": frozenset({CallState.TALKING, CallState.HELD}),
    "record": frozenset({CallState.TALKING}),
    "stop_record": frozenset({CallState.TALKING, CallState.HELD, CallState.CONSULTING, CallState.CONFERENCE}),
    "hang_up": frozenset(
        {CallState.CONNECTING, CallState.TALKING, CallState.HELD, CallState.CONSULTING, CallState.CONFERENCE, CallState.CALLING}
    ),
    "call_back": frozenset({CallState.PROMISED}),
    "reconnect": frozenset({CallState.TALKING, CallState.HELD, CallState.CONSULTING, CallState.CONFERENCE}),
}
DOINGS = tuple(WHEN)
NEEDS_SOMEBODY = frozenset({"consult", "pass_on"})


def act(entry: Written, rows: Rows) -> Iterable[New]:
    """What follows where an agent does something with a call. `argument`: what, and to whom where it asks."""
    fact = cast(ActionTaken, entry.fact)
    if fact.do != "call":
        return
    do, _, to = fact.argument.partition(" ")
    call = call_of(rows, fact.conversation)
    obstacle = _obstacle(fact, call, do, to.strip(), rows)
    if call is None or obstacle:
        yield _answer(entry, fact, rows, ActionRefused(fact.action, obstacle))
        return
    yield _ordered(entry, fact.agent, call, do, to.strip(), rows)
    yield _answer(entry, fact, rows, ActionDone(fact.action, call.id))


def to_call_back(entry: Written, call: Call, agent: str, rows: Rows) -> New:
    """The order to call somebody back who was promised that. The line's name has the count, so each is dialled once."""
    key = f"cb-{show_id(call.id)}-{call.calls_back + 1:x}"
    return order(
        entry, call, "call_back", rows, by=agent, agent=agent, leg=line(entry, call, "ag"), key=key, to=number_of(call, rows)
    )


def _ordered(entry: Written, agent: str, call: Call, do: str, to: str, rows: Rows) -> New:
    if do == "call_back":
        return to_call_back(entry, call, agent, rows)
    if do in NEEDS_SOMEBODY:
        inside = to.removeprefix(INSIDE) if to.startswith(INSIDE) else ""
        guest = line(entry, call, "gu")
        return order(entry, call, do, rows, by=agent, guest=guest, agent=inside, to=to.removeprefix(INSIDE))
    if do == "reconnect":  # a softphone that began anew
        return order(entry, call, do, rows, by=agent, agent=agent, leg=line(entry, call, "ag"), to=call.leg)
    if do == "record":
        return order(entry, call, do, rows, by=agent, recording=str(call.recordings + 1))
    return order(entry, call, do, rows, by=agent, to=call.guest_name)


def _obstacle(fact: ActionTaken, call: Call | None, do: str, to: str, rows: Rows) -> str:
    """Why it cannot be done; "" where it can."""
    if do not in WHEN:
        return f"A call can be told to {', '.join(DOINGS)}, got {do!r}."
    if call is None:
        return "There is no call in this conversation now."
    conversation_agent = call.agent or _holder(call, rows)
    if conversation_agent != fact.agent:
        return f"not-yours: {fact.agent} does not have this call; take the conversation or accept its offer first."
    if do == "part" and call.asked in NEEDS_SOMEBODY:  # whoever rings need not answer any more
        return ""
    if call.state not in WHEN[do]:
        return f"This cannot be done while the call is {call.state}."
    if call.asked and do != "hang_up":
        return f"The telephone server is still asked to {call.asked.replace('_', ' ')}; wait a moment."
    if do == "record" and not call.agreed:
        return "no-consent: the caller has not agreed to be recorded."
    if (do == "record") == bool(call.recording) and do in ("record", "stop_record"):
        return "It is recorded already." if do == "record" else "Nothing is recorded now."
    return _nobody(fact.agent, to, rows) if do in NEEDS_SOMEBODY else ""


def _nobody(agent: str, to: str, rows: Rows) -> str:
    """Why somebody cannot be called."""
    if to.startswith(INSIDE):
        name = to.removeprefix(INSIDE)
        if name == agent:
            return "You cannot call yourself."
        return "" if name in rows.centre.agents else f"The centre has no agent {name[:60]}."
    if not NUMBER.fullmatch(to):
        return f"A number such as +525512345678 or agent:ID is needed, got {to[:60]!r}."
    return ""


def _holder(call: Call, rows: Rows) -> str:
    conversation = rows.get(Conversation, call.conversation)
    return conversation.agent if conversation else ""


def _answer(entry: Written, fact: ActionTaken, rows: Rows, answer: Fact) -> New:
    return follows(entry, answer, subject=fact.conversation or fact.action, at=rows.now)
