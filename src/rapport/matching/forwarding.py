"""Offers that go to their agent's own address: who waits for one, and the record that it was sent."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

import asyncpg
import msgspec

from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.model.fact import ActionDone, ActionRefused, ActionTaken, OfferForwarded
from rapport.model.ids import Id
from rapport.model.need import Offer

AT_DESK = timedelta(seconds=45)  # since their last sign of life a browser of theirs counts as open
# Who named an address is told as the index thing_reachable does: `offers_to` in the bytes of the agent.
_CLAIM = r"""with claimed as (insert into forwarded(tenant, offer)
  select o.tenant, o.id from thing t join offer o on o.tenant = $1 and o.state = 'open' and o.agent = substr(t.id, 7)
  where t.tenant = $1 and t.id >= 'agent/' and t.id < 'agent0' and position('\x6f66666572735f746f'::bytea in t.body) > 0
  and o.expires_at > $2
  and not exists (select from desk_setting s where s.tenant = $1 and s.agent = o.agent and s.seen_at > $3)
  and not exists (select from forwarded f where f.tenant = $1 and f.offer = o.id) on conflict do nothing returning offer)
select o.id, o.agent, o.conversation, o.expires_at from offer o join claimed on claimed.offer = o.id where o.tenant = $1"""
_SEEN = """insert into desk_setting(tenant, agent, seen_at) values ($1, $2, $3)
on conflict (tenant, agent) do update set seen_at = excluded.seen_at"""


class Waiting(msgspec.Struct, frozen=True):
    """An open offer whose agent is not at their desk."""

    offer: Id
    agent: str
    conversation: Id
    until: datetime


async def claim_forwards(db: asyncpg.Connection, tenant: int, now: datetime) -> list[Waiting]:
    """The open offers whose agents have no browser open and named an address of their own; each is given once."""
    rows = await db.fetch(_CLAIM, tenant, now, now - AT_DESK)
    return [Waiting(row["id"], row["agent"], row["conversation"], row["expires_at"]) for row in rows]


async def seen_at_desk(db: asyncpg.Connection, tenant: int, agent: str, at: datetime | None) -> None:
    """A browser of theirs is open now; None: it went."""
    await db.execute(_SEEN, tenant, agent, at)


def _forwarded(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    offer = rows.get(Offer, fact.offer)
    if offer is None:
        yield follows(entry, ActionRefused(fact.action, "There is no such offer."), subject=fact.action, at=rows.now)
        return
    sent = OfferForwarded(offer.id, offer.conversation, offer.agent, fact.argument[:80])
    yield follows(entry, sent, subject=offer.conversation, at=rows.now)
    yield follows(entry, ActionDone(fact.action, offer.id), subject=offer.conversation, at=rows.now)


ACTIONS: Mapping[str, Callable[[Written, ActionTaken, Rows], Iterable[New]]] = {"forward_offer": _forwarded}
