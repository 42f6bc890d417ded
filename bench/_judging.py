"""What the fault bench finds: what was told and asked, against what is on record and what the provider has.

lost: messages that were taken in (answered with 202, or written to the file) and are not on record, and replies that somebody
asked for that are neither at the provider nor flagged. doubled: messages on record twice, replies at the provider or in the
outbox twice. unknown: share of the replies that wait for a person to look. unflagged: replies of which the record says what is
not so, or whose end is not known and nobody is told. unsettled: what had not come to its end when time was up.
"""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import asyncpg

TENANT = 1
FLAGGED = ("unknown", "refused")
HEARD = "select source_id from entry where tenant = $1 and source = 'in:provider'"
ROWS = "select text, state from outgoing where tenant = $1"
COUNTS = """select
 (select count(distinct source_id) from entry where tenant = $1 and source = 'in:provider') as keys,
 (select count(*) from message where tenant = $1 and direction = 'in' and standing = 'held') as held,
 (select count(*) from message where tenant = $1 and direction = 'in' and conversation is not null) as open,
 (select count(*) from outgoing where tenant = $1) as replies,
 (select count(*) from outgoing where tenant = $1 and state = 'queued') as queued,
 (select count(*) from entry where tenant = $1 and kind < 32
  and seq > (select seq from cursor where tenant = $1 and name = 'pipeline')) as behind"""


class Told(Protocol):
    """What the bench did: keys that are surely in, replies asked for (action and text, by key), kills by name."""

    folder: Path
    told: set[str]
    asked: dict[str, tuple[bytes, str]]
    killed: Counter[str]
    again: int
    is_small: bool


@dataclass(frozen=True, slots=True)
class Record:
    """What is on record: keys of messages, text and state of each outgoing part, counts."""

    heard: list[str]
    rows: list[tuple[str, str]]
    counts: dict[str, int]
    refused: set[bytes]  # actions that had no effect


async def on_record(db: asyncpg.Connection, told: Told) -> Record:
    """Read it."""
    actions = [action for action, _ in told.asked.values()]
    refused = await db.fetch("select id from outcome where tenant = $1 and not ok and id = any($2::uuid[])", TENANT, actions)
    return Record(
        [key for (key,) in await db.fetch(HEARD, TENANT)],
        [(text, state) for text, state in await db.fetch(ROWS, TENANT)],
        dict(await db.fetchrow(COUNTS, TENANT)),
        {bytes(id) for (id,) in refused},
    )


def judged(record: Record, told: Told) -> dict[str, Any]:
    """The figures."""
    accepted = [json.loads(line) for line in (told.folder / "provider.jsonl").read_text().splitlines()]
    there = Counter(one["text"] for one in accepted)
    state = dict(record.rows)
    asked = {text for action, text in told.asked.values() if action not in record.refused}
    pending = {text for text in asked if state.get(text) == "queued" or (text not in state and record.counts["behind"])}
    lost = [text for text in asked - pending if text not in there and state.get(text) not in FLAGGED]
    wrong = [text for text in there if state.get(text) not in ("sent", "unknown", "queued")]
    heard = set(record.heard)
    moods = Counter(one["mood"] for one in accepted)
    return {
        "lost": len(told.told - heard) + len(lost),
        "doubled": len(record.heard) - len(heard) + sum(there.values()) - len(there) + len(record.rows) - len(state),
        "unknown": round(sum(how == "unknown" for how in state.values()) / max(1, len(state)), 5),
        "unflagged": len(wrong) + (0 if told.is_small else len(pending)),
        "unsettled": len(pending),
        "kills": sum(told.killed.values()),
        **{f"kills_{name}": n for name, n in sorted(told.killed.items())},
        "messages": len(heard),
        "duplicates": told.again,
        "held": record.counts["held"],
        "replies": len(state),
        "replies_refused": len(record.refused),
        "acknowledgements_lost": sum(n for mood, n in moods.items() if mood != "taken"),
    }
