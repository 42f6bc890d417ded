"""Training: labels so far, what agents disagree on, what the reader is unsure of, readers compared; and which one serves."""

import asyncio
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from rapport.centre.history import Setting, settings_of
from rapport.errors import Conflict, NotFound
from rapport.measures.studies import READER, ReaderFound, studies_of
from rapport.model.centre import TaughtReader
from rapport.model.correction import Comparison, Correction, Figures
from rapport.understanding.reading import (
    Labels,
    Unsure,
    comparisons,
    disagreements,
    drafts_stopped,
    labels_by_intent,
    personal_counts,
    unsure,
)
from rapport.understanding.tenant_reader import INTENT
from rapport.web.acting import act
from rapport.web.centre.pieces import set_piece
from rapport.web.centre_now import centre_now
from rapport.web.desk.actions import go
from rapport.web.desk.intents import known_intents, shipped_intents
from rapport.web.desk.page import Seat, seated
from rapport.web.desk.reading import names_of
from rapport.web.going import asked_id
from rapport.web.page import fragment, render
from rapport.web.security import AnyRequest, current, needs, office_of

DECIDE = needs("readings.decide")
MOST_UNSURE, MOST_DISAGREED, MOST_COMPARED, MOST_EARLIER = 20, 20, 10, 8
LONGEST_REASON = 300
WAIT = 12  # looks at the centre, a quarter of a second apart
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


class ReaderShown(msgspec.Struct, frozen=True):
    """A reader that serves or served. `version` "" stands for the one that ships."""

    version: str
    at: datetime | None = None
    by: str = ""
    figures: Figures | None = None
    overruled: bool = False
    reason: str = ""


class SchoolPart(msgspec.Struct, frozen=True):
    """The training that goes on, or went on last. `found`: its figures; `serving`: the version in force, "" the shipped one."""

    state: str
    begun_at: datetime | None
    found_at: datetime | None
    problem: str
    found: Figures | None
    serving: str
    may_study: bool


class TrainingPage(msgspec.Struct, frozen=True):
    """The page."""

    school: SchoolPart
    labels: tuple[Labels, ...]
    disagreed: tuple[Correction, ...]
    unsure: tuple[Unsure, ...]
    compared: tuple[Comparison, ...]
    serving: ReaderShown
    earlier: tuple[ReaderShown, ...]
    intents: tuple[str, ...]
    names: dict[str, str]
    personal: tuple[tuple[str, int], ...] = ()
    stopped: int = 0
    said: str = ""


@get("/training", opt=DECIDE, include_in_schema=False)
async def training(request: AnyRequest) -> Response[str]:
    """What this centre teaches its reader."""
    await asyncio.to_thread(shipped_intents)  # opens the reader the first time: nobody else waits for that
    async with seated(request) as seat:
        tenant = seat.who.tenant
        settings = (await settings_of(seat.db, tenant, "reader"))["reader"]
        serving = _serving(seat, settings)
        page = TrainingPage(
            school=await _school(seat),
            labels=tuple(await labels_by_intent(seat.db, tenant)),
            disagreed=tuple(await disagreements(seat.db, tenant, MOST_DISAGREED)),
            unsure=tuple(await unsure(seat.db, tenant, MOST_UNSURE)),
            compared=tuple(await comparisons(seat.db, tenant, MOST_COMPARED)),
            serving=serving,
            earlier=_earlier(settings, serving.version),
            intents=await known_intents(seat.db, tenant),
            names=names_of(seat.centre),
            personal=tuple(await personal_counts(seat.db, tenant)),
            stopped=await drafts_stopped(seat.db, tenant),
            said=str(request.query_params.get("said", ""))[:20],
        )
    return await render(request, "training.html", page)


@get("/training/part/school", opt=DECIDE, include_in_schema=False)
async def school_again(request: AnyRequest) -> Response[str]:
    """Where the training stands."""
    async with seated(request) as seat:
        part = await _school(seat)
    return await fragment(request, "training_school.html", part)


@post("/training/study", opt=DECIDE, include_in_schema=False)
async def begin(request: AnyRequest) -> Response[Any]:
    """Begin to train a reader from the labels."""
    study, who = office_of(request).study, current(request)
    if study is None:
        raise NotFound("nothing is reckoned by this process; run `rapport understand train`")
    begun = await study(who.tenant, READER, who.agent)
    return go("/training?said=" + ("study" if begun else "busy"))


@post("/training/reader", opt=DECIDE, include_in_schema=False)
async def promote(request: AnyRequest, data: Form) -> Response[Any]:
    """Let a reader serve: the one trained last, by a reason where the comparison is against it, or one that served before."""
    office, who, version = office_of(request), current(request), data.get("version", "")
    reason = " ".join(data.get("reason", "").split())[:LONGEST_REASON]
    async with seated(request) as seat:
        kept = (await studies_of(seat.db, who.tenant)).get(READER)
        settings = (await settings_of(seat.db, who.tenant, "reader"))["reader"]
    found = msgspec.json.decode(kept.found, type=ReaderFound) if kept and kept.found else None
    before = {one.version: one for setting in reversed(settings) if (one := _reader_in(setting)) is not None}
    if found is not None and found.figures.version == version:
        thing = msgspec.json.decode(found.thing, type=TaughtReader)
        if not found.figures.serves and not reason:
            raise Conflict("the comparison is against this reader; say why it shall serve all the same")
        against = not found.figures.serves
        thing = msgspec.structs.replace(thing, overruled=against, reason=reason if against else "")
    elif version in before:
        thing = before[version]
    else:
        raise NotFound(f"no reader {version[:40]!r} was trained here")
    await set_piece(office, who, "reader", INTENT, msgspec.json.encode(thing))
    await _seen(request, version)
    return go("/training?said=reader")


@post("/training/reader/withdraw", opt=DECIDE, include_in_schema=False)
async def withdraw(request: AnyRequest) -> Response[Any]:
    """Let the shipped reader serve again; corrections go on changing what it reads."""
    office, who = office_of(request), current(request)
    await office.intake.set_things(who.tenant, [], removed=[("reader", INTENT)], by=who.agent)
    await _seen(request, "")
    return go("/training?said=withdrawn")


@post("/training/label", opt=DECIDE, include_in_schema=False)
async def label(request: AnyRequest, data: Form) -> Response[Any]:
    """Say what a message is about."""
    name = "-".join(data.get("intent", "").split()).casefold() or "none"
    message = asked_id(data.get("message", ""), "message")
    await act(office_of(request), current(request), "correct", message=message, argument=f"intent:{name}")
    return go("/training?said=label#unsure")


async def _seen(request: AnyRequest, version: str) -> None:
    """Wait until the centre says so; after three seconds go on: it is on record and will be done."""
    office, tenant = office_of(request), current(request).tenant
    for _ in range(WAIT):
        reader = (await centre_now(office, tenant, fresh=True)).readers.get(INTENT)
        if (reader.version if reader else "") == version:
            return
        await office.changed(tenant, 0.25)


async def _school(seat: Seat) -> SchoolPart:
    kept = (await studies_of(seat.db, seat.who.tenant)).get(READER)
    reader = seat.centre.readers.get(INTENT)
    found = msgspec.json.decode(kept.found, type=ReaderFound) if kept and kept.found else None
    return SchoolPart(
        kept.state(seat.office.clock.now()) if kept else "none",
        kept.begun_at if kept else None,
        kept.found_at if kept else None,
        kept.problem if kept else "",
        found.figures if found else None,
        reader.version if reader else "",
        seat.office.study is not None,
    )


def _reader_in(setting: Setting) -> TaughtReader | None:
    if not setting.body or setting.name != INTENT:
        return None
    try:
        return msgspec.json.decode(setting.body, type=TaughtReader)
    except msgspec.ValidationError:
        return None


def _shown(reader: TaughtReader, setting: Setting | None) -> ReaderShown:
    at, by = (setting.at, setting.by) if setting else (None, "")
    return ReaderShown(reader.version, at, by, reader.figures, reader.overruled, reader.reason)


def _serving(seat: Seat, settings: list[Setting]) -> ReaderShown:
    reader = seat.centre.readers.get(INTENT)
    if reader is None:
        return ReaderShown("")
    latest = next((one for one in settings if (kept := _reader_in(one)) and kept.version == reader.version), None)
    return _shown(reader, latest)


def _earlier(settings: list[Setting], now: str) -> tuple[ReaderShown, ...]:
    """The readers that served before, newest first, each once."""
    found: dict[str, ReaderShown] = {}
    for one in settings:
        reader = _reader_in(one)
        if reader is not None and reader.version != now:
            found.setdefault(reader.version, _shown(reader, one))
    return tuple(found.values())[:MOST_EARLIER]


HANDLERS = [training, school_again, begin, promote, withdraw, label]
