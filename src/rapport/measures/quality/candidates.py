"""Candidates: the work that ended in a period and may be reviewed, with the risks that it shows; and what seeds the draw."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import asyncpg

from rapport.measures.quality.drawing import Draw, Pick
from rapport.measures.quality.sampling import Candidate, digest_of, drawn, seed_of
from rapport.model.agent import Agent
from rapport.model.ids import show_id
from rapport.model.review import SamplingPlan

LONGEST_WORK = timedelta(days=31)  # an interaction that lasts longer is not drawn
# The last work of an agent on a conversation in the period. Who was erased has no name any more, and nothing to be read.
_WORK = """
select distinct on (i.conversation, i.agent) i.id, i.conversation, i.agent,
  c.emotion = 'anger' or c.moods ? 'anger' as angry,
  c.signals @> '[{"kind": "promise", "state": "late"}]' as late,
  c.reopened > 0 as reopened,
  exists (select from draft d where d.tenant = $1 and d.conversation = i.conversation and d.agent = i.agent
    and (d.state in ('returned', 'refused') or jsonb_path_exists(d.findings, '$[*] ? (@.action != "warn")'))) as held
from interaction i join conversation c on c.tenant = $1 and c.id = i.conversation and c.merged_into is null
join handle h on h.tenant = $1 and h.id = c.handle and h.name <> ''
where i.tenant = $1 and i.started_at >= $4 and i.started_at < $3 and i.ended_at >= $2 and i.ended_at < $3 and not i.bot
  and (cardinality($5::text[]) = 0 or c.channel = any($5)) and i.agent = any($6)
order by i.conversation, i.agent, i.ended_at desc, i.id"""
_LEAF = "select seq, leaf from entry where tenant = $1 and seq <= $2 order by seq desc limit 1"
SaidLow = Callable[[bytes], bool]


async def draw_of(
    db: asyncpg.Connection,
    tenant: int,
    plan: SamplingPlan,
    agents: Mapping[str, Agent],
    period: tuple[datetime, datetime],
    *,
    version: str,
    last: int,
    said_low: SaidLow,
) -> Draw:
    """What a plan draws of a period. `last`: the ledger's last entry before its end."""
    found = await candidates_of(db, tenant, plan, agents, period, said_low)
    row = await db.fetchrow(_LEAF, tenant, last)
    seq, leaf = (row["seq"], bytes(row["leaf"])) if row else (0, b"")
    seed = seed_of(plan.id, *period, leaf)
    picks = drawn(found, seed, each=plan.per_agent, risky=plan.risky, twice=plan.twice)
    return Draw(
        plan.id, version, *period, seq, seed.hex(), digest_of(found), len(found), len({one.agent for one in found}),
        tuple(
            Pick(show_id(p.candidate.conversation), p.candidate.agent, p.kind, 2 if p.twice else 1, p.candidate.why)
            for p in picks
        ),
    )  # fmt: skip


async def candidates_of(
    db: asyncpg.Connection,
    tenant: int,
    plan: SamplingPlan,
    agents: Mapping[str, Agent],
    period: tuple[datetime, datetime],
    said_low: SaidLow,
) -> list[Candidate]:
    """The work that may be drawn: of agents who are here and are no bots, in the plan's teams and channels."""
    names = [a.id for a in agents.values() if not a.bot and (not plan.teams or a.team in plan.teams)]
    starts, ends = period
    rows = await db.fetch(_WORK, tenant, starts, ends, starts - LONGEST_WORK, list(plan.channels), names)
    weights = plan.weights() if plan.risky else {}
    return [_candidate(row, weights, said_low) for row in rows]


def _candidate(row: asyncpg.Record, weights: Mapping[str, float], said_low: SaidLow) -> Candidate:
    shown = {
        "angry": row["angry"],
        "promise-late": row["late"],
        "held-by-checks": row["held"],
        "low-survey": "low-survey" in weights and said_low(row["conversation"]),
        "reopened": row["reopened"],
    }
    why = tuple(name for name in weights if shown[name])
    return Candidate(row["id"], row["conversation"], row["agent"], sum(weights[name] for name in why), why)
