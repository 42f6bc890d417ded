"""What is missing in the knowledge, with examples that name nobody; and whether what is there helped."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import msgspec
from litestar import Response, get

from rapport.knowledge.finding import HOUSE, STATES, search_articles
from rapport.knowledge.gaps import Example, Gap, gaps
from rapport.knowledge.helping import DAYS, FEWEST, Helped, helped
from rapport.model.article import ID
from rapport.replies.asked_once import given_in
from rapport.understanding.personal_data import find, mask
from rapport.web.page import render
from rapport.web.security import AnyRequest, current, needs, office_of

SLOW = timedelta(seconds=10)  # that the page may take: it reads four weeks
LONGEST = 160  # characters of an example
_WORD = re.compile(r"[^\W\d_]{3,}")


class GapShown(msgspec.Struct, frozen=True):
    """A gap. `write`: where its article is begun; `articles`: those that do not help, with their titles."""

    intent: str
    language: str
    asked: int
    examples: tuple[str, ...]
    write: str
    articles: tuple[tuple[str, str], ...] = ()


class HelpedShown(msgspec.Struct, frozen=True):
    """What became of an article, and what it is called."""

    title: str
    became: Helped


class GapsPage(msgspec.Struct, frozen=True):
    """Gaps, and what became of each article. `days`: in which somebody comes back; `fewest`: cases for a share."""

    gaps: tuple[GapShown, ...]
    helped: tuple[HelpedShown, ...]
    days: int = DAYS.days
    fewest: int = FEWEST


def nameless(example: Example) -> str:
    """What somebody wrote, without who they are: their name, personal data, numbers of orders and rooms."""
    text = example.text[: 4 * LONGEST]
    told = {one.value for one in given_in(text, [(f.kind, f.start, f.end) for f in find(text)])}
    text = mask(text)
    names = {word for value in (example.author, *told) for word in _WORD.findall(value)} | told
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "…", text, flags=re.IGNORECASE)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _shown(gap: Gap, titles: dict[str, str]) -> GapShown:
    slug = re.sub(r"[^a-z0-9]+", "-", gap.intent.casefold()).strip("-")
    asked = urlencode({"intents": gap.intent})
    write = f"/knowledge/{slug}.{gap.language}/edit?{asked}" if ID.fullmatch(f"{slug}.{gap.language}") else ""
    articles = tuple((name, titles.get(name, name)) for name in gap.articles)
    return GapShown(gap.intent, gap.language, gap.asked, tuple(nameless(one) for one in gap.examples), write, articles)


@get("/knowledge/gaps", opt=needs("knowledge.write"), include_in_schema=False)
async def gaps_page(request: AnyRequest) -> Response[str]:
    """What was asked and is not written down, or did not help."""
    office, who = office_of(request), current(request)
    now = office.clock.now()
    async with office.store.within(who.tenant, readonly=True, at_most=SLOW) as db:
        became = await helped(db, who.tenant, now)
        found = await gaps(db, who.tenant, now, {one.article: one for one in became})
        titles = {one.id: one.title for one in await search_articles(db, who.tenant, audience=HOUSE, states=STATES)}
    shown = tuple(HelpedShown(titles.get(one.article, one.article), one) for one in became)
    return await render(request, "knowledge_gaps.html", GapsPage(tuple(_shown(gap, titles) for gap in found), shown))


HANDLERS = [gaps_page]
