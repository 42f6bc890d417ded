"""The page of channels, its API and its metrics: how each fares, in both languages, and how a credential is exchanged."""

import asyncio
from datetime import timedelta

import pytest

from databases import a_database
from rapport.channels.channel import Evidence, Field, Network, Wording
from web.officework import MAILBOX, NOW, PAGE, a_browser, a_conversation, a_token, an_office, body, sign_in

pytestmark = pytest.mark.anyio
SHOP = Network(
    "shop", Wording("Tienda", "Shop"), (Field("key", Wording("Clave", "Key"), secret=True),), None, Evidence.CONTRACT
)


@pytest.fixture(scope="module")
def database_url(database_url):
    """Of this file alone: who reads the numbers of every tenant there is would read those of all other tests."""
    with a_database(database_url, "health") as url:
        yield url


async def furnished(store, tenant):
    """An office with a mailbox that is well and a shop that pushes, is silent, and whose credentials end in three days."""
    office = an_office(store, networks={"email": MAILBOX, "shop": SHOP})
    await office.intake.set_things(
        tenant,
        [
            ("account", "care", b'{"id": "care", "channel": "email", "settings": {"address": "a@b.example"}}'),
            ("account", "store", b'{"id": "store", "channel": "shop", "settings": {"key": "secret:store.key"}}'),
        ],
    )
    async with store.within(tenant) as db:
        await db.execute(
            "insert into account_health (tenant, account, ok, at, health_es, health_en, pulls, last_fetched, last_heard)"
            " values ($1, 'care', true, $2, 'Va bien.', 'It is well.', true, $2, $2)",
            tenant,
            NOW,
        )
        await db.execute(
            "insert into account_health (tenant, account, ok, at, pushes, reads_back, gaps, gap_at, rejected, expires,"
            " silent_since, silent_chance, last_pushed)"
            " values ($1, 'store', true, $2, true, false, 4, $2, 7, $3, $4, 0.0002, $4)",
            tenant,
            NOW,
            NOW + timedelta(days=3),
            NOW - timedelta(hours=5),
        )
        await db.execute(
            'insert into budget (tenant, account, name, most, seconds, "left", resets_at, at)'
            " values ($1, 'store', 'calls', 200, 900, 50, $2, $3)",
            tenant,
            NOW + timedelta(minutes=4),
            NOW,
        )
    return office


async def test_the_page_says_how_each_channel_fares_and_shows_first_what_needs_a_look(store, tenant):
    office = await furnished(store, tenant)

    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "supervisor")
        english = (await client.get("/channels?lang=en")).text
        spanish = (await client.get("/channels?lang=es")).text

    assert english.index('id="channel-store"') < english.index('id="channel-care"')
    for said in (
        "It is well.",
        "Silent since",
        "expire on",
        "50 / 200",
        "tested against its description only",
        "cannot be read back",
    ):
        assert said in english
    for said in (
        "Va bien.",
        "En silencio desde",
        "vencen el",
        "50 / 200",
        "probado solo contra su descripción",
        "no se puede releer",
    ):
        assert said in spanish
    assert f"/hooks/tenant-{tenant}/store" in english
    assert f"/hooks/tenant-{tenant}/care" not in english


async def test_without_a_channel_the_page_says_what_to_do(store, tenant):
    office = an_office(store)

    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "administrator")
        page = (await client.get("/channels?lang=en")).text

    assert "No channel yet" in page
    assert 'href="/set-up"' in page


async def test_the_rail_of_every_page_says_how_many_need_a_look(store, tenant):
    office = await furnished(store, tenant)

    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "supervisor")
        page = (await client.get("/held?lang=en")).text
        part = (await client.get("/channels/part/rail?lang=en")).text

    assert "Channels, 1 needs a look" in page
    assert "Channels, 1 needs a look" in part


async def test_programs_are_told_the_same(store, tenant):
    office = await furnished(store, tenant)

    async with a_browser(office) as client:
        told = body(await client.get("/api/channels", headers=await a_token(office, tenant, "supervisor")))

    [store_told, care] = told
    assert (care["works"], care["evidence"], care["health"]) == (True, "server", "Va bien.")
    assert (store_told["reads_back"], store_told["gaps"], store_told["rejected"], store_told["silent_chance"]) == (
        False,
        4,
        7,
        0.0002,
    )
    assert store_told["budgets"][0]["left"] == 50


async def test_a_scraper_is_told_in_numbers(store, tenant):
    office = await furnished(store, tenant)

    async with a_browser(office) as client:
        text = (await client.get("/metrics", headers=await a_token(office, tenant, "auditor"))).text

    of = f'account="store",channel="shop",tenant="tenant-{tenant}"'
    assert f'rapport_channel_budget_left{{account="store",bucket="calls",channel="shop",tenant="tenant-{tenant}"}} 50.0' in text
    assert f"rapport_channel_silent{{{of}}} 1.0" in text
    assert f"rapport_channel_gaps{{{of}}} 4.0" in text
    assert f"rapport_channel_pushed_seconds{{{of}}} 18000.0" in text


async def test_a_credential_is_exchanged_and_its_value_is_never_shown(store, tenant):
    office = await furnished(store, tenant)

    async with a_browser(office) as client:
        csrf = await sign_in(client, office, tenant, "administrator")
        form = {"csrf": csrf, "field": "key", "value": "n3w-s3cret"}
        done = await client.post("/channels/store/secret?lang=en", data=form, headers=PAGE)
        empty = await client.post("/channels/store/secret", data=form | {"value": " "}, headers=PAGE)
        wrong = await client.post("/channels/care/secret", data=form | {"field": "address"}, headers=PAGE)

    assert office.secrets == {(tenant, "store.key"): "n3w-s3cret"}
    assert (done.status_code, empty.status_code, wrong.status_code) == (200, 400, 400)
    assert "is tried now" in done.text
    assert "n3w-s3cret" not in done.text


async def test_a_supervisor_sees_the_channels_and_exchanges_nothing(store, tenant):
    office = await furnished(store, tenant)

    async with a_browser(office) as client:
        csrf = await sign_in(client, office, tenant, "supervisor")
        page = await client.get("/channels")
        refused = await client.post("/channels/store/secret", data={"csrf": csrf, "field": "key", "value": "x"}, headers=PAGE)

    assert 'action="/channels/store/secret"' not in page.text
    assert refused.status_code == 403


async def test_a_scraper_reads_how_the_service_does_by_tenant_and_kind(store, tenant):
    await a_conversation(store, tenant, "waits")
    office = an_office(store)
    async with a_browser(office) as client:
        text = (await client.get("/metrics")).text

    assert "rapport_backlog{kind=" in text
    assert "rapport_service_counted{kind=" in text
    assert "rapport_agents_present{tenant=" in text


async def test_a_token_reads_of_its_own_tenant_and_this_machine_of_all_also_both_at_once(store, tenant, new_tenant):
    office, other = await furnished(store, tenant), await new_tenant()
    await a_conversation(store, tenant, "waits")
    await a_conversation(store, other, "waits")
    token = await a_token(office, other, "auditor")
    async with a_browser(office) as here, a_browser(office, "203.0.113.7") as far:
        answers = await asyncio.gather(*(one.get("/metrics", headers=token) for one in (here, far, here, far)))

    for text, theirs in zip((answer.text for answer in answers), (True, False) * 2, strict=True):
        assert f'rapport_agents_present{{tenant="tenant-{other}"}}' in text
        assert (f'rapport_agents_present{{tenant="tenant-{tenant}"}}' in text) is theirs
        assert (f'rapport_channel_works{{account="store",channel="shop",tenant="tenant-{tenant}"}}' in text) is theirs
