"""The whole way by SMS, XMPP and a feed: heard, offered to the right agent, answered where that can be, and reported."""

import asyncio
import json
import uuid
from concurrent.futures import CancelledError
from functools import partial

import pytest
from slixmpp import JID

from contracts.channel import eventually
from engines import test_whole_way as whole
from engines.door import open_door
from engines.jabber_person import person
from engines.servers_jabber import prosody
from engines.servers_pages import nginx
from engines.servers_texting import kannel
from rapport.app.hooks import hook_of
from rapport.channels.sms.channel import GOODBYE, WELCOME
from rapport.model.centre import Account
from rapport.people.stopping import has_stopped
from rapport.web.office import Call

pytestmark = pytest.mark.anyio
house = whole.house  # the fixture
TOKEN = "a-token-of-its-own"
QUESTION = "La tercera noche y el wifi de mi cuarto se cae cada cinco minutos"
ANSWER = "Lo sentimos: Ana sube ahora mismo a revisar el punto de acceso."
OFFERED = """select o.id, o.agent, o.conversation from offer o join message m on m.conversation = o.conversation
where o.tenant = $1 and m.tenant = $1 and m.account = $2 and o.state = 'open'"""


async def connect(house, tenant, id, channel, secrets, **settings):
    """An account of the tenant, and two agents of whom one knows about wifi."""
    for name, value in secrets.items():
        await house.secrets.put(tenant, name, value)
    body = {"id": id, "channel": channel, "settings": settings | {name: f"secret:{name}" for name in secrets}}
    agents = [agent_for("ana", "wifi"), agent_for("ben", "billing")]
    await house.intake.set_things(tenant, [*agents, ("account", id, json.dumps(body).encode())])
    return Account(**body)


def agent_for(name, skill):
    kind, id, body = whole.an_agent(name, skill)
    return kind, id, json.dumps(json.loads(body) | {"slots": {"sms": 5, "chat": 5, "social": 5}}).encode()


async def answered(house, tenant, account):
    """The offer that a message led to, accepted and answered; whom it was made to."""

    async def offered():
        async with house.within(tenant) as db:
            return await db.fetch(OFFERED, tenant, account)

    [offer] = await eventually(offered, 40)
    await whole.done(house, tenant, "accept", offer=offer["id"])
    await whole.done(house, tenant, "reply", conversation=offer["conversation"], text=ANSWER, reach="private")
    return offer["agent"]


async def delivered(house, tenant, account):
    """How far our answer has come by the reports of its network, once it is as far as they say."""

    async def found():
        async with house.within(tenant) as db:
            return await db.fetchval(
                "select delivery from outgoing where tenant = $1 and account = $2 and delivery in ('delivered', 'read')",
                tenant,
                account,
            )

    return await eventually(found, 20)


async def test_an_sms_is_answered_by_the_right_agent_and_its_delivery_is_on_record(house, folder):
    house, tenant = house
    take, loop = hook_of(house), asyncio.get_running_loop()
    with open_door() as door, kannel(folder / "kannel-whole", door.url, TOKEN) as gateway:
        settings = {"number": "2345", "url": gateway.url, "user": gateway.user, "callback": door.url}
        account = await connect(house, tenant, "text", "sms", {"password": gateway.password, "token": TOKEN}, **settings)

        def called(request):
            call = Call(request.method, request.path, request.query, request.headers, request.body, door.url, request.peer)
            try:
                answer = asyncio.run_coroutine_threadsafe(take(tenant, account, call), loop).result(10)
            except (CancelledError, TimeoutError):
                return 503, b"", "text/plain"
            return answer.status, answer.body, answer.type

        door.called = called
        await asyncio.to_thread(gateway.phone.say, QUESTION)

        assert await answered(house, tenant, "text") == "ana"

        async def got():
            return ANSWER in gateway.phone.got()

        assert await eventually(got, 20)
        assert await delivered(house, tenant, "text") == "delivered"

        async def stopped(handle: str) -> bool:
            async with house.within(tenant) as db:
                return await has_stopped(db, tenant, handle)

        for word, answer, stands in (("BAJA", GOODBYE, True), ("ALTA", WELCOME, False)):
            await asyncio.sleep(1.1)  # Kannel tells the time in seconds
            await asyncio.to_thread(gateway.phone.say, word)

            async def told(answer=answer, stands=stands):
                return answer in gateway.phone.got() and await stopped("sms:+5215512345678") is stands

            assert await eventually(told, 20)
        assert not await stopped("sms:+5215500000009")  # somebody of whom we never heard


async def test_a_message_on_xmpp_is_answered_by_the_right_agent_and_its_delivery_is_on_record(house, folder):
    house, tenant = house
    with prosody(folder / "prosody-whole") as server:
        care, maria = (server.register(f"{name}-{uuid.uuid4().hex[:6]}") for name in ("care", "maria"))
        settings = {"address": care, "host": server.host, "port": str(server.port), "security": "none"}
        await connect(house, tenant, "chat", "xmpp", {"password": server.password}, **settings)
        async with person(maria, server.password, server.host, server.port) as customer:
            customer.say(care, QUESTION)
            await customer.plugin["xep_0199"].send_ping(JID("acme.test"), timeout=60)

            assert await answered(house, tenant, "chat") == "ana"
            assert await eventually(partial(_got, customer), 20)
            assert await delivered(house, tenant, "chat") == "delivered"


async def _got(customer):
    return ANSWER in customer.texts()


async def test_a_post_in_a_forum_is_offered_to_the_right_agent(house, folder):
    house, tenant = house
    with nginx(folder / "nginx-whole") as site:
        entry = f'<item><guid isPermaLink="false">p1</guid><description>{QUESTION}</description></item>'
        site.put("foro.rss", f'<rss version="2.0"><channel><title>Foro</title>{entry}</channel></rss>'.encode())
        await connect(house, tenant, "forum", "feeds", {}, address=f"{site.url}/foro.rss")

        async def offered():
            async with house.within(tenant) as db:
                return await db.fetch(OFFERED, tenant, "forum")

        [offer] = await eventually(offered, 40)
        assert offer["agent"] == "ana"
