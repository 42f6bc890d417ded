"""Keeping: which rows stay in a worker's memory after a round, and which are forgotten."""

from collections.abc import Callable
from typing import Any

import msgspec

from rapport.ledger.views import RESIDENT, TABLES, Key, Rows
from rapport.model.bot import Errand
from rapport.model.burst import Burst
from rapport.model.call import Call
from rapport.model.conversation import Conversation
from rapport.model.correction import Correction
from rapport.model.message import Message
from rapport.model.need import Need, Offer
from rapport.model.person import JourneyEvent, Person, PersonEvents
from rapport.model.playbook import Run
from rapport.model.reply import Aside, Reminder
from rapport.model.shift_ask import ShiftAsk
from rapport.model.statement import Statement
from rapport.model.target import Service

Table = type[msgspec.Struct]
# Of tables that are in memory while something goes on, the rows for which it has ended.
ENDED: dict[Table, Callable[[Any], bool]] = {  # Any: a row of its table
    Burst: lambda burst: burst.ended_at is not None,
    Call: lambda call: call.state == "over",
    Correction: lambda correction: not correction.learns,
    Errand: lambda errand: not errand.open,
    Run: lambda run: run.ended_at is not None,
    Service: lambda service: not service.open,
    ShiftAsk: lambda ask: not ask.open,
}
# Of these so many more may come before they are looked at again: thousands stay, and few end.
SPARE: dict[Table, int] = {Correction: 100}
# How many rows stay in memory; of the others 20,000.
KEPT: dict[Table, int] = {Message: 5_000, JourneyEvent: 0, Reminder: 0, Aside: 0, Statement: 2_000}


_RESIDENT = frozenset(TABLES[name] for name in RESIDENT)
_LOOKED_AT = tuple(table for table in TABLES.values() if table in ENDED or table not in _RESIDENT)


def let_go(rows: Rows) -> None:
    """Keep memory bounded: forget rows that are written and that no waiting need leads to.

    What a look finds that must stay doubles the bound of the next: tens of thousands who wait are not gone through each round.
    """
    _let_offers_go(rows)
    for table in _LOOKED_AT:
        if table in ENDED and rows.count(table) <= rows.bounds.get(table, 0):
            continue
        if table in ENDED:
            rows.forget(table, [row.id for row in rows.all(table) if ENDED[table](row)])  # type: ignore[attr-defined]  # they have one
            if table in SPARE:
                rows.bounds[table] = rows.count(table) + SPARE[table]
        elif rows.count(table) > max(KEPT.get(table, 20_000), rows.bounds.get(table, 0)):
            rows.forget(table, _forgettable(rows, table))
            rows.bounds[table] = 2 * rows.count(table)


def _let_offers_go(rows: Rows) -> None:
    """Forget the offers that have ended, of those that were read or changed since the last look."""
    passing, rows.passing = rows.passing, {}
    ended = [key for key in passing if (offer := rows.get(Offer, key)) is not None and offer.state != "open"]
    rows.forget(Offer, ended)
    rows.passing.update((key, None) for key in ended if rows.knows(Offer, key))  # not written yet


def _forgettable(rows: Rows, table: Table) -> list[Key]:
    needed: set[Key] = set()
    if table in (Conversation, Person, PersonEvents):
        needed = {need.id for need in rows.all(Need)}
        if table is not Conversation:
            needed = {c.person for key in needed if (c := rows.get(Conversation, key)) is not None}
    return [row.id for row in rows.all(table) if row.id not in needed]  # type: ignore[attr-defined]  # every row has an id
