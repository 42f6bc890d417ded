"""Matching: the mode in force and the way to another, the gain that patience may bring here, and the model that was learnt."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from rapport.centre.history import Setting, settings_of
from rapport.errors import BadInput, Conflict, NotFound
from rapport.matching.outcomes import SoFar, outcomes_so_far
from rapport.matching.valuing import NAME as MODEL
from rapport.measures.studies import GAIN, LESSON, NAMES, GainFound, LessonFound, Study, studies_of
from rapport.model.centre import MOST_EXPLORED, Centre, Profile
from rapport.web.centre.learnt import ModelShown, model_now, model_shown
from rapport.web.centre.pieces import set_piece
from rapport.web.centre_now import centre_now
from rapport.web.desk.actions import go
from rapport.web.desk.page import Seat, seated
from rapport.web.desk.reading import names_of
from rapport.web.page import fragment, render
from rapport.web.security import AnyRequest, current, needs, office_of
from rapport.web.typed_form import Typed, WrongField, refused

MODES = ("best", "patient", "plain")
SEE, DECIDE = needs("centre.read"), needs("matching.decide")
SHOWN = 8  # changes
UNTYPED = Typed()
WAIT = 12  # looks at the centre, a quarter of a second apart, until what was set can be seen
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


class Chosen(msgspec.Struct, frozen=True):
    """What a setting of the centre says of matching; the rest of it is not looked at."""

    matching: str = "best"
    explored: float = 0.0


class Change(msgspec.Struct, frozen=True):
    """One time that the mode or the share changed. `now`: whether it stands as it was set."""

    at: datetime
    by: str
    before: Chosen
    after: Chosen
    now: bool


class StudyShown(msgspec.Struct, frozen=True):
    """A study. `state`: none, going, cut, failed or done; `gain` and `lesson`: what was found last, of its own kind alone."""

    name: str
    state: str = "none"
    done: int = 0
    whole: int = 0
    begun_at: datetime | None = None
    found_at: datetime | None = None
    by: str = ""
    problem: str = ""
    gain: GainFound | None = None
    lesson: LessonFound | None = None


class StudiesPart(msgspec.Struct, frozen=True):
    """Both studies. `serving`: the version of the model in force, "" for none."""

    gain: StudyShown
    lesson: StudyShown
    may_study: bool
    serving: str
    names: dict[str, str]


class MatchingPage(msgspec.Struct, frozen=True):
    """The page. `people`: agents who are no bots; `was`: what its form is drawn from; `so_far`: what can be learnt from."""

    mode: str
    explored: float
    most_explored: float
    people: int
    changes: tuple[Change, ...]
    model: ModelShown | None
    earlier: tuple[ModelShown, ...]
    studies: StudiesPart
    names: dict[str, str]
    was: str
    so_far: SoFar
    said: str = ""
    typed: Typed = Typed()


@get("/matching", opt=SEE, include_in_schema=False)
async def matching(request: AnyRequest) -> Response[str]:
    """How needs and agents meet here."""
    return await _page(request)


async def _page(request: AnyRequest, typed: Typed = UNTYPED) -> Response[str]:
    async with seated(request) as seat:
        tenant = seat.who.tenant
        settings = await settings_of(seat.db, tenant, "centre", "model")
        studies = await _studies(seat)
        so_far = await outcomes_so_far(seat.db, tenant, seat.office.clock.now())
    model = model_now(seat.centre, settings["model"])
    profile = seat.centre.profile
    page = MatchingPage(
        mode=profile.matching,
        explored=profile.explored,
        most_explored=MOST_EXPLORED,
        people=sum(1 for agent in seat.centre.agents.values() if not agent.bot),
        changes=changes_of(settings["centre"])[:SHOWN],
        model=model,
        earlier=_earlier(settings["model"], model),
        studies=studies,
        names=names_of(seat.centre),
        was=_mark(profile),
        so_far=so_far,
        said=str(request.query_params.get("said", ""))[:20],
        typed=typed,
    )
    return await render(request, "matching.html", page, status=400 if typed.problem else 200)


@get("/matching/part/studies", opt=SEE, include_in_schema=False)
async def studies_again(request: AnyRequest) -> Response[str]:
    """Where the studies stand."""
    async with seated(request) as seat:
        part = await _studies(seat)
    return await fragment(request, "matching_studies.html", part)


def _mark(profile: Profile) -> str:
    """What a form was drawn from, to be sent back with it."""
    return f"{profile.matching}/{profile.explored:g}"


@post("/matching/mode", opt=DECIDE, include_in_schema=False)
async def choose_mode(request: AnyRequest, data: Form) -> Response[Any]:
    """Put a mode in force; what is not named stays. What is refused comes back as it was typed."""
    office, who = office_of(request), current(request)
    profile = (await centre_now(office, who.tenant, fresh=True)).profile
    if data.get("was", _mark(profile)) != _mark(profile):
        return go("/matching?said=faster")
    try:
        changed = _changed(profile, data)
    except WrongField as wrong:
        return await _page(request, refused(data, wrong))
    if changed != profile:
        await set_piece(office, who, "centre", "centre", msgspec.json.encode(changed))
        await _seen(request, lambda centre: centre.profile == changed)
    return go("/matching?said=mode")


def _changed(profile: Profile, data: dict[str, str]) -> Profile:
    """The profile with what a form says of matching. Raises WrongField."""
    mode = data.get("matching", profile.matching)
    if mode not in MODES:
        raise WrongField(f"matching must be one of {', '.join(MODES)}, got {mode[:40]!r}", field="matching")
    return msgspec.structs.replace(profile, matching=mode, explored=_share(data.get("explored"), profile.explored))


@post("/matching/study", opt=DECIDE, include_in_schema=False)
async def begin_study(request: AnyRequest, data: Form) -> Response[Any]:
    """Begin to reckon what patience gains, or to teach a model."""
    study, who, name = office_of(request).study, current(request), data.get("study", "")
    if name not in NAMES:
        raise BadInput(f"a study is one of {', '.join(NAMES)}, got {name[:40]!r}")
    if study is None:
        raise NotFound("nothing is reckoned by this process; run `rapport matching gain` or `rapport matching learn`")
    begun = await study(who.tenant, name, who.agent)
    return go("/matching?said=" + ("study" if begun else "busy"))


@post("/matching/model", opt=DECIDE, include_in_schema=False)
async def promote(request: AnyRequest, data: Form) -> Response[Any]:
    """Let a model serve: the one that was taught last where the gate let it in, or one that served before."""
    office, who, version = office_of(request), current(request), data.get("version", "")
    async with seated(request) as seat:
        lesson = (await _studies(seat)).lesson.lesson
        before = (await settings_of(seat.db, who.tenant, "model"))["model"]
    bodies = {shown.version: one.body for one in reversed(before) if (shown := model_shown(one)) is not None}
    if lesson is not None and lesson.version == version and not lesson.serves and version not in bodies:
        raise Conflict("the gate has not let this model in; teach again when there are more outcomes")
    body = lesson.thing if lesson is not None and lesson.version == version else bodies.get(version)
    if body is None:
        raise NotFound(f"no model {version[:40]!r} was taught here")
    await set_piece(office, who, "model", MODEL, body)
    await _seen(request, lambda centre: _version(centre) == version)
    return go("/matching?said=model")


@post("/matching/model/withdraw", opt=DECIDE, include_in_schema=False)
async def withdraw(request: AnyRequest) -> Response[Any]:
    """Let the model serve no more: the built-in likelihood does again."""
    office, who = office_of(request), current(request)
    await office.intake.set_things(who.tenant, [], removed=[("model", MODEL)], by=who.agent)
    await _seen(request, lambda centre: not _version(centre))
    return go("/matching?said=withdrawn")


def changes_of(settings: list[Setting]) -> tuple[Change, ...]:
    """The times when the mode or the share changed, newest first; `settings`: of the centre's profile, newest first."""
    found: list[Change] = []
    before = Chosen()
    for one in reversed(settings):
        after = msgspec.json.decode(one.body, type=Chosen) if one.body else Chosen()
        if after != before:
            found.append(Change(one.at, one.by, before, after, False))
        before = after
    if found:
        found[-1] = msgspec.structs.replace(found[-1], now=True)
    return tuple(reversed(found))


def _share(text: str | None, otherwise: float) -> float:
    """A share as people write it, in percent. Raises WrongField."""
    if text is None:
        return otherwise
    try:
        share = float(text.replace(",", ".").strip() or 0) / 100
    except ValueError:
        share = -1.0
    if not 0 <= share <= MOST_EXPLORED:
        raise WrongField(f"the share must be from 0 to {100 * MOST_EXPLORED:g} percent, got {text[:20]!r}", field="explored")
    return share


async def _seen(request: AnyRequest, stands: Any) -> None:  # Any: a claim about a Centre
    """Wait until the centre says so; after three seconds go on: it is on record and will be done."""
    office, tenant = office_of(request), current(request).tenant
    for _ in range(WAIT):
        if stands(await centre_now(office, tenant, fresh=True)):
            return
        await office.changed(tenant, 0.25)


def _version(centre: Centre) -> str:
    return centre.models[MODEL].version if MODEL in centre.models else ""


def _earlier(settings: list[Setting], now: ModelShown | None) -> tuple[ModelShown, ...]:
    """The models that served before, newest first, each once."""
    found: dict[str, ModelShown] = {}
    for one in settings:
        shown = model_shown(one)
        if shown is not None and (now is None or shown.version != now.version):
            found.setdefault(shown.version, shown)
    return tuple(found.values())[:SHOWN]


async def _studies(seat: Seat) -> StudiesPart:
    kept = await studies_of(seat.db, seat.who.tenant)
    now = seat.office.clock.now()
    return StudiesPart(
        _study_shown(GAIN, kept.get(GAIN), now),
        _study_shown(LESSON, kept.get(LESSON), now),
        seat.who.may("matching.decide") and seat.office.study is not None,
        _version(seat.centre),
        names_of(seat.centre),
    )


def _study_shown(name: str, study: Study | None, now: datetime) -> StudyShown:
    if study is None:
        return StudyShown(name)
    gain = msgspec.json.decode(study.found, type=GainFound) if study.found and name == GAIN else None
    lesson = msgspec.json.decode(study.found, type=LessonFound) if study.found and name == LESSON else None
    return StudyShown(
        name,
        study.state(now),
        study.done,
        study.whole,
        study.begun_at,
        study.found_at,
        study.asked_by,
        study.problem,
        gain,
        lesson,
    )


HANDLERS = [matching, studies_again, choose_mode, begin_study, promote, withdraw]
