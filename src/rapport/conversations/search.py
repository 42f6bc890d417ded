"""Finding every word that was said: messages, notes, names and subjects, in Spanish and in English, the newest first.

The search stands in the wall of the table (`migrations/0016_finding_wall.sql`): a transaction that sets app.search sees the
rows that match, and an index finds them. Weeks are looked at from the newest back, until there is enough.
"""

import re
from datetime import UTC, datetime, timedelta

import asyncpg
import msgspec

from rapport.ledger.tables import read_rows
from rapport.model.conversation import Conversation
from rapport.model.ids import Id
from rapport.model.message import Direction, Message

MOST_WORDS = 12  # of one question
SHORTEST_BEGINNING = 3  # letters from which the last word may be the beginning of one
DAY, WEEK, BLOCK = ("d", 86_400), ("w", 7 * 86_400), ("b", 56 * 86_400)  # the terms that say when, and how long each is
BACK = (DAY, DAY, DAY, WEEK, WEEK, BLOCK, BLOCK, BLOCK, BLOCK)  # what is looked at, one after the other; then all the rest
_ASKED = re.compile(r'(-?)"([^"]+)"|(-?)([^\s"]+)')
_HAS_LETTER = re.compile(r"[^\W_]")
# Each word in both languages, as an OR; null where either language says that it carries no meaning.
_TERMS = """select case when numnode(es) = 0 or numnode(en) = 0 then null else (es || en || so)::text end
 from (select n, phraseto_tsquery('pg_catalog.simple', folded(said)) as so,
 phraseto_tsquery('pg_catalog.spanish', folded(said)) as es, phraseto_tsquery('pg_catalog.english', folded(said)) as en
 from unnest($1::text[]) with ordinality as u(said, n)) as t order by n"""
_FIND = "select id, conversation, at from finding where (at, id) < ($1, $2) order by at desc, id desc limit $3"
# A table that was never analysed would be walked by its key: only the index of words is of use here.
_BEGIN = "select set_config('enable_indexscan', 'off', true), set_config('enable_seqscan', 'off', true)"
_END = "select set_config(name, 'on', true) from unnest(array['enable_indexscan', 'enable_seqscan']) as name"
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)
_LAST = (_LATEST, b"\xff" * 16)


class Asked(msgspec.Struct, frozen=True):
    """A question as it is understood. `words`: what is marked where it is found; `query` "": nothing to look for."""

    query: str
    words: tuple[str, ...] = ()


class Hit(msgspec.Struct, frozen=True):
    """A conversation that was found, and where: `message` None: in its name or subject."""

    conversation: Conversation
    at: datetime
    id: Id
    message: Message | None = None
    more: int = 0  # further places in it


class Answer(msgspec.Struct, frozen=True):
    """What was found, the newest first. `before`: give it back for what follows; None at the end."""

    hits: tuple[Hit, ...]
    words: tuple[str, ...] = ()
    before: tuple[datetime, Id] | None = None


async def understood(db: asyncpg.Connection, question: str) -> Asked:
    """What a question asks for: words, "phrases", -words that must not be there; the last word may be a beginning."""
    found = [(bool(m[1] or m[3]), m[2] or m[4]) for m in _ASKED.finditer(question.replace("\x00", " "))]
    found = [(without, said) for without, said in found if _HAS_LETTER.search(said)][:MOST_WORDS]
    if not found:
        return Asked("")
    terms = await db.fetch(_TERMS, [said for _, said in found])
    parts, words = [], []
    for n, ((without, said), (term,)) in enumerate(zip(found, terms, strict=True)):
        if term is None:
            continue
        is_last = n == len(found) - 1 and not question.endswith((" ", '"')) and re.fullmatch(r"[^\W_]+", said)
        if is_last and not without and len(said) >= SHORTEST_BEGINNING:
            term = f"{term} | {await db.fetchval('select quote_literal(folded($1))', said)}:*"
        parts.append(f"!({term})" if without else f"({term})")
        words += [] if without else [said]
    return Asked(" & ".join(parts), tuple(words)) if words else Asked("")


async def search(
    db: asyncpg.Connection,
    tenant: int,
    question: str,
    *,
    now: datetime,
    before: tuple[datetime, bytes] | None = None,
    limit: int = 30,
) -> Answer:
    """The conversations in which it is found, at most `limit`. `db`: a transaction within the tenant's wall."""
    asked = await understood(db, question)
    if not asked.query:
        return Answer(())
    places = await _places(db, tenant, asked.query, before or _LAST, now, limit * 4)
    first: dict[bytes, tuple[bytes, datetime]] = {}
    times: dict[bytes, int] = {}
    for id, conversation, at in places:
        if conversation not in first and len(first) == limit:
            break
        first.setdefault(conversation, (id, at))
        times[conversation] = times.get(conversation, 0) + 1
    seen = sum(times.values())
    rows = {row.id: row for row in await read_rows(db, tenant, Conversation, list(first))}
    said = {row.id: row for row in await read_rows(db, tenant, Message, [id for id, _ in first.values()])}
    hits = tuple(Hit(rows[c], at, id, said.get(id), times[c] - 1) for c, (id, at) in first.items() if c in rows)
    at_end = seen == len(places) < limit * 4
    return Answer(hits, asked.words, None if at_end or not places else (places[seen - 1][2], places[seen - 1][0]))


async def _places(
    db: asyncpg.Connection, tenant: int, query: str, before: tuple[datetime, bytes], now: datetime, limit: int
) -> list[tuple[bytes, bytes, datetime]]:
    """Where it is found, newest first: day by day, then in longer and longer spans, as long as there is not enough."""
    found: list[tuple[bytes, bytes, datetime]] = []
    await db.execute(_BEGIN)
    at, id = min(before, (now + timedelta(days=1), _LAST[1]))
    for letter, span in (*BACK, ("", 0)):
        bucket = int(at.timestamp() - 1e-6) // span if span else 0
        asked = f"t{tenant}{letter}{bucket} & {query}" if span else query
        await db.execute("select set_config('app.search', $1, true)", asked)
        rows = await db.fetch(_FIND, at, id, limit - len(found))
        found += [(row["id"], row["conversation"], row["at"]) for row in rows]
        if len(found) >= limit:
            break
        at, id = min((at, id), (datetime.fromtimestamp(bucket * span, UTC), bytes(16)))
    await db.execute("select set_config('app.search', '', true)")
    await db.execute(_END)
    return found


def is_note(hit: Hit) -> bool:
    """Whether it was found in a note."""
    return hit.message is not None and hit.message.direction is Direction.NOTE
