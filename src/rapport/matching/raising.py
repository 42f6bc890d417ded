"""Raising a need: a conversation begins to wait, with the plan that fits it; and its ends other than an accepted offer."""

from collections.abc import Iterable

from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.matching.board import board_over
from rapport.matching.plan import built_in, plan_for, until
from rapport.matching.roster import base_language
from rapport.matching.wants import record_of
from rapport.model.conversation import Conversation, State
from rapport.model.fact import NeedRaised, OfferRevoked, WrappedUp
from rapport.model.interaction import Interaction
from rapport.model.message import ChannelKind
from rapport.model.need import Need, Offer, OfferState, Plan
from rapport.model.person import Person


def raised(
    entry: Written, conversation: Conversation, rows: Rows, *, first: bool = False, besides: tuple[str, ...] = (), nth: int = 0
) -> New:
    """The fact that a conversation waits. A bot may have it only the `first` time; `besides`: who is not to be asked."""
    person = rows.get(Person, conversation.person)
    plan = _plan_of(conversation, person, rows) if rows.centre.plans else built_in(str(conversation.kind))
    bots = () if first else tuple(sorted(agent.id for agent in rows.centre.agents.values() if agent.bot))
    fact = NeedRaised(
        conversation=conversation.id,
        plan=plan.id,
        slot=_slot_of(conversation, rows),
        since=conversation.waiting_since or rows.now,
        urgency=max(conversation.urgency, _declared_urgency(person)),
        step=0,
        step_until=until(plan, 0, rows.now),
        declined_by=tuple(dict.fromkeys((*bots, *besides))),
    )
    return follows(entry, fact, subject=conversation.id, at=rows.now, nth=nth)


def _plan_of(conversation: Conversation, person: Person | None, rows: Rows) -> Plan:
    language = base_language(conversation.language or (person.language if person else ""))
    return plan_for(rows.centre, record_of(conversation, person, language, rows.centre.profile.protected), rows.now)


def _slot_of(conversation: Conversation, rows: Rows) -> str:
    """The kind of place that it takes: its channel's, or the telephone's where the person is to be called now."""
    is_due = conversation.call_at is not None and conversation.call_at <= rows.now
    return ChannelKind.VOICE.value if is_due else str(conversation.kind)


def _declared_urgency(person: Person | None) -> float:
    """How urgent whatever this person raises is at least, as their attribute `urgency` says, in [0, 1]."""
    said = next((one.value for one in person.attributes if one.name == "urgency"), 0.0) if person else 0.0
    return min(1.0, max(0.0, said)) if isinstance(said, float) else 0.0


def is_free(conversation: Conversation | None, rows: Rows) -> bool:
    """Whether a conversation could wait: it is open, an answer is owed, nobody has it and it does not wait already."""
    if conversation is None or conversation.state is not State.OPEN or conversation.agent:
        return False
    return conversation.waiting_since is not None and not rows.knows(Need, conversation.id)


def revoked(entry: Written, offer: Offer, reason: str, rows: Rows) -> New:
    """The fact that an open offer was taken back. `reason` is for the record: one word."""
    fact = OfferRevoked(offer.id, offer.conversation, offer.agent, reason)
    return follows(entry, fact, subject=offer.conversation, at=rows.now)


def taken_back(entry: Written, conversation: bytes, reason: str, rows: Rows, but: bytes | None = None) -> Iterable[New]:
    """All open offers of a conversation taken back, except `but`. `reason` is for the record: one word."""
    for id in list(board_over(rows).offered.get(conversation, ())):
        offer = rows.get(Offer, id)
        if offer is not None and offer.state is OfferState.OPEN and id != but:
            yield revoked(entry, offer, reason, rows)


def ended(entry: Written, conversation: Conversation, disposition: str, rows: Rows) -> Iterable[New]:
    """The end of the interaction that goes on in a conversation, if one does."""
    interaction = rows.get(Interaction, conversation.interaction)
    if interaction is not None and interaction.ended_at is None:
        fact = WrappedUp(interaction.id, conversation.id, interaction.agent, disposition, interaction.slot)
        yield follows(entry, fact, subject=conversation.id, at=rows.now)
