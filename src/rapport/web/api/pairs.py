"""/api/people/pairs, merge and unmerge: who may be one, and to make two one or two again."""

import msgspec
from litestar import MediaType, Response, get, post
from litestar.params import FromPath

from rapport.errors import BadInput
from rapport.model.ids import read_id
from rapport.people import reading as people
from rapport.web.acting import act
from rapport.web.idempotency import once
from rapport.web.security import AnyRequest, current, needs, office_of

MOST = 200


class Pair(msgspec.Struct, frozen=True):
    """Two persons who may be one. `why`: what speaks for and against it, what counts most first."""

    one: str
    other: str
    probability: float
    why: tuple[str, ...]


class Two(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom it is about: `one` goes on in `into`."""

    one: str
    into: str = ""


class Decided(msgspec.Struct, frozen=True):
    """Whether it is done; false: it is on record and will be."""

    done: bool


_two = msgspec.json.Decoder(Two)
DOINGS = {"merge": "merge_person", "unmerge": "unmerge_person", "keep-apart": "keep_apart"}


@get("/api/people/pairs", opt=needs("desk.read") | {"gives": list[Pair], "says": "Persons who may be one, the likeliest first"})
async def pairs(request: AnyRequest) -> Response[bytes]:
    """Every pair that somebody should look at."""
    who = current(request)
    async with office_of(request).store.within(who.tenant, readonly=True) as db:
        found = await people.alike(db, who.tenant, limit=MOST)
    said = [Pair(pair.one.hex(), pair.other.hex(), pair.probability, pair.why) for pair in found]
    return Response(msgspec.json.encode(said), media_type=MediaType.JSON, headers={"cache-control": "no-store"})


@post(
    "/api/people/pairs/{doing:str}",
    opt=needs("desk.write")
    | {"takes": Two, "gives": Decided, "says": "merge: two are one; unmerge: one stands alone again; keep-apart: two are two"},
)
async def decide(request: AnyRequest, doing: FromPath[str]) -> Response[bytes]:
    """Make two persons one, or two again."""
    do = DOINGS.get(doing)
    if do is None:
        raise BadInput(f"what is done with a pair must be one of {', '.join(DOINGS)}, got {doing[:40]!r}")
    body = await request.body()
    asked = _two.decode(body)
    for name in (asked.one, asked.into) if do != "unmerge_person" else (asked.one,):
        if read_id(name) is None:
            raise BadInput(f"a person must be 32 hexadecimal digits, got {name[:40]!r}")
    office, who = office_of(request), current(request)

    async def answer(key: str) -> tuple[int, Decided]:
        outcome = await act(office, who, do, argument=f"{asked.one} {asked.into}".strip(), once=key)
        return (202, Decided(False)) if outcome is None else (200, Decided(True))

    return await once(request, body, answer)


HANDLERS = [pairs, decide]
