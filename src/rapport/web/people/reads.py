"""Who read of whom, when and what for: the latest looks, of one person or by one reader, each an entry of the ledger."""

from datetime import datetime
from urllib.parse import urlencode

import msgspec
from litestar import Response, get

from rapport.ledger.tables import read_rows
from rapport.model.ids import read_id
from rapport.model.person import Person
from rapport.people import reading as people
from rapport.people.glances import Looked, looks
from rapport.web.desk.page import seated
from rapport.web.desk.reading import names_of
from rapport.web.page import render
from rapport.web.security import AnyRequest, needs

SHOWN = 100


class ReadsPage(msgspec.Struct, frozen=True):
    """A page of looks, latest first. `person`: whose alone; `by`: who looked; `more`: the query of the next page."""

    looks: tuple[Looked, ...]
    names: dict[str, str]
    person: Person | None = None
    by: str = ""
    more: str = ""


@get("/people/reads", opt=needs("context.read"), include_in_schema=False)
async def reads_page(request: AnyRequest) -> Response[str]:
    """The looks. `person` and `by` narrow them, `before` goes back; of an unknown person: none."""
    asked = request.query_params
    named, by = str(asked.get("person", ""))[:200].strip(), str(asked.get("by", ""))[:80].strip()
    before = _time(str(asked.get("before", "")))
    async with seated(request) as seat:
        tenant = seat.who.tenant
        id = read_id(named) or (await people.person_named(seat.db, tenant, named) if named else None)
        found = await read_rows(seat.db, tenant, Person, [id]) if id else []
        ids = found[0].ids if found else None
        rows = [] if named and ids is None else await looks(seat.db, tenant, ids, by=by, before=before, most=SHOWN + 1)
        names = names_of(seat.centre)
    kept = {name: value for name, value in (("person", named), ("by", by)) if value}
    more = urlencode({**kept, "before": rows[SHOWN - 1].at.isoformat()}) if len(rows) > SHOWN else ""
    page = ReadsPage(tuple(rows[:SHOWN]), names, found[0] if found else None, by, more)
    return await render(request, "people_reads.html", page)


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


HANDLERS = [reads_page]
