"""The stage that finds who can help best: needs are raised, offered, accepted, declined; offers expire, steps widen."""

from collections.abc import Iterable
from typing import cast

from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Stage, Step, Written
from rapport.matching import today
from rapport.matching.actions import act
from rapport.matching.board import board_over
from rapport.matching.bursting import answering as bursting
from rapport.matching.calls import marked, still_waits
from rapport.matching.duty import swapping
from rapport.matching.offering import widened
from rapport.matching.plan import plan_called, until
from rapport.matching.raising import ended, is_free, raised, revoked, taken_back
from rapport.matching.settling import settle
from rapport.matching.view import OFFER, STEP
from rapport.model.agent import AgentNow, Presence
from rapport.model.conversation import Conversation
from rapport.model.fact import (
    ActionTaken,
    CallMarked,
    CentreRemoved,
    ConversationContinued,
    ConversationMarked,
    ConversationOpened,
    ConversationResolved,
    ConversationSnoozed,
    ConversationSplit,
    ConversationWoken,
    Fact,
    NeedRaised,
    NeedWithdrawn,
    OfferExpired,
    PresenceChanged,
    ReminderFell,
)
from rapport.model.fact_signal import SignalsChanged
from rapport.model.ids import derived_id
from rapport.model.interaction import Interaction
from rapport.model.need import Need, Offer, OfferState
from rapport.model.reply import Reminder
from rapport.model.signal import FOR_PERSONS
from rapport.model.today import TODAY

MISSED = 2  # offers that expire in a row before their agent is taken to be away
MORE_URGENT = 0.2  # by how much a further message must be, to move its need forward


def stage() -> Stage:
    """The matching stage."""
    steps: dict[type[Fact], Step] = {
        ConversationOpened: _opened,
        ConversationContinued: _continued,
        ConversationWoken: _woken,
        ConversationResolved: _ended,
        ConversationSnoozed: _ended,
        ConversationMarked: _marked,
        SignalsChanged: _asked,
        ConversationSplit: _opened,
        ActionTaken: act,
        PresenceChanged: _presence_changed,
        CentreRemoved: _removed,
        CallMarked: marked,
        **today.STEPS,
        **bursting.STEPS_OF,
    }
    return Stage(
        "matching",
        steps,
        due={OFFER: _offer_due, STEP: _step_due, TODAY: today.over, swapping.TOO_LATE: swapping.too_late},
        settle=settle,
    )


def _opened(entry: Written, rows: Rows) -> Iterable[New]:
    conversation = rows.get(Conversation, cast("ConversationOpened | ConversationSplit", entry.fact).conversation)
    if conversation is not None and is_free(conversation, rows):
        yield raised(entry, conversation, rows, first=True)
        yield from bursting.told(entry, conversation, rows)


def _continued(entry: Written, rows: Rows) -> Iterable[New]:
    conversation = rows.get(Conversation, cast(ConversationContinued, entry.fact).conversation)
    if conversation is None:
        return
    need = rows.get(Need, conversation.id)
    if need is not None:
        if conversation.urgency >= need.urgency + MORE_URGENT:
            yield follows(entry, _more_urgent(need, conversation), subject=conversation.id, at=rows.now)
    elif conversation.bot and conversation.wants_person:
        yield from _from_bot(entry, conversation, rows)
    elif is_free(conversation, rows):
        yield raised(entry, conversation, rows)


def _asked(entry: Written, rows: Rows) -> Iterable[New]:
    """What was said to a bot may be asking for a person, or is of the kind that is for persons: enough, there."""
    fact = cast(SignalsChanged, entry.fact)
    conversation = rows.get(Conversation, fact.conversation)
    if conversation is None or not conversation.bot or FOR_PERSONS.isdisjoint(fact.kinds) or rows.get(Need, fact.conversation):
        return
    yield from _from_bot(entry, conversation, rows)


def _from_bot(entry: Written, conversation: Conversation, rows: Rows) -> list[New]:
    """The bot's work ends, and a person is looked for."""
    wrapped = list(ended(entry, conversation, "handed-over", rows))
    return [*wrapped, raised(entry, conversation, rows, besides=(conversation.agent,))]


def _marked(entry: Written, rows: Rows) -> Iterable[New]:
    """A priority moves the need: up or down."""
    fact = cast(ConversationMarked, entry.fact)
    conversation, need = rows.get(Conversation, fact.conversation), rows.get(Need, fact.conversation)
    if fact.priority and conversation is not None and need is not None and conversation.urgency != need.urgency:
        yield follows(entry, _more_urgent(need, conversation), subject=conversation.id, at=rows.now)


def _more_urgent(need: Need, conversation: Conversation) -> NeedRaised:
    return NeedRaised(
        need.id, need.plan, need.slot, need.since, conversation.urgency, need.step, need.step_until, need.declined_by
    )


def _woken(entry: Written, rows: Rows) -> Iterable[New]:
    conversation = rows.get(Conversation, cast(ConversationWoken, entry.fact).conversation)
    if conversation is not None and is_free(conversation, rows):
        yield raised(entry, conversation, rows)


def _ended(entry: Written, rows: Rows) -> Iterable[New]:
    """A conversation that is resolved or sleeps waits for nobody."""
    fact = cast("ConversationResolved | ConversationSnoozed", entry.fact)
    if rows.knows(Need, fact.conversation):
        why = "resolved" if isinstance(fact, ConversationResolved) else "snoozed"
        yield follows(entry, NeedWithdrawn(fact.conversation, why), subject=fact.conversation, at=rows.now)
    yield from taken_back(entry, fact.conversation, "ended", rows)


def _presence_changed(entry: Written, rows: Rows) -> Iterable[New]:
    """Who goes away is asked nothing more; whoever an agent that is gone had, waits for another."""
    fact = cast(PresenceChanged, entry.fact)
    if fact.presence not in (Presence.AWAY, Presence.OFFLINE):
        return
    theirs = board_over(rows).open_offers(fact.agent, rows)
    for offer in theirs:
        yield revoked(entry, offer, fact.presence, rows)
    if fact.presence == Presence.OFFLINE:
        yield from _left(entry, fact.agent, rows)


def _left(entry: Written, agent: str, rows: Rows) -> Iterable[New]:
    for interaction in [i for i in rows.all(Interaction) if i.agent == agent and i.ended_at is None]:
        conversation = rows.get(Conversation, interaction.conversation)
        if conversation is None or conversation.interaction != interaction.id:
            continue
        waits = still_waits(conversation, rows)
        yield from list(ended(entry, conversation, "went-offline", rows))
        if waits.waiting_since is not None:
            yield raised(entry, waits, rows)


def _removed(entry: Written, rows: Rows) -> Iterable[New]:
    fact = cast(CentreRemoved, entry.fact)
    if fact.thing == "agent" and rows.knows(AgentNow, fact.name):
        gone = PresenceChanged(fact.name, Presence.OFFLINE, "removed")
        yield follows(entry, gone, subject=entry.subject, at=rows.now)


def _fell(reminder: Reminder, rows: Rows) -> New:
    """The reminder's fall as what its facts follow from; it can fall more than once, so its time is part of the name."""
    id = derived_id(reminder.id, int(reminder.at.timestamp() * 1000))
    return New(id, rows.now, reminder.subject, ReminderFell(reminder.id, reminder.what))


def _offer_due(reminder: Reminder, rows: Rows) -> Iterable[New]:
    offer = rows.get(Offer, reminder.subject)
    if offer is None or offer.state is not OfferState.OPEN or offer.expires_at > rows.now:
        return
    now = rows.get(AgentNow, offer.agent)
    is_gone = now is not None and now.missed + 1 >= MISSED and now.presence is not Presence.OFFLINE
    fell = _fell(reminder, rows)
    expired = OfferExpired(offer.id, offer.conversation, offer.agent)
    yield follows(fell, expired, subject=offer.conversation, at=rows.now)
    if is_gone:
        away = PresenceChanged(offer.agent, Presence.AWAY, "missed")
        yield follows(fell, away, subject=offer.conversation, at=rows.now)


def _step_due(reminder: Reminder, rows: Rows) -> Iterable[New]:
    need = rows.get(Need, reminder.subject)
    if need is None or need.step_until is None or need.step_until > rows.now:
        return
    plan = plan_called(rows.centre, need.plan, need.slot)
    yield widened(need, need.step + 1, until(plan, need.step + 1, rows.now), rows)
