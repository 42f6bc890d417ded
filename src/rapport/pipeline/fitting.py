"""What devices tell, held against the centre's kinds of events: what does not fit its kind is kept and shown, never dropped."""

from collections.abc import Sequence

import msgspec

from rapport.channels.channel import Event
from rapport.ledger.intake import Within
from rapport.model.centre import read_thing
from rapport.model.journey import EventKind, misfit
from rapport.model.message import Unreadable
from rapport.model.news import Happening

_KINDS = "select body from thing where tenant = $1 and id = any($2::text[])"


async def fitting(within: Within, tenant: int, events: Sequence[Event]) -> list[Event]:
    """The events of a page; a device's that does not fit its kind is Unreadable, with the reason."""
    told = {event.kind for event in events if isinstance(event, Happening)}
    if not told:
        return list(events)
    async with within(tenant) as db:
        bodies = await db.fetch(_KINDS, tenant, [f"event_kind/{kind}" for kind in sorted(told)])
    kinds = {kind.id: kind for (body,) in bodies if isinstance(kind := read_thing("event_kind", body), EventKind)}
    return [_fit(event, kinds.get(event.kind)) if isinstance(event, Happening) else event for event in events]


def _fit(event: Happening, kind: EventKind | None) -> Event:
    fault = misfit(kind, event.data)
    if not fault:
        return event
    raw = msgspec.json.encode(event)
    return Unreadable(f"{event.source}/{event.key}", raw, f"{event.kind}: {fault}", event.at, event.handle)
