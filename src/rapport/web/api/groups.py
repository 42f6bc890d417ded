"""/api/groups: companies and households, and who belongs to them, for other departments' programs."""

from typing import Any

import msgspec
from litestar import MediaType, Response, delete, get, post, put
from litestar.params import FromPath

from rapport.errors import NotFound
from rapport.model.group import Group
from rapport.model.ids import read_id, show_id
from rapport.people import reading as people
from rapport.people.groups import reading as groups
from rapport.web.going import asked_id
from rapport.web.idempotency import once
from rapport.web.people.bringing_in import bringing_of
from rapport.web.people.groups_page import put_in, take_out, told_group
from rapport.web.security import AnyRequest, current, needs, office_of
from rapport.web.settled import settled

MOST = 100


class GroupAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A company or household. `domain`: of a company's own addresses; the same domain, or the same name, is the same group."""

    kind: str
    name: str = ""
    domain: str = ""


class MemberAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As whom somebody belongs to a group."""

    role: str = ""


class MemberShown(msgspec.Struct, frozen=True):
    """Somebody in a group."""

    person: str
    name: str
    role: str
    source: str


class GroupShown(msgspec.Struct, frozen=True):
    """A group; `members`: how many, and in the answer about one alone who they are."""

    id: str
    kind: str
    name: str
    domain: str
    count: int
    members: tuple[MemberShown, ...] = ()


_asked = msgspec.json.Decoder(GroupAsked)
_member = msgspec.json.Decoder(MemberAsked)


@get(
    "/api/groups",
    opt=needs("desk.read") | {"gives": list[GroupShown], "says": "Companies and households", "asks": {"q": "words"}},
)
async def find(request: AnyRequest) -> Response[bytes]:
    """Groups by their words."""
    who, words = current(request), str(request.query_params.get("q", ""))[:80]
    async with office_of(request).store.within(who.tenant, readonly=True) as db:
        found = await groups.find_groups(db, who.tenant, words, limit=MOST)
    return _said([_shown(group, count) for group, count in found])


@post(
    "/api/groups",
    opt=needs("events.write")
    | {"takes": GroupAsked, "gives": GroupShown, "says": "Make a company or household", "status": 201},
)
async def make(request: AnyRequest) -> Response[bytes]:
    """Make a group; one of the same domain or name is the same."""
    office, who, body = office_of(request), current(request), await request.body()
    request.scope["rapport.body"] = body  # type: ignore[typeddict-unknown-key]  # errors.py names the value met
    asked = _asked.decode(body)
    told = told_group(asked.kind, asked.name, asked.domain)

    async def answer(key: str) -> tuple[int, GroupShown]:
        id = await bringing_of(office).make_group(who.tenant, told, who.agent)
        await settled(office, who.tenant)
        return 201, GroupShown(show_id(id), told.kind, told.name, told.domain, 0)

    return await once(request, body, answer)


@get("/api/groups/{group:str}", opt=needs("desk.read") | {"gives": GroupShown, "says": "A group and who belongs to it"})
async def one(request: AnyRequest, group: FromPath[str]) -> Response[bytes]:
    """One group with its members."""
    who, id = current(request), asked_id(group, "group")
    async with office_of(request).store.within(who.tenant, readonly=True) as db:
        found = await groups.group_of(db, who.tenant, id)
        members = await groups.members_of(db, who.tenant, id)
    if found is None:
        raise NotFound("there is no such group; it may belong to another centre")
    shown = tuple(MemberShown(show_id(m.person.id), m.person.name, m.role, m.source) for m in members)
    return _said(_shown(found, len(shown), shown))


@put(
    "/api/groups/{group:str}/members/{person:str}",
    opt=needs("events.write")
    | {"takes": MemberAsked, "says": "Let a person, by id or handle, belong to a group", "status": 204},
)
async def join(request: AnyRequest, group: FromPath[str], person: FromPath[str]) -> Response[bytes]:
    """Let a person belong to a group."""
    body = await request.body()
    request.scope["rapport.body"] = body  # type: ignore[typeddict-unknown-key]  # errors.py names the value met
    role = _member.decode(body).role if body.strip() else ""
    await put_in(request, await _person(request, person), asked_id(group, "group"), role)
    return Response(b"", status_code=204)


@delete(
    "/api/groups/{group:str}/members/{person:str}",
    opt=needs("events.write") | {"says": "Let a person belong to a group no more"},
    status_code=204,
)
async def leave(request: AnyRequest, group: FromPath[str], person: FromPath[str]) -> None:
    """Let a person belong to a group no more."""
    await take_out(request, await _person(request, person), asked_id(group, "group"))


async def _person(request: AnyRequest, named: str) -> bytes:
    who, id = current(request), read_id(named)
    async with office_of(request).store.within(who.tenant, readonly=True) as db:
        found = id or await people.person_named(db, who.tenant, named)
    if found is None:
        raise NotFound(f"nobody is known by {named[:80]!r} here")
    return found


def _shown(group: Group, count: int, members: tuple[MemberShown, ...] = ()) -> GroupShown:
    return GroupShown(show_id(group.id), group.kind, group.name, group.domain, count, members)


def _said(value: Any) -> Response[bytes]:  # Any: what msgspec encodes
    return Response(msgspec.json.encode(value), media_type=MediaType.JSON, headers={"cache-control": "no-store"})


HANDLERS = [find, make, one, join, leave]
