"""The editor of the centre: its pieces by kind, a form for each, what a change would change, and the way back."""

import asyncio
import hashlib
from collections import Counter
from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from msgspec.structs import replace

from rapport.centre.changes import FieldChange, difference
from rapport.centre.history import Setting, settings_of
from rapport.centre.reading import body_of_thing, things_of
from rapport.errors import BadInput, NotFound
from rapport.model.today import TODAY
from rapport.web.centre.finding import found_by, title_of
from rapport.web.centre.fitting import COUNTED, Fits, fits_now, fits_typed
from rapport.web.centre.form import EDITED, FieldForm, form_of, help_of, read_form, rearranged, typed_of
from rapport.web.centre.pieces import set_piece
from rapport.web.centre_now import centre_now
from rapport.web.console.reading import today_shown
from rapport.web.console.shown import TodayShown
from rapport.web.desk.actions import Form, go
from rapport.web.languages import retell
from rapport.web.page import fragment, render
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

SEE, SET = needs("centre.read"), needs("centre.write")
SHOWN = 12  # changes of one piece
MOST_LISTED = 200  # pieces on the page of a kind


class KindShown(msgspec.Struct, frozen=True):
    """A kind of piece, and how many there are."""

    kind: str
    count: int


class PieceShown(msgspec.Struct, frozen=True):
    """A piece in the list of its kind: its name, and what it is called."""

    name: str
    title: str
    at: datetime


class CentrePage(msgspec.Struct, frozen=True):
    """The kinds, and the first MOST_LISTED pieces of the one that is chosen that say the `words`; `found`: how many do."""

    kinds: tuple[KindShown, ...]
    kind: str = ""
    pieces: tuple[PieceShown, ...] = ()
    said: str = ""
    words: str = ""
    found: int = 0
    all: int = 0


class Change(msgspec.Struct, frozen=True):
    """One time that a piece was set. `fields`: what changed by it; `removed`: it was taken away; `now`: it stands so."""

    seq: int
    at: datetime
    by: str
    fields: tuple[FieldChange, ...]
    removed: bool
    now: bool


class PiecePage(msgspec.Struct, frozen=True):
    """A piece's form. `seen`: what the form was drawn from; `changes`: what saving would change, None: not looked at.

    `theirs`: somebody set it meanwhile, and what they changed. `fits`: of a plan or pool, who matches it as the form stands.
    `today`: what is otherwise of it until a time; the form is of what was set.
    """

    kind: str
    name: str
    is_new: bool
    fields: tuple[FieldForm, ...]
    help: str
    seen: str
    problem: str = ""
    said: str = ""
    changes: tuple[FieldChange, ...] | None = None
    theirs: Change | None = None
    history: tuple[Change, ...] = ()
    fits: Fits = Fits()
    today: TodayShown | None = None


class FitsPart(msgspec.Struct, frozen=True):
    """Who matches a piece, on its own."""

    kind: str
    name: str
    fits: Fits


def mark(body: bytes | None) -> str:
    """What a form was drawn from, in few letters; "" for nothing."""
    return hashlib.sha256(body).hexdigest()[:16] if body is not None else ""


def changes_between(kind: str, name: str, before: bytes | None, after: bytes) -> tuple[FieldChange, ...]:
    """What differs between two settings of a piece."""
    empty = msgspec.json.encode({"id": name})
    try:
        old = before if before is not None else empty
        found = difference({(kind, name): old}, {(kind, name): after})
    except msgspec.ValidationError:  # a piece whose kind asks for more than its id: all is new
        plain: dict[str, Any] = msgspec.json.decode(after)
        return tuple(
            FieldChange(key, "nothing", msgspec.json.encode(said).decode()) for key, said in plain.items() if key != "id"
        )
    return found[0].fields if found else ()


def history_of(kind: str, name: str, settings: list[Setting], current: bytes | None) -> tuple[Change, ...]:
    """The changes of one piece, newest first."""
    mine = [setting for setting in settings if setting.name == name]
    found = []
    for nth, setting in enumerate(mine[:SHOWN]):
        before = mine[nth + 1].body or None if nth + 1 < len(mine) else None
        fields = changes_between(kind, name, before, setting.body) if setting.body else ()
        is_now = nth == 0 and bool(setting.body) and setting.body == current
        found.append(Change(setting.seq, setting.at, setting.by, fields, not setting.body, is_now))
    return tuple(found)


async def _kinds(request: AnyRequest, kind: str = "", said: str = "") -> CentrePage:
    who, language = current(request), language_of(request)
    async with office_of(request).store.within(who.tenant, readonly=True) as db:
        things = await things_of(db, who.tenant)
    counts = Counter(thing.id.partition("/")[0] for thing in things)
    mine = [thing for thing in things if thing.id.startswith(f"{kind}/")]
    words = str(request.query_params.get("q", ""))[:80]
    found = await asyncio.to_thread(found_by, mine, words)  # 10,000 agents take a while
    pieces = tuple(
        PieceShown(thing.id.partition("/")[2], title_of(thing.body, language), thing.at) for thing in found[:MOST_LISTED]
    )
    kinds = tuple(KindShown(one, counts[one]) for one in EDITED)
    return CentrePage(kinds, kind, pieces, said, words, len(found), len(mine))


@get("/centre", opt=SEE, include_in_schema=False)
async def kinds_page(request: AnyRequest) -> Response[str]:
    """What the centre is made of."""
    return await render(request, "centre.html", await _kinds(request))


@get("/centre/{kind:str}", opt=SEE, include_in_schema=False)
async def kind_page(request: AnyRequest, kind: FromPath[str]) -> Response[str]:
    """The pieces of one kind."""
    _known(kind)
    said = str(request.query_params.get("said", ""))
    return await render(request, "centre.html", await _kinds(request, kind, said if said.isalpha() else ""))


def _known(kind: str) -> None:
    if kind not in EDITED:
        raise NotFound(f"a centre has no {kind[:40]!r}; it has {', '.join(EDITED)}")


async def _drawn(request: AnyRequest, kind: str, name: str) -> tuple[PiecePage, bytes | None]:
    """The page of a piece as it stands, and its body."""
    _known(kind)
    office, who, language = office_of(request), current(request), language_of(request)
    async with office.store.within(who.tenant, readonly=True) as db:
        body = await body_of_thing(db, who.tenant, kind, name)
        settings = (await settings_of(db, who.tenant, kind))[kind]
        today = await body_of_thing(db, who.tenant, TODAY, f"{kind}/{name}")
    value = msgspec.json.decode(body) if body is not None else {}
    page = PiecePage(
        kind, name, body is None, form_of(kind, typed_of(kind, value), language), help_of(kind, language), mark(body),
        history=history_of(kind, name, settings, body), fits=await fits_now(request, kind, body),
        today=today_shown(today) if today is not None else None,
    )  # fmt: skip
    return page, body


@get("/centre/{kind:str}/{name:str}", opt=SEE, include_in_schema=False)
async def piece_page(request: AnyRequest, kind: FromPath[str], name: FromPath[str]) -> Response[str]:
    """One piece; of a name that there is not yet, an empty form."""
    page, _ = await _drawn(request, kind, name)
    said = str(request.query_params.get("said", ""))
    return await render(request, "centre_piece.html", replace(page, said=said if said.isalpha() else ""))


@post("/centre/{kind:str}/{name:str}/count", opt=SEE, include_in_schema=False)
async def count_matches(request: AnyRequest, kind: FromPath[str], name: FromPath[str], data: Form) -> Response[Any]:
    """Who matches a plan or a pool as it is being typed."""
    if kind not in COUNTED:
        raise NotFound(f"agents match {' or '.join(sorted(COUNTED))}, not {kind[:40]!r}")
    return await fragment(request, "centre_fits.html", FitsPart(kind, name, await _typed(request, kind, name, data)))


async def _typed(request: AnyRequest, kind: str, name: str, data: dict[str, str]) -> Fits:
    try:
        return await fits_typed(request, kind, read_form(kind, name, data))
    except BadInput as wrong:
        return Fits(wrong=str(wrong))


@post("/centre/{kind:str}", opt=SET, include_in_schema=False)
async def new_piece(request: AnyRequest, kind: FromPath[str], data: Form) -> Response[Any]:
    """Go on to the form of a new piece."""
    _known(kind)
    name = data.get("name", "").strip()
    if not name or len(name) > 80 or "/" in name or any(ord(sign) < 32 for sign in name):
        raise BadInput(f"a piece has a short name without a slash, got {name[:40]!r}")
    return go(f"/centre/{kind}/{quote(name, safe='')}")


@post("/centre/{kind:str}/{name:str}", opt=SET, include_in_schema=False)
async def change_piece(request: AnyRequest, kind: FromPath[str], name: FromPath[str], data: Form) -> Response[Any]:
    """Look at what would change, save it, take it away, or go back to an earlier setting."""
    page, body = await _drawn(request, kind, name)
    do = data.get("do", "")
    if do == "back":
        return await _back(request, page, body, data.get("seq", ""))
    if do == "remove":
        await office_of(request).intake.set_things(
            current(request).tenant, [], removed=[(kind, name)], by=current(request).agent
        )
        await centre_now(office_of(request), current(request).tenant, fresh=True)
        return go(f"/centre/{kind}?said=removed")
    return await _looked_at(request, page, body, data)


async def _back(request: AnyRequest, page: PiecePage, body: bytes | None, seq: str) -> Response[Any]:
    async with office_of(request).store.within(current(request).tenant, readonly=True) as db:
        settings = (await settings_of(db, current(request).tenant, page.kind))[page.kind]
    found = next((one for one in settings if str(one.seq) == seq and one.name == page.name and one.body), None)
    if found is None:
        raise NotFound("this setting is not on record any more, or it was a removal")
    fields = form_of(page.kind, typed_of(page.kind, msgspec.json.decode(found.body)), language_of(request))
    changes = changes_between(page.kind, page.name, body, found.body)
    return await render(request, "centre_piece.html", replace(page, fields=fields, changes=changes))


async def _looked_at(request: AnyRequest, page: PiecePage, body: bytes | None, data: dict[str, str]) -> Response[Any]:
    """The form again with what saving would change; saved where that was asked, nothing is wrong and nobody was faster."""
    do = data.get("do", "")
    data = rearranged(data, do)
    page = replace(page, fields=form_of(page.kind, data, language_of(request)))
    if page.kind in COUNTED:
        page = replace(page, fits=await _typed(request, page.kind, page.name, data))
    if do.partition(".")[0] in ("add", "drop", "up"):
        return await render(request, "centre_piece.html", page)
    try:
        wanted = read_form(page.kind, page.name, data)
        changes = changes_between(page.kind, page.name, body, wanted)
        if data.get("seen", "") != page.seen:
            return await render(
                request, "centre_piece.html", replace(page, changes=changes, theirs=_latest(request, page)), status=409
            )
        if data.get("do") == "save":
            await set_piece(office_of(request), current(request), page.kind, page.name, wanted)
            return go(f"/centre/{page.kind}/{quote(page.name, safe='')}?said=saved")
    except (BadInput, msgspec.ValidationError) as wrong:
        problem = retell(language_of(request), str(wrong))
        return await render(request, "centre_piece.html", replace(page, problem=problem), status=400)
    return await render(request, "centre_piece.html", replace(page, changes=changes))


def _latest(request: AnyRequest, page: PiecePage) -> Change:
    """Who was faster, as far as the record says."""
    return page.history[0] if page.history else Change(0, office_of(request).clock.now(), "", (), False, True)


HANDLERS = [kinds_page, kind_page, piece_page, count_matches, new_piece, change_piece]
