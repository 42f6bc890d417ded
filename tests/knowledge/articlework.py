"""Articles to test with, written as the view of the centre keeps them."""

import msgspec

from rapport.ledger.tables import write_rows
from rapport.model.article import Article
from rapport.model.centre import Thing
from rapport.store.pool import Store
from web.officework import NOW


def an_article(id: str = "wifi.en", title: str = "Slow Wi-Fi in the room", **fields: object) -> Article:
    """A published article; name only what the test is about."""
    return Article(id, title, **({"text": "Restart the router.", "state": "published"} | fields))


async def keep(store: Store, tenant: int, *articles: Article) -> None:
    """Set articles."""
    things = [Thing(f"article/{one.id}", msgspec.json.encode(one), NOW) for one in articles]
    async with store.within(tenant) as db:
        await write_rows(db, tenant, {Thing: {thing.id: thing for thing in things}})
