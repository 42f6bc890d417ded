"""The thread of a conversation as it is read: messages, days and what happened, woven into one line of time."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from rapport.model.interaction import Interaction
from rapport.model.message import Direction, Message, Reach
from rapport.model.need import Offer, OfferState
from rapport.web.desk.context import Item
from rapport.web.desk.shown import NOTHING_MORE, Afterwards
from rapport.web.languages import zone_named

NO_SEQUELS: Mapping[bytes, Afterwards] = {}


def woven(
    messages: Sequence[Message],
    interactions: Iterable[Interaction],
    offers: Iterable[Offer],
    *,
    zone: str,
    since: datetime | None,
    after: Mapping[bytes, Afterwards] = NO_SEQUELS,
) -> tuple[Item, ...]:
    """Messages oldest first, with the days between them and what agents did. `since` None: from the first moment on.

    `after`: what became of the messages, by their ids.
    """
    items = [Item(m.at, key=m.id.hex(), message=m, after=after.get(m.id, NOTHING_MORE)) for m in messages]
    items += [event for event in (*_work(interactions), *_not_taken(offers)) if since is None or event.at >= since]
    items += _turns(messages)
    items.sort(key=lambda item: (item.at, item.message is not None, item.key))
    return tuple(_with_days(items, zone))


def _work(interactions: Iterable[Interaction]) -> Iterable[Item]:
    for one in interactions:
        yield Item(one.started_at, key=f"{one.id.hex()}-a", kind="taken", agent=one.agent, seconds=one.waited)
        if one.ended_at is not None:
            yield Item(one.ended_at, key=f"{one.id.hex()}-z", kind="ended", agent=one.agent, word=one.disposition)


def _not_taken(offers: Iterable[Offer]) -> Iterable[Item]:
    for offer in offers:
        if offer.state in (OfferState.DECLINED, OfferState.EXPIRED) and offer.ended_at is not None:
            yield Item(offer.ended_at, key=offer.id.hex(), kind=offer.state.value, agent=offer.agent)


def _turns(messages: Sequence[Message]) -> Iterable[Item]:
    """Where what was public becomes private, or the other way round: nobody may miss that."""
    before: Reach | None = None
    for message in messages:
        if message.direction is Direction.NOTE:
            continue
        if before is not None and message.reach is not before:
            yield Item(message.at, key=f"{message.id.hex()}-r", kind=message.reach.value)
        before = message.reach


def _with_days(items: Sequence[Item], zone: str) -> Iterable[Item]:
    day = None
    for item in items:
        here = item.at.astimezone(zone_named(zone)).date()
        if here != day:
            day = here
            yield Item(item.at, day=True)
        yield item
