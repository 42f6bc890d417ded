"""/api/centre: the pieces that a centre is made of, read, set and removed one by one; the same that `rapport apply` sets."""

from typing import Any

import msgspec
from litestar import MediaType, Response, delete, get, put
from litestar.params import FromPath

from rapport.centre.reading import body_of_thing, things_of
from rapport.conversations.targets.calendar import holidays_wrong
from rapport.errors import BadInput, NotFound
from rapport.matching.sound import refuse_unsound
from rapport.model.centre import KINDS, Account, read_thing
from rapport.web.centre_now import centre_now
from rapport.web.office import Office
from rapport.web.security import AnyRequest, Who, current, needs, office_of

_SECRET_WORDS = ("password", "secret", "token", "api_key", "private_key")
PATH = "/api/centre/{kind:str}/{name:str}"


class Piece(msgspec.Struct, frozen=True):
    """A piece of the centre: what it is, its name, what it says."""

    kind: str
    name: str
    says: dict[str, Any]  # Any: as its kind has it


@get("/api/centre", opt=needs("centre.read") | {"gives": list[Piece], "says": "Everything that the centre is made of"})
async def whole(request: AnyRequest) -> Response[bytes]:
    """Every piece."""
    who = current(request)
    async with office_of(request).store.within(who.tenant, readonly=True) as db:
        things = await things_of(db, who.tenant)
    split = [(*one.id.partition("/")[::2], one.body) for one in things]
    pieces = [Piece(kind, name, msgspec.json.decode(body)) for kind, name, body in split if kind in KINDS]
    return Response(msgspec.json.encode(pieces), media_type=MediaType.JSON)


@get(PATH, opt=needs("centre.read") | {"gives": Piece, "says": "One piece of the centre"})
async def one(request: AnyRequest, kind: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """One piece."""
    who = current(request)
    async with office_of(request).store.within(who.tenant, readonly=True) as db:
        body = await body_of_thing(db, who.tenant, kind, name)
    if body is None:
        raise NotFound(f"no {kind} {name!r} in this centre")
    return Response(msgspec.json.encode(Piece(kind, name, msgspec.json.decode(body))), media_type=MediaType.JSON)


@put(PATH, opt=needs("centre.write") | {"takes": dict[str, Any], "gives": Piece, "says": "Set a piece of the centre"})
async def set_one(request: AnyRequest, kind: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """Set a piece; its body is what its file would say."""
    office, who = office_of(request), current(request)
    body = await request.body()
    request.scope["rapport.body"] = body  # type: ignore[typeddict-unknown-key]  # errors.py names the value met
    piece = await set_piece(office, who, kind, name, body)
    return Response(msgspec.json.encode(piece), media_type=MediaType.JSON)


@delete(PATH, opt=needs("centre.write") | {"says": "Remove a piece of the centre", "status": 204}, status_code=204)
async def remove_one(request: AnyRequest, kind: FromPath[str], name: FromPath[str]) -> None:
    """Remove a piece; what has happened with it stays on record."""
    office, who = office_of(request), current(request)
    _check_kind(kind)
    await office.intake.set_things(who.tenant, [], removed=[(kind, name)], by=who.agent)


async def set_piece(office: Office, who: Who, kind: str, name: str, body: bytes) -> Piece:
    """Set a piece. Raises BadInput or msgspec.ValidationError where it is not one of its kind, or matching cannot follow it."""
    _check_kind(kind)
    said = msgspec.json.decode(body)
    if not isinstance(said, dict):
        raise BadInput(f"a {kind} is a JSON object, got {type(said).__name__}")
    if said.setdefault("id", name) != name:
        raise BadInput(f"id must be {name!r} as in the address, got {said['id']!r}")
    encoded = msgspec.json.encode(said)
    thing = read_thing(kind, encoded)
    _refuse_plain_secrets(thing)
    refuse_unsound(kind, thing, await centre_now(office, who.tenant))
    if why := holidays_wrong(thing):
        raise BadInput(why)
    await office.intake.set_things(who.tenant, [(kind, name, encoded)], by=who.agent)
    await centre_now(office, who.tenant, fresh=True)
    return Piece(kind, name, said)


def _refuse_plain_secrets(thing: object) -> None:
    for name, value in thing.settings.items() if isinstance(thing, Account) else ():
        is_one = name.casefold() == "key" or name.casefold().endswith(_SECRET_WORDS)
        if is_one and value and not value.startswith("secret:"):
            raise BadInput(f"{name} is a credential: write secret:NAME, and keep the value under that name in the set-up")


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise BadInput(f"no kind {kind!r}; one of {', '.join(KINDS)}")


HANDLERS = [whole, one, set_one, remove_one]
