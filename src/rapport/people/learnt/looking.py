"""A look at the centre's own record: whom agents confirmed an attribute of, what went before, and what others did."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

import asyncpg
import msgspec
from msgspec.structs import replace

from rapport.ledger.tables import read_rows, read_where
from rapport.model.attribute import Value
from rapport.model.noted import Noted
from rapport.model.person import Person
from rapport.people.learnt.features import Feature, of_event, of_text, together
from rapport.people.learnt.proposing import Case, Of, Proposal, propose

BEFORE = timedelta(days=180)  # how long before agents said so
MOST_NOTED, MOST_OTHERS, MOST_EVENTS, MOST_MESSAGES = 5_000, 2_000, 40, 20  # the last two of each person
MOST_TEXT = 2000  # letters of a message that are read
LEVEL = 0.5  # of levels by name, those that count
SET_LEVEL = 0.7  # what a rule sets of a level
PART = 500  # persons of one statement
EVENTS = """select w.nth, e.kind, e.data from unnest($2::int[], $3::uuid[], $4::timestamptz[]) as w(nth, person, until)
cross join lateral (select * from journey_event j where j.tenant = $1 and j.person is not null and j.person = w.person
and j.at <= w.until and j.at > w.until - $6::interval order by j.at desc limit $5) e"""
MESSAGES = """select w.nth, m.text from unnest($2::int[], $3::uuid[], $4::timestamptz[]) as w(nth, person, until)
join handle h on h.tenant = $1 and h.person is not null and h.person = w.person
cross join lateral (select left(t.text, $7) as text from message t where t.tenant = $1 and t.handle is not null
and t.handle = h.id and t.direction = 'in' and t.standing <> 'held' and t.at <= w.until and t.at > w.until - $6::interval
order by t.at desc limit $5) m"""
ANYBODY = "select id from person tablesample system ({}) repeatable (1) where tenant = $1 and name <> '' limit $2"
_data = msgspec.json.Decoder(dict)


class Looked(msgspec.Struct, frozen=True):
    """What a look found, and at how many people it looked."""

    proposals: tuple[Proposal, ...]
    noted: int
    others: int


async def look(db: asyncpg.Connection, tenant: int, now: datetime) -> Looked:
    """Rules that the centre's record speaks for, whether or not they are switched on."""
    noted = await read_where(db, tenant, Noted, "true order by at desc limit $2", MOST_NOTED)
    persons = {one.id: one for one in await read_rows(db, tenant, Person, {one.person for one in noted})}
    last: dict[tuple[bytes, str], Noted] = {}
    for one in noted:
        if one.person in persons:
            last.setdefault((min(persons[one.person].ids), one.name), one)  # of those who are one it is one word
    known = list(last.values())
    ours = {id for one in persons.values() for id in one.ids}
    chance = [id for id in await _anybody(db, tenant) if id not in ours]
    before = await _features(db, tenant, [(persons[one.person].ids, one.at) for one in known])
    others = await _features(db, tenant, [((id,), now) for id in chance])
    proposals = await asyncio.to_thread(lambda: propose(_cases(known, before), others))
    return Looked(tuple(proposals), len(known), len(others))


async def _anybody(db: asyncpg.Connection, tenant: int) -> list[bytes]:
    rows = await db.fetchval("select greatest(reltuples, 1) from pg_class where oid = 'person'::regclass")
    percent = min(100.0, 100.0 * 4 * MOST_OTHERS / rows)
    return [id for (id,) in await db.fetch(ANYBODY.format(round(percent, 4)), tenant, MOST_OTHERS)]


async def _features(
    db: asyncpg.Connection, tenant: int, asked: list[tuple[Collection[bytes], datetime]]
) -> list[frozenset[Feature]]:
    """Of each of these what they did and said before a time."""
    found: list[frozenset[Feature]] = []
    for start in range(0, len(asked), PART):
        part = asked[start : start + PART]
        flat = [(nth, id, until) for nth, (ids, until) in enumerate(part) for id in ids]
        columns = [nth for nth, _, _ in flat], [id for _, id, _ in flat], [until for _, _, until in flat]
        events = await db.fetch(EVENTS, tenant, *columns, MOST_EVENTS, BEFORE)
        texts = await db.fetch(MESSAGES, tenant, *columns, MOST_MESSAGES, BEFORE, MOST_TEXT)
        found += await asyncio.to_thread(_read, len(part), events, texts)
    return found


def _read(persons: int, events: Iterable[tuple[int, str, bytes]], texts: Iterable[tuple[int, str]]) -> list[frozenset[Feature]]:
    found: dict[int, list[set[Feature]]] = defaultdict(list)
    for nth, kind, data in events:
        found[nth].append(of_event(kind, _data.decode(data)))
    for nth, text in texts:
        found[nth].append(of_text(text))
    return [together(found[nth]) for nth in range(persons)]


def _cases(noted: Iterable[Noted], before: Iterable[frozenset[Feature]]) -> Mapping[Of, Case]:
    cases: dict[Of, Case] = {}
    for one, features in zip(noted, before, strict=True):
        for held, value in held_in(one.said[0]):
            case = cases.get((one.name, held)) or Case(value)
            confirmed = case.confirmed if one.denied else (*case.confirmed, features)
            denied = (*case.denied, features) if one.denied else case.denied
            cases[one.name, held] = replace(case, confirmed=confirmed, denied=denied)
    return cases


def held_in(value: Value) -> list[tuple[str, Value]]:
    """What an attribute holds, one by one: in words, and as a rule would set it."""
    if isinstance(value, list):
        return [(item, [item]) for item in value]
    if isinstance(value, dict):
        return [(name, {name: SET_LEVEL}) for name, level in value.items() if level >= LEVEL]
    return [(str(value).casefold(), value)]
