"""The record as a whole: what it holds, whether it is unaltered, what was set aside or changed, who looked, and a search."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from rapport.audit.about import Found, seq_at
from rapport.audit.checkpoints import Latest, latest_checkpoint
from rapport.audit.looking import Holds, Whole, entries_before, holds, last_of, one_entry
from rapport.centre.changes import FieldChange
from rapport.centre.history import Setting, settings_of
from rapport.conversations import inbox, reading as talk
from rapport.errors import Conflict, NotFound
from rapport.ledger.entry import read_fact
from rapport.measures.studies import VERIFY, VerifyFound, studies_of
from rapport.model.fact import KINDS
from rapport.model.ids import read_id, show_id
from rapport.model.reply import Aside
from rapport.people import reading as people
from rapport.people.glances import Looked, looks
from rapport.web.centre.editor import changes_between
from rapport.web.centre.form import EDITED
from rapport.web.desk.actions import Form, go
from rapport.web.desk.page import Seat, seated
from rapport.web.desk.reading import names_of
from rapport.web.languages import show_fact, zone_named
from rapport.web.page import fragment, render
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

READ = needs("ledger.read")
NUMBERS = {kind.__name__: number for number, kind in KINDS.items()}
LATEST, MOST_ASIDE, SHOWN, KINDS_SHOWN = 8, 50, 100, 12
LONGEST = 2_000  # characters of a field
_DIGITS = re.compile(r"#?\d{1,15}")
_SPACES = re.compile(r"[\s.,]")


class VerifyShown(msgspec.Struct, frozen=True):
    """The last check of the whole record. `state`: none, going, cut, failed or done; `found`: of the last one that ended."""

    state: str = "none"
    done: int = 0
    whole: int = 0
    begun_at: datetime | None = None
    by: str = ""
    problem: str = ""
    found_at: datetime | None = None
    found: VerifyFound | None = None


class ChangeShown(msgspec.Struct, frozen=True):
    """One time that a piece of the centre was set or taken away. `fields`: what differs; `page`: where it is edited."""

    seq: int
    at: datetime
    by: str
    kind: str
    name: str
    fields: tuple[FieldChange, ...]
    removed: bool
    page: str


class AuditPage(msgspec.Struct, frozen=True):
    """The page. `kinds`: how many of each came lately, the most frequent first; `asked`: what nothing was found of."""

    holds: Holds
    kinds: tuple[tuple[str, int], ...]
    checkpoint: Latest | None
    verify: VerifyShown
    may_verify: bool
    asides: tuple[Aside, ...]
    changes: tuple[ChangeShown, ...]
    looks: tuple[Looked, ...]
    names: dict[str, str]
    asked: str = ""


class EntryLine(msgspec.Struct, frozen=True):
    """One entry in a list."""

    seq: int
    at: datetime
    kind: str
    by: str
    leaf: str
    conversation: bytes | None = None


class EntriesPage(msgspec.Struct, frozen=True):
    """Entries, latest first. `more`: the number to go on before, 0 for none; `end`: the lowest that was looked at."""

    entries: tuple[EntryLine, ...]
    kind: str
    kinds: tuple[str, ...]
    names: dict[str, str]
    before: int
    end: int
    more: int = 0


class EntryPage(msgspec.Struct, frozen=True):
    """One entry. `fields`: of its fact, as text; `verified` None: nobody checked it now; `last`: the newest entry's number."""

    whole: Whole
    kind: str
    fields: tuple[tuple[str, str], ...]
    conversation: bytes | None
    verified: bool | None
    last: int


def line_of(found: Found) -> EntryLine:
    """An entry as a list shows it."""
    fact = read_fact(found.kind, found.body)
    by = str(getattr(fact, "agent", "") or getattr(fact, "by", ""))
    return EntryLine(found.seq, found.at, type(fact).__name__, by, found.leaf.hex(), getattr(fact, "conversation", None))


def said(value: Any) -> str:  # Any: a field of a fact
    """A field's value as text: an id in hexadecimal, bytes as the text that they are."""
    if isinstance(value, bytes):
        try:
            text = value.hex() if len(value) == 16 else value.decode()
        except UnicodeDecodeError:
            text = value.hex()
    elif isinstance(value, str):
        text = value
    else:
        text = msgspec.json.encode(value, enc_hook=str).decode()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


async def verify_shown(seat: Seat) -> VerifyShown:
    """Where the last check of the whole record stands."""
    study = (await studies_of(seat.db, seat.who.tenant)).get(VERIFY)
    if study is None:
        return VerifyShown()
    found = msgspec.json.decode(study.found, type=VerifyFound) if study.found else None
    state = study.state(seat.office.clock.now())
    return VerifyShown(
        state, study.done, study.whole, study.begun_at, study.asked_by, study.problem, study.found_at, found
    )  # fmt: skip


def changes_of(settings: dict[str, list[Setting]]) -> tuple[ChangeShown, ...]:
    """The latest changes of the centre, each with its difference from the setting before."""
    of_all = sorted(((kind, one) for kind, ones in settings.items() for one in ones), key=lambda pair: -pair[1].seq)
    found = []
    for kind, one in of_all[:LATEST]:
        earlier = next((other for other in settings[kind] if other.name == one.name and other.seq < one.seq), None)
        before = earlier.body or None if earlier else None
        fields = changes_between(kind, one.name, before, one.body) if one.body else ()
        page = f"/centre/{kind}/{quote(one.name, safe='')}"
        found.append(ChangeShown(one.seq, one.at, one.by, kind, one.name, fields, not one.body, page))
    return tuple(found)


@get("/audit", opt=READ, include_in_schema=False)
async def audit_page(request: AnyRequest) -> Response[Any]:
    """The page; `q` goes on to what it names: an entry, a day, a conversation, a case number, a person or their handle."""
    asked = str(request.query_params.get("q", ""))[:200].strip()
    async with seated(request) as seat:
        place = await place_of(seat, asked) if asked else ""
        if place:
            return go(place)
        db, tenant = seat.db, seat.who.tenant
        held = await holds(db, tenant)
        page = AuditPage(
            holds=held,
            kinds=tuple((KINDS[kind].__name__, count) for kind, count in held.lately[:KINDS_SHOWN]),
            checkpoint=await latest_checkpoint(db, tenant),
            verify=await verify_shown(seat),
            may_verify=seat.office.study is not None,
            asides=tuple(await inbox.entries_aside(db, tenant, MOST_ASIDE)),
            changes=changes_of(await settings_of(db, tenant, *EDITED)),
            looks=tuple(await looks(db, tenant, None, most=LATEST)) if seat.who.may("context.read") else (),
            names=names_of(seat.centre),
            asked=asked,
        )
    return await render(request, "record.html", page)


async def place_of(seat: Seat, asked: str) -> str:
    """The page that tells of what was asked for; "" where nothing is known of it."""
    db, tenant = seat.db, seat.who.tenant
    number, cases = _SPACES.sub("", asked), await talk.of_case(db, tenant, asked)
    if _DIGITS.fullmatch(number) and not cases:
        return f"/audit/entries/{number.lstrip('#')}"
    try:
        day = date.fromisoformat(asked) + timedelta(days=1)
        ends = datetime.combine(day, time(), zone_named(seat.centre.profile.zone))
        return f"/audit/entries?before={await seq_at(db, tenant, ends, await last_of(db, tenant))}"
    except (ValueError, OverflowError):
        pass
    id = read_id(asked)
    if cases or (id and await talk.conversation(db, tenant, id) is not None):
        return f"/audit/{show_id(cases[0].id) if cases else asked}"
    person = id if id and await people.person(db, tenant, id) else await people.person_named(db, tenant, asked)
    return f"/people/reads?person={show_id(person)}" if person and seat.who.may("context.read") else ""


@get("/audit/part/verify", opt=READ, include_in_schema=False)
async def verify_again(request: AnyRequest) -> Response[str]:
    """Where the check of the whole record stands."""
    async with seated(request) as seat:
        found = await verify_shown(seat)
    return await fragment(request, "record_verify.html", found)


@post("/audit/verify", opt=READ, include_in_schema=False)
async def verify_now(request: AnyRequest, data: Form) -> Response[Any]:
    """Hash the whole record anew, in the background."""
    await begin_verifying(request)
    return go("/audit")


async def begin_verifying(request: AnyRequest) -> bool:
    """Begin to check the whole record; False where that goes on already. Raises Conflict where nothing can be checked here."""
    study, who = office_of(request).study, current(request)
    if study is None:
        raise Conflict("nothing is checked in the background here: use rapport verify")
    return await study(who.tenant, VERIFY, who.agent)


@get("/audit/entries", opt=READ, include_in_schema=False)
async def entries_page(request: AnyRequest) -> Response[str]:
    """Entries, latest first. `before` goes back from a number, `kind` shows one kind alone."""
    asked = request.query_params
    kind = str(asked.get("kind", ""))[:60]
    if kind and kind not in NUMBERS:
        raise NotFound(f"no kind of fact is called {kind!r}; see the list on the page")
    async with seated(request) as seat:
        before = number_of(str(asked.get("before", ""))) or await last_of(seat.db, seat.who.tenant) + 1
        wanted = (NUMBERS[kind],) if kind else ()
        back = await entries_before(seat.db, seat.who.tenant, before, kinds=wanted, most=SHOWN)
        names = names_of(seat.centre)
    lines = tuple(map(line_of, back.entries))
    more = back.end if back.end > 1 else 0
    kinds = tuple(sorted(NUMBERS, key=lambda name: show_fact(name, language_of(request))))
    return await render(request, "record_entries.html", EntriesPage(lines, kind, kinds, names, before, back.end, more))


def number_of(text: str) -> int:
    """A number that is asked for; 0 where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


@get("/audit/entries/{seq:str}", opt=READ, include_in_schema=False)
async def entry_page(request: AnyRequest, seq: FromPath[str]) -> Response[str]:
    """One entry: its fact's fields, what it hashes to, and whether it is the one that was recorded."""
    number, tenant = number_of(seq), current(request).tenant
    async with seated(request) as seat:
        whole = await one_entry(seat.db, tenant, number)
        last = await last_of(seat.db, tenant)
    if whole is None:
        raise NotFound(f"the record has no entry {seq[:20]!r}: its last one is {last}")
    check = office_of(request).memory.get("verified")
    known: dict[int, bool] = await check(tenant, [number]) if check is not None else {}
    fact = whole.fact
    fields = tuple((name, said(getattr(fact, name))) for name in fact.__struct_fields__)
    conversation = getattr(fact, "conversation", None)
    return await render(
        request, "record_entry.html", EntryPage(whole, type(fact).__name__, fields, conversation, known.get(number), last)
    )


HANDLERS = [audit_page, verify_again, verify_now, entries_page, entry_page]
