"""The record of a conversation: every entry about it, with its number, time, kind and leaf.

What makes an entry verified is computed by whoever has the keys: `office.memory["verified"]`, a function of tenant and numbers.
"""

from datetime import datetime

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from rapport.errors import NotFound
from rapport.ledger.entry import read_fact
from rapport.model.fact import KINDS
from rapport.model.ids import read_id
from rapport.web.desk import chosen_one, seated
from rapport.web.desk_reading import names_of
from rapport.web.page import render
from rapport.web.security import AnyRequest, needs

MOST = 500
ENTRIES = "select seq, at, kind, body, leaf from entry where tenant = $1 and subject = any($2::uuid[]) order by seq limit $3"
ABOUT = """select id from message where tenant = $1 and conversation is not null and conversation = $2
union all select id from offer where tenant = $1 and conversation is not null and conversation = $2"""


class EntryShown(msgspec.Struct, frozen=True):
    """One entry. `verified` None: nobody has checked it now."""

    seq: int
    at: datetime
    kind: str
    leaf: str
    agent: str = ""
    verified: bool | None = None


class RecordPage(msgspec.Struct, frozen=True):
    """The entries about a conversation, oldest first."""

    conversation: bytes
    entries: tuple[EntryShown, ...]
    names: dict[str, str]


@get("/audit/{conversation:str}", opt=needs("ledger.read"), include_in_schema=False)
async def record(request: AnyRequest, conversation: FromPath[str]) -> Response[str]:
    """Every entry about a conversation, its messages and its offers."""
    if read_id(conversation) is None:
        raise NotFound(f"{conversation[:40]!r} names no conversation")
    async with seated(request) as seat:
        tenant = seat.who.tenant
        one = await chosen_one(seat, conversation)
        subjects = [one.id, *(row["id"] for row in await seat.db.fetch(ABOUT, tenant, one.id))]
        rows = await seat.db.fetch(ENTRIES, tenant, subjects, MOST)
    check = seat.office.memory.get("verified")
    known: dict[int, bool] = await check(tenant, [row["seq"] for row in rows]) if check is not None else {}
    entries = []
    for row in rows:
        fact = read_fact(row["kind"], row["body"])
        agent = str(getattr(fact, "agent", "") or getattr(fact, "by", ""))
        leaf = bytes(row["leaf"]).hex() if row["leaf"] else ""
        entries.append(EntryShown(row["seq"], row["at"], KINDS[row["kind"]].__name__, leaf, agent, known.get(row["seq"])))
    return await render(request, "audit.html", RecordPage(one.id, tuple(entries), names_of(seat.centre)))


HANDLERS = [record]
