"""Whether an article helped is told only of those who could have come back, and never flatters; what is missing is listed."""

from datetime import timedelta

import pytest

from knowledge.articlework import an_article, keep
from rapport.knowledge.gaps import gaps
from rapport.knowledge.helping import helped
from rapport.ledger.tables import write_rows
from rapport.ledger.views import Rows
from rapport.model.article import ArticleUse, HelpJudgement, HelpOpening
from rapport.model.conversation import Conversation, State
from rapport.model.message import ChannelKind, Direction, Message, Reach, Standing
from rapport.model.person import Handle
from rapport.model.share import wilson
from stagework import an_id
from web.officework import NOW

pytestmark = pytest.mark.anyio
AGO = NOW - timedelta(days=10)


def reader(rows: Rows, name: str, at=AGO, wrote: tuple[tuple[timedelta, str], ...] = (), intent: str = "wifi") -> None:
    """Somebody who opened the article `wifi.es`, and what they wrote after it: how long after, with which intent."""
    handle, person, conversation = an_id(f"h {name}"), an_id(f"p {name}"), an_id(f"c {name}")
    rows.put(Handle(handle, f"webchat:{name}", person))
    rows.put(HelpOpening(an_id(f"o {name}"), "wifi.es", handle, at, "chat"))
    rows.put(
        Conversation(
            conversation,
            person,
            handle,
            State.OPEN,
            ChannelKind.CHAT,
            "webchat",
            "webchat",
            Reach.PRIVATE,
            at,
            at,
            name=name,
            language="es",
            intent=intent,
        )  # fmt: skip
    )
    for n, (after, what) in enumerate(((timedelta(minutes=-1), intent), *wrote)):
        rows.put(
            Message(
                an_id(f"m {name} {n}"),
                at + after,
                Direction.IN,
                Standing.RECEIVED,
                Reach.PRIVATE,
                handle=handle,
                person=person,
                conversation=conversation,
                intent=what,
                author=name,
                text=f"{name} {n}",
            )  # fmt: skip
        )


@pytest.fixture
async def became(store, tenant):
    """What became of the articles of a house with these readers."""

    async def became(rows: Rows):
        await keep(store, tenant, an_article("wifi.es", "El wifi", intents=("wifi",)))
        async with store.within(tenant) as db:
            await write_rows(db, tenant, rows.take_changes())
            told = {one.article: one for one in await helped(db, tenant, NOW)}
            return told, await gaps(db, tenant, NOW, told)

    return became


async def test_who_wrote_again_about_the_same_or_nobody_knows_what_was_not_helped(became):
    rows = Rows(NOW)
    reader(rows, "silent")
    reader(rows, "again", wrote=((timedelta(hours=2), "wifi"),))
    reader(rows, "unclear", wrote=((timedelta(days=2), ""),))
    reader(rows, "otherwise", wrote=((timedelta(days=1), "billing"),))
    reader(rows, "much-later", wrote=((timedelta(days=4), "wifi"),))
    reader(rows, "too-fresh", at=NOW - timedelta(days=1))
    rows.put(HelpOpening(an_id("o twice"), "wifi.es", an_id("h silent"), AGO + timedelta(hours=1), "chat"))

    told, _ = await became(rows)

    one = told["wifi.es"]
    assert (one.read, one.again, one.waiting, one.share) == (5, 2, 1, None)


async def test_a_share_is_told_of_twenty_readers_with_its_interval(became):
    rows = Rows(NOW)
    for n in range(20):
        reader(rows, f"r{n}", wrote=((timedelta(hours=1), "wifi"),) if n < 5 else ())

    told, _ = await became(rows)

    assert told["wifi.es"].share == 0.75
    assert (round(told["wifi.es"].low, 3), round(told["wifi.es"].high, 3)) == (0.531, 0.888)


async def test_what_has_no_article_in_its_language_or_one_that_does_not_help_is_missing(became):
    rows = Rows(NOW)
    reader(rows, "rosa")
    reader(rows, "juan", intent="billing")
    reader(rows, "luis", intent="billing")
    for n, yes in enumerate((False, False, True)):
        rows.put(HelpJudgement(an_id(f"j{n}"), "wifi.es", yes, AGO, "help"))
    rows.put(ArticleUse(an_id("u"), "wifi.es", an_id("c rosa"), "ana", AGO, "link"))

    told, missing = await became(rows)

    assert (told["wifi.es"].yes, told["wifi.es"].no, told["wifi.es"].used) == (1, 2, 1)
    assert [(gap.intent, gap.asked, gap.articles) for gap in missing] == [("billing", 2, ()), ("wifi", 1, ("wifi.es",))]
    assert missing[0].examples[0].text in ("juan 0", "luis 0")


def test_the_interval_is_that_of_the_tables():
    # Newcombe 1998, Statistics in Medicine 17, 857, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29
    assert [tuple(round(x, 4) for x in wilson(*case)) for case in ((81, 263), (15, 148), (0, 20), (1, 29))] == [
        (0.2553, 0.3662),
        (0.0624, 0.1605),
        (0.0, 0.1611),
        (0.0061, 0.1718),
    ]
