"""What a supervisor does with agents and needs: put a need to somebody out of turn, give it back, set somebody's presence."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.matching.answers import done, refused
from rapport.matching.board import board_over
from rapport.matching.forbidding import is_never
from rapport.matching.offering import accepted, offer_id
from rapport.matching.plan import plan_called
from rapport.matching.raising import taken_back
from rapport.matching.standing import EXCLUSIVE, HERE
from rapport.matching.value import VERSION
from rapport.model.agent import DEFAULT_SLOTS, AgentNow, Presence
from rapport.model.conversation import Conversation, State
from rapport.model.fact import ActionTaken, OfferMade, PresenceChanged, Words
from rapport.model.ids import derived_id
from rapport.model.need import Explanation, Need, Term

LONGEST = 200  # characters of a reason
ASSIGNED = "assigned"  # the term of an explanation that says who put a need to somebody


def _assign(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """An offer to a named agent, whatever the plan says and whoever goes first; what holds always still holds."""
    conversation, need = rows.get(Conversation, fact.conversation), rows.get(Need, fact.conversation)
    to = fact.argument.strip()
    words = entry.content if isinstance(entry.content, Words) else Words()
    reason = (words.reason or words.text).strip()[:LONGEST]
    why = _not_to(conversation, need, to, rows) or ("" if reason else "To put it to somebody out of turn needs a reason.")
    if why or conversation is None or need is None:
        yield refused(entry, fact, rows, why)
        return
    plan = plan_called(rows.centre, need.plan, need.slot)
    term = Term(ASSIGNED, fact.agent, 0.0, reason)
    explained = Explanation(need.plan, need.step, len(rows.centre.agents), terms=(term,), version=VERSION)
    expires_at = rows.now + timedelta(seconds=plan.offer_seconds * (1 + len(board_over(rows).offers_of.get(to, ()))))
    made = OfferMade(offer_id(need, to, rows), need.id, to, _slot(to, conversation, need, rows), expires_at)
    yield from taken_back(entry, need.id, ASSIGNED, rows)
    yield follows(entry, made, subject=need.id, at=rows.now, content=explained, owner=conversation.handle)
    yield done(entry, fact, rows, made.offer)


def _give_back(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """Somebody has again at once what was taken from them, if nobody else took it meanwhile."""
    conversation, need = rows.get(Conversation, fact.conversation), rows.get(Need, fact.conversation)
    to = fact.argument.strip()
    if need is None and conversation is not None and not conversation.agent and conversation.state is State.OPEN:
        need = Need(conversation.id, "", conversation.waiting_since or rows.now, slot=str(conversation.kind))  # nothing is owed
    why = _not_to(conversation, need, to, rows)
    if why or conversation is None or need is None:
        yield refused(entry, fact, rows, why)
        return
    yield from taken_back(entry, need.id, ASSIGNED, rows)
    again = accepted(offer_id(need, to, rows), need, to, _slot(to, conversation, need, rows), rows.now)
    yield follows(entry, again, subject=need.id, at=rows.now)
    yield done(entry, fact, rows, need.id)


def _slot(agent: str, conversation: Conversation, need: Need, rows: Rows) -> str:
    slots = rows.centre.agents[agent].slots or DEFAULT_SLOTS
    return conversation.channel if conversation.channel in slots else need.slot


def _not_to(conversation: Conversation | None, need: Need | None, to: str, rows: Rows) -> str:
    """Why a need cannot be put to somebody; "" where it can."""
    agent, now = rows.centre.agents.get(to), rows.get(AgentNow, to)
    if conversation is None:
        return "There is no such conversation."
    if need is None:
        return f"It does not wait: {conversation.agent} has it." if conversation.agent else "It waits for nobody."
    if agent is None or agent.bot:
        return f"The centre has no agent {to[:60]}."
    if now is None or now.presence not in HERE:
        return f"{to} is not present."
    if (agent.slots or DEFAULT_SLOTS).get(_slot(to, conversation, need, rows), 0) <= 0:
        return f"{to} has no place for this kind of conversation."
    if now.held.get(EXCLUSIVE):
        return f"{to} speaks on the telephone."
    return f"A rule forbids that {to} is asked for this." if is_never(need, to, rows) else ""


def _set_presence(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """Somebody else comes or goes, as a supervisor says; who is set offline has nothing any more."""
    who, _, said = fact.argument.strip().rpartition(" ")
    presence = next((one for one in Presence if one == said), None)
    if who not in rows.centre.agents:
        yield refused(entry, fact, rows, f"The centre has no agent {who[:60]}.")
    elif presence is None:
        yield refused(entry, fact, rows, f"A presence is available, busy, away or offline, got {said[:40]!r}.")
    else:
        now = rows.get(AgentNow, who)
        if now is None or now.presence is not presence:
            changed = PresenceChanged(who, presence, f"by {fact.agent}"[:60])
            yield follows(entry, changed, subject=derived_id(fact.action, "presence"), at=rows.now)
        yield done(entry, fact, rows, None)


ACTIONS: Mapping[str, Callable[[Written, ActionTaken, Rows], Iterable[New]]] = {
    "assign": _assign,
    "give_back": _give_back,
    "set_presence": _set_presence,
}
