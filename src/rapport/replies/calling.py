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
UNDER_WAY = timedelta(minutes=1)  # while a telling may still come back nobody else is told
AGAIN = timedelta(minutes=5)  # after which somebody who could not be told is tried again
MOST_TOLD = 3  # approvers for each tier
# Of those that wait any may come, so that many who can be told to nobody keep no other back.
_UNTOLD = """state = 'asked' and not exists (select 1 from approver_told t where t.tenant = $1 and t.draft = draft.id
  and (t.sent_at is not null or t.at > $3) and t.asked = left(draft.tier || ' ' || array_to_string(array(
    select jsonb_array_elements_text(coalesce(asks -> 'roles', '[]') || coalesce(asks -> 'teams', '[]')
      || coalesce(asks -> 'agents', '[]')) from (select draft.tiers -> draft.tier::int) as tiers(asks)), ' '), 200))
order by random() limit $2"""
_FAILING = "select draft, asked, agent from approver_told where tenant = $1 and draft = any($2::uuid[]) and at > $3"
_AROUND = """select t.body, coalesce(s.seen_at > $2, false) as here, coalesce(n.presence, 'offline') as presence,
coalesce(l.role, '') as role from thing t left join login l on l.tenant = t.tenant and 'agent/' || l.id = t.id
left join desk_setting s on s.tenant = t.tenant and 'agent/' || s.agent = t.id
left join agent_now n on n.tenant = t.tenant and 'agent/' || n.id = t.id
where t.tenant = $1 and t.id like 'agent/%' and l.disabled_at is null
and (s.seen_at > $2 or position('offers_to'::bytea in t.body) > 0)"""
_CLAIM = """insert into approver_told(tenant, draft, asked, agent, at) values ($1, $2, $3, $4, $5)
on conflict (draft, asked, agent, tenant) do update set at = excluded.at
where approver_told.sent_at is null and approver_told.at <= $6"""
_SENT = "update approver_told set sent_at = $5 where tenant = $1 and draft = $2 and asked = $3 and agent = $4"
_OLD = "delete from approver_told where tenant = $1 and at < $2"
_ORDER = (Presence.AVAILABLE, Presence.BUSY, Presence.AWAY)


class Called(msgspec.Struct, frozen=True):
    """An approver who is to be told of a draft; the link holds `until`. `asked`: the tier that is asked."""

    draft: Id
    conversation: Id
    agent: Agent
    until: datetime
    asked: str = ""


class Around(msgspec.Struct, frozen=True):
    """An agent who may be told, or who is at their desk (`here`). `role`: they log in with it; "": their own."""

    agent: Agent
    here: bool
    presence: Presence
    role: str = ""


async def claim_calls(db: asyncpg.Connection, tenant: int, now: datetime) -> list[Called]:
    """Whom to tell of what waits now: nobody of a tier of which somebody was told; who could not be, not for a while."""
    untold = await read_where(db, tenant, Draft, _UNTOLD, MOST_AT_ONCE, now - UNDER_WAY)
    if not untold:
        return []
    failing = {tuple(row) for row in await db.fetch(_FAILING, tenant, [draft.id for draft in untold], now - AGAIN)}
    around = await _around(db, tenant, now)
    found: list[Called] = []
    for draft in untold:
        asked = asked_by(draft)
        may = [one for one in around if one.here or (draft.id, asked, one.agent.id) not in failing]
        for one in chosen(draft, may, now):
            if (await db.execute(_CLAIM, tenant, draft.id, asked, one.id, now, now - AGAIN)).endswith(" 1"):
                found.append(Called(draft.id, draft.conversation, one, draft.until or now + HOLDS, asked))
    if found:
        await db.execute(_OLD, tenant, now - KEPT)
    return found


async def mark_told(db: asyncpg.Connection, tenant: int, one: Called, now: datetime) -> None:
    """Somebody was told: nobody else is, of this tier."""
    await db.execute(_SENT, tenant, one.draft, one.asked, one.agent.id, now)


def chosen(draft: Draft, around: Iterable[Around], now: datetime) -> list[Agent]:
    """Whom to tell of a draft: at most three, those who are available before the others; nobody where it can wait."""
    around = list(around)
    centre = Centre(Profile(), agents={one.agent.id: one.agent for one in around})
    may = [one for one in around if (one.role or one.agent.role) in APPROVERS and not unasked(draft, one.agent.id, centre)]
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
    for body, here, presence, role in await db.fetch(_AROUND, tenant, now - AT_DESK):
        agent = read_thing("agent", body)
        if isinstance(agent, Agent):
            found.append(Around(agent, here, Presence(presence), role))
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
