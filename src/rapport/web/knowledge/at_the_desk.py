"""Articles beside a conversation: what may help and why; their link or their text goes into what is being written."""

from typing import Any

import msgspec
from litestar import MediaType, Response, get, post
from litestar.params import FromPath

from rapport.errors import BadInput, NotFound
from rapport.knowledge.finding import read_articles, suggested_for
from rapport.knowledge.markdown import as_text
from rapport.knowledge.words import words_of
from rapport.model.fact_help import ArticleUsed
from rapport.web.desk.actions import Form, go
from rapport.web.desk.knowledge_beside import HelpShown, read_help
from rapport.web.desk.page import chosen_one, seated
from rapport.web.desk.typing_now import keep_text, typing_in
from rapport.web.knowledge.reading import article_now, public_address
from rapport.web.page import fragment
from rapport.web.security import AnyRequest, current, needs, office_of

READ, WRITE = needs("desk.read"), needs("desk.write")


class HelpPart(msgspec.Struct, frozen=True):
    """The panel alone."""

    help: HelpShown


class ArticleLine(msgspec.Struct, frozen=True):
    """A suggested article for programs, and why."""

    id: str
    title: str
    language: str
    audience: str
    text: str
    url: str = ""
    intent: str = ""
    words: tuple[str, ...] = ()


@get("/desk/{conversation:str}/knowledge", opt=READ, include_in_schema=False)
async def help_again(request: AnyRequest, conversation: FromPath[str]) -> Response[str]:
    """The panel again."""
    async with seated(request) as seat:
        panel = await read_help(seat.db, seat.who, seat.centre, await chosen_one(seat, conversation))
    return await fragment(request, "desk_knowledge.html", HelpPart(panel))


@post("/desk/{conversation:str}/knowledge/{article:str}", opt=WRITE, include_in_schema=False)
async def use_article(request: AnyRequest, conversation: FromPath[str], article: FromPath[str], data: Form) -> Response[Any]:
    """Put the link or the text of an article behind what is being written; it is on record which was used."""
    office, who, how = office_of(request), current(request), data.get("do", "")
    async with seated(request) as seat:
        one = await chosen_one(seat, conversation)
        found = await article_now(seat.db, who.tenant, article)
    address = await public_address(office, who.tenant, found)
    if how not in ("link", "text") or (how == "link" and not address):
        raise BadInput(f"do must be text, or link where everybody may read the article; got {how[:40]!r}")
    if found.state != "published":
        raise NotFound(f"there is no article {article[:80]!r}; it may have been taken away, or have another language")
    text = f"{found.title}: {address}" if how == "link" else as_text(found.text)
    kept = (await typing_in(office, who, one.id)).text.strip()
    await keep_text(office, who, one.id, f"{kept}\n\n{text}" if kept and text not in kept else kept or text)
    await office.intake.record(who.tenant, [ArticleUsed(found.id, one.id, who.agent, how)])
    return go(f"/desk/{conversation}#conversation")


@get(
    "/api/conversations/{conversation:str}/articles",
    opt=READ | {"gives": list[ArticleLine], "says": "The articles that may help in a conversation, the best first, and why"},
)
async def suggested_by_api(request: AnyRequest, conversation: FromPath[str]) -> Response[bytes]:
    """The same for programs."""
    office, who = office_of(request), current(request)
    async with seated(request) as seat:
        one = await chosen_one(seat, conversation)
        found = await suggested_for(seat.db, who.tenant, one, otherwise=next(iter(seat.centre.profile.languages), "es"))
        kept = await read_articles(seat.db, who.tenant, [each.article.id for each in found])
    lines = []
    for each in found:
        article = kept[each.article.id].article
        url = await public_address(office, who.tenant, article)
        words = words_of(each.words, one.words)
        intent = one.intent if each.meant else ""
        lines.append(
            ArticleLine(article.id, article.title, article.language, article.audience, article.text, url, intent, words)
        )
    return Response(msgspec.json.encode(lines), media_type=MediaType.JSON, headers={"cache-control": "no-store"})


HANDLERS = [help_again, use_article, suggested_by_api]
