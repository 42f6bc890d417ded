"""Rounds over tenants: each is looked at, a failure keeps nobody waiting, and what is left is looked at soon."""

import asyncio
import contextlib

import pytest

from rapport.pipeline import rounds as module
from rapport.pipeline.rounds import rounds

pytestmark = pytest.mark.pure


async def run(look, tenants, monkeypatch, pauses: int) -> list[float]:
    """The pauses between rounds, until so many were made."""
    made: list[float] = []

    async def sleep(seconds: float) -> None:
        made.append(seconds)
        if len(made) == pauses:
            raise asyncio.CancelledError

    monkeypatch.setattr(module.asyncio, "sleep", sleep)
    with contextlib.suppress(asyncio.CancelledError):
        await rounds("looking", 7.0, tenants, look)
    return made


@pytest.mark.anyio
async def test_a_tenant_that_fails_keeps_no_other_waiting(monkeypatch):
    seen = []

    async def look(tenant: int) -> None:
        seen.append(tenant)
        if tenant == 1:
            raise ValueError("no such table")

    pauses = await run(look, lambda: [1, 2], monkeypatch, 2)

    assert (seen, pauses) == ([1, 2, 1, 2], [7.0, 7.0])


@pytest.mark.anyio
async def test_where_more_is_left_the_next_round_comes_soon(monkeypatch):
    left = [True, 3, False]

    async def look(tenant: int) -> object:
        return left.pop(0)

    pauses = await run(look, lambda: [1], monkeypatch, 3)

    assert pauses == [module.SOON, 7.0, 7.0]


@pytest.mark.anyio
async def test_tenants_are_asked_for_anew_each_round(monkeypatch):
    here, seen = [[1], [2]], []

    async def look(tenant: int) -> None:
        seen.append(tenant)

    await run(look, lambda: here.pop(0), monkeypatch, 2)

    assert seen == [1, 2]
