"""Store: transactions that end well or are undone, and refusals in one line."""

import asyncio
import socket
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg
import pytest

from rapport.errors import StoreError
from rapport.store.connecting import where
from rapport.store.pool import Store

pytestmark = pytest.mark.anyio

ID = bytes(range(16))


async def names(store, tenant):
    async with store.within(tenant, readonly=True) as db:
        return [name for (name,) in await db.fetch("select name from secret where tenant = $1 order by name", tenant)]


async def write(db, tenant, name):
    await db.execute("insert into secret(tenant, name, sealed) values ($1, $2, 'x')", tenant, name)


async def test_what_was_written_within_is_there_afterwards(store, tenant):
    async with store.within(tenant) as db:
        await write(db, tenant, "one")

    assert await names(store, tenant) == ["one"]


async def test_an_error_undoes_the_transaction_and_frees_the_connection(store, tenant):
    async def fail():
        async with store.within(tenant) as db:
            await write(db, tenant, "one")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    assert await names(store, tenant) == []


async def test_a_task_that_is_cancelled_leaves_nothing(store, tenant):
    async def linger():
        async with store.within(tenant) as db:
            await write(db, tenant, "one")
            await db.execute("select pg_sleep(30)")

    task = asyncio.create_task(linger())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await names(store, tenant) == []


async def test_a_reader_cannot_write(store, tenant):
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with store.within(tenant, readonly=True) as db:
            await write(db, tenant, "one")


async def test_a_statement_that_takes_too_long_is_ended(store, tenant):
    with pytest.raises(asyncpg.QueryCanceledError):
        async with store.within(tenant, at_most=timedelta(milliseconds=20)) as db:
            await db.execute("select pg_sleep(5)")


async def test_an_id_is_sixteen_bytes_both_ways(store, tenant):
    async with store.within(tenant) as db:
        one, many = await db.fetchrow("select $1::uuid, $2::uuid[]", ID, [ID, bytes(16)])

    assert (one, many) == (ID, [ID, bytes(16)])


async def test_a_connection_of_ones_own_has_the_plan_mode_it_asked_for(store, tenant):
    db = await store.connect(tenant, plan_cache_mode="force_custom_plan")

    assert await db.fetchval("show plan_cache_mode") == "force_custom_plan"
    await db.close()


async def test_more_tasks_than_connections_take_turns(store, tenant):
    async def one(number):
        async with store.within(tenant) as db:
            await write(db, tenant, f"{number:02}")

    await asyncio.gather(*map(one, range(20)))

    assert len(await names(store, tenant)) == 20


@pytest.fixture
def silent_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


async def test_a_database_that_cannot_be_reached_is_named_without_its_password(silent_port):
    with pytest.raises(
        StoreError, match=rf"the database at 127.0.0.1:{silent_port}/x cannot be reached: .*; start it"
    ) as refused:
        await Store.open(f"postgresql://me:hunter2@127.0.0.1:{silent_port}/x")

    assert "hunter2" not in str(refused.value)
    assert "\n" not in str(refused.value)


def _told(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4, "big") + body


@asynccontextmanager
async def a_server_of(version: bytes):
    """What answers as PostgreSQL of a version does until somebody is let in (docs of its protocol, version 3.0); its port."""
    hello = b"".join(
        (
            _told(b"R", bytes(4)),
            _told(b"S", b"server_version\0" + version + b"\0"),
            _told(b"K", bytes(8)),
            _told(b"Z", b"I"),
        )
    )

    async def answer(reader, writer):
        size = int.from_bytes(await reader.readexactly(4), "big")
        if size == 8:  # may we speak TLS?
            await reader.readexactly(4)
            writer.write(b"N")
            size = int.from_bytes(await reader.readexactly(4), "big")
        await reader.readexactly(size - 4)
        writer.write(hello)
        await reader.read(1)  # goodbye
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def test_a_database_that_is_too_old_is_refused_with_its_version_and_the_one_that_is_needed():
    async with a_server_of(b"14.18") as port:
        with pytest.raises(StoreError, match=rf"the database at 127.0.0.1:{port}/x is PostgreSQL 14: 15 or newer is needed"):
            await Store.open(f"postgresql://me:pw@127.0.0.1:{port}/x")


@pytest.mark.parametrize("url", ["http://example.com/x", "nonsense", "postgresql://u:hunter2@[broken/x"])
async def test_an_address_that_is_none_is_refused_without_showing_it(url):
    with pytest.raises(StoreError) as refused:
        await Store.open(url)

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:pw@db.example:5433/desk", "db.example:5433/desk"),
        ("postgresql://rapport@/postgres?host=%2Frun%2Fx", "/run/x/postgres"),
    ],
)
async def test_an_address_is_shown_without_who_and_password(url, shown):
    assert where(url) == shown
