"""What an agent does with offers and with themselves: accept, decline, take, transfer, go; done, or refused saying why."""

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.matching import forwarding, supervising, today
from rapport.matching.board import board_over
from rapport.matching.bursting import answering as bursting
from rapport.matching.duty import rostering, swapping
from rapport.matching.forbidding import REFUSED, is_never, refuses_taking
from rapport.matching.offering import accepted, offer_id
from rapport.matching.raising import ended, raised, taken_back
from rapport.matching.stems import plain
from rapport.model.agent import DEFAULT_SLOTS, AgentNow, Presence
from rapport.model.conversation import Conversation, State
from rapport.model.fact import (
    ActionDone,
    ActionRefused,
    ActionTaken,
    ConversationTransferred,
    Fact,
    OfferDeclined,
    PresenceChanged,
    RuleCrossed,
)
from rapport.model.need import Need, Offer, OfferState

Action = Callable[[Written, ActionTaken, Rows], Iterable[New]]

GOES: Mapping[str, Presence] = {
    "go_online": Presence.AVAILABLE,
    "go_busy": Presence.BUSY,
    "go_away": Presence.AWAY,
    "go_offline": Presence.OFFLINE,
}
ENDED: Mapping[OfferState, str] = {
    OfferState.ACCEPTED: "This offer was accepted already.",
    OfferState.DECLINED: "This offer was declined already.",
    OfferState.EXPIRED: "This offer has expired.",
    OfferState.REVOKED: "This offer was taken back.",
}


def act(entry: Written, rows: Rows) -> Iterable[New]:
    """What follows from an action, if it is one of matching's."""
    fact = cast(ActionTaken, entry.fact)
    action = ACTIONS.get(fact.do)
    return list(action(entry, fact, rows)) if action is not None else ()


def _offer_of(fact: ActionTaken, rows: Rows) -> Offer | None:
    """The offer that an action means: the one it names, the one of its conversation, or else the agent's oldest open one."""
    if fact.offer is not None:
        return rows.get(Offer, fact.offer)
    if fact.conversation is not None:
        return rows.get(Offer, board_over(rows).offer_to(fact.conversation, fact.agent))
    theirs = board_over(rows).open_offers(fact.agent, rows)
    return min(theirs, key=lambda offer: (offer.made_at, offer.id), default=None)


def _unusable(offer: Offer | None, fact: ActionTaken, rows: Rows) -> str:
    """Why the agent cannot answer an offer; "" where they can."""
    if offer is None:
        return "There is no such offer."
    if offer.agent != fact.agent:
        return "This offer was made to somebody else."
    if offer.state is not OfferState.OPEN:
        return ENDED[offer.state]
    return "This offer has expired." if offer.expires_at <= rows.now else ""


def _accept(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    offer = _offer_of(fact, rows)
    why_not = _unusable(offer, fact, rows)
    need = rows.get(Need, offer.conversation) if offer else None
    if why_not or offer is None or need is None:
        yield _refused(entry, fact, rows, why_not or "This conversation does not wait any more.")
        return
    taken = accepted(offer.id, need, fact.agent, offer.slot, rows.now)
    yield follows(entry, taken, subject=offer.conversation, at=rows.now)
    yield from taken_back(entry, offer.conversation, "taken", rows, but=offer.id)
    yield _done(entry, fact, rows, offer.conversation)


def _decline(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    offer = _offer_of(fact, rows)
    why_not = _unusable(offer, fact, rows)
    if why_not or offer is None:
        yield _refused(entry, fact, rows, why_not)
        return
    declined = OfferDeclined(offer.id, offer.conversation, fact.agent)
    yield follows(entry, declined, subject=offer.conversation, at=rows.now)
    yield _done(entry, fact, rows, offer.conversation)


def _take(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    conversation = rows.get(Conversation, fact.conversation)
    why_not = _not_to_take(conversation, fact, rows)
    if why_not or conversation is None:
        yield _refused(entry, fact, rows, why_not)
        return
    need = rows.get(Need, conversation.id)
    need = need or Need(conversation.id, "", conversation.waiting_since or rows.now, slot=str(conversation.kind))
    crosses = is_never(need, fact.agent, rows)
    if crosses and refuses_taking(conversation, fact.agent, rows):
        yield _refused(entry, fact, rows, REFUSED)
        return
    offer = rows.get(Offer, board_over(rows).offer_to(conversation.id, fact.agent))
    if offer is not None and offer.agent == fact.agent and offer.expires_at > rows.now:
        taken = accepted(offer.id, need, fact.agent, offer.slot, rows.now)
        yield from taken_back(entry, conversation.id, "taken", rows, but=offer.id)
    else:
        yield from taken_back(entry, conversation.id, "taken", rows)
        yield from ended(entry, conversation, "taken-over", rows)
        slot = _slot_of(fact.agent, conversation, rows)
        taken = accepted(offer_id(need, fact.agent, rows), need, fact.agent, slot, rows.now)
    if crosses:
        yield follows(entry, RuleCrossed(conversation.id, fact.agent), subject=conversation.id, at=rows.now)
    yield follows(entry, taken, subject=conversation.id, at=rows.now)
    yield _done(entry, fact, rows, conversation.id)


def _not_to_take(conversation: Conversation | None, fact: ActionTaken, rows: Rows) -> str:
    if conversation is None:
        return "There is no such conversation."
    if fact.agent not in rows.centre.agents:
        return f"The centre has no agent {fact.agent}."
    if conversation.agent == fact.agent:
        return "You have this conversation already."
    return f"{conversation.agent} has this conversation." if conversation.agent and not conversation.bot else ""


def _slot_of(agent: str, conversation: Conversation, rows: Rows) -> str:
    slots = rows.centre.agents[agent].slots or DEFAULT_SLOTS
    return conversation.channel if conversation.channel in slots else str(conversation.kind)


def _transfer(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    conversation = rows.get(Conversation, fact.conversation)
    to = _target(fact.argument, rows)
    why_not = _not_to_transfer(conversation, to, fact)
    if why_not or conversation is None or to is None:
        yield _refused(entry, fact, rows, why_not)
        return
    yield from taken_back(entry, conversation.id, "transferred", rows)
    yield from ended(entry, conversation, "transferred", rows)
    passed = ConversationTransferred(conversation.id, conversation.agent or fact.agent, to)
    yield follows(entry, passed, subject=conversation.id, at=rows.now)
    before = (conversation.agent,) if conversation.agent else ()
    yield raised(entry, conversation, rows, besides=before)
    yield _done(entry, fact, rows, conversation.id)


def _hand_over(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """To an agent or a team as a transfer; what goes to another centre is not matching's."""
    return () if fact.argument.startswith("agreement:") else _transfer(entry, fact, rows)


def _not_to_transfer(conversation: Conversation | None, to: str | None, fact: ActionTaken) -> str:
    if conversation is None:
        return "There is no such conversation."
    if conversation.state is State.RESOLVED:
        return "A resolved conversation cannot be passed on."
    if to is None:
        return f"The centre has no agent and no team {fact.argument.strip()[:60]}."
    return f"{to} has this conversation already." if to and to == conversation.agent else ""


def _target(name: str, rows: Rows) -> str | None:
    """The agent or team that is meant, as the centre writes it; "" for whoever fits best, None where there is none such."""
    wanted = plain(name.strip())
    if not wanted:
        return ""
    agents = rows.centre.agents.values()
    for known in (*(a.id for a in agents), *(a.team for a in agents)):
        if plain(known) == wanted:
            return known
    return next((agent.id for agent in agents if plain(agent.name) == wanted), None)


def _go(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    presence = GOES[fact.do]
    if fact.agent not in rows.centre.agents:
        yield _refused(entry, fact, rows, f"The centre has no agent {fact.agent}.")
        return
    now = rows.get(AgentNow, fact.agent)
    if now is None or now.presence is not presence:
        yield follows(entry, PresenceChanged(fact.agent, presence, fact.argument[:60]), subject=entry.subject, at=rows.now)
    yield _done(entry, fact, rows, None)


ACTIONS: Mapping[str, Action] = {
    "accept": _accept,
    "decline": _decline,
    "take": _take,
    "transfer": _transfer,
    "hand_over": _hand_over,
    **dict.fromkeys(GOES, _go),
    **forwarding.ACTIONS,
    **supervising.ACTIONS,
    **today.ACTIONS,
    **bursting.ACTIONS,
    **swapping.ACTIONS,
    **rostering.ACTIONS,
}


def _done(entry: Written, fact: ActionTaken, rows: Rows, result: bytes | None) -> New:
    return _answer(entry, fact, rows, ActionDone(fact.action, result))


def _refused(entry: Written, fact: ActionTaken, rows: Rows, reason: str) -> New:
    return _answer(entry, fact, rows, ActionRefused(fact.action, reason))


def _answer(entry: Written, fact: ActionTaken, rows: Rows, answer: Fact) -> New:
    return follows(entry, answer, subject=fact.conversation or fact.action, at=rows.now)
