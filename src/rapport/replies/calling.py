"""Approvers who are not at their desk: who is told of a draft at their own address, and the record that it was sent.

Nobody is called while somebody who may decide is at their desk, for `PATIENCE`; who is offline is never called.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import asyncpg
import msgspec

from rapport.ledger.entry import New, follows
from rapport.ledger.tables import read_where
from rapport.ledger.views import Rows, Written
from rapport.model.agent import Agent, Presence
from rapport.model.centre import Centre, Profile, read_thing
from rapport.model.fact import ActionTaken, ApproverTold
from rapport.model.ids import Id
from rapport.model.reply import Draft, DraftState
from rapport.replies.approval import APPROVERS, tier_of, unasked
from rapport.replies.leaving import done, refused

AT_DESK = timedelta(seconds=45)  # since their last sign of life a browser of theirs counts as open
PATIENCE = timedelta(minutes=2)  # for whoever is at their desk
HOLDS = timedelta(hours=8)  # a link, where the tier has no end of its own
KEPT = timedelta(days=30)
MOST_AT_ONCE = 50  # drafts
MOST_TOLD = 3  # approvers for each tier
_TOLD = "select draft, asked, count(*) from approver_told where tenant = $1 and draft = any($2::uuid[]) group by 1, 2"
_AROUND = """select t.body, coalesce(s.seen_at > $2, false) as here, coalesce(n.presence, 'offline') as presence from thing t
left join desk_setting s on s.tenant = t.tenant and 'agent/' || s.agent = t.id
left join agent_now n on n.tenant = t.tenant and 'agent/' || n.id = t.id
where t.tenant = $1 and t.id like 'agent/%' and (s.seen_at > $2 or position('offers_to'::bytea in t.body) > 0)"""
_CLAIM = "insert into approver_told(tenant, draft, asked, agent, at) values ($1, $2, $3, $4, $5) on conflict do nothing"
_OLD = "delete from approver_told where tenant = $1 and at < $2"
_ORDER = (Presence.AVAILABLE, Presence.BUSY, Presence.AWAY)


class Called(msgspec.Struct, frozen=True):
    """An approver who is to be told of a draft; the link holds `until`."""

    draft: Id
    conversation: Id
    agent: Agent
    until: datetime


class Around(msgspec.Struct, frozen=True):
    """An agent who may be told, or who is at their desk (`here`)."""

    agent: Agent
    here: bool
    presence: Presence


async def claim_calls(db: asyncpg.Connection, tenant: int, now: datetime) -> list[Called]:
    """Whom to tell of what waits now; each approver is given once for each tier of a draft."""
    drafts = await read_where(db, tenant, Draft, "state = 'asked' order by at, id limit $2", MOST_AT_ONCE)
    if not drafts:
        return []
    told = {(row[0], row[1]): row[2] for row in await db.fetch(_TOLD, tenant, [draft.id for draft in drafts])}
    untold = [draft for draft in drafts if not told.get((draft.id, asked_by(draft)))]
    around = await _around(db, tenant, now) if untold else []
    found: list[Called] = []
    for draft in untold:
        for one in chosen(draft, around, now):
            if (await db.execute(_CLAIM, tenant, draft.id, asked_by(draft), one.id, now)).endswith(" 1"):
                found.append(Called(draft.id, draft.conversation, one, draft.until or now + HOLDS))
    if found:
        await db.execute(_OLD, tenant, now - KEPT)
    return found


def chosen(draft: Draft, around: Iterable[Around], now: datetime) -> list[Agent]:
    """Whom to tell of a draft: at most three, those who are available before the others; nobody where it can wait."""
    around = list(around)
    centre = Centre(Profile(), agents={one.agent.id: one.agent for one in around})
    may = [one for one in around if one.agent.role in APPROVERS and not unasked(draft, one.agent.id, centre)]
    asked_at = max((draft.at, *(seen.at for seen in draft.seen)))
    if any(one.here for one in may) and now < asked_at + PATIENCE:
        return []
    away = [one for one in may if not one.here and one.presence in _ORDER and one.agent.attributes.get("offers_to")]
    away.sort(key=lambda one: (_ORDER.index(one.presence), one.agent.id))
    return [one.agent for one in away[:MOST_TOLD]]


def asked_by(draft: Draft) -> str:
    """What tells a tier that is asked from the others of its draft."""
    tier = tier_of(draft)
    return f"{draft.tier} {' '.join((*tier.roles, *tier.teams, *tier.agents))}"[:200]


async def _around(db: asyncpg.Connection, tenant: int, now: datetime) -> list[Around]:
    found = []
    for body, here, presence in await db.fetch(_AROUND, tenant, now - AT_DESK):
        agent = read_thing("agent", body)
        if isinstance(agent, Agent):
            found.append(Around(agent, here, Presence(presence)))
    return found


def tell_approver(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """Keep on record that an approver was told."""
    draft = rows.get(Draft, fact.draft)
    if draft is None or draft.state is not DraftState.ASKED:
        yield refused(entry, fact, rows, "No reply waits for approval here.")
        return
    told = ApproverTold(draft.id, draft.conversation, fact.agent, fact.argument[:80])
    yield follows(entry, told, subject=draft.conversation, at=rows.now)
    yield done(entry, fact, rows, draft.id)
