"""Devices that publish to a real Mosquitto, each as itself; what they tell is on record once, whatever is cut."""

import asyncio
import json
from datetime import UTC, datetime

import pytest

from contracts.channel import eventually
from engines.servers_devices import mosquitto
from rapport.app.house import open_house
from rapport.app.rehearsing import fresh_tenant
from rapport.app.stages import advance_of, loops
from rapport.channels.mqtt.channel import open_mqtt
from rapport.clock import SystemClock
from rapport.ledger.tables import read_where
from rapport.model.centre import Account
from rapport.model.message import Unreadable
from rapport.model.news import Happening
from rapport.model.person import Handle, JourneyEvent
from rapport.people import reading
from rapport.settings import Settings

pytestmark = pytest.mark.anyio
aiomqtt = pytest.importorskip("aiomqtt")
AT = datetime(2026, 3, 3, 16, tzinfo=UTC)


@pytest.fixture(scope="module")
def broker(folder):
    with mosquitto(folder / "mosquitto", "scale-12", "door-7") as broker:
        yield broker


@pytest.fixture
def settings(broker, request):
    where = {"host": broker.host, "port": str(broker.port), "security": "none", "session": request.node.name[:60]}
    return {"username": "care", "password": "secret:password", "places": "door-7 = Reforma"} | where


@pytest.fixture
async def channel(settings, means):
    channel = open_mqtt(Account("devices", "mqtt", settings=settings), means)
    yield channel
    await channel.aclose()


async def publish(broker, device: str, *events: dict, topic: str = "") -> None:
    """A device's own program: it logs in as itself and publishes under its own name, acknowledged."""
    client = aiomqtt.Client(broker.host, broker.port, username=device, password="secret", identifier=device)
    async with client:
        for event in events:
            await client.publish(topic or f"devices/{device}/events", json.dumps(event).encode(), qos=1)


def weighed(nth: int, **changes) -> dict:
    return {"specversion": "1.0", "id": f"w{nth}", "source": "bathroom", "type": "scale.weighed", "time": AT.isoformat(),
            "data": {"kilos": 70 + nth}} | changes  # fmt: skip


async def everything(channel, cursor: bytes | None = None, *, least: int) -> tuple[list, bytes | None]:
    """Read until so much came; the cursor behind it."""
    found: list = []

    async def read():
        nonlocal cursor
        page = await channel.pull(cursor)
        found.extend(page.events)
        cursor = page.cursor
        return len(found) >= least

    assert await eventually(read), found
    await channel.pull(cursor)
    return found, cursor


async def test_a_device_speaks_of_its_owner_and_a_place_of_who_walks_in(channel, broker):
    await channel.pull(None)
    await publish(broker, "scale-12", weighed(1), weighed(2, subject="email:eva@example.org"))
    await publish(broker, "door-7", weighed(3, type="shop.visited", subject="email:ana@example.org"), weighed(4))

    found, _ = await everything(channel, least=4)

    assert [event for event in found if isinstance(event, Happening)] == [
        Happening(
            "bathroom/w1", "device:scale-12", "scale.weighed", "devices/scale-12", AT, {"kilos": 71, "device": "scale-12"}
        ),
        Happening(
            "bathroom/w3", "email:ana@example.org", "shop.visited", "devices/door-7", AT,
            {"kilos": 73, "place": "Reforma", "device": "door-7"},
        ),
    ]  # fmt: skip
    reasons = [event.reason for event in found if isinstance(event, Unreadable)]
    assert ["somebody else" in reasons[0], "must be a handle" in reasons[1]] == [True, True]


async def test_a_device_cannot_publish_under_the_name_of_another(channel, broker):
    await channel.pull(None)
    await publish(broker, "scale-12", weighed(5), topic="devices/door-7/events")
    await publish(broker, "scale-12", weighed(6))

    found, _ = await everything(channel, least=1)

    assert [event.key for event in found] == ["bathroom/w6"]


async def test_what_was_not_taken_comes_again_and_what_comes_while_we_are_away_is_kept(channel, settings, means, broker):
    await channel.pull(None)
    await publish(broker, "scale-12", weighed(7))

    async def came():
        return (await channel.pull(None)).events

    first = await eventually(came)
    await channel.aclose()  # before anybody said that it is on record
    await publish(broker, "scale-12", weighed(8))
    again = open_mqtt(Account("devices", "mqtt", settings=settings), means)
    found, cursor = await everything(again, least=2)
    await again.aclose()
    later = open_mqtt(Account("devices", "mqtt", settings=settings), means)
    await publish(broker, "scale-12", weighed(9))
    rest, _ = await everything(later, cursor, least=1)
    await later.aclose()

    assert [event.key for event in first] == ["bathroom/w7"]
    assert [event.key for event in found] == ["bathroom/w7", "bathroom/w8"]
    assert [event.key for event in rest] == ["bathroom/w9"]


async def test_a_broker_that_starts_again_is_heard_again(channel, broker):
    await channel.pull(None)
    await asyncio.to_thread(broker.restart)

    async def published():
        try:
            await publish(broker, "scale-12", weighed(10))
        except aiomqtt.MqttError:
            return False
        return True

    async def heard():
        try:
            return (await channel.pull(None)).events
        except Exception as error:  # noqa: BLE001 - the line was cut a moment ago
            return [] if type(error).__name__ == "Unavailable" else [error]

    await heard()
    assert await eventually(published)
    assert [event.key for event in await eventually(heard)] == ["bathroom/w10"]


async def test_a_probe_says_whether_the_broker_lets_us_in(settings, means):
    async def said(**changes) -> tuple[bool, str]:
        channel = open_mqtt(Account("devices", "mqtt", settings=settings | changes), means)
        probe = await channel.probe()
        return probe.works, probe.health.en

    assert await said() == (True, "Connected; the devices are heard.")
    works, why = await said(password="nonsense")
    assert (works, "connect it again" in why) == (False, True)


async def test_what_devices_tell_stands_in_the_journey_of_their_owner_once(broker, settings, database_url):
    house = await open_house(Settings(), database_url, bytes(32), SystemClock(), pool=4)
    try:
        tenant = await fresh_tenant(house, "devices")
        await house.secrets.put(tenant, "password", "secret")
        schema = {"type": "object", "properties": {"kilos": {"type": "number", "maximum": 90}}}
        kind = json.dumps({"id": "scale.weighed", "schema": schema}).encode()
        account = json.dumps({"id": "devices", "channel": "mqtt", "settings": settings}).encode()
        await house.intake.set_things(tenant, [("event_kind", "scale.weighed", kind), ("account", "devices", account)])
        await house.intake.declare(tenant, ["email:ana@example.org", "device:scale-12"], "Ana", {}, "crm", "1")
        advance = advance_of(house, "devices")
        assert await advance.lease(tenant)
        hear, _ = loops(house, lambda: [tenant])
        house.start(hear.run(every=0.2))

        async def happened() -> list[JourneyEvent]:
            while await advance.round(tenant):
                pass
            async with house.within(tenant) as db:
                ana = await reading.person_named(db, tenant, "email:ana@example.org")
                return await read_where(db, tenant, JourneyEvent, "person = $2 order by at, id", ana)

        events = weighed(11), weighed(11), weighed(12, data={"kilos": 700}), weighed(13)

        async def both():  # nobody keeps what is published before the first subscription, so a device says it again
            await publish(broker, "scale-12", *events)
            found = await happened()
            return found if len(found) >= 2 else []

        found = await eventually(both)
        async with house.within(tenant) as db:
            strange = await db.fetchval("select count(*) from message where tenant = $1 and standing = 'unreadable'", tenant)
            handles = await read_where(db, tenant, Handle, "name = 'device:scale-12'")
    finally:
        await house.aclose()

    assert {(event.kind, event.source, event.data["kilos"]) for event in found} == {
        ("scale.weighed", "devices/scale-12", 81),
        ("scale.weighed", "devices/scale-12", 83),
    }
    assert (len(found), strange, len(handles)) == (2, 1, 1)
