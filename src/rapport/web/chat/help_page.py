"""/help: the public pages of the knowledge. Anybody reads them, without a script or a cookie; caches keep them for a minute."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.exceptions import TooManyRequestsException
from litestar.params import FromPath
from markupsafe import Markup

from rapport.access.throttle import Throttle
from rapport.errors import NotFound
from rapport.knowledge.finding import languages_of, read_articles, search_articles
from rapport.model.fact_help import HelpJudged
from rapport.web.centre_now import centre_now, tenant_named
from rapport.web.chat.help_for import help_for
from rapport.web.chat.webchat import throttled
from rapport.web.desk.actions import Form, go
from rapport.web.desk.knowledge_shown import beginning, shown
from rapport.web.languages import LANGUAGES, language_asked
from rapport.web.page import public_page
from rapport.web.security import EVERYONE, FROM_OUR_PAGES, AnyRequest, address_of, office_of

MOST = 60  # titles on a page
MOST_NEAR = 5  # where no article has all the words
SLOW = timedelta(seconds=2)  # that one search may take
OFTEN = (20, timedelta(minutes=10))  # judgements from one address
SEARCHES = (30, timedelta(minutes=1))  # from one address
KEPT = {"cache-control": "public, max-age=60", "vary": "accept-encoding"}


class Title(msgspec.Struct, frozen=True):
    """An article in a list: where it is, what it is called, how it begins."""

    slug: str
    language: str
    title: str
    begins: str


class HelpPage(msgspec.Struct, frozen=True):
    """The list. `tenant`: as in the address; `house`: as the public knows it; `near`: no article has all the words asked."""

    tenant: str
    house: str
    language: str
    languages: tuple[str, ...]
    titles: tuple[Title, ...]
    question: str = ""
    near: bool = False


class HelpArticle(msgspec.Struct, frozen=True):
    """An article. `judged`: whoever reads it has said whether it helped."""

    tenant: str
    house: str
    language: str
    languages: tuple[str, ...]
    slug: str
    title: str
    html: Markup
    at: datetime
    judged: bool = False
    video: str = ""
    captions: tuple[str, ...] = ()


async def _tenant(request: AnyRequest, name: str, language: str = "es") -> tuple[int, str]:
    """The number of the tenant and what it is called. Raises NotFound."""
    number = await tenant_named(office_of(request), name) if name else 0
    if not number or language not in LANGUAGES:
        raise NotFound("there is no such page; look for it from the beginning")
    return number, (await centre_now(office_of(request), number)).profile.name or "Rapport"


@get("/help/{tenant:str}", opt=EVERYONE, include_in_schema=False)
async def help_in_ones_language(request: AnyRequest, tenant: FromPath[str]) -> Response[Any]:
    """On to the language that the browser asks for."""
    await _tenant(request, tenant)
    language = language_asked(request.headers, office_of(request).language)
    return Response(None, status_code=302, headers={"location": f"/help/{tenant}/{language}", "vary": "accept-language"})


@get("/help/{tenant:str}/{language:str}", opt=EVERYONE, include_in_schema=False)
async def help_page(request: AnyRequest, tenant: FromPath[str], language: FromPath[str]) -> Response[str]:
    """What can be read, or what a question finds."""
    number, house = await _tenant(request, tenant, language)
    question = str(request.query_params.get("q", ""))[:200].strip()
    office = office_of(request)
    if question and (wait := throttled(office, "help searched", SEARCHES, address_of(request))):
        said = "you have searched a lot at once; wait a moment, then search again"
        raise TooManyRequestsException(detail=said, headers={"retry-after": str(wait)})
    async with office.store.within(number, readonly=True, at_most=SLOW) as db:
        found = (await search_articles(db, number, question, language=language))[:MOST]
        near = bool(question) and not found
        if near:
            found = [one.article for one in await help_for(db, number, question, language=language, most=MOST_NEAR)]
        kept = await read_articles(db, number, [one.id for one in found])
    titles = tuple(
        Title(one.slug, one.language, one.title, beginning(kept[one.id].article.text)) for one in found if one.id in kept
    )
    page = HelpPage(tenant, house, language, tuple(LANGUAGES), titles, question, near and bool(titles))
    return public_page(request, "help.html", page, language, house, KEPT)


@get("/help/{tenant:str}/{language:str}/{slug:str}", opt=EVERYONE, include_in_schema=False)
async def help_article(
    request: AnyRequest, tenant: FromPath[str], language: FromPath[str], slug: FromPath[str]
) -> Response[str]:
    """An article. Nobody is counted who reads it."""
    number, house = await _tenant(request, tenant, language)
    async with office_of(request).store.within(number, readonly=True) as db:
        languages = await languages_of(db, number, slug)
        kept = (await read_articles(db, number, [f"{slug}.{language}"])).get(f"{slug}.{language}")
    if language not in languages or kept is None:
        raise NotFound("there is no such page; look for it from the beginning")
    judged = request.query_params.get("said") == "thanks"
    page = HelpArticle(
        tenant,
        house,
        language,
        tuple(code for code in LANGUAGES if code in languages),
        slug,
        kept.article.title,
        shown(kept.article.text),
        kept.at,
        judged,
        kept.article.video,
        tuple(kept.article.captions),
    )
    return public_page(request, "help_article.html", page, language, house, KEPT)


@post("/help/{tenant:str}/{language:str}/{slug:str}", opt=FROM_OUR_PAGES, include_in_schema=False)
async def judge_article(
    request: AnyRequest, tenant: FromPath[str], language: FromPath[str], slug: FromPath[str], data: Form
) -> Response[Any]:
    """Whether it helped. Who says it too often is thanked as well, and not counted."""
    office = office_of(request)
    number, _ = await _tenant(request, tenant, language)
    async with office.store.within(number, readonly=True) as db:
        if language not in await languages_of(db, number, slug):
            raise NotFound("there is no such page; look for it from the beginning")
    throttle: Throttle = office.memory.setdefault("help judged", Throttle(*OFTEN))
    now, address = office.clock.now(), address_of(request)
    if data.get("helped") in ("yes", "no") and not throttle.wait(address, now):
        throttle.count(address, now)
        await office.intake.record(number, [HelpJudged(f"{slug}.{language}", data["helped"] == "yes", "help")])
    return go(f"/help/{tenant}/{language}/{slug}?said=thanks#helped")


HANDLERS = [help_in_ones_language, help_page, help_article, judge_article]
