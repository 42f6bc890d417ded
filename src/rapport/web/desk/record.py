"""The record of a conversation: the entries about it, with number, time, kind and leaf, a page at a time.

What makes an entry verified is computed by whoever has the keys: `office.memory["verified"]`, a function of tenant and numbers.
"""

from datetime import datetime

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from rapport.audit.about import Looked, entries_about
from rapport.errors import NotFound
from rapport.ledger.entry import read_fact
from rapport.model.fact import KINDS
from rapport.model.ids import read_id
from rapport.web.desk.page import chosen_one, seated
from rapport.web.desk.reading import names_of
from rapport.web.page import render
from rapport.web.security import AnyRequest, needs


class EntryShown(msgspec.Struct, frozen=True):
    """One entry. `verified` None: nobody has checked it now."""

    seq: int
    at: datetime
    kind: str
    leaf: str
    agent: str = ""
    verified: bool | None = None


class RecordPage(msgspec.Struct, frozen=True):
    """The entries about a conversation, oldest first; `looked`: which numbers. `is_first`: the page begins it."""

    conversation: bytes
    entries: tuple[EntryShown, ...]
    looked: Looked
    is_first: bool
    names: dict[str, str]


@get("/audit/{conversation:str}", opt=needs("ledger.read"), include_in_schema=False)
async def record(request: AnyRequest, conversation: FromPath[str]) -> Response[str]:
    """A page of the entries about a conversation, its messages, offers, drafts and what went out; `from`: the first number."""
    if read_id(conversation) is None:
        raise NotFound(f"{conversation[:40]!r} names no conversation")
    asked = str(request.query_params.get("from", ""))
    first = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 16 else 0
    async with seated(request) as seat:
        tenant = seat.who.tenant
        one = await chosen_one(seat, conversation)
        looked = await entries_about(seat.db, tenant, one.id, one.opened_at, first=first)
    check = seat.office.memory.get("verified")
    known: dict[int, bool] = await check(tenant, [entry.seq for entry in looked.entries]) if check is not None else {}
    entries = []
    for entry in looked.entries:
        fact = read_fact(entry.kind, entry.body)
        agent = str(getattr(fact, "agent", "") or getattr(fact, "by", ""))
        entries.append(
            EntryShown(entry.seq, entry.at, KINDS[entry.kind].__name__, entry.leaf.hex(), agent, known.get(entry.seq))
        )
    return await render(request, "audit.html", RecordPage(one.id, tuple(entries), looked, first <= 0, names_of(seat.centre)))


HANDLERS = [record]
