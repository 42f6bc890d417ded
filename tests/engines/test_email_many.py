"""Fifty mailboxes on Dovecot, read at once by one worker: one that hangs, one that creeps, one full of poison, one locked."""

import asyncio
import contextlib
import json
import smtplib
import time
import uuid

import anyio
import pytest

from contracts.channel import eventually
from rapport.app.house import open_house
from rapport.app.rehearsing import fresh_tenant
from rapport.app.stages import advance_of, loops
from rapport.clock import SystemClock
from rapport.model.fact import MessageReceived, MessageUnreadable
from rapport.settings import Settings

pytestmark = pytest.mark.anyio
COUNT, EACH = 50, 3
HANGS, CREEPS, POISON, LOCKED = 0, 1, 2, 3
GOOD = range(4, COUNT)
AT_MOST = 25.0  # seconds; who waited for the one that hangs would wait for thirty
ON_RECORD = "select source, count(*), count(distinct source_id) from entry where tenant = $1 and kind = any($2) group by source"
MARK = uuid.uuid4().hex[:8]


def address(n):
    return f"box{n}-{MARK}@acme.test"


def poison():
    """Mails that want two seconds, all memory or the end of the reader."""
    nested = "".join(f'--{n}\r\nContent-Type: multipart/mixed; boundary="{n + 1}"\r\n\r\n' for n in range(90))
    head = "From: mal@example.org\r\nSubject: {}\r\nContent-Type: {}\r\n\r\n"
    yield (head.format("nested", 'multipart/mixed; boundary="0"') + nested).encode()
    yield head.format("deep", "text/html").encode() + b"<div>" * 50_000
    for n in range(4):
        yield head.format(f"long {n}", "text/html").encode() + b"<a <b> \xe1\xe9 &aacute;</i>\r\n" * 280_000
    yield head.format("after all", "text/plain").encode() + b"y este se lee"


def post(mail, n, mails):
    with smtplib.SMTP(mail.host, mail.smtp_port) as line:
        for raw in mails:
            line.sendmail("ana@example.org", [address(n)], raw)


def a_mail(n, text):
    return f"From: Ana <ana@example.org>\r\nMessage-ID: <{n}-{uuid.uuid4().hex}@example.org>\r\n\r\n{text}\r\n".encode()


def an_account(mail, n, port):
    settings = {
        "address": address(n),
        "imap_host": mail.host,
        "imap_port": str(port),
        "imap_security": "none",
        "smtp_host": mail.host,
        "smtp_port": str(mail.smtp_port),
        "smtp_security": "none",
        "password": "wrong" if n == LOCKED else "secret:password",
    }
    id = f"box{n}"
    return "account", id, json.dumps({"id": id, "channel": "email", "settings": settings}).encode()


@contextlib.asynccontextmanager
async def proxy(relay):
    """A port before Dovecot that treats each connection as `relay` says."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, relay)
        yield listener.extra(anyio.abc.SocketAttribute.local_port)
        tasks.cancel_scope.cancel()


async def hang(client):
    async with client:
        await anyio.sleep_forever()


def creep(behind):
    async def relay(client):
        async with client, await anyio.connect_tcp("127.0.0.1", behind) as server, anyio.create_task_group() as tasks:

            async def up():
                async for data in client:
                    await server.send(data)

            tasks.start_soon(up)
            with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                async for data in server:
                    for start in range(0, len(data), 40):
                        await anyio.sleep(0.05)
                        await client.send(data[start : start + 40])

    return relay


@pytest.fixture
async def house(database_url):
    """A house whose loops run, and one tenant of it."""
    house = await open_house(Settings(), database_url, bytes(32), SystemClock(), pool=6)
    tenant = await fresh_tenant(house, "fifty mailboxes")
    advance = advance_of(house, f"engine test {tenant}")
    hear, _ = loops(house, lambda: [tenant])
    await house.secrets.put(tenant, "password", "secret")
    yield house, tenant, hear
    await house.end_loops()
    await advance.aclose()
    await house.aclose()


async def test_fifty_mailboxes_are_read_at_once_and_none_waits_for_another(house, mail, capsys):
    house, tenant, hear = house
    for n in range(COUNT):
        mails = [a_mail(n, f"hola {i}") for i in range(EACH)] if n != POISON else list(poison())
        await anyio.to_thread.run_sync(post, mail, n, mails)

    async def counts():
        async with house.within(tenant) as db:
            kinds = [MessageReceived.number, MessageUnreadable.number]
            return {source: (rows, keys) for source, rows, keys in await db.fetch(ON_RECORD, tenant, kinds)}

    async def until(wanted, numbers, seconds):
        """When each of these mailboxes had so many mails on record, in seconds; those that never had are missing."""
        seen, began = {}, time.monotonic()
        while len(seen) < len(numbers) and time.monotonic() - began < seconds:
            found = await counts()
            for n in numbers:
                if n not in seen and found.get(f"in:box{n}", (0, 0))[1] >= wanted:
                    seen[n] = time.monotonic() - began
            await asyncio.sleep(0.1)
        return seen

    async with proxy(hang) as hanging, proxy(creep(mail.imap_port)) as creeping:
        ports = {HANGS: hanging, CREEPS: creeping}
        await house.intake.set_things(tenant, [an_account(mail, n, ports.get(n, mail.imap_port)) for n in range(COUNT)])
        await anyio.sleep(1.0)
        await settled(house, tenant)
        house.start(hear.run(0.5))
        first = await until(EACH, GOOD, AT_MOST)
        for n in GOOD:
            await anyio.to_thread.run_sync(post, mail, n, [a_mail(n, "otra vez")])
        live = await until(EACH + 1, GOOD, AT_MOST)
        crept = await until(EACH, [CREEPS], 60.0)
        poisoned = await until(len(list(poison())), [POISON], 60.0)
        found = await counts()

    with capsys.disabled():
        print(f"\n50 mailboxes, the {len(GOOD)} good ones: all read after {told(first)}; a further mail {told(live)}")
    assert sorted(first) == sorted(live) == list(GOOD)
    assert CREEPS in crept
    assert POISON in poisoned
    assert f"in:box{HANGS}" not in found
    assert f"in:box{LOCKED}" not in found
    assert all(rows == keys for rows, keys in found.values())


def told(seconds):
    ordered = sorted(seconds.values())
    return f"{ordered[len(ordered) // 2]:.1f} s (median), {ordered[-1]:.1f} s (last)" if ordered else "never"


async def settled(house, tenant):
    """The centre is a view: it must have been folded before the accounts are there."""
    advance = advance_of(house, f"folding {tenant}")
    await advance.lease(tenant)

    async def folded():
        await advance.round(tenant)
        async with house.within(tenant) as db:
            return await db.fetchval("select count(*) from thing where tenant = $1 and id like 'account/box%'", tenant) == COUNT

    assert await eventually(folded)
    await advance.give_back()
    await advance.aclose()
