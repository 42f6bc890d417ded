"""The inbox: what the desk lists and counts. Each list reads one partial index in its own order, however long it is."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal

import asyncpg
import msgspec

from rapport.conversations.narrowing import EVERYTHING, Narrow
from rapport.ledger.tables import read_where
from rapport.model.conversation import State
from rapport.model.ids import Id
from rapport.model.message import ChannelKind, Message, Reach
from rapport.model.reply import Aside, Incident

MOST_COUNTED = 1000
View = Literal["mine", "team", "waiting", "mentions", "snoozed", "approval", "open", "resolved", "all"]


class Listing(msgspec.Struct, frozen=True):
    """How a view is asked for: what stands in it, which time orders it, newest or oldest first."""

    where: str
    order: str = "last_at"
    newest_first: bool = True


_MENTIONS = "select conversation from mention m where m.tenant = $1 and m.agent = $2 and m.seen_at is null limit 500"
# $2 is the agent, $3 the team. Each condition names the predicate of the index that serves it (store/migrations) and gives no
# other index anything to hold on to: `state in (...)` was read through the wrong one, whole and sorted, before it was analysed.
LISTINGS: dict[View, Listing] = {
    "mine": Listing("state <> 'resolved' and state <> 'snoozed' and agent = $2 and agent <> ''"),
    "team": Listing("state <> 'resolved' and state <> 'snoozed' and team = $3 and team <> ''"),
    "waiting": Listing("state = 'open' and agent = ''", "waiting_since", newest_first=False),
    "mentions": Listing(f"id = any(array({_MENTIONS}))"),
    "snoozed": Listing("state = 'snoozed' and state <> 'open'"),
    "approval": Listing("draft is not null"),
    "open": Listing("state <> 'resolved' and state <> 'snoozed'"),
    "resolved": Listing("state = 'resolved' and state <> 'open'"),
    "all": Listing("state <> ''"),
}
VIEWS: tuple[View, ...] = tuple(LISTINGS)
COUNTED: tuple[View, ...] = tuple(view for view in VIEWS if view not in ("resolved", "all"))
_BINDS = "$2::text is not null and $3::text is not null"  # every statement takes the same parameters, used or not


class InboxRow(msgspec.Struct, frozen=True):
    """A conversation as the inbox lists it. `place` is given back as `before` for the rows that follow."""

    id: Id
    name: str
    preview: str
    subject: str
    state: State
    kind: ChannelKind
    channel: str
    reach: Reach
    language: str
    intent: str
    emotion: str
    urgency: float
    unread: bool
    agent: str
    bot: bool
    team: str
    messages: int
    last_at: datetime
    waiting_since: datetime | None
    due_at: datetime | None
    snoozed_until: datetime | None
    resolved_at: datetime | None
    disposition: str
    offer: Id | None
    draft: Id | None
    wants_person: bool
    reopened: int
    handle: Id
    labels: tuple[str, ...]
    priority: str

    def place(self, view: View) -> tuple[datetime, Id]:
        """Where it stands in a view."""
        return (self.waiting_since or self.last_at) if view == "waiting" else self.last_at, self.id


_COLUMNS = ", ".join(InboxRow.__struct_fields__)
_labels = msgspec.json.Decoder(tuple[str, ...]).decode
# How columns become fields, by their place; a list has many rows, so each value is looked up and not made again.
_READ: tuple[tuple[int, Callable[[Any], Any]], ...] = (  # Any: a column's value, and its field's
    (InboxRow.__struct_fields__.index("state"), {one.value: one for one in State}.__getitem__),
    (InboxRow.__struct_fields__.index("kind"), {one.value: one for one in ChannelKind}.__getitem__),
    (InboxRow.__struct_fields__.index("reach"), {one.value: one for one in Reach}.__getitem__),
    (InboxRow.__struct_fields__.index("labels"), lambda text: () if text == "[]" else _labels(text)),
)


async def inbox(
    db: asyncpg.Connection,
    tenant: int,
    view: View,
    agent: str = "",
    team: str = "",
    before: tuple[datetime, bytes] | None = None,
    limit: int = 50,
    narrow: Narrow = EVERYTHING,
) -> list[InboxRow]:
    """The conversations of a view: newest first, those that wait oldest first; `before`: the place of the last row shown."""
    listing = LISTINGS[view]
    compare, direction = ("<", "desc") if listing.newest_first else (">", "asc")
    after = f"and ({listing.order}, id) {compare} ($5::timestamptz, $6::uuid)" if before else ""
    only, values = narrow.conditions(7 if before else 5)
    statement = (
        f"select {_COLUMNS} from conversation where tenant = $1 and {_BINDS} and {listing.where} {after}{only}"
        f" order by {listing.order} {direction}, id {direction} limit $4"
    )
    records = await db.fetch(statement, tenant, agent, team, limit, *(before or ()), *values)
    return [_row(record) for record in records]


def _row(record: asyncpg.Record) -> InboxRow:
    values = list(record)
    for place, read in _READ:
        values[place] = read(values[place])
    return InboxRow(*values)


async def counts(
    db: asyncpg.Connection, tenant: int, agent: str = "", team: str = "", views: Sequence[View] = COUNTED
) -> dict[View, int]:
    """How many conversations stand in each of the views, counted up to 1,000; what is resolved is not counted, nor all."""
    columns = ", ".join(
        f"(select count(*) from (select from conversation where tenant = $1 and {LISTINGS[view].where}"
        f" order by {LISTINGS[view].order} limit $4) as counted)"
        for view in views
    )
    record = await db.fetchrow(f"select {columns} where {_BINDS}", tenant, agent, team, MOST_COUNTED)
    return dict(zip(views, record, strict=True)) if record else {}


async def held_messages(
    db: asyncpg.Connection, tenant: int, before: tuple[datetime, bytes] | None = None, limit: int = 50
) -> list[Message]:
    """Messages that the guard held, newest first."""
    return await _messages(db, tenant, "standing = 'held'", before, limit)


async def unreadable_messages(
    db: asyncpg.Connection, tenant: int, before: tuple[datetime, bytes] | None = None, limit: int = 50
) -> list[Message]:
    """Messages that could not be read, newest first; their bytes are in the ledger."""
    return await _messages(db, tenant, "standing = 'unreadable'", before, limit)


async def _messages(
    db: asyncpg.Connection, tenant: int, where: str, before: tuple[datetime, bytes] | None, limit: int
) -> list[Message]:
    after = "and (at, id) < ($3::timestamptz, $4::uuid)" if before else ""
    return await read_where(db, tenant, Message, f"{where} {after} order by at desc, id desc limit $2", limit, *(before or ()))


async def held_incidents(db: asyncpg.Connection, tenant: int, limit: int = 50) -> list[Incident]:
    """Crowds that are held, latest first."""
    return await read_where(db, tenant, Incident, "not released order by last_at desc limit $2", limit)


async def held_in_all(db: asyncpg.Connection, tenant: int, limit: int = 1000) -> int:
    """How many messages are held, counted up to `limit`."""
    counted = "select count(*) from (select from message where tenant = $1 and standing = 'held' limit $2) as found"
    return int(await db.fetchval(counted, tenant, limit))


async def held_under(db: asyncpg.Connection, tenant: int, incident: bytes, limit: int = 500) -> list[bytes]:
    """The ids of messages that are still held under an incident, oldest first."""
    held = "select id from message where tenant = $1 and standing = 'held' and incident = $2 order by at limit $3"
    return [id for (id,) in await db.fetch(held, tenant, incident, limit)]


async def entries_aside(db: asyncpg.Connection, tenant: int, limit: int = 100) -> list[Aside]:
    """Entries that a stage could not digest, oldest first."""
    return await read_where(db, tenant, Aside, "not done order by seq limit $2", limit)
