"""Articles are found by words in their language and by what is wanted, and never by who may not read them."""

import pytest

from knowledge.articlework import an_article, keep
from rapport.knowledge.finding import HOUSE, read_articles, search_articles, suggest
from rapport.knowledge.words import words_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shelf(store, tenant):
    """A few articles, and what is suggested for a text."""
    await keep(
        store,
        tenant,
        an_article(intents=("wifi",), text="Restart the router, then wait two minutes."),
        an_article(
            "wifi.es", "El wifi va lento", intents=("wifi",), text="Reinicie el router de la habitación.", words=("internet",)
        ),
        an_article("invoice.es", "Pedir una factura", text="Escriba su RFC y el número de reservación."),
        an_article("keys.es", "Dónde están las llaves", audience="agents"),
        an_article("pool.es", "La alberca cierra a las ocho", state="draft"),
    )

    async def asked(text: str, **wanted: object) -> list[str]:
        async with store.within(tenant, readonly=True) as db:
            found = await suggest(db, tenant, text, **({"language": "es"} | wanted))
        return [one.article.id for one in found]

    return asked


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        ("necesito facturar mi reservacion", {}, ["invoice.es"]),
        ("hola", {"intent": "wifi"}, ["wifi.es"]),
        ("se cae el internet", {}, ["wifi.es"]),
        ("the router is slow", {"language": "en"}, ["wifi.en"]),
        ("la habitación está sucia", {}, []),
        ("¿dónde dejo las llaves?", {}, []),
        ("¿dónde dejo las llaves?", {"audience": HOUSE}, ["keys.es"]),
        ("¿a qué hora cierra la alberca?", {"audience": HOUSE}, []),
        ("' | \\ :* <-> !", {}, []),
    ],
)
async def test_what_is_suggested_shares_the_intent_a_word_of_the_title_or_two_words(shelf, text, wanted, found):
    assert await shelf(text, **wanted) == found


async def test_a_search_finds_all_words_with_and_without_accents_in_either_language(store, tenant, shelf):
    async with store.within(tenant, readonly=True) as db:
        by_words = await search_articles(db, tenant, "numero reservación")
        of_agents = await search_articles(db, tenant, "llaves")
        for_agents = await search_articles(db, tenant, "", audience=HOUSE, states=("published", "draft"), language="es")

    assert [one.id for one in by_words] == ["invoice.es"]
    assert of_agents == []
    assert sorted(one.id for one in for_agents) == ["invoice.es", "keys.es", "pool.es", "wifi.es"]


async def test_what_is_no_article_is_found_nowhere_and_stops_nobody(store, tenant, shelf):
    async with store.within(tenant) as db:
        await db.execute(
            "insert into thing(tenant, id, body, at) values ($1, 'article/x.es', $2, now())", tenant, b'{"title":"\\u0000"}'
        )
        assert await search_articles(db, tenant, "x") == []
        assert (await read_articles(db, tenant, ["wifi.es"]))["wifi.es"].article.words == ("internet",)


def test_what_was_found_by_is_told_as_it_was_written():
    assert words_of(["somebodi", "habit", "tv"], ["Somebody", "habitación", "tv"]) == ("Somebody", "habitación", "tv")
    assert words_of(["router"], ["cable"]) == ("router",)
