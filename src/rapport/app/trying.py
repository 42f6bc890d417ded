"""Trying a rule on the last week's record, handed to the web as a function."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from rapport.app.house import House
from rapport.app.stages import VIEWS
from rapport.conversations.rules.trying import Trial, tried
from rapport.matching.conditions import holds
from rapport.model.playbook import Rule


def trying(house: House) -> Callable[[int, Rule], Awaitable[Any]]:  # Any: Trial; the web names no stage's types
    """What tries a rule of a tenant; one at a time, as each goes through thousands of entries."""
    turn = asyncio.Lock()

    async def try_rule(tenant: int, rule: Rule) -> Trial:
        async with turn, house.store.within(tenant, readonly=True) as db:
            return await tried(db, house.keys, tenant, VIEWS, rule, holds, house.clock.now())

    return try_rule
