"""Knowledge: the house's articles found and read; written with a preview, published, withdrawn, and brought back."""

import asyncio
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from babel.dates import format_date
from litestar import Response, get, post
from litestar.params import FromPath
from markupsafe import Markup
from msgspec.structs import replace

from rapport.centre.changes import FieldChange
from rapport.centre.history import settings_of
from rapport.centre.reading import body_of_thing
from rapport.errors import BadInput, NotFound
from rapport.knowledge.finding import HOUSE, STATES, Listed, search_articles
from rapport.model.article import ID, Article
from rapport.web.centre.editor import mark
from rapport.web.centre.pieces import set_piece
from rapport.web.desk.actions import Form, go
from rapport.web.desk.knowledge_shown import shown
from rapport.web.knowledge.reading import Version, article_now, difference_of, public_address, versions_of
from rapport.web.languages import LANGUAGES, retell
from rapport.web.page import render
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

READ, WRITE = needs("desk.read"), needs("knowledge.write")
PATIENCE = 3.0  # seconds that a page waits until what was set is there
_ARTICLE = msgspec.json.Decoder(Article)


class KnowledgePage(msgspec.Struct, frozen=True):
    """The articles that were asked for. `intents`: what one can choose; `late`: how many must be looked at again."""

    found: tuple[Listed, ...]
    question: str = ""
    language: str = ""
    intent: str = ""
    state: str = ""
    intents: tuple[str, ...] = ()
    today: date = date.min
    late: int = 0
    said: str = ""
    problem: str = ""


class ArticlePage(msgspec.Struct, frozen=True):
    """An article as colleagues read it. `others`: it in other languages; `public`: where everybody reads it, or ""."""

    article: Article
    html: Markup
    versions: tuple[Version, ...]
    others: tuple[str, ...] = ()
    public: str = ""
    said: str = ""
    today: date = date.min
    review: str = ""


class ArticleForm(msgspec.Struct, frozen=True):
    """The form of an article. `seen`: what it was drawn from; `html`: its preview, None: not looked at.

    `late`: somebody set it meanwhile, and `theirs` is what they changed.
    """

    id: str
    is_new: bool
    fields: dict[str, str]
    seen: str
    problem: str = ""
    html: Markup | None = None
    changes: tuple[FieldChange, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()
    late: bool = False
    theirs: Version | None = None
    state: str = "draft"
    published: bool = False


def _asked(request: AnyRequest, name: str, known: tuple[str, ...] = ()) -> str:
    said = str(request.query_params.get(name, ""))[:200]
    return said if not known or said in known else ""


async def listed(request: AnyRequest, problem: str = "", status: int = 200) -> Response[str]:
    """The list that the address asks for."""
    office, who = office_of(request), current(request)
    state = _asked(request, "state", STATES)
    language, intent, question = _asked(request, "language", tuple(LANGUAGES)), _asked(request, "intent"), _asked(request, "q")
    states = (state,) if state else STATES if who.may("knowledge.write") else ("published",)
    async with office.store.within(who.tenant, readonly=True) as db:
        found = await search_articles(db, who.tenant, question, audience=HOUSE, states=states, language=language, intent=intent)
        everything = await search_articles(db, who.tenant, audience=HOUSE, states=states)
    today = office.clock.now().date()
    intents = tuple(sorted({name for one in everything for name in one.intents}))
    late = sum(one.review_by is not None and one.review_by <= today and one.state == "published" for one in everything)
    page = KnowledgePage(
        tuple(found), question, language, intent, state, intents, today, late, _asked(request, "said", ("removed",)), problem
    )
    return await render(request, "knowledge.html", page, status=status)


@get("/knowledge", opt=READ, include_in_schema=False)
async def knowledge(request: AnyRequest) -> Response[str]:
    """The articles."""
    return await listed(request)


@post("/knowledge", opt=WRITE, include_in_schema=False)
async def new_article(request: AnyRequest, data: Form) -> Response[Any]:
    """Go on to the form of a new article."""
    slug, language = data.get("slug", "").strip().lower(), data.get("language", "")
    if not ID.fullmatch(f"{slug}.{language}"):
        said = f"The address of an article has small letters, digits and dashes, as reset-wifi; got '{slug[:60]}'."
        return await listed(request, retell(language_of(request), said), 400)
    return go(f"/knowledge/{slug}.{language}/edit?{urlencode({'title': data.get('title', '')[:200]})}")


@get("/knowledge/{name:str}", opt=READ, include_in_schema=False)
async def article_page(request: AnyRequest, name: FromPath[str]) -> Response[str]:
    """An article, and what was changed in it."""
    office, who = office_of(request), current(request)
    async with office.store.within(who.tenant, readonly=True) as db:
        article = await article_now(db, who.tenant, name)
        if article.state != "published" and not who.may("knowledge.write"):
            raise NotFound(f"there is no article {name[:80]!r}; it may have been taken away, or have another language")
        versions = await versions_of(db, who.tenant, name) if who.may("knowledge.write") else ()
        everything = await search_articles(db, who.tenant, audience=HOUSE, states=STATES)
    others = tuple(one.language for one in everything if one.slug == article.slug and one.id != name)
    page = ArticlePage(
        article, shown(article.text), versions, others, await public_address(office, who.tenant, article),
        _asked(request, "said", ("saved", "published", "withdrawn")), office.clock.now().date(),
        format_date(article.review_by, "medium", locale=language_of(request)) if article.review_by else "",
    )  # fmt: skip
    return await render(request, "article.html", page)


def _fields(article: Article | None, title: str = "", intents: str = "") -> dict[str, str]:
    if article is None:
        return {"title": title, "text": "", "intents": intents, "words": "", "audience": "public", "review_by": ""}
    return {
        "title": article.title,
        "text": article.text,
        "intents": ", ".join(article.intents),
        "words": ", ".join(article.words),
        "audience": article.audience,
        "review_by": article.review_by.isoformat() if article.review_by else "",
    }


async def _drawn(request: AnyRequest, name: str) -> tuple[ArticleForm, Article | None, bytes]:
    """The form of an article as it stands, the article, and its JSON; None and b"" where there is none yet."""
    if not ID.fullmatch(name):
        raise NotFound(f"no article can be called {name[:80]!r}; it is called by its address and language, as reset-wifi.es")
    async with office_of(request).store.within(current(request).tenant, readonly=True) as db:
        body = await body_of_thing(db, current(request).tenant, "article", name)
    article = _ARTICLE.decode(body) if body is not None else None
    form = ArticleForm(
        name, body is None, _fields(article, _asked(request, "title"), _asked(request, "intents")), mark(body),
        state=article.state if article else "draft", published=article is not None and article.state == "published",
    )  # fmt: skip
    return form, article, body or b""


@get("/knowledge/{name:str}/edit", opt=WRITE, include_in_schema=False)
async def edit_page(request: AnyRequest, name: FromPath[str]) -> Response[str]:
    """The form of an article; of a name that there is not yet, an empty one."""
    form, _, _ = await _drawn(request, name)
    return await render(request, "article_form.html", form)


def read_article_form(name: str, data: dict[str, str], before: Article | None, author: str) -> Article:
    """The article that a form says. Raises BadInput, naming the field and what was met."""
    said = msgspec.to_builtins(before) if before is not None else {"id": name, "author": author, "title": ""}
    for field in ("title", "text"):
        said[field] = data.get(field, said.get(field, "")).replace("\r\n", "\n").strip()
    for field in ("intents", "words"):
        said[field] = [one.strip() for one in data.get(field, ", ".join(said.get(field, ()))).split(",") if one.strip()]
    said["audience"] = data.get("audience", said.get("audience", "public"))
    said["review_by"] = data.get("review_by", said.get("review_by") or "").strip() or None
    if data.get("do") in ("publish", "withdraw"):
        said["state"] = {"publish": "published", "withdraw": "withdrawn"}[data["do"]]
    try:
        return msgspec.convert(said, Article)
    except msgspec.ValidationError as wrong:
        raise BadInput(str(wrong).partition(" - at `$")[0]) from None


@post("/knowledge/{name:str}", opt=WRITE, include_in_schema=False)
async def change_article(request: AnyRequest, name: FromPath[str], data: Form) -> Response[Any]:
    """Look at it, save it, publish it, withdraw it, take it away, or go back to an earlier version."""
    form, article, body = await _drawn(request, name)
    do = data.get("do", "")
    if do == "remove":
        await office_of(request).intake.set_things(
            current(request).tenant, [], removed=[("article", name)], by=current(request).agent
        )
        await there(request, name, None)
        return go("/knowledge?said=removed")
    if do == "back":
        return await _back(request, form, body, data.get("seq", ""))
    return await _set(request, form, article, body, data)


async def _set(
    request: AnyRequest, form: ArticleForm, article: Article | None, body: bytes, data: dict[str, str]
) -> Response[Any]:
    """Saved where that was asked, nothing is wrong and nobody was faster; else the form again, with a preview."""
    do = data.get("do", "")
    form = replace(form, fields=form.fields | {name: data[name] for name in form.fields if name in data})
    try:
        wanted = read_article_form(form.id, data, article, current(request).agent)
        encoded = msgspec.json.encode(wanted)
        fields, lines = await asyncio.to_thread(difference_of, form.id, body, encoded)
        form = replace(form, html=shown(wanted.text), changes=fields, lines=lines)
        if data.get("seen", form.seen) != form.seen:
            async with office_of(request).store.within(current(request).tenant, readonly=True) as db:
                latest = await versions_of(db, current(request).tenant, form.id)
            return await render(
                request, "article_form.html", replace(form, late=True, theirs=latest[0] if latest else None), status=409
            )
        if do in ("save", "publish", "withdraw"):
            await set_piece(office_of(request), current(request), "article", form.id, encoded)
            await there(request, form.id, wanted)
            said = {"save": "saved", "publish": "published", "withdraw": "withdrawn"}[do]
            return go(f"/knowledge/{quote(form.id)}?said={said}")
    except BadInput as wrong:
        problem = retell(language_of(request), str(wrong))
        return await render(request, "article_form.html", replace(form, problem=problem), status=400)
    return await render(request, "article_form.html", form)


async def there(request: AnyRequest, name: str, wanted: Article | None) -> None:
    """Wait until a worker has taken in what was set; after a while the page is shown as it is, and follows by itself."""
    office, tenant = office_of(request), current(request).tenant
    for _ in range(int(PATIENCE / 0.25)):
        async with office.store.within(tenant, readonly=True) as db:
            body = await body_of_thing(db, tenant, "article", name)
        if (None if body is None else _ARTICLE.decode(body)) == wanted:
            return
        await office.changed(tenant, 0.25)


async def _back(request: AnyRequest, form: ArticleForm, body: bytes, seq: str) -> Response[Any]:
    async with office_of(request).store.within(current(request).tenant, readonly=True) as db:
        settings = (await settings_of(db, current(request).tenant, "article"))["article"]
    found = next((one for one in settings if str(one.seq) == seq and one.name == form.id and one.body), None)
    if found is None:
        raise NotFound("this version is not on record any more, or it was a removal")
    fields, lines = await asyncio.to_thread(difference_of, form.id, body, found.body)
    old = _ARTICLE.decode(found.body)
    return await render(
        request, "article_form.html", replace(form, fields=_fields(old), html=shown(old.text), changes=fields, lines=lines)
    )


HANDLERS = [knowledge, new_article, article_page, edit_page, change_article]
