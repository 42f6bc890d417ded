"""What became of decisions: the patient ones of late, each with whether the conversation was resolved at first contact."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import msgspec

from rapport.errors import BadInput
from rapport.model.need import Explanation, Option

DAYS = 7.0  # within which the person may not come back, and which must have passed
MOST_DECISIONS = 50_000  # the newest
MOST_COUNTED = 20_000

# Resolved at first contact: that interaction ended the conversation for good, and its person opened no other soon after.
DECISIONS = """
select o.made_at, o.why, c.resolved_at is not distinct from i.ended_at and not exists (
         select from conversation n where n.tenant = o.tenant and n.person = c.person and n.id <> c.id
           and n.opened_at > i.started_at and n.opened_at <= i.ended_at + $3::interval) as good
  from offer o
  join interaction i on i.tenant = o.tenant and i.conversation = o.conversation
   and i.agent = o.agent and i.started_at = o.ended_at
  join conversation c on c.tenant = o.tenant and c.id = o.conversation
 where o.tenant = $1 and o.state = 'accepted' and not i.bot and i.ended_at <= $2
   and o.why ->> 'mode' = 'patient' and jsonb_array_length(coalesce(o.why -> 'options', '[]')) > 0
 order by o.made_at desc, o.id desc limit $4"""
SO_FAR = """
select count(*), count(*) filter (where over) from (
  select exists (select from interaction i where i.tenant = o.tenant and i.conversation = o.conversation and i.agent = o.agent
                 and i.started_at = o.ended_at and not i.bot and i.ended_at <= $2) as over
  from offer o where o.tenant = $1 and o.state = 'accepted' and (o.why ->> 'mode') = 'patient'
  order by o.made_at desc limit $3) as found"""
_explanation = msgspec.json.Decoder(Explanation)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision whose outcome is known. `options`: the one who was chosen, with `propensity`, then who else could have been.

    `version`: of the model that decided. `good`: resolved at first contact.
    """

    at: datetime
    options: tuple[Option, ...]
    propensity: float
    version: str
    good: bool


@dataclass(frozen=True, slots=True)
class SoFar:
    """The patient decisions on record, at most 20,000 of the newest, and those whose outcome is known by now."""

    decided: int
    known: int


async def outcomes_so_far(db: asyncpg.Connection, tenant: int, now: datetime, days: float = DAYS) -> SoFar:
    """What a model could be taught from today, without reading it."""
    return SoFar(*await db.fetchrow(SO_FAR, tenant, now - timedelta(days=days), MOST_COUNTED))


async def decisions_of(
    db: asyncpg.Connection, tenant: int, now: datetime, days: float = DAYS, most: int = MOST_DECISIONS
) -> list[Decided]:
    """The newest decisions whose interaction ended `days` or more before `now`, oldest first.

    Raises:
        BadInput: `days` is below 0, or far too many.
    """
    if not 0.0 <= days <= 3650.0:
        raise BadInput(f"days must be in [0, 3650], got {days:g}")
    span = timedelta(days=days)
    found = []
    for record in await db.fetch(DECISIONS, tenant, now - span, span, most):
        why = _explanation.decode(record["why"])
        found.append(Decided(record["made_at"], why.options, why.propensity, why.version, bool(record["good"])))
    return found[::-1]
