"""Persons and their groups as a file tells them, as the facts that are appended; the same told again changes nothing.

What is told is named by a digest that only the tenant's key can make: nobody else can tell from it what was told of whom.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

import asyncpg
import msgspec
from msgspec.structs import replace

from rapport.ledger.cleaning import clean
from rapport.ledger.entry import Entry, New
from rapport.ledger.intake import Intake
from rapport.ledger.journey import check_handles, declared
from rapport.model.fact import FileImported, GroupNoted, MembershipNoted, PersonDeclared, PersonUndeclared, Words
from rapport.model.group import GROUPS, GroupTold, PersonTold
from rapport.model.ids import named_id

LONGEST_NAME = 200
_THERE = """select id, kind, lower(name) as name, domain from people_group where tenant = $1 and not gone
and ((kind, lower(name)) in (select * from unnest($2::text[], $3::text[])) or (domain <> '' and domain = any($4::text[])))"""


async def take_people(intake: Intake, tenant: int, people: Sequence[PersonTold], by: str) -> list[bool]:
    """Take persons and their groups in, all in one transaction; False for each that we already had just so."""
    for told in people:
        check_handles(told.handles)
    if not people:
        return []
    owners = await intake.owners(tenant, {clean(handle) for told in people for handle in told.handles})
    groups = await _groups(intake, tenant, [group for told in people for group in told.groups], people[0].source, by)
    news: list[New] = list(groups.made)
    first = len(news)
    news += [_declared(intake, tenant, told, owners) for told in people]
    for told in people:
        handle = owners[clean(told.handles[0])]
        news += [
            member_of(intake, tenant, (handle, groups.ids[_called(group)]), group.role, told.source, by, once=told.once)
            for group in told.groups
        ]
    taken = await intake.append(tenant, news)
    return taken[first : first + len(people)]


def _declared(intake: Intake, tenant: int, told: PersonTold, owners: Mapping[str, bytes]) -> New:
    handles = [clean(handle) for handle in told.handles]
    said = msgspec.json.encode([handles, told.name, told.attributes], order="deterministic").decode()
    named = intake.keys.digest(tenant, f"declared|{told.source}|{told.once}|{said}").hex()
    new = declared(intake.keys, tenant, handles, told.name, told.attributes, (told.source, named), owners, intake.clock.now())
    return replace(new, fact=replace(cast(PersonDeclared, new.fact), file=told.file))


def undeclared(intake: Intake, tenant: int, entry: Entry, by: str) -> New:
    """That what an entry declared of a person is taken back, as a fact; once, however often it is told."""
    fact, now = cast(PersonDeclared, entry.fact), intake.clock.now()
    source, named = f"undeclare:{fact.source}", entry.id.hex()
    undone = PersonUndeclared(fact.handle, fact.handles or (fact.handle,), fact.source, by)
    return New(named_id(now, tenant, source, named), now, fact.handle, undone, entry.content, fact.handle, source, named)


def member_of(
    intake: Intake, tenant: int, of: tuple[bytes, bytes], role: str, source: str, by: str, *, left: bool = False, once: str = ""
) -> New:
    """That a handle's person belongs to a group, or no more, as a fact; `of`: (handle, group). The handle's key must be open.

    Told again by the same source with the same `once` it changes nothing.
    """
    handle, group = of
    said = f"member|{handle.hex()}|{group.hex()}|{role}|{left}|{once}"
    named, now = intake.keys.digest(tenant, said).hex(), intake.clock.now()
    fact = MembershipNoted(handle, group, clean(source), by, left)
    content = Words(clean(role)[:LONGEST_NAME])
    return New(named_id(now, tenant, source, named), now, group, fact, content, handle, f"member:{clean(source)}", named)


class Groups(msgspec.Struct):
    """The ids of groups by what they are called, and the facts of those that must be made."""

    ids: dict[tuple[str, str, str], bytes]
    made: list[New]


def _called(told: GroupTold) -> tuple[str, str, str]:
    return told.kind, clean(told.name)[:LONGEST_NAME].strip().casefold(), told.domain


async def _groups(intake: Intake, tenant: int, told: Iterable[GroupTold], source: str, by: str) -> Groups:
    wanted: dict[tuple[str, str, str], GroupTold] = {}
    for group in told:
        if group.kind in GROUPS:
            wanted.setdefault(_called(group), group)
    if not wanted:
        return Groups({}, [])
    async with intake.within(tenant) as db:
        found = await groups_named(db, tenant, list(wanted))
    made = await _made(intake, tenant, [group for key, group in wanted.items() if key not in found], source, by)
    return Groups(found | {key: new.subject for key, new in made.items()}, list(made.values()))


async def groups_named(
    db: asyncpg.Connection, tenant: int, wanted: Sequence[tuple[str, str, str]]
) -> dict[tuple[str, str, str], bytes]:
    """The groups that there are, by (kind, name in small letters, domain): of the same name, or a company of that domain."""
    kinds, names, domains = ([key[place] for key in wanted] for place in range(3))
    rows = await db.fetch(_THERE, tenant, kinds, names, [domain for domain in domains if domain])
    by_name = {(row["kind"], row["name"]): row["id"] for row in rows}
    by_domain = {row["domain"]: row["id"] for row in rows if row["kind"] == "company" and row["domain"]}
    found = {key: by_domain.get(key[2]) if key[2] and key[0] == "company" else None for key in wanted}
    return {key: id for key in wanted if (id := found[key] or by_name.get(key[:2])) is not None}


async def made_group(intake: Intake, tenant: int, told: GroupTold, source: str, by: str) -> New:
    """A group as a fact; its key is its own, found by its kind and name. Told again it is the same group."""
    return (await _made(intake, tenant, [told], source, by))[_called(told)]


async def _made(
    intake: Intake, tenant: int, told: Sequence[GroupTold], source: str, by: str
) -> dict[tuple[str, str, str], New]:
    if not told:
        return {}
    names = {_called(group): f"{group.kind}:{group.domain or _called(group)[1]}" for group in told}
    owners, now = await intake.owners(tenant, set(names.values())), intake.clock.now()
    async with intake.within(tenant) as db:
        gone = "select id from people_group where tenant = $1 and id = any($2::uuid[]) and gone"
        again = {id for (id,) in await db.fetch(gone, tenant, list(owners.values()))}
    found = {}
    for group in told:
        kind, name, domain = key = _called(group)
        owner = owners[names[key]]
        said = f"group|{owner.hex()}|{name}|{domain}|{now.isoformat() if owner in again else ''}"
        named = intake.keys.digest(tenant, said).hex()
        fact = GroupNoted(owner, kind, clean(source), by, domain)
        content = Words(clean(group.name)[:LONGEST_NAME].strip())
        found[key] = New(named_id(now, tenant, source, named), now, owner, fact, content, owner, "group", named)
    return found


def noted_file(intake: Intake, tenant: int, fact: FileImported) -> New:
    """What became of a file, as a fact; each state of it once."""
    now, named = intake.clock.now(), f"{fact.file.hex()}/{fact.state}"
    return New(named_id(now, tenant, "import", named), now, fact.file, fact, None, None, "import", named)
