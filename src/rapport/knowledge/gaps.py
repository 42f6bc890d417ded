"""What is missing: what people asked in four weeks for which no article is published in their language, or none that helps."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import asyncpg
import msgspec

from rapport.knowledge.helping import Helped

BACK = timedelta(days=28)
MOST = 30  # gaps
EXAMPLES = 3
FEW_SAY_NO = 3  # judgements from which more of "no" than of "yes" is a gap
# Conversations by what was wanted in which language, with the articles for it; examples are what each began with.
_ASKED = """select c.intent, c.language, count(*) as asked, array_agg(c.id order by c.opened_at desc) as those,
  array(select a.id from article a where a.tenant = $1 and a.language = c.language and a.state = 'published'
    and c.intent <> '' and c.intent = any(a.intents) order by a.id) as articles
from conversation c where c.tenant = $1 and c.opened_at >= $2 and c.language <> '' and c.merged_into is null
group by c.intent, c.language order by asked desc, c.intent, c.language"""
_BEGAN = """select distinct on (m.conversation) m.conversation, m.text, m.author from message m
where m.tenant = $1 and m.conversation = any($2) and m.direction = 'in' and m.text <> '' order by m.conversation, m.at"""


class Example(msgspec.Struct, frozen=True):
    """How somebody asked. The text as it was written: mask it before it is shown."""

    text: str
    author: str


class Gap(msgspec.Struct, frozen=True):
    """Something that was asked `asked` times. `intent` "": nobody could tell what; `articles`: those that do not help."""

    intent: str
    language: str
    asked: int
    articles: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()


def does_not_help(one: Helped) -> bool:
    """Whether readers say more often that it did not help, or of enough of them surely more than half wrote again."""
    said_no = one.yes + one.no >= FEW_SAY_NO and one.no > one.yes
    return said_no or (one.share is not None and one.high < 0.5)


async def gaps(db: asyncpg.Connection, tenant: int, now: datetime, became: Mapping[str, Helped]) -> list[Gap]:
    """What was asked most for which nothing helps, with examples; `became`: what became of each article."""
    rows = []
    for row in await db.fetch(_ASKED, tenant, now - BACK):
        if all(name in became and does_not_help(became[name]) for name in row["articles"]):
            rows.append(row)
    rows = rows[:MOST]
    first = {id for row in rows for id in row["those"][:EXAMPLES]}
    began = {id: Example(text, author) for id, text, author in await db.fetch(_BEGAN, tenant, list(first))}
    return [
        Gap(
            row["intent"], row["language"], row["asked"], tuple(row["articles"]),
            tuple(began[id] for id in row["those"][:EXAMPLES] if id in began),
        )
        for row in rows
    ]  # fmt: skip
