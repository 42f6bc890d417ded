"""What is kept beside the centre stands behind the same walls as all else."""

from datetime import UTC, datetime

import asyncpg
import pytest

from rapport.errors import BadInput, NotFound
from rapport.web.taskrouter.kept import all_of, changed, find, keep, named, new_kept

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 3, 3, 16, tzinfo=UTC)


def a_queue(name="all"):
    return new_kept("queue", f"WS{'1' * 32}", name, {"target_workers": "1==1"}, NOW)


async def test_what_is_kept_is_found_and_counts_its_changes(store, tenant):
    queue = a_queue()
    async with store.within(tenant) as db:
        await keep(db, tenant, queue)
        await keep(db, tenant, changed(queue, NOW, target_workers="level > 2"))

        found = await find(db, tenant, queue.workspace, "queue", queue.sid)

    assert (found.says, found.version) == ({"target_workers": "level > 2"}, 1)


async def test_a_name_is_given_once_in_a_workspace(store, tenant):
    async with store.within(tenant) as db:
        await keep(db, tenant, a_queue())

    with pytest.raises(BadInput, match="FriendlyName 'all'"):
        async with store.within(tenant) as db:
            await keep(db, tenant, a_queue())


async def test_another_tenant_finds_nothing(store, new_tenant):
    one, other = await new_tenant(), await new_tenant()
    queue = a_queue()
    async with store.within(one) as db:
        await keep(db, one, queue)

    async with store.within(other) as db:
        assert await all_of(db, one, queue.workspace, "queue") == []
        assert await named(db, one, queue.workspace, "queue", "all") is None
        with pytest.raises(NotFound):
            await find(db, one, queue.workspace, "queue", queue.sid)


async def test_another_tenant_writes_nothing(store, new_tenant):
    one, other = await new_tenant(), await new_tenant()

    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        async with store.within(other) as db:
            await keep(db, one, a_queue())
