"""Groups as the pages read them: of a person, by themselves, by their words; and which company an address may speak of."""

from collections.abc import Collection

import asyncpg
import msgspec

from rapport.ledger.tables import read_rows, read_where
from rapport.model.group import Group, Membership
from rapport.model.person import Handle, Person
from rapport.people.groups.domains import company_domain

MOST = 500
_COUNTED = """select m."group", count(distinct m.person) from membership m
where m.tenant = $1 and m."group" = any($2::uuid[]) group by 1"""
_ADDRESSES = """select h.name from handle h where h.tenant = $1 and h.person is not null and h.person = any($2::uuid[])
and h.name like 'email:%' order by h.name limit 20"""


class Member(msgspec.Struct, frozen=True):
    """Somebody in a group, as they are shown: persons that are one stand once."""

    person: Person
    role: str
    source: str
    by: str


class Belonging(msgspec.Struct, frozen=True):
    """A group of a person's, and as whom they belong to it."""

    group: Group
    role: str
    source: str
    by: str


class Suggested(msgspec.Struct, frozen=True):
    """A company that an address speaks of. `group` None: there is none of that domain yet."""

    domain: str
    group: Group | None


async def group_of(db: asyncpg.Connection, tenant: int, id: bytes) -> Group | None:
    """One group; None where there is none."""
    found = await read_rows(db, tenant, Group, [id])
    return found[0] if found else None


async def members_of(db: asyncpg.Connection, tenant: int, group: bytes) -> list[Member]:
    """Who belongs to a group, at most 500, each person once however many persons on record are one."""
    rows = await read_where(db, tenant, Membership, '"group" = $2 order by at limit $3', group, MOST)
    known = {person.id: person for person in await read_rows(db, tenant, Person, {row.person for row in rows})}
    found: dict[tuple[bytes, ...], Member] = {}
    for row in rows:
        person = known.get(row.person)
        if person is not None:
            before = found.get(key := tuple(sorted(person.ids)))
            found[key] = Member(person, row.role or (before.role if before else ""), row.source, row.by)
    return sorted(found.values(), key=lambda member: (member.person.name == "", member.person.name.casefold()))


async def groups_of(db: asyncpg.Connection, tenant: int, persons: Collection[bytes]) -> list[Belonging]:
    """The groups of a person (`Person.ids`), each once."""
    rows = await read_where(db, tenant, Membership, "person = any($2::uuid[]) order by at", list(persons))
    known = {group.id: group for group in await read_rows(db, tenant, Group, {row.group for row in rows})}
    found = {
        row.group: Belonging(known[row.group], row.role, row.source, row.by)
        for row in rows
        if row.group in known and not known[row.group].gone
    }
    return list(found.values())


async def find_groups(db: asyncpg.Connection, tenant: int, words: str, *, limit: int) -> list[tuple[Group, int]]:
    """Groups with these words in their name or domain, and how many belong to each; the latest where no word is said."""
    where = "not gone and name <> '' and ($2 = '' or name ilike $3 or domain ilike $3) order by at desc, id limit $4"
    plain = words.replace("\\", "").replace("%", "").replace("_", "\\_")
    groups = await read_where(db, tenant, Group, where, plain, f"%{plain}%", limit)
    counts = dict(await db.fetch(_COUNTED, tenant, [group.id for group in groups]))
    return [(group, counts.get(group.id, 0)) for group in groups]


async def suggested(db: asyncpg.Connection, tenant: int, persons: Collection[bytes]) -> list[Suggested]:
    """Companies that a person's addresses speak of and that they do not belong to yet; never free mail."""
    names = [name for (name,) in await db.fetch(_ADDRESSES, tenant, list(persons))]
    domains = [domain for domain in dict.fromkeys(company_domain(name.partition(":")[2]) for name in names) if domain]
    if not domains:
        return []
    mine = {one.group.id for one in await groups_of(db, tenant, persons)}
    where = "kind = 'company' and not gone and domain <> '' and domain = any($2::text[])"
    there = {group.domain: group for group in await read_where(db, tenant, Group, where, domains)}
    found = [Suggested(domain, there.get(domain)) for domain in domains]
    return [one for one in found if one.group is None or one.group.id not in mine]


async def handle_of(db: asyncpg.Connection, tenant: int, persons: Collection[bytes]) -> bytes | None:
    """A handle of a person's, by whose key what is told of them is sealed."""
    of = "person is not null and person = any($2::uuid[]) and name <> '' order by name limit 1"
    found = await read_where(db, tenant, Handle, of, list(persons))
    return found[0].id if found else None


async def membership_handles(db: asyncpg.Connection, tenant: int, persons: Collection[bytes], group: bytes) -> list[bytes]:
    """A handle of each of these persons on record that belongs to the group by itself."""
    of = 'person = any($2::uuid[]) and "group" = $3'
    rows = await read_where(db, tenant, Membership, of, list(persons), group)
    found = [await handle_of(db, tenant, [row.person]) for row in rows]
    return [handle for handle in found if handle is not None]
