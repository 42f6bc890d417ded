"""/api/knowledge: articles found, read and set by programs; the same pieces that the pages and `rapport apply` set."""

from typing import Any

import msgspec
from litestar import MediaType, Response, get, put
from litestar.params import FromPath

from rapport.errors import BadInput, NotFound
from rapport.knowledge.finding import HOUSE, STATES, search_articles
from rapport.knowledge.helping import Helped, helped
from rapport.model.article import Article
from rapport.web.centre.pieces import set_piece
from rapport.web.knowledge.reading import article_now
from rapport.web.security import AnyRequest, current, needs, office_of

READ, WRITE = needs("desk.read"), needs("knowledge.write")
PATH = "/api/knowledge/articles/{name:str}"


class ArticleFound(msgspec.Struct, frozen=True):
    """An article in a list."""

    id: str
    title: str
    language: str
    audience: str
    state: str
    intents: tuple[str, ...]


def _json(said: Any) -> Response[bytes]:  # Any: msgspec's encoder takes anything
    return Response(msgspec.json.encode(said), media_type=MediaType.JSON, headers={"cache-control": "no-store"})


@get(
    "/api/knowledge/articles",
    opt=READ
    | {
        "gives": list[ArticleFound],
        "says": "Articles by words, language, intent and state; without a question all, at most 200",
        "asks": {
            "q": "words that must all stand in it",
            "language": "as es",
            "intent": "what it answers",
            "state": f"one of {', '.join(STATES)}; others than published need knowledge.write",
        },
    },
)
async def find_articles(request: AnyRequest) -> Response[bytes]:
    """What is found."""
    who, asked = current(request), request.query_params
    state = str(asked.get("state", "published"))
    if state not in STATES:
        raise BadInput(f"state must be one of {', '.join(STATES)}, got {state[:40]!r}")
    if state != "published" and not who.may("knowledge.write"):
        raise BadInput(f"articles that are {state} are listed for who has knowledge.write; leave state out")
    async with office_of(request).store.within(who.tenant, readonly=True) as db:
        found = await search_articles(
            db, who.tenant, str(asked.get("q", "")), audience=HOUSE, states=(state,),
            language=str(asked.get("language", ""))[:2], intent=str(asked.get("intent", ""))[:200],
        )  # fmt: skip
    return _json([ArticleFound(one.id, one.title, one.language, one.audience, one.state, one.intents) for one in found])


@get(PATH, opt=READ | {"gives": Article, "says": "One article"})
async def one_article(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    """An article as it stands."""
    who = current(request)
    async with office_of(request).store.within(who.tenant, readonly=True) as db:
        article = await article_now(db, who.tenant, name)
    if article.state != "published" and not who.may("knowledge.write"):
        raise NotFound(f"there is no article {name[:80]!r}; it may have been taken away, or have another language")
    return _json(article)


@put(PATH, opt=WRITE | {"takes": Article, "gives": Article, "says": "Set an article; its id is the one of the address"})
async def set_article(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    """Set it."""
    body = await request.body()
    request.scope["rapport.body"] = body  # type: ignore[typeddict-unknown-key]  # errors.py names the value met
    piece = await set_piece(office_of(request), current(request), "article", name, body)
    return _json(msgspec.convert(piece.says, Article))


@get(
    "/api/knowledge/helped",
    opt=WRITE
    | {"gives": list[Helped], "says": "What became of each article in ninety days: who wrote again, and what readers said"},
)
async def helped_by_api(request: AnyRequest) -> Response[bytes]:
    """Whether articles helped."""
    office, who = office_of(request), current(request)
    async with office.store.within(who.tenant, readonly=True) as db:
        return _json(await helped(db, who.tenant, office.clock.now()))


HANDLERS = [find_articles, one_article, set_article, helped_by_api]
