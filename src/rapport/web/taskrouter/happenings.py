"""What the ledger says of a workspace, in TaskRouter's words: which events each fact is, and about what.

An event's Sid holds the number of its entry and its place among the events of that entry, so each can be found again.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from rapport.conversations.reading import of_account
from rapport.ledger.bare import Bare, bare_after, bare_lately, bare_one, time_of
from rapport.ledger.entry import read_fact
from rapport.ledger.read import head_of
from rapport.model.fact import (
    ConversationOpened,
    ConversationResolved,
    Fact,
    NeedRaised,
    NeedWidened,
    OfferAccepted,
    OfferDeclined,
    OfferExpired,
    OfferMade,
    OfferRevoked,
    PresenceChanged,
    WrappedUp,
)
from rapport.web.taskrouter.offers import CANCELED, COMPLETED


class Happened(msgspec.Struct, frozen=True):
    """One event of the ledger. `task`: the conversation's id, None for what is about a worker alone; `offer`: an offer's."""

    id: bytes
    seq: int
    at: datetime
    type: str
    resource: str
    task: bytes | None = None
    offer: bytes | None = None
    worker: str = ""

    @property
    def sid(self) -> str:
        """The event's Sid."""
        return f"EV{self.id.hex()}"


Named = tuple[str, str]  # an event's type, and the sort of thing it is about


def _resolved(fact: Any) -> Sequence[Named]:  # Any: the fact of its kind, here and below
    return [("task.canceled" if fact.disposition == CANCELED else "task.completed", "task")]


def _revoked(fact: Any) -> Sequence[Named]:  # Any: as above
    return [("reservation.canceled" if fact.reason == "ended" else "reservation.rescinded", "reservation")]


def _wrapped(fact: Any) -> Sequence[Named]:  # Any: as above
    return [("reservation.completed" if fact.disposition == COMPLETED else "reservation.canceled", "reservation")]


EVENTS: Mapping[type[Fact], Callable[[Any], Sequence[Named]]] = {  # Any: as above
    ConversationOpened: lambda fact: [("task.created", "task"), ("workflow.entered", "task")],
    NeedRaised: lambda fact: [("workflow.target-matched", "task"), ("task-queue.entered", "task")],
    NeedWidened: lambda fact: [("task-queue.timeout", "task"), ("task-queue.moved", "task")],
    OfferMade: lambda fact: [("reservation.created", "reservation")],
    OfferAccepted: lambda fact: [("reservation.accepted", "reservation")],
    OfferDeclined: lambda fact: [("reservation.rejected", "reservation")],
    OfferExpired: lambda fact: [("reservation.timeout", "reservation")],
    OfferRevoked: _revoked,
    WrappedUp: _wrapped,
    ConversationResolved: _resolved,
    PresenceChanged: lambda fact: [("worker.activity.update", "worker")],
}
KINDS = tuple(sorted(kind.number for kind in EVENTS))


def _events_of(row: Bare) -> list[Happened]:
    """What an entry is in TaskRouter's words."""
    fact = read_fact(row.kind, row.body)
    task, offer = getattr(fact, "conversation", None), getattr(fact, "offer", None)
    worker = str(getattr(fact, "agent", ""))
    found = []
    for place, (type, resource) in enumerate(EVENTS[fact.__class__](fact)):
        found.append(Happened(_name(row, place), row.seq, row.at, type, resource, task, offer, worker))
    return found


def _name(row: Bare, place: int) -> bytes:
    """The number of the entry, the place, and a part of what names the entry."""
    return row.seq.to_bytes(8, "big") + bytes([place]) + bytes(row.id)[-7:]


async def _before(db: asyncpg.Connection, tenant: int, time: datetime) -> int:
    """The number of the last entry before a time, by halving: numbers have no gaps and times follow them."""
    low, high = 0, await head_of(db, tenant)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if await time_of(db, tenant, middle) < time else (low, middle - 1)
    return low


async def _of_workspace(
    db: asyncpg.Connection, tenant: int, workspace: str, workers: Mapping[str, str], found: list[Happened]
) -> list[Happened]:
    """Those events that are about a workspace's tasks and workers."""
    ids = list({one.task for one in found if one.task is not None})
    ours = await of_account(db, tenant, ids, workspace)
    return [one for one in found if (one.task in ours if one.task is not None else one.worker in workers)]


async def after(
    db: asyncpg.Connection, tenant: int, workspace: str, workers: Mapping[str, str], seq: int, most: int
) -> tuple[list[Happened], int]:
    """What happened after entry `seq`, oldest first; and the entry up to which that was looked for."""
    rows = await bare_after(db, tenant, seq, KINDS, most)
    found = await _of_workspace(db, tenant, workspace, workers, [one for row in rows for one in _events_of(row)])
    return found, rows[-1].seq if rows else seq


async def lately(
    db: asyncpg.Connection,
    tenant: int,
    workspace: str,
    workers: Mapping[str, str],
    since: datetime,
    until: datetime,
    most: int,
) -> list[Happened]:
    """What happened between two times, newest first, of at most `most` entries."""
    before = await _before(db, tenant, since)
    rows = await bare_lately(db, tenant, before, KINDS, since=since, until=until, most=most)
    found = [one for row in rows for one in reversed(_events_of(row))]
    return await _of_workspace(db, tenant, workspace, workers, found)


async def one_of(db: asyncpg.Connection, tenant: int, workspace: str, workers: Mapping[str, str], id: bytes) -> Happened | None:
    """The event of this id, or None."""
    row = await bare_one(db, tenant, int.from_bytes(id[:8], "big") & (2**63 - 1), KINDS)
    found = [one for one in _events_of(row) if one.id == id] if row is not None else []
    ours = await _of_workspace(db, tenant, workspace, workers, found)
    return ours[0] if ours else None
