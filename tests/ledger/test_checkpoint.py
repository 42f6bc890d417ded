"""Checkpoints: the tree grows once, whoever asks for it at the same moment."""

import asyncio

import pytest

from ledger.ledgerwork import ACCOUNT, NOW, an_incoming, an_intake
from rapport.ledger.checkpoint import grow
from rapport.ledger.seal import Keys
from rapport.model.message import ChannelKind

pytestmark = pytest.mark.anyio
KEYS = b"v" * 32


async def test_of_two_who_let_the_tree_grow_at_once_one_finds_nothing_new(store, tenant):
    async with an_intake(store, Keys(KEYS)) as intake:
        await intake.hear(tenant, ACCOUNT, ChannelKind.SOCIAL, [an_incoming(f"k{n}", text=f"number {n}") for n in range(5)])

    async def grown():
        async with store.within(tenant) as db:
            found = await grow(db, Keys(KEYS), tenant, NOW)
            await asyncio.sleep(0.1)
            return found

    both = await asyncio.gather(grown(), grown())

    assert sorted(made.size if made else 0 for made in both) == [0, 5]
