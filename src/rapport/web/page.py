"""A page: one template, one context Struct, and the frame around it; a fragment: a part of a page sent again on its own.

`await render(request, "desk.html", context)` makes a whole page; `fragment(request, "desk_inbox.html", context)` a part of one.
A template sees the fields of its context Struct as variables, and `frame`. A variable that is not there stops the page.
Templates say `_("English sentence", name=value)` and `ngettext("%(num)s message", "%(num)s messages", n)`.
Filters: clock, day, ago, span, running, number, decimal, percent, points, hex, told (a sentence of a fact or an error),
fact (a kind of fact).
Functions: static("live.js").
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar import MediaType, Response

from rapport.conversations import inbox
from rapport.ledger.place import Place
from rapport.measures.channel_health import channels_to_look_at
from rapport.model.playbook import said_in
from rapport.people.asked_rights import number_near
from rapport.replies import reading as replies
from rapport.web import languages
from rapport.web.centre_now import centre_now
from rapport.web.compiled import Compiled
from rapport.web.languages import LANGUAGES, catalogue
from rapport.web.links import brand_domains
from rapport.web.security import AnyRequest, Who, language_of, office_of, perhaps
from rapport.web.static_files import static_url
from rapport.web.telling import Called, told_by
from rapport.web.wording import FILTERS

PAUSE = 0.01  # seconds between two templates that are compiled ahead


class Frame(msgspec.Struct, frozen=True):
    """What every page knows: who looks at it, in which language, and what waits for them."""

    who: Who | None
    language: str
    languages: dict[str, str]
    centre: str
    zone: str
    path: str
    now: datetime
    csrf: str = ""
    counts: dict[str, int] = {}
    demo: bool = False
    alone: bool = False  # a fragment: no frame around it
    place: Place | None = None  # in the ledger, before anything of the page was read; None: not known
    brands: tuple[str, ...] = ()  # the domains that are truly ours
    events: Mapping[str, str] = {}  # what kinds of journey events are called in the language, where their files say it
    phone: bool = False  # they could switch a phone on, and look at a page outside of it

    def may(self, permission: str) -> bool:
        """Whether who looks at it has the permission."""
        return self.who is not None and self.who.may(permission)


async def render(
    request: AnyRequest,
    template: str,
    context: msgspec.Struct | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response[str]:
    """A whole page. `context`: its fields are the template's variables."""
    counts = await _counts(request)
    return _respond(request, template, context, await _frame(request, counts), status, headers)


async def fragment(
    request: AnyRequest,
    template: str,
    context: msgspec.Struct | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response[str]:
    """A part of a page, to be put in place of what stands there."""
    return _respond(request, template, context, await _frame(request, {}, alone=True), status, headers)


def render_plainly(request: AnyRequest, template: str, context: msgspec.Struct) -> str:
    """A page that asks the database for nothing: for errors, where it may be the database that is away."""
    office, who = office_of(request), perhaps(request)
    frame = Frame(
        who, language_of(request), LANGUAGES, "Rapport", "UTC", request.url.path, office.clock.now(), who.csrf if who else ""
    )
    return _text(template, context, frame)


def public_page(
    request: AnyRequest, template: str, context: msgspec.Struct, language: str, centre: str, headers: Mapping[str, str]
) -> Response[str]:
    """A page for everybody, in the language of its address: it says nothing of who looks at it, so that caches may keep it."""
    now = office_of(request).clock.now()
    return _respond(
        request, template, context, Frame(None, language, LANGUAGES, centre, "UTC", request.url.path, now), 200, headers
    )


def _respond(
    request: AnyRequest,
    template: str,
    context: msgspec.Struct | None,
    frame: Frame,
    status: int,
    headers: Mapping[str, str] | None,
) -> Response[str]:
    return Response(
        _text(template, context, frame),
        media_type=MediaType.HTML,
        status_code=status,
        headers={"cache-control": "no-store", "content-language": frame.language, "vary": "accept-language", **(headers or {})},
    )


def _text(template: str, context: msgspec.Struct | None, frame: Frame) -> str:
    fields = {} if context is None else {name: getattr(context, name) for name in context.__struct_fields__}
    return environment(frame.language).get_template(template).render(frame=frame, **fields)


async def _frame(request: AnyRequest, counts: dict[str, int], *, alone: bool = False) -> Frame:
    office = office_of(request)
    who = perhaps(request)
    centre, zone, phone = "Rapport", "UTC", False
    brands: tuple[str, ...] = ()
    events: Mapping[str, str] = {}
    if who is not None:
        now = await centre_now(office, who.tenant)
        centre, zone = now.profile.name or "Rapport", now.profile.zone
        brands = brand_domains(now)
        events = {one.id: said_in(one.title, language_of(request)) for one in now.events.values()}
        phone = office.phones is not None and who.may("desk.write") and request.headers.get("sec-fetch-dest") != "iframe"
        phone = phone and any(account.channel == "voice" and not account.paused for account in now.accounts.values())
    return Frame(
        who=who,
        language=language_of(request),
        languages=LANGUAGES,
        centre=centre,
        zone=zone,
        path=request.url.path,
        now=office.clock.now(),
        csrf=who.csrf if who else "",
        counts=counts,
        demo=office.demo,
        alone=alone,
        place=cast("Place | None", request.scope.get("place")),  # kept there by whoever read the page's first row
        brands=brands,
        events=events,
        phone=phone,
    )


async def _counts(request: AnyRequest) -> dict[str, int]:
    """What waits, counted up to 1,000: drafts for an approver (not one's own), held messages for a supervisor, requests that
    are soon due or late for who answers them."""
    who = perhaps(request)
    if who is None:
        return {}
    counts: dict[str, int] = {}
    async with office_of(request).store.within(who.tenant, readonly=True) as db:
        if who.may("approvals.decide"):
            counts["approvals"] = await replies.asked_of_others(db, who.tenant, who.agent)
        if who.may("held.release"):
            counts["held"] = await inbox.held_in_all(db, who.tenant)
        if who.may("people.rights"):
            counts["rights"] = await number_near(db, who.tenant, office_of(request).clock.now())
        if who.may("channels.read"):
            accounts = set((await centre_now(office_of(request), who.tenant)).accounts)
            counts["channels"] = await channels_to_look_at(db, who.tenant, office_of(request).clock.now(), accounts)
    return counts


FOLDER = Path(__file__).with_name("templates")
_COMPILED = Compiled(FOLDER, tuple(FOLDER.with_name(name) for name in ("page.py", "languages.py", "wording.py")))


def uncompiled() -> list[str]:
    """The templates of which no compiled form is kept."""
    made = environment(next(iter(LANGUAGES)))
    sources = {name: (FOLDER / name).read_text("utf-8") for name in made.list_templates(extensions=["html"])}
    return [name for name, source in sources.items() if not _COMPILED.has(name, source)]


def compile_all() -> None:
    """Compile what is not; for a setup, so that no start has to."""
    for name in uncompiled():
        environment(next(iter(LANGUAGES))).get_template(name)


async def warm() -> None:
    """Read the catalogues, and compile what is not, one after the other: a page that is asked for meanwhile waits for one."""
    for language in LANGUAGES:
        await asyncio.to_thread(catalogue, language)
    for name in uncompiled():
        environment(next(iter(LANGUAGES))).get_template(name)
        await asyncio.sleep(PAUSE)


@pass_context
def _clock(context: Context, at: datetime) -> str:
    frame: Frame = context["frame"]
    return languages.show_time(at, frame.language, frame.zone)


@pass_context
def _day(context: Context, at: datetime) -> str:
    frame: Frame = context["frame"]
    return languages.show_day(at, frame.language, frame.zone)


@pass_context
def _ago(context: Context, at: datetime) -> str:
    frame: Frame = context["frame"]
    return languages.show_ago(at, frame.language, frame.now)


@pass_context
def _span(context: Context, span: timedelta | float) -> str:
    return languages.show_span(span, context["frame"].language)


@pass_context
def _number(context: Context, value: float) -> str:
    return languages.show_number(value, context["frame"].language)


@pass_context
def _decimal(context: Context, value: float, digits: int = 2) -> str:
    return languages.show_number(value, context["frame"].language, digits)


@pass_context
def _fact(context: Context, kind: str) -> str:
    return languages.show_fact(kind, context["frame"].language)


@pass_context
def _percent(context: Context, share: float) -> str:
    return languages.show_percent(share, context["frame"].language)


@pass_context
def _points(context: Context, share: float) -> str:
    return languages.show_points(share, context["frame"].language)


@cache
def environment(language: str) -> Environment:
    """The templates as one language speaks them: escaped, and strict about names."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,  # a template does not change under a process; asking the disk cost 4 % of a page
        bytecode_cache=_COMPILED,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    words = catalogue(language)

    @pass_context  # so that no constant is told when a template is compiled, which is once for every language
    def told(_: Context, sentence: str) -> str:
        return words.retold(sentence)

    tell, tell_many = told_by(words)
    made.context_class = Called
    made.globals.update(_=tell, gettext=tell, ngettext=tell_many)
    made.globals["static"] = static_url
    filters: dict[str, Any] = {  # Any: filters have each their own arguments
        "clock": _clock,
        "day": _day,
        "ago": _ago,
        "span": _span,
        "number": _number,
        "decimal": _decimal,
        "fact": _fact,
        "percent": _percent,
        "points": _points,
        "running": languages.show_clock,
        "hex": bytes.hex,
        "told": told,
    }
    made.filters.update(filters | FILTERS)
    return made
