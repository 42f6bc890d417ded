"""Fetching: the rows that entries name, and those that these lead to, before a round begins.

A fact's field that is called as a table names a row of it; a row's field does too, and is followed. So a stage finds in memory
whatever its entry can lead to, and never asks the database.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import asyncpg
import msgspec

from rapport.ledger.fetch_person import alikes_of, pairs_of, unknown_keys
from rapport.ledger.fetch_record import hold_record
from rapport.ledger.tables import read_rows, read_where
from rapport.ledger.views import RESIDENT, TABLES, Key, Rows, Written
from rapport.model.bot import Errand
from rapport.model.call import Call
from rapport.model.conversation import Conversation, Mention, Thread, thread_id
from rapport.model.correction import Correction
from rapport.model.fact import (
    ActionTaken,
    CentreRemoved,
    ConsentNoted,
    Fact,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    MessageSent,
    MessageUnreadable,
    ReactionSeen,
    ReadingCorrected,
    ReceiptSeen,
)
from rapport.model.ids import read_id
from rapport.model.interaction import Interaction
from rapport.model.message import Message
from rapport.model.need import Need, Offer
from rapport.model.person import Alike, Apart, Consent, Handle, Hold, JourneyEvent, KnownBy, Person, PersonEvents, consent_id
from rapport.model.playbook import Run, Task
from rapport.model.reply import Aside, Draft, Incident, Outgoing, Reminder
from rapport.model.sequel import Sequel, sequel_id
from rapport.model.statement import Statement
from rapport.model.target import Service
from rapport.model.telling import Telling

Table = type[msgspec.Struct]
Wanted = dict[Table, set[Key]]
NAMED: dict[str, tuple[Table, ...]] = {
    "handle": (Handle,),
    "handles": (Handle,),
    "message": (Message,),
    "messages": (Message,),
    "mentions": (Mention,),
    "into": (Conversation, Person, PersonEvents, Apart),
    "origin": (Conversation,),
    "merged_into": (Conversation,),
    "conversation": (Conversation,),
    "person": (Person, PersonEvents, Hold),
    "offer": (Offer,),
    "draft": (Draft,),
    "outgoing": (Outgoing,),
    "interaction": (Interaction,),
    "incident": (Incident,),
    "event": (JourneyEvent,),
    "task": (Task,),
    "entry": (Aside,),
    "call": (Call,),
    "tellings": (Telling,),
    "family": (Person, PersonEvents, Apart, Hold),
    "one": (Person, PersonEvents, Apart),
    "other": (Person, PersonEvents, Apart),
    "persons": (Person, PersonEvents, Apart),
}
FOLLOWED: dict[Table, tuple[str, ...]] = {
    Handle: ("person",),
    Person: ("conversation", "family"),
    Apart: ("family",),
    KnownBy: ("persons",),
    Conversation: ("offer", "interaction", "draft", "handle", "person", "message", "merged_into"),
    Offer: ("conversation",),
    Draft: ("conversation",),
    Outgoing: ("conversation", "message"),
    Interaction: ("conversation",),
    Message: ("conversation", "handle"),
    Thread: ("conversation",),
    Sequel: ("message", "outgoing"),
    Call: ("conversation", "message", "interaction"),
}
UNDER_CONVERSATION: tuple[Table, ...] = (Message, Incident, Outgoing)  # release, retry_send: what the action may mean
UNDER_REMINDER: tuple[Table, ...] = (Conversation, Offer, Outgoing, Draft)
MOVES = frozenset({"merge", "unmerge", "split"})
MOST_MOVED = 2001  # more than a stage moves at once
IN_IT = """conversation is not null and conversation = any(array(with recursive way(id) as (select $2::uuid union
select c.merged_into from way join conversation c on c.tenant = $1 and c.id = way.id where c.merged_into is not null)
select id from way)) order by at desc limit $3"""
AFTERWARDS = (MessageEdited, MessageDeleted, ReactionSeen, ReceiptSeen)
NEW_MESSAGE = (MessageReceived, MessageUnreadable)  # their row is made by them
# Of tables that are in memory while something goes on, the rows for which it has ended.
ENDED: dict[Table, Callable[[Any], bool]] = {  # Any: a row of its table
    Call: lambda call: call.state == "over",
    Correction: lambda correction: not correction.learns,
    Errand: lambda errand: not errand.open,
    Run: lambda run: run.ended_at is not None,
    Service: lambda service: not service.open,
}
# How many rows stay in memory; of the others 20,000.
KEPT: dict[Table, int] = {Message: 5_000, JourneyEvent: 0, Reminder: 0, Aside: 0, Statement: 2_000}


async def fetch(db: asyncpg.Connection, tenant: int, rows: Rows, entries: Iterable[Written], due: Iterable[Reminder]) -> None:
    """Bring into `rows` what the entries and reminders can lead to."""
    wanted: Wanted = defaultdict(set)
    for entry in entries:
        _wanted_by(entry.fact, wanted)
    for message in sorted(moderated(entries)):
        for part in await read_where(db, tenant, Outgoing, "message = $2", message):
            rows.hold(part)
    for conversation in sorted(moving(entries)):
        for moved in await read_where(db, tenant, Message, IN_IT, conversation, MOST_MOVED):
            rows.hold(moved)
            if moved.moved_from is not None:
                wanted[Conversation].add(moved.moved_from)
    for conversation in sorted(looked_at(entries)):
        for mention in await read_where(db, tenant, Mention, "conversation = $2 and seen_at is null", conversation):
            rows.hold(mention)
    for agent in sorted(leaving(entries)):
        for interaction in await read_where(db, tenant, Interaction, "agent = $2 and ended_at is null", agent):
            rows.hold(interaction)
            wanted[Interaction].add(interaction.id)
    for reminder in due:
        for table in UNDER_REMINDER:
            wanted[table].add(reminder.subject)
    for person in pairs_of(entries):
        for table in NAMED["family"]:
            wanted[table].add(person)
    await _follow(db, tenant, rows, wanted)
    keys = unknown_keys(entries, rows)
    if keys:
        await _follow(db, tenant, rows, defaultdict(set, {KnownBy: set(keys)}))
    alike = alikes_of(entries, rows)
    if alike:
        await _follow(db, tenant, rows, defaultdict(set, {Alike: set(alike)}))
    await hold_record(db, tenant, rows, entries)


async def _follow(db: asyncpg.Connection, tenant: int, rows: Rows, wanted: Wanted) -> None:
    """Bring in the rows that are wanted, those that they lead to, and so on."""
    seen: set[tuple[Table, Key]] = set()
    while wanted:
        ahead: Wanted = defaultdict(set)
        for table, keys in wanted.items():
            fresh = {key for key in keys if (table, key) not in seen}
            seen |= {(table, key) for key in fresh}
            missing = [key for key in fresh if not rows.knows(table, key) and not rows.is_ahead(table, key)]
            if missing:
                for row in await read_rows(db, tenant, table, missing):
                    rows.hold(row)
            for key in fresh:
                found = rows.get(table, key)
                if found is not None:
                    _wanted_after(found, ahead)
        wanted = ahead


def leaving(entries: Iterable[Written]) -> set[str]:
    """The agents who go: whomever they have must be put to somebody else."""
    found = set()
    for entry in entries:
        fact = entry.fact
        if isinstance(fact, ActionTaken) and fact.do == "go_offline":
            found.add(fact.agent)
        elif isinstance(fact, ActionTaken) and fact.do == "set_presence" and fact.argument.endswith(" offline"):
            found.add(fact.argument.partition(" ")[0])
        elif isinstance(fact, CentreRemoved) and fact.thing == "agent":
            found.add(fact.name)
    return found


def moderated(entries: Iterable[Written]) -> set[bytes]:
    """The messages to which something is to be done: each part of them is known by a name of its own."""
    facts = [entry.fact for entry in entries]
    return {f.message for f in facts if isinstance(f, ActionTaken) and f.do == "moderate" and f.message is not None}


def moving(entries: Iterable[Written]) -> set[bytes]:
    """The conversations whose messages may move: what is merged, taken apart or split."""
    facts = [entry.fact for entry in entries]
    return {f.conversation for f in facts if isinstance(f, ActionTaken) and f.do in MOVES and f.conversation is not None}


def looked_at(entries: Iterable[Written]) -> set[bytes]:
    """The conversations whose mentions somebody has seen."""
    facts = [entry.fact for entry in entries]
    seen = [f for f in facts if isinstance(f, ActionTaken) and f.do == "seen_mentions"]
    return {f.conversation for f in seen if f.conversation is not None}


def _wanted_by(fact: Fact, wanted: Wanted) -> None:
    for field in fact.__struct_fields__:
        tables = NAMED.get(field) if field != "message" or not isinstance(fact, NEW_MESSAGE) else None
        value = getattr(fact, field) if tables else None
        if tables and value:
            for table in tables:
                wanted[table].update(value if isinstance(value, tuple) else (value,))
    if isinstance(fact, MessageReceived):
        wanted[Thread].update(thread_id(fact.account, key) for key in (fact.thread, fact.in_reply_to, fact.key) if key)
    elif isinstance(fact, AFTERWARDS):
        wanted[Sequel].add(sequel_id(fact.account, fact.of))
    elif isinstance(fact, MessageSent) and fact.key:
        wanted[Sequel].add(sequel_id(fact.account, fact.key))
    if isinstance(fact, ReadingCorrected) or (isinstance(fact, ActionTaken) and fact.do == "correct"):
        wanted[Correction] |= {fact.message} - {None}  # type: ignore[arg-type]  # None was taken out
    if isinstance(fact, ConsentNoted):
        wanted[Consent].add(consent_id(fact.person, fact.purpose, fact.channel))
    if isinstance(fact, ActionTaken) and fact.do == "merge":
        wanted[Conversation] |= {read_id(fact.argument)} - {None}  # type: ignore[arg-type]  # None was taken out
    if isinstance(fact, ActionTaken) and fact.do in ("release", "retry_send", "give_up"):
        ids = {fact.conversation, read_id(fact.argument)} - {None}
        for table in UNDER_CONVERSATION:
            wanted[table] |= ids  # type: ignore[arg-type]  # None was taken out
    if isinstance(fact, ActionTaken) and fact.do == "do_task" and (task := read_id(fact.argument)) is not None:
        wanted[Task].add(task)
    if isinstance(fact, ActionTaken) and fact.do in ("whisper_back", "seen_tellings"):
        wanted[Telling].update(id for part in fact.argument.split(",") if (id := read_id(part)) is not None)


def _wanted_after(row: msgspec.Struct, wanted: Wanted) -> None:
    if isinstance(row, Outgoing) and row.op:
        wanted[Sequel].add(sequel_id(row.account, row.target))
    for field in FOLLOWED.get(type(row), ()):
        key = getattr(row, field)
        if key is not None:
            for table in NAMED[field]:
                wanted[table].update(key if isinstance(key, tuple) else (key,))


async def fetch_resident(db: asyncpg.Connection, tenant: int, rows: Rows) -> None:
    """Bring in the tables that a worker holds whole, and what the waiting needs lead to."""
    for name, where in RESIDENT.items():
        for row in await read_where(db, tenant, TABLES[name], where):
            rows.hold(row)
    waiting = [need.id for need in rows.all(Need)]
    for start in range(0, len(waiting), 1000):
        part = waiting[start : start + 1000]
        conversations = await read_rows(db, tenant, Conversation, part)
        people = {c.person for c in conversations}
        for table in (Person, PersonEvents):
            for row in await read_rows(db, tenant, table, people):
                rows.hold(row)
        for conversation in conversations:
            rows.hold(conversation)


def let_go(rows: Rows) -> None:
    """Keep memory bounded: forget rows that are written and that no waiting need leads to.

    What a look finds that must stay doubles the bound of the next: tens of thousands who wait are not gone through each round.
    """
    _let_offers_go(rows)
    resident = {TABLES[name] for name in RESIDENT}
    for table in TABLES.values():
        if table in ENDED:
            rows.forget(table, [row.id for row in rows.all(table) if ENDED[table](row)])  # type: ignore[attr-defined]  # they have one
        elif table not in resident and rows.count(table) > max(KEPT.get(table, 20_000), rows.bounds.get(table, 0)):
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
