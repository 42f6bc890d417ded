"""Fetching: the rows that entries name, and those that these lead to, before a round begins.

A fact's field that is called as a table names a row of it; a row's field does too, and is followed. So a stage finds in memory
whatever its entry can lead to, and never asks the database.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache

import asyncpg
import msgspec

from rapport.ledger.fetch_action import (
    MOVES as MOVES,
    leaving as leaving,
    looked_at,
    marks_of,
    moderated,
    moving,
    named_in,
    told_of,
)
from rapport.ledger.fetch_asked import asked_in, hold_asked
from rapport.ledger.fetch_person import alikes_of, pairs_of, unknown_keys
from rapport.ledger.fetch_record import hold_record
from rapport.ledger.fetch_rights import hold_rights
from rapport.ledger.tables import read_rows, read_where
from rapport.ledger.views import RESIDENT, TABLES, Key, Rows, Written
from rapport.model.burst import Burst
from rapport.model.call import Call
from rapport.model.conversation import Conversation, Mention, Thread, thread_id
from rapport.model.correction import Correction
from rapport.model.fact import (
    ActionTaken,
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
from rapport.model.group import FileImport, Group
from rapport.model.interaction import Interaction
from rapport.model.message import Message
from rapport.model.need import Need, Offer
from rapport.model.person import (
    Alike,
    Apart,
    Consent,
    Handle,
    Hold,
    JourneyEvent,
    KnownBy,
    Person,
    PersonEvents,
    RightRequest,
    consent_id,
)
from rapport.model.playbook import Task
from rapport.model.poll import Poll
from rapport.model.reply import Aside, Draft, Incident, Outgoing, Reminder
from rapport.model.report_mail import ReportMail
from rapport.model.reviewed import Review, Reviewable, Sample
from rapport.model.sequel import Sequel, sequel_id
from rapport.model.shift_ask import ShiftAsk
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
    "poll": (Poll,),
    "mail": (ReportMail,),
    "tellings": (Telling,),
    "family": (Person, PersonEvents, Apart, Hold),
    "one": (Person, PersonEvents, Apart),
    "other": (Person, PersonEvents, Apart),
    "persons": (Person, PersonEvents, Apart),
    "item": (Reviewable,),
    "review": (Review,),
    "sample": (Sample,),
    "group": (Group,),
    "request": (RightRequest,),
    "file": (FileImport,),
    "burst": (Burst,),
    "ask": (ShiftAsk,),
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
    Review: ("item",),
}
UNDER_REMINDER: tuple[Table, ...] = (Conversation, Offer, Outgoing, Draft)
MOST_MOVED = 2001  # more than a stage moves at once
IN_IT = """conversation is not null and conversation = any(array(with recursive way(id) as (select $2::uuid union
select c.merged_into from way join conversation c on c.tenant = $1 and c.id = way.id where c.merged_into is not null)
select id from way)) order by at desc limit $3"""
AFTERWARDS = (MessageEdited, MessageDeleted, ReactionSeen, ReceiptSeen)
NEW_MESSAGE = (MessageReceived, MessageUnreadable)  # their row is made by them


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
    wanted[Conversation] |= told_of(entries, rows) | asked_in(entries, rows)
    await _follow(db, tenant, rows, wanted)
    keys = unknown_keys(entries, rows)
    if keys:
        await _follow(db, tenant, rows, defaultdict(set, {KnownBy: set(keys)}))
    marks = marks_of(entries, rows)
    if marks:
        await _follow(db, tenant, rows, defaultdict(set, {Outgoing: marks}))
    alike = alikes_of(entries, rows)
    if alike:
        await _follow(db, tenant, rows, defaultdict(set, {Alike: set(alike)}))
    await hold_record(db, tenant, rows, entries)
    await hold_rights(db, tenant, rows, entries, due)
    await hold_asked(db, tenant, rows, due)


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


@cache
def _naming(kind: type[Fact]) -> tuple[tuple[str, tuple[Table, ...]], ...]:
    """The fields of a kind of fact that name rows, and of which tables."""
    own = ("message",) if issubclass(kind, NEW_MESSAGE) else ()
    return tuple((field, NAMED[field]) for field in kind.__struct_fields__ if field in NAMED and field not in own)


def _wanted_by(fact: Fact, wanted: Wanted) -> None:
    for field, tables in _naming(type(fact)):
        value = getattr(fact, field)
        if value:
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
    if isinstance(fact, ActionTaken):
        for table, id in named_in(fact):
            wanted[table].add(id)


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
