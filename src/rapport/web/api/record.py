"""The record by the API: what it holds, its entries without what is sealed, and a check of the whole of it."""

from base64 import b64encode
from datetime import datetime

import msgspec
from litestar import MediaType, Response, get, post

from rapport.audit.looking import entries_before, holds, last_of
from rapport.errors import BadInput
from rapport.measures.studies import VerifyFound
from rapport.model.fact import KINDS
from rapport.web.centre.audit_page import NUMBERS, begin_verifying, number_of, verify_shown
from rapport.web.desk.page import seated
from rapport.web.security import AnyRequest, current, needs

READ = needs("ledger.read")
MOST = 500


class Checked(msgspec.Struct, frozen=True, omit_defaults=True):
    """The last check of the whole record. `state`: none, going, cut, failed or done."""

    state: str
    done: int = 0
    whole: int = 0
    at: datetime | None = None
    by: str = ""
    problem: str = ""
    found: VerifyFound | None = None


class OnRecord(msgspec.Struct, frozen=True):
    """How much is on record, since when, and how the last check of it went."""

    entries: int
    first_at: datetime | None
    last_at: datetime | None
    checked: Checked


class EntryGiven(msgspec.Struct, frozen=True):
    """An entry without its content. `body`: MessagePack in base64, as it is hashed."""

    seq: int
    at: datetime
    kind: str
    body: str
    leaf: str


class EntriesGiven(msgspec.Struct, frozen=True, omit_defaults=True):
    """Entries, latest first; `next`: ask again with this as `before`, absent at the beginning."""

    entries: tuple[EntryGiven, ...]
    next: int = 0


@get("/api/ledger", opt=READ | {"gives": OnRecord, "says": "What is on record, and how its last check went"})
async def on_record(request: AnyRequest) -> Response[bytes]:
    """What is on record."""
    async with seated(request) as seat:
        held, last = await holds(seat.db, seat.who.tenant), await verify_shown(seat)
    checked = Checked(last.state, last.done, last.whole, last.found_at, last.by, last.problem, last.found)
    return _json(OnRecord(held.entries, held.first_at, held.last_at, checked))


@post(
    "/api/ledger/verify", opt=READ | {"gives": Checked, "status": 202, "says": "Hash the whole record anew, in the background"}
)
async def verify(request: AnyRequest) -> Response[bytes]:
    """Begin a check; one that goes on already is not begun twice."""
    await begin_verifying(request)
    async with seated(request) as seat:
        last = await verify_shown(seat)
    return _json(Checked(last.state, last.done, last.whole, by=last.by), 202)


@get(
    "/api/ledger/entries",
    opt=READ
    | {
        "gives": EntriesGiven,
        "says": "Entries of the record, latest first",
        "asks": {"before": "a number to go back from", "kind": "one kind of fact alone", "limit": f"at most {MOST}"},
    },
)
async def entries(request: AnyRequest) -> Response[bytes]:
    """Entries as they stand in the ledger, their contents left sealed."""
    asked, tenant = request.query_params, current(request).tenant
    kind, most = str(asked.get("kind", "")), number_of(str(asked.get("limit", "100")))
    if kind and kind not in NUMBERS:
        raise BadInput(f"kind must be the name of a fact such as MessageReceived, got {kind[:60]!r}")
    if not 1 <= most <= MOST:
        raise BadInput(f"limit is a number from 1 to {MOST}, got {str(asked.get('limit'))[:20]!r}")
    async with seated(request) as seat:
        before = number_of(str(asked.get("before", ""))) or await last_of(seat.db, tenant) + 1
        back = await entries_before(seat.db, tenant, before, kinds=(NUMBERS[kind],) if kind else (), most=most)
    given = tuple(
        EntryGiven(e.seq, e.at, KINDS[e.kind].__name__, b64encode(e.body).decode(), e.leaf.hex()) for e in back.entries
    )
    return _json(EntriesGiven(given, back.end if back.end > 1 else 0))


def _json(said: msgspec.Struct, status: int = 200) -> Response[bytes]:
    return Response(msgspec.json.encode(said), media_type=MediaType.JSON, status_code=status)


HANDLERS = [on_record, verify, entries]
