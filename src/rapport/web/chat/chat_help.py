"""Articles in the chat: two or three titles while a visitor waits, and which of them was opened."""

from datetime import timedelta

import msgspec
from litestar import Response, post

from rapport.errors import NotFound
from rapport.knowledge.finding import languages_of
from rapport.model.article import ID
from rapport.model.fact_help import HelpOpened
from rapport.web.chat import visitor as v
from rapport.web.chat.help_for import help_for
from rapport.web.chat.webchat import LONGEST, allow, throttled, too_often, visitor_here
from rapport.web.knowledge.reading import help_address
from rapport.web.languages import LANGUAGES, language_asked, say
from rapport.web.security import EVERYONE, AnyRequest, office_of

MOST = 3
OFTEN = (30, timedelta(minutes=1))  # of a visitor
SLOW = timedelta(seconds=1)  # that one look may take


class AskedHelp(msgspec.Struct, frozen=True):
    """What a visitor has just written, and in which language they read."""

    text: str
    language: str = ""


class OpenedHelp(msgspec.Struct, frozen=True):
    """The article that a visitor opened."""

    article: str


class HelpLine(msgspec.Struct, frozen=True):
    """An article that may help."""

    id: str
    title: str
    url: str


class HelpLines(msgspec.Struct, frozen=True):
    """What may help; `title` is said above."""

    title: str
    articles: tuple[HelpLine, ...]


_asked = msgspec.json.Decoder(AskedHelp)
_opened = msgspec.json.Decoder(OpenedHelp)


@post("/chat/help", opt=EVERYONE, include_in_schema=False, status_code=200)
async def chat_help(request: AnyRequest) -> Response[bytes]:
    """At most three published articles that everybody may read, by what is wanted, language and words; nothing is kept."""
    office = office_of(request)
    visitor, account = await visitor_here(request)
    asked = _asked.decode(await request.body())
    language = asked.language if asked.language in LANGUAGES else language_asked(request.headers, office.language)
    if wait := throttled(office, "chat help", OFTEN, visitor.id):
        return too_often(request, account, wait, language)
    async with office.store.within(visitor.tenant, readonly=True, at_most=SLOW) as db:
        found = await help_for(db, visitor.tenant, asked.text[:LONGEST], language=language, most=MOST)
    begins = await help_address(office, visitor.tenant)
    lines = tuple(HelpLine(a.id, a.title, f"{begins}/{a.language}/{a.slug}") for a in (one.article for one in found))
    body = msgspec.json.encode(HelpLines(say(language, "While you wait, this may help:"), lines))
    return allow(request, account, Response(body, media_type="application/json"))


@post("/chat/help/open", opt=EVERYONE, include_in_schema=False, status_code=202)
async def chat_help_opened(request: AnyRequest) -> Response[bytes]:
    """Note that a visitor opened an article. Of one who has never written we know no handle, so nothing is noted."""
    office = office_of(request)
    visitor, account = await visitor_here(request)
    article = _opened.decode(await request.body()).article
    if wait := throttled(office, "chat help", OFTEN, visitor.id):
        return too_often(request, account, wait, office.language)
    named = ID.fullmatch(article)
    async with office.store.within(visitor.tenant, readonly=True) as db:
        if named is None or named[2] not in await languages_of(db, visitor.tenant, named[1]):
            raise NotFound(f"there is no article {article[:80]!r}; it may have been taken away, or have another language")
    handle = await v.handle_of(office.store, visitor)
    if handle is not None:
        await office.intake.record(visitor.tenant, [HelpOpened(article, handle, "chat")])
    return allow(request, account, Response(b"{}", status_code=202, media_type="application/json"))


HANDLERS = [chat_help, chat_help_opened]
