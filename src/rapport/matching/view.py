"""The view of matching: needs, offers, interactions, agents as they are now, and the reminders of offers and steps."""

from datetime import datetime
from typing import cast

from rapport.ledger.views import Folds, Rows, Written
from rapport.matching.board import board_of
from rapport.model.agent import Agent, AgentNow, Presence
from rapport.model.centre import read_thing
from rapport.model.conversation import Conversation
from rapport.model.fact import (
    AttributeLearnt,
    CentreRemoved,
    CentreSet,
    ConversationContinued,
    JourneyEventSeen,
    NeedRaised,
    NeedWidened,
    NeedWithdrawn,
    OfferAccepted,
    OfferDeclined,
    OfferExpired,
    OfferMade,
    OfferRevoked,
    PresenceChanged,
    ReplyQueued,
    WrappedUp,
)
from rapport.model.ids import derived_id
from rapport.model.interaction import Interaction
from rapport.model.need import Explanation, Need, Offer, OfferState
from rapport.model.person import Handle, Person
from rapport.model.reply import Reminder

OFFER = "offer"  # the reminder that an offer expires; its subject is the offer
STEP = "step"  # the reminder that a need widens; its subject is the conversation


def reminder_id(subject: bytes, what: str) -> bytes:
    """The id of a subject's reminder of one kind."""
    return derived_id(subject, what)


def _remind(rows: Rows, subject: bytes, what: str, at: datetime | None, before: datetime | None = None) -> None:
    if at is not None:
        rows.put(Reminder(reminder_id(subject, what), at, what, subject))
    elif before is not None:
        rows.drop(Reminder, reminder_id(subject, what))


# ---- needs


def _need_raised(entry: Written, rows: Rows) -> None:
    fact = cast(NeedRaised, entry.fact)
    before = rows.get(Need, fact.conversation)
    need = Need(fact.conversation, fact.plan, fact.since, fact.step, fact.step_until, fact.slot, fact.urgency, fact.declined_by)
    rows.put(need)
    _remind(rows, need.id, STEP, need.step_until, before.step_until if before else None)
    _waits(rows, need.id)


def _need_widened(entry: Written, rows: Rows) -> None:
    fact = cast(NeedWidened, entry.fact)
    before = rows.get(Need, fact.conversation)
    if before is not None:
        rows.change(Need, before.id, step=fact.step, step_until=fact.step_until)
        _remind(rows, before.id, STEP, fact.step_until, before.step_until)
        _waits(rows, before.id)


def _need_ended(rows: Rows, conversation: bytes) -> None:
    need = rows.get(Need, conversation)
    if need is not None:
        rows.drop(Need, conversation)
        _remind(rows, conversation, STEP, None, need.step_until)
        board = board_of(rows)
        if board is not None:
            board.need_dropped(conversation)


def _need_withdrawn(entry: Written, rows: Rows) -> None:
    _need_ended(rows, cast(NeedWithdrawn, entry.fact).conversation)


def _waits(rows: Rows, conversation: bytes | None) -> None:
    """Let the board look anew at a need that waits, as what it is about has changed."""
    board = board_of(rows)
    if board is not None and conversation is not None and conversation not in board.offered and rows.knows(Need, conversation):
        board.need_changed(conversation)


def _conversation_continued(entry: Written, rows: Rows) -> None:
    _waits(rows, cast(ConversationContinued, entry.fact).conversation)


def _attribute_learnt(entry: Written, rows: Rows) -> None:
    person = rows.get(Person, cast(AttributeLearnt, entry.fact).person)
    _waits(rows, person.conversation if person else None)


def _event_seen(entry: Written, rows: Rows) -> None:
    handle = rows.get(Handle, cast(JourneyEventSeen, entry.fact).handle)
    person = rows.get(Person, handle.person) if handle else None
    _waits(rows, person.conversation if person else None)


# ---- offers and interactions


def _offer_made(entry: Written, rows: Rows) -> None:
    fact = cast(OfferMade, entry.fact)
    why = entry.content if isinstance(entry.content, Explanation) else Explanation()
    offer = Offer(fact.offer, fact.conversation, fact.agent, fact.slot, entry.at, fact.expires_at, why=why)
    rows.put(offer)
    _remind(rows, offer.id, OFFER, offer.expires_at)
    _hold(rows, offer.agent, offer.slot, 1, entry.at)
    board = board_of(rows)
    if board is not None:
        board.offer_opened(offer)


def _end(rows: Rows, id: bytes, state: OfferState, at: datetime) -> Offer | None:
    """End an open offer; None where it was not open."""
    offer = rows.get(Offer, id)
    if offer is None or offer.state != OfferState.OPEN:
        return None
    rows.change(Offer, id, state=state, ended_at=at)
    rows.drop(Reminder, reminder_id(id, OFFER))
    if state in (OfferState.DECLINED, OfferState.EXPIRED):
        need = rows.get(Need, offer.conversation)
        if need is not None:
            rows.change(Need, need.id, declined_by=(*need.declined_by, offer.agent))
    board = board_of(rows)
    if board is not None:
        board.offer_closed(offer, waits=rows.knows(Need, offer.conversation) and state != OfferState.ACCEPTED)
    return offer


def _offer_accepted(entry: Written, rows: Rows) -> None:
    fact = cast(OfferAccepted, entry.fact)
    if _end(rows, fact.offer, OfferState.ACCEPTED, entry.at) is None:  # taken unasked: the place was not held yet
        rows.put(Offer(fact.offer, fact.conversation, fact.agent, fact.slot, entry.at, entry.at, OfferState.ACCEPTED, entry.at))
        _hold(rows, fact.agent, fact.slot, 1, entry.at)
    _need_ended(rows, fact.conversation)
    rows.put(
        Interaction(fact.interaction, fact.conversation, fact.agent, fact.slot, entry.at, waited=fact.waited, bot=fact.bot)
    )
    _change_now(rows, fact.agent, missed=0)


def _offer_declined(entry: Written, rows: Rows) -> None:
    offer = _end(rows, cast(OfferDeclined, entry.fact).offer, OfferState.DECLINED, entry.at)
    if offer is not None:
        _hold(rows, offer.agent, offer.slot, -1, entry.at)
        _change_now(rows, offer.agent, missed=0)


def _offer_expired(entry: Written, rows: Rows) -> None:
    offer = _end(rows, cast(OfferExpired, entry.fact).offer, OfferState.EXPIRED, entry.at)
    if offer is not None:
        _hold(rows, offer.agent, offer.slot, -1, entry.at)
        now = rows.get(AgentNow, offer.agent)
        _change_now(rows, offer.agent, missed=(now.missed if now else 0) + 1)


def _offer_revoked(entry: Written, rows: Rows) -> None:
    offer = _end(rows, cast(OfferRevoked, entry.fact).offer, OfferState.REVOKED, entry.at)
    if offer is not None:
        _hold(rows, offer.agent, offer.slot, -1, entry.at)


def _replied(entry: Written, rows: Rows) -> None:
    conversation = rows.get(Conversation, cast(ReplyQueued, entry.fact).conversation)
    interaction = rows.get(Interaction, conversation.interaction) if conversation else None
    if interaction is not None and interaction.replied_at is None and interaction.ended_at is None:
        rows.change(Interaction, interaction.id, replied_at=entry.at)


def _wrapped_up(entry: Written, rows: Rows) -> None:
    fact = cast(WrappedUp, entry.fact)
    interaction = rows.get(Interaction, fact.interaction)
    if interaction is not None and interaction.ended_at is None:
        rows.change(Interaction, interaction.id, ended_at=entry.at, disposition=fact.disposition)
        _hold(rows, interaction.agent, interaction.slot, -1, entry.at)


# ---- agents


def _change_now(rows: Rows, agent: str, **fields: object) -> None:
    if rows.change(AgentNow, agent, **fields) is not None:
        _dirty(rows, agent)


def _dirty(rows: Rows, agent: str) -> None:
    board = board_of(rows)
    if board is not None:
        board.dirty.add(agent)


def _hold(rows: Rows, agent: str, slot: str, change: int, at: datetime) -> None:
    """Take or free a place of an agent; who holds none is idle from then on."""
    now = rows.get(AgentNow, agent)
    if now is None:
        return
    held = {**now.held, slot: max(0, now.held.get(slot, 0) + change)}
    held = {name: count for name, count in held.items() if count}
    idle_since = None if held else (now.idle_since if now.idle_since and not now.held else at)
    _change_now(rows, agent, held=held, idle_since=idle_since)


def _centre_set(entry: Written, rows: Rows) -> None:
    fact = cast(CentreSet, entry.fact)
    if fact.thing == "agent" and not rows.knows(AgentNow, fact.name):
        agent = cast(Agent, read_thing("agent", fact.body))
        rows.put(AgentNow(fact.name, agent.presence or Presence.OFFLINE, since=entry.at, idle_since=entry.at))
        _dirty(rows, fact.name)


def _centre_removed(entry: Written, rows: Rows) -> None:
    fact = cast(CentreRemoved, entry.fact)
    if fact.thing == "agent":
        _change_now(rows, fact.name, presence=Presence.OFFLINE, since=entry.at)


def _presence_changed(entry: Written, rows: Rows) -> None:
    fact = cast(PresenceChanged, entry.fact)
    now = rows.get(AgentNow, fact.agent) or AgentNow(fact.agent)
    came = fact.presence == Presence.AVAILABLE and now.presence != Presence.AVAILABLE
    idle_since = entry.at if came and not now.held else now.idle_since
    rows.put(AgentNow(fact.agent, Presence(fact.presence), since=entry.at, idle_since=idle_since, held=now.held, missed=0))
    _dirty(rows, fact.agent)


FOLDS: Folds = {
    NeedRaised: _need_raised,
    NeedWidened: _need_widened,
    NeedWithdrawn: _need_withdrawn,
    ConversationContinued: _conversation_continued,
    AttributeLearnt: _attribute_learnt,
    JourneyEventSeen: _event_seen,
    OfferMade: _offer_made,
    OfferAccepted: _offer_accepted,
    OfferDeclined: _offer_declined,
    OfferExpired: _offer_expired,
    OfferRevoked: _offer_revoked,
    ReplyQueued: _replied,
    WrappedUp: _wrapped_up,
    CentreSet: _centre_set,
    CentreRemoved: _centre_removed,
    PresenceChanged: _presence_changed,
}
