"""An article that is set, found, opened and judged in a house: all of it is on record, and the record gives it again."""

import re
from datetime import UTC, datetime

import msgspec
import pytest

from rapport.app.rehearsing import rehearsal_house
from rapport.app.stages import VIEWS
from rapport.centre.apply import current_things
from rapport.clock import FakeClock
from rapport.knowledge.finding import search_articles
from rapport.ledger.rebuild import rebuild
from rapport.model.article import Article
from rapport.model.fact_help import ArticleUsed, HelpJudged, HelpOpened
from rapport.model.ids import named_id
from rapport.settings import Settings
from web.officework import NOW, a_browser, an_office, body, sign_in
from web.test_pages import posted

pytestmark = pytest.mark.anyio
START = datetime(2026, 3, 3, 16, tzinfo=UTC)
ID = named_id(START, "somebody")
ROWS = ("thing", "article", "help_opening", "help_judgement", "article_use")


async def test_what_became_of_an_article_is_folded_by_a_worker_and_rebuilt_from_the_record(database_url):
    article = Article("order.es", "Dónde está mi pedido", "Mírelo en su cuenta.", words=("paquete",), state="published")
    told = [
        HelpOpened("order.es", ID, "chat"),
        HelpJudged("order.es", True, "help"),
        ArticleUsed("order.es", ID, "ana", "link"),
    ]
    async with rehearsal_house(Settings(), database_url) as open_one, open_one("known", FakeClock(START)) as house:

        async def rows() -> list[list[dict[str, object]]]:
            async with house.within(house.tenant) as db:
                return [[dict(row) for row in await db.fetch(f"select * from {name} order by id")] for name in ROWS]

        await house.intake.set_things(house.tenant, [("article", "order.es", msgspec.json.encode(article))])
        await house.intake.set_things(house.tenant, [("article", "gone.es", msgspec.json.encode(article))])
        await house.intake.record(house.tenant, told)
        await house.intake.set_things(house.tenant, [], removed=[("article", "gone.es")])
        await house.settle()
        kept = await rows()
        async with house.within(house.tenant) as db:
            await rebuild(db, house.house.keys, house.tenant, VIEWS, house.clock)
            found = [one.id for one in await search_articles(db, house.tenant, "paquetes")]

        assert await rows() == kept
        assert [len(table) for table in kept] == [1, 1, 1, 1, 1]
        assert found == ["order.es"]
        assert list(await current_things(house.within, house.tenant)) == [("article", "order.es")]


async def test_an_earlier_version_is_looked_at_and_brought_back(database_url):
    async with rehearsal_house(Settings(), database_url) as open_one, open_one("back", FakeClock(NOW)) as house:

        async def changed(tenant: int, seconds: float) -> None:
            await house.settle()

        office = an_office(house.house.store, intake=house.intake, changed=changed, clock=house.clock)
        async with a_browser(office) as client:
            client.csrf = await sign_in(client, office, house.tenant, "administrator", "ana")
            await posted(client, "/knowledge/pool.en", do="publish", title="The pool", text="Opens at eight.")
            await posted(client, "/knowledge/pool.en", do="save", title="The pool", text="Opens at nine.")
            page = (await client.get("/knowledge/pool.en?lang=en")).text
            seqs = re.findall(r'name="seq" value="(\d+)"', page)
            looked = (await posted(client, "/knowledge/pool.en", do="back", seq=seqs[0])).text
            seen = re.search(r'name="seen" value="(\w+)"', looked)[1]
            await posted(client, "/knowledge/pool.en", do="save", title="The pool", text="Opens at eight.", seen=seen)
            now = body(await client.get("/api/knowledge/articles/pool.en"))

    assert len(seqs) == 1
    assert '<del dir="auto">Opens at eight.</del>' in page
    assert "Opens at eight.</textarea>" in looked
    assert '<ins dir="auto">Opens at eight.</ins>' in looked
    assert (now["text"], now["state"], now["author"]) == ("Opens at eight.", "published", "ana")
