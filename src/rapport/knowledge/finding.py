"""Finding articles: by words, by what somebody wants, in their language; each query within the tenant's wall.

A question is compared word by word as PostgreSQL's Spanish and English know them (`0018_knowledge.sql`): a title counts for
more than the text. What is suggested shares a known intent with the conversation, or two words, or one word with a title.
"""

from collections.abc import Sequence
from datetime import date, datetime

import asyncpg
import msgspec

from rapport.model.article import Article
from rapport.model.conversation import Conversation

MOST_LISTED = 200
LOOKED_AT = 24  # articles that are weighed word by word: the best by PostgreSQL's own rank
MOST_WORDS = 40  # of a conversation or a question that are looked for
_COLUMNS = "a.id, a.slug, a.language, a.title, a.audience, a.state, a.intents, a.review_by, a.at"
_SPEECH = """case {0} when 'es' then 'pg_catalog.spanish'::regconfig when 'en' then 'pg_catalog.english'::regconfig
 else 'pg_catalog.simple'::regconfig end"""
# Any of the words; null where none carries a meaning.
_ASKED = f"""asked as (select string_agg(quote_literal(w), ' | ')::tsquery as any_of, array_agg(w) as lexemes
 from (select w from unnest(tsvector_to_array(to_tsvector({_SPEECH.format("$2")}, folded($3)))) as w limit {MOST_WORDS}) u)"""
# Long terms are unpacked each time that they are looked at: so all are ranked once, and the best alone looked at word by word.
_SUGGEST = f"""with {_ASKED},
ranked as materialized (select a.id, $4 <> '' and $4 = any(a.intents) as meant,
  coalesce(ts_rank('{{0.05, 0.2, 0.6, 1}}', a.terms, q.any_of), 0) as rank from article a cross join asked q
  where a.tenant = $1 and a.language = $2 and a.state = 'published' and a.audience = any($5)),
best as materialized (select * from ranked where meant or rank > 0 order by meant desc, rank desc, id limit {LOOKED_AT}),
weighed as materialized (select {_COLUMNS}, b.meant, b.rank,
  array(select l from unnest(q.lexemes) as l where a.terms @@ quote_literal(l)::tsquery) as shared,
  exists (select from unnest(q.lexemes) as l where a.terms @@ (quote_literal(l) || ':AB')::tsquery) as named
  from best b join article a on a.tenant = $1 and a.id = b.id cross join asked q)
select id, slug, language, title, audience, state, intents, review_by, at, meant, shared, named from weighed
where meant or named or cardinality(shared) > 1
order by meant desc, cardinality(shared) * (case when named then 2 else 1 end) desc, rank desc, id limit $6"""
_SEARCH = f"""with said as (select
  phraseto_tsquery('pg_catalog.spanish', w) as es, phraseto_tsquery('pg_catalog.english', w) as en,
  phraseto_tsquery('pg_catalog.simple', w) as so from regexp_split_to_table(folded($2), '[^[:alnum:]]+') as w limit 12),
asked as (select string_agg('(' || (es || en || so)::text || ')', ' & ')::tsquery as q
  from said where numnode(es) > 0 and numnode(en) > 0)
select {_COLUMNS} from article a cross join asked
where a.tenant = $1 and a.audience = any($3) and a.state = any($4) and ($5 = '' or a.language = $5)
  and ($6 = '' or $6 = any(a.intents)) and ($2 = '' or a.terms @@ asked.q)
order by case when $2 = '' then 0 else ts_rank(a.terms, asked.q) end desc, a.title, a.id limit {MOST_LISTED}"""
_BODIES = "select id, body, at from thing where tenant = $1 and id = any($2)"
EVERYBODY = ("public",)
HOUSE = ("public", "agents")
STATES = ("published", "draft", "withdrawn")


class Listed(msgspec.Struct, frozen=True):
    """An article as a list shows it."""

    id: str
    slug: str
    language: str
    title: str
    audience: str
    state: str
    intents: tuple[str, ...]
    review_by: date | None
    at: datetime


class Suggested(msgspec.Struct, frozen=True):
    """An article that may help here, and why: it answers what is wanted, or `words` stand in it; `named`: in its title."""

    article: Listed
    meant: bool
    words: tuple[str, ...] = ()
    named: bool = False


class Kept(msgspec.Struct, frozen=True):
    """An article as it was last set."""

    article: Article
    at: datetime


def _listed(row: asyncpg.Record) -> Listed:
    return Listed(
        row["id"], row["slug"], row["language"], row["title"], row["audience"], row["state"], tuple(row["intents"]),
        row["review_by"], row["at"],
    )  # fmt: skip


async def suggest(
    db: asyncpg.Connection,
    tenant: int,
    said: str,
    *,
    language: str,
    intent: str = "",
    audience: Sequence[str] = EVERYBODY,
    most: int = 3,
) -> list[Suggested]:
    """The published articles that fit what was said, best first; those that answer its intent before all others."""
    rows = await db.fetch(_SUGGEST, tenant, language, said[:4000].replace("\x00", " "), intent, list(audience), most)
    return [Suggested(_listed(row), bool(row["meant"]), tuple(row["shared"] or ()), row["named"]) for row in rows]


async def suggested_for(
    db: asyncpg.Connection, tenant: int, conversation: Conversation, *, otherwise: str = "es", most: int = 3
) -> list[Suggested]:
    """What may help in a conversation, by what is wanted in it, its language (or `otherwise`) and its words."""
    said = " ".join((conversation.subject, *conversation.words))
    language = conversation.language or otherwise
    return await suggest(db, tenant, said, language=language, intent=conversation.intent, audience=HOUSE, most=most)


async def search_articles(
    db: asyncpg.Connection,
    tenant: int,
    question: str = "",
    *,
    audience: Sequence[str] = EVERYBODY,
    states: Sequence[str] = ("published",),
    language: str = "",
    intent: str = "",
) -> list[Listed]:
    """At most 200 articles with all these words, in either language, best first; without a question all, by title."""
    asked = question[:200].replace("\x00", " ").strip()
    rows = await db.fetch(_SEARCH, tenant, asked, list(audience), list(states), language, intent)
    return [_listed(row) for row in rows]


async def read_articles(db: asyncpg.Connection, tenant: int, ids: Sequence[str]) -> dict[str, Kept]:
    """Articles by their ids, as they stand; those that are there."""
    rows = await db.fetch(_BODIES, tenant, [f"article/{id}" for id in ids])
    return {kept.article.id: kept for row in rows for kept in [Kept(msgspec.json.decode(row["body"], type=Article), row["at"])]}


async def languages_of(db: asyncpg.Connection, tenant: int, slug: str, audience: Sequence[str] = EVERYBODY) -> list[str]:
    """The languages in which an article is published."""
    query = (
        "select language from article where tenant = $1 and slug = $2 and state = 'published' and audience = any($3) order by 1"
    )
    return [language for (language,) in await db.fetch(query, tenant, slug, list(audience))]
