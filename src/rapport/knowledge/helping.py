"""Whether articles helped: of those who opened one in the chat, how many wrote again about the same issue.

Counted are first openings by people whom we can recognise, whose days to come back are over. Whoever reads the public page
leaves no trace and is in no figure but the judgements. A message counts as the same issue where its intent is one that the
article answers, where nobody knows its intent, and always where the article names no intent: the figure never flatters.
"""

from datetime import datetime, timedelta

import asyncpg
import msgspec

from rapport.model.share import wilson

FEWEST = 20  # cases below which a share says nothing
DAYS = timedelta(days=3)  # in which somebody comes back
BACK = timedelta(days=90)  # that are looked at
_HELPED = """with opened as (
  select distinct on (o.article, h.person) o.article, h.person, o.at
  from help_opening o join handle h on h.id = o.handle and h.tenant = o.tenant
  where o.tenant = $1 and o.at >= $2 and o.at < $3 and h.person is not null order by o.article, h.person, o.at),
ended as (select o.article, o.at < $4 as over, exists (
    select from conversation c join message m on m.conversation = c.id and m.tenant = c.tenant
    where c.tenant = $1 and c.person = o.person and m.direction = 'in' and m.at > o.at and m.at <= o.at + $5
      and (a.intents is null or a.intents = '{}' or m.intent = '' or m.intent = any(a.intents))) as again
  from opened o left join article a on a.tenant = $1 and a.id = o.article)
select article, count(*) filter (where over) as over, count(*) filter (where over and again) as again,
  count(*) filter (where not over) as waiting from ended group by article"""
_JUDGED = """select article, count(*) filter (where helped), count(*) filter (where not helped) from help_judgement
where tenant = $1 and at >= $2 group by article"""
_USED = "select article, count(*) from article_use where tenant = $1 and at >= $2 group by article"


class Helped(msgspec.Struct, frozen=True):
    """What became of one article in ninety days. `read`: first openings whose days are over; `again`: who wrote again.

    `share`: who did not write again, of those who read it, within `low` and `high`; None: too few to say.
    """

    article: str
    read: int = 0
    again: int = 0
    waiting: int = 0
    yes: int = 0
    no: int = 0
    used: int = 0
    share: float | None = None
    low: float = 0.0
    high: float = 1.0


async def helped(db: asyncpg.Connection, tenant: int, now: datetime) -> list[Helped]:
    """Every article that was opened, judged or used, those that were read most first."""
    since = now - BACK
    read = {row["article"]: row for row in await db.fetch(_HELPED, tenant, since, now, now - DAYS, DAYS)}
    judged = {article: (yes, no) for article, yes, no in await db.fetch(_JUDGED, tenant, since)}
    used: dict[str, int] = dict(await db.fetch(_USED, tenant, since))
    found = []
    for name in sorted({*read, *judged, *used}):
        row = read.get(name)
        cases, again = (row["over"], row["again"]) if row else (0, 0)
        low, high = wilson(cases - again, cases)
        share = (cases - again) / cases if cases >= FEWEST else None
        yes, no = judged.get(name, (0, 0))
        waiting = row["waiting"] if row else 0
        found.append(Helped(name, cases, again, waiting, yes, no, used.get(name, 0), share, low, high))
    return sorted(found, key=lambda one: (-one.read, -(one.yes + one.no), -one.used, one.article))
