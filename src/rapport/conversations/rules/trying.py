"""Trying a rule on what happened: the facts of the last days folded again in memory, and nothing written."""

from datetime import datetime, timedelta

import asyncpg
import msgspec

from rapport.conversations.playbooks.deeds import text_of
from rapport.conversations.rules.stage import Holds, event_of, fires
from rapport.ledger.entry import Entry
from rapport.ledger.fetch import fetch
from rapport.ledger.folding import fold
from rapport.ledger.keeping import let_go
from rapport.ledger.read import head_of, read_entries
from rapport.ledger.seal import Keys
from rapport.ledger.tables import read_where
from rapport.ledger.views import AllFolds, Rows
from rapport.model.centre import Thing
from rapport.model.conversation import Conversation
from rapport.model.fact import CentreRemoved, CentreSet
from rapport.model.playbook import Rule

WEEK = timedelta(days=7)
MOST = 20_000  # entries that are looked at, the latest
BATCH = 1_000
MOST_SHOWN = 50
_AT = "select at from entry where tenant = $1 and seq = $2"


class Hit(msgspec.Struct, frozen=True):
    """One time that the rule would have acted. `says`: what each of its deeds would have been, with its words."""

    at: datetime
    event: str
    conversation: bytes
    name: str
    says: tuple[tuple[str, str], ...]


class Trial(msgspec.Struct, frozen=True):
    """What a rule would have done. `events`: how often its event happened; `fired`: how often its condition held.

    `cut`: there was more in that time than was looked at. `conversations`: in how many it would have acted.
    """

    since: datetime
    looked_at: int
    events: int
    fired: int
    conversations: int
    cut: bool
    hits: tuple[Hit, ...] = ()


async def tried(
    db: asyncpg.Connection, keys: Keys, tenant: int, views: AllFolds, rule: Rule, holds: Holds, now: datetime
) -> Trial:
    """What `rule` would have done in the last week. The centre, and whoever was there before, are taken as they are now."""
    since = now - WEEK
    head = await head_of(db, tenant)
    first = await _first_after(db, tenant, since, head)
    start = max(first, head - MOST + 1)
    rows = Rows(now)
    for thing in await read_where(db, tenant, Thing, "true"):
        rows.hold(thing)
    hits: list[Hit] = []
    events = fired = 0
    done = start - 1
    touched: set[bytes] = set()
    while done < head and (entries := await read_entries(db, keys, tenant, done, BATCH)):
        await fetch(db, tenant, rows, entries, ())
        for entry in entries:
            if isinstance(entry.fact, CentreSet | CentreRemoved):
                continue
            fold(entry, rows, views)
            if event_of(entry.fact) not in rule.on:
                continue
            events += 1
            conversation = fires(rule, entry.fact, rows, holds)
            if conversation is not None:
                fired += 1
                touched.add(conversation.id)
                hits.append(_hit(entry, conversation, rule, rows))
        done = entries[-1].seq
        hits = hits[-MOST_SHOWN:]
        rows.take_changes()
        let_go(rows)
    return Trial(since, head - start + 1, events, fired, len(touched), first < start, tuple(reversed(hits)))


async def _first_after(db: asyncpg.Connection, tenant: int, since: datetime, head: int) -> int:
    """The number of the first entry that is not older than `since`: numbers have no gaps, and times rise with them."""
    low, high = 1, head + 1
    while low < high:
        middle = (low + high) // 2
        at = await db.fetchval(_AT, tenant, middle)
        low, high = (low, middle) if at is None or at >= since else (middle + 1, high)
    return low


def _hit(entry: Entry, conversation: Conversation, rule: Rule, rows: Rows) -> Hit:
    says = tuple((deed.do, text_of(deed, conversation, rows, {}) or deed.argument) for deed in rule.actions)
    return Hit(entry.at, event_of(entry.fact), conversation.id, conversation.name, says)
