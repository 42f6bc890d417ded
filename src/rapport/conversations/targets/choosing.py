"""Which target holds for a conversation: the most specific one that promises something, and every floor."""

from datetime import datetime
from typing import NamedTuple

from rapport.conversations.targets.business import after, between, working_days_after
from rapport.conversations.targets.calendar import calendar_of
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation
from rapport.model.person import Person
from rapport.model.target import Clocked, Target, promise_of


class Due(NamedTuple):
    """What a target asks for: until when, and from when on it is said that it nears."""

    target: str
    due_at: datetime
    warn_at: datetime


def brand_of(centre: Centre, conversation: Conversation) -> str:
    """The brand that a conversation speaks with; "" where its account has none."""
    account = centre.accounts.get(conversation.account)
    return account.brand if account else ""


def fits(target: Target, centre: Centre, conversation: Conversation, person: Person | None) -> bool:
    """Whether a target is meant for a conversation."""
    here = {conversation.account, conversation.channel, conversation.kind.value}
    if target.channels and not here & set(target.channels):
        return False
    if target.brands and brand_of(centre, conversation) not in target.brands:
        return False
    known = {one.name: one.value for one in person.attributes} if person else {}
    return all(known.get(name) == value for name, value in target.person.items())


def rank(target: Target, conversation: Conversation) -> tuple[int, int, int]:
    """How specific a target is: for a person, for an account before a channel before a kind, for a brand."""
    named = set(target.channels)
    place = 3 if conversation.account in named else 2 if conversation.channel in named else 1 if named else 0
    return len(target.person), place, int(bool(target.brands))


def chosen(centre: Centre, conversation: Conversation, person: Person | None, clock: Clocked) -> list[Target]:
    """The targets that hold for one clock: the most specific one, and the floors."""
    meant = [t for t in centre.targets.values() if getattr(t, clock) and fits(t, centre, conversation, person)]
    floors = [target for target in meant if target.floor]
    others = sorted((t for t in meant if not t.floor), key=lambda t: ([-n for n in rank(t, conversation)], t.id))
    return [*others[:1], *sorted(floors, key=lambda target: target.id)]


def due(centre: Centre, conversation: Conversation, person: Person | None, clock: Clocked, at: datetime) -> Due | None:
    """The earliest that the targets ask for of a clock that begins at `at`; None where none holds."""
    found = [due_by(target, centre, conversation, clock, at) for target in chosen(centre, conversation, person, clock)]
    return min((one for one in found if one is not None), key=lambda one: (one.due_at, one.target), default=None)


def due_by(target: Target, centre: Centre, conversation: Conversation, clock: Clocked, at: datetime) -> Due | None:
    """What one target asks for."""
    promise = promise_of(getattr(target, clock))
    if promise is None:
        return None
    brand = centre.brands.get(brand_of(centre, conversation))
    calendar = calendar_of(target, centre.profile, brand.zone if brand else "")
    due_at = working_days_after(calendar, at, promise.days) if promise.days else after(calendar, at, promise.seconds)
    if due_at is None:
        return None
    open_seconds = between(calendar, at, due_at)
    warn_at = after(calendar, at, target.warn * open_seconds) or due_at
    return Due(target.id, due_at, min(warn_at, due_at))


def left(target: Target, centre: Centre, conversation: Conversation, now: datetime, due_at: datetime) -> float:
    """How much of a target's time is left, in open seconds."""
    brand = centre.brands.get(brand_of(centre, conversation))
    return between(calendar_of(target, centre.profile, brand.zone if brand else ""), now, due_at)


def resumed(target: Target, centre: Centre, conversation: Conversation, now: datetime, seconds: float) -> Due | None:
    """When a clock that stood with so many open seconds left is due, if it goes on now."""
    brand = centre.brands.get(brand_of(centre, conversation))
    calendar = calendar_of(target, centre.profile, brand.zone if brand else "")
    due_at = after(calendar, now, seconds)
    warn_at = after(calendar, now, max(0.0, seconds - (1 - target.warn) * seconds))
    return Due(target.id, due_at, min(warn_at or due_at, due_at)) if due_at is not None else None
