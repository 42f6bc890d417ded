"""Offers whose agents have no browser open: who of them has an address of their own is told, once."""

from datetime import timedelta

import msgspec
import pytest

from rapport.ledger.tables import write_rows
from rapport.matching.forwarding import claim_forwards, seen_at_desk
from rapport.model.agent import Agent
from rapport.model.centre import Thing
from rapport.model.need import Explanation, Offer
from stagework import START as NOW, an_id

pytestmark = pytest.mark.anyio

REACHABLE = {"offers_to": "sms:+525512345678"}


def an_offer(agent: str, *, until: float = 30.0) -> Offer:
    return Offer(
        an_id(f"offer to {agent}"),
        an_id(f"of {agent}"),
        agent,
        "social",
        NOW,
        NOW + timedelta(seconds=until),
        why=Explanation(),
    )


async def test_who_named_an_address_and_is_not_at_their_desk_is_told_once(store, tenant):
    agents = (
        Agent("ana", attributes=REACHABLE),
        Agent("bob"),
        Agent("eva", attributes=REACHABLE),
        Agent("sue", attributes=REACHABLE),
    )
    things = [Thing(f"agent/{agent.id}", msgspec.json.encode(agent), NOW) for agent in agents]
    offers = [an_offer("ana"), an_offer("bob"), an_offer("eva"), an_offer("sue", until=-1.0)]
    async with store.within(tenant) as db:
        await write_rows(db, tenant, {Thing: {t.id: t for t in things}, Offer: {o.id: o for o in offers}})
        await seen_at_desk(db, tenant, "eva", NOW)

        assert [one.agent for one in await claim_forwards(db, tenant, NOW)] == ["ana"]
        assert await claim_forwards(db, tenant, NOW) == []
