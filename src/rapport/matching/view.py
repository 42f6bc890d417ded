"""The view of matching: needs, offers, interactions, agents as they are now, and the reminders of offers and steps."""

from datetime import datetime
from typing import cast

from msgspec.structs import replace

from rapport.ledger.views import Folds, Rows, Written
from rapport.matching import today
from rapport.matching.board import board_of
from rapport.matching.bursting import answering as bursting
from rapport.matching.duty import swapping
from rapport.matching.holding import EASE, bounds_changed, change_now, dirty, forget_angry, hold, note_angry, wake, wake_of
from rapport.model.agent import Agent, AgentNow, Presence
from rapport.model.centre import read_thing
from rapport.model.conversation import Conversation
from rapport.model.fact import (
    AttributeLearnt,
    CentreRemoved,
    CentreSet,
    ConversationContinued,
    JourneyEventSeen,
    NeedHeld,
    NeedRaised,
    NeedWidened,
    NeedWithdrawn,
    OfferAccepted,
    OfferDeclined,
    OfferExpired,
    OfferMade,
    OfferRevoked,
    PresenceChanged,
    ReminderFell,
    ReplyQueued,
    WrappedUp,
)
from rapport.model.ids import derived_id
from rapport.model.interaction import Interaction
from rapport.model.need import Explanation, Need, Offer, OfferState
from rapport.model.person import Handle, Person
from rapport.model.presence_was import PresenceWas
from rapport.model.reply import Reminder

OFFER = "offer"  # the reminder that an offer expires; its subject is the offer
HOLD = "hold"  # the reminder to look again at a need that is held; its subject is the conversation
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


def _need_held(entry: Written, rows: Rows) -> None:
    fact = cast(NeedHeld, entry.fact)
    _remind(rows, fact.conversation, HOLD, fact.until)


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
    note_angry(rows, offer)
    hold(rows, offer.agent, offer.slot, 1, entry.at)
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
        offer = Offer(fact.offer, fact.conversation, fact.agent, fact.slot, entry.at, entry.at, OfferState.ACCEPTED, entry.at)
        rows.put(offer)
        note_angry(rows, offer)
        hold(rows, fact.agent, fact.slot, 1, entry.at)
    _need_ended(rows, fact.conversation)
    rows.put(
        Interaction(fact.interaction, fact.conversation, fact.agent, fact.slot, entry.at, waited=fact.waited, bot=fact.bot)
    )
    change_now(rows, fact.agent, missed=0)


def _offer_declined(entry: Written, rows: Rows) -> None:
    offer = _end(rows, cast(OfferDeclined, entry.fact).offer, OfferState.DECLINED, entry.at)
    if offer is not None:
        forget_angry(rows, offer)
        hold(rows, offer.agent, offer.slot, -1, entry.at)
        change_now(rows, offer.agent, missed=0)


def _offer_expired(entry: Written, rows: Rows) -> None:
    offer = _end(rows, cast(OfferExpired, entry.fact).offer, OfferState.EXPIRED, entry.at)
    if offer is not None:
        forget_angry(rows, offer)
        hold(rows, offer.agent, offer.slot, -1, entry.at)
        now = rows.get(AgentNow, offer.agent)
        change_now(rows, offer.agent, missed=(now.missed if now else 0) + 1)


def _offer_revoked(entry: Written, rows: Rows) -> None:
    offer = _end(rows, cast(OfferRevoked, entry.fact).offer, OfferState.REVOKED, entry.at)
    if offer is not None:
        forget_angry(rows, offer)
        hold(rows, offer.agent, offer.slot, -1, entry.at)


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
        hold(rows, interaction.agent, interaction.slot, -1, entry.at)


# ---- agents


def _centre_set(entry: Written, rows: Rows) -> None:
    fact = cast(CentreSet, entry.fact)
    bounds_changed(rows, fact.thing, fact.name)
    if fact.thing == "agent" and not rows.knows(AgentNow, fact.name):
        agent = cast(Agent, read_thing("agent", fact.body))
        rows.put(AgentNow(fact.name, agent.presence or Presence.OFFLINE, since=entry.at, idle_since=entry.at))
        dirty(rows, fact.name)
    if fact.thing == "agent":
        wake(rows, fact.name, entry.at)


def _centre_removed(entry: Written, rows: Rows) -> None:
    fact = cast(CentreRemoved, entry.fact)
    bounds_changed(rows, fact.thing, fact.name)
    if fact.thing == "agent":
        change_now(rows, fact.name, presence=Presence.OFFLINE, since=entry.at)


def _presence_changed(entry: Written, rows: Rows) -> None:
    fact = cast(PresenceChanged, entry.fact)
    now = rows.get(AgentNow, fact.agent) or AgentNow(fact.agent)
    came = fact.presence == Presence.AVAILABLE and now.presence != Presence.AVAILABLE
    idle_since = entry.at if came and not now.held else now.idle_since
    presence = Presence(fact.presence)
    rows.put(replace(now, presence=presence, since=entry.at, idle_since=idle_since, missed=0))
    rows.put(PresenceWas(entry.id, fact.agent, presence.value, entry.at))
    dirty(rows, fact.agent)
    wake(rows, fact.agent, entry.at)


def _reminder_fell(entry: Written, rows: Rows) -> None:
    fact = cast(ReminderFell, entry.fact)
    if fact.what == EASE:
        wake_of(rows, fact.reminder, entry.at)


FOLDS: Folds = {
    NeedRaised: _need_raised,
    NeedWidened: _need_widened,
    NeedWithdrawn: _need_withdrawn,
    NeedHeld: _need_held,
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
    ReminderFell: _reminder_fell,
    **today.FOLDS,
    **bursting.FOLDS,
    **swapping.FOLDS,
}
