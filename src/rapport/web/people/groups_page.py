"""/people/groups: companies and households, who belongs to each; and a person's own, put right from their page."""

from typing import Annotated, Any

import asyncpg
import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.errors import BadInput, NotFound
from rapport.ledger.tables import read_rows
from rapport.model.fact import MembershipNoted, Words
from rapport.model.group import GROUPS, Group, GroupTold
from rapport.model.ids import read_id
from rapport.model.person import Person
from rapport.people.groups import reading as groups
from rapport.people.groups.domains import registered
from rapport.web.desk.page import READ, seated
from rapport.web.going import asked_id, go
from rapport.web.languages import retell
from rapport.web.page import render
from rapport.web.people.bringing_in import bringing_of
from rapport.web.security import AnyRequest, current, language_of, needs, office_of
from rapport.web.settled import settled

WRITE = needs("desk.write")
MOST, LONGEST = 60, 120
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


class GroupsPage(msgspec.Struct, frozen=True):
    """Groups by their words, and how many belong to each."""

    words: str
    found: tuple[tuple[Group, int], ...]
    problem: str = ""


class GroupPage(msgspec.Struct, frozen=True):
    """One group and who belongs to it."""

    group: Group
    members: tuple[groups.Member, ...]


class GroupsOf(msgspec.Struct, frozen=True):
    """The part of a person's page: their groups, and a company that an address of theirs speaks of."""

    mine: tuple[groups.Belonging, ...] = ()
    suggested: tuple[groups.Suggested, ...] = ()


async def groups_part(db: asyncpg.Connection, tenant: int, person: Person) -> GroupsOf:
    """What the person's page shows of their groups."""
    mine = await groups.groups_of(db, tenant, person.ids)
    return GroupsOf(tuple(mine), tuple(await groups.suggested(db, tenant, person.ids)))


@get("/people/groups", opt=READ, include_in_schema=False)
async def groups_page(request: AnyRequest) -> Response[str]:
    """Groups, the latest or those with these words."""
    return await _groups(request)


async def _groups(request: AnyRequest, problem: str = "") -> Response[str]:
    words = str(request.query_params.get("q", "")).strip()[:80]
    async with seated(request) as seat:
        found = await groups.find_groups(seat.db, seat.who.tenant, words, limit=MOST)
    page = GroupsPage(words, tuple(found), problem)
    return await render(request, "people_groups.html", page, status=400 if problem else 200)


@get("/people/groups/{group:str}", opt=READ, include_in_schema=False)
async def group_page(request: AnyRequest, group: FromPath[str]) -> Response[str]:
    """One group."""
    id = asked_id(group, "group")
    async with seated(request) as seat:
        found = await groups.group_of(seat.db, seat.who.tenant, id)
        members = await groups.members_of(seat.db, seat.who.tenant, id) if found else []
    if found is None:
        raise NotFound("there is no such company or household; it may belong to another centre")
    return await render(request, "people_group.html", GroupPage(found, tuple(members)))


def told_group(kind: str, name: str, domain: str) -> GroupTold:
    """A group as somebody tells it. Raises BadInput naming what is missing."""
    if kind not in GROUPS:
        raise BadInput(f"kind must be company or household, got {kind[:40]!r}")
    plain = " ".join(name.split())[:LONGEST]
    found = registered(domain) if kind == "company" and domain else ""
    if kind == "company" and domain and not found:
        raise BadInput(f"domain must be a company's own, such as acme.example; {domain[:60]!r} is none, or has free mail")
    if not plain and not found:
        raise BadInput("name must say what it is called, got nothing")
    return GroupTold(kind, plain or found, found)


@post("/people/groups", opt=WRITE, include_in_schema=False)
async def make(request: AnyRequest, data: Form) -> Response[Any]:
    """Make a company or a household."""
    try:
        told = told_group(data.get("kind", ""), data.get("name", ""), data.get("domain", "").strip())
    except BadInput as wrong:
        return await _groups(request, retell(language_of(request), str(wrong)))
    id = await bringing_of(office_of(request)).make_group(current(request).tenant, told, current(request).agent)
    await settled(office_of(request), current(request).tenant)
    return go(f"/people/groups/{id.hex()}")


async def put_in(request: AnyRequest, person: bytes, group: bytes, role: str) -> None:
    """Let a person belong to a group. Raises NotFound, BadInput."""
    office, who = office_of(request), current(request)
    async with office.store.within(who.tenant, readonly=True) as db:
        known = await read_rows(db, who.tenant, Person, [person])
        there = await groups.group_of(db, who.tenant, group)
        handle = await groups.handle_of(db, who.tenant, known[0].ids) if known else None
    if not known or there is None:
        raise NotFound("there is no such person or group; they may belong to another centre")
    fact = MembershipNoted(handle or bytes(16), group, "desk", who.agent)
    if handle is None or not await office.intake.tell_of(who.tenant, handle, fact, Words(" ".join(role.split())[:LONGEST])):
        raise BadInput("this person was erased; nothing can be noted of them")
    await settled(office, who.tenant)


async def take_out(request: AnyRequest, person: bytes, group: bytes) -> None:
    """Let a person, and all that are one with them, belong to a group no more. Raises NotFound."""
    office, who = office_of(request), current(request)
    async with office.store.within(who.tenant, readonly=True) as db:
        known = await read_rows(db, who.tenant, Person, [person])
        if not known:
            raise NotFound("there is no such person; they may belong to another centre")
        handles = await groups.membership_handles(db, who.tenant, known[0].ids, group)
    for handle in handles:
        await office.intake.tell_of(who.tenant, handle, MembershipNoted(handle, group, "desk", who.agent, left=True), Words())
    await settled(office, who.tenant)


@post("/people/{person:str}/groups", opt=WRITE, include_in_schema=False)
async def belong(request: AnyRequest, person: FromPath[str], data: Form) -> Response[Any]:
    """Put a person into a group that is there or is made now, or take them out of one."""
    office, who, id = office_of(request), current(request), asked_id(person, "person")
    group = read_id(data.get("group", ""))
    if data.get("do") == "leave" and group is not None:
        await take_out(request, id, group)
        return go(f"/people/{id.hex()}")
    if group is None:
        told = told_group(data.get("kind", "company"), data.get("name", ""), data.get("domain", "").strip())
        group = await bringing_of(office).make_group(who.tenant, told, who.agent)
        await settled(office, who.tenant)
    await put_in(request, id, group, data.get("role", ""))
    return go(f"/people/{id.hex()}")


HANDLERS = [groups_page, group_page, make, belong]
