"""The softphone's page and line: who may, what a call shows in each state, and what SIP a browser may say."""

import asyncio
import socket
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import uvicorn
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from rapport.errors import Conflict, Unavailable
from rapport.web.page import environment
from rapport.web.phone.socket import AWAY, LARGEST, NOT_SIP, TOO_MUCH, may_pass
from rapport.web.static_files import static_body
from rapport.web.telephony import CallNow, Party
from web.officework import NOW, PAGE, a_browser, a_token, an_application, an_office, sign_in
from web.phonework import FakePhones

pytestmark = pytest.mark.anyio
SIP = Subprotocol("sip")
EMPTY = "\r\nContent-Length: 0\r\n\r\n"
OPTIONS = f"OPTIONS sip:rapport.invalid SIP/2.0\r\nTo: <sip:rapport.invalid>{EMPTY}"
INVITE = f"INVITE sip:+525512345678@rapport.invalid SIP/2.0\r\nFrom: <sip:ana@x>;tag=1\r\nTo: <sip:+525512345678@x>{EMPTY}"


def a_call(state="talking", **changes) -> CallNow:
    known = {"name": "María", "number": "+5255", "since": NOW - timedelta(seconds=75), "parties": (Party("p1", "María"),)}
    return CallNow("c1", "00", state=state, **(known | changes))


@pytest.fixture
async def phone(store, tenant):
    """An agent's browser in a centre with a telephone; `phone.phones`, `phone.csrf`."""
    office = an_office(store, phones=FakePhones())
    async with a_browser(office) as client:
        client.csrf, client.phones, client.office = await sign_in(client, office, tenant), office.phones, office
        yield client


async def act(phone, do, to="", lang="en"):
    data = {"do": do, "to": to, "csrf": phone.csrf}
    return await phone.post("/voice/calls/c1", params={"lang": lang}, data=data, headers=PAGE)


async def test_the_phone_holds_the_desk_and_only_its_page_may_hear_the_microphone(phone):
    page = await phone.get("/phone", params={"at": "/desk?view=team"})
    elsewhere = await phone.get("/phone", params={"at": "//evil.example/"})
    desk = await phone.get("/desk")
    inside = await phone.get("/desk", headers={"sec-fetch-dest": "iframe"})

    assert 'src="/desk?view=team"' in page.text
    assert 'src="/desk"' in elsewhere.text
    assert "microphone=(self)" in page.headers["permissions-policy"]
    assert "microphone=()" in desk.headers["permissions-policy"]
    assert "frame-ancestors 'none'" in desk.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in inside.headers["content-security-policy"]


async def test_a_centre_without_a_telephone_has_no_phone(store, tenant):
    office = an_office(store)
    async with a_browser(office) as client:
        csrf = await sign_in(client, office, tenant)

        answers = [await client.get("/phone"), await client.post("/voice/phone", data={"csrf": csrf}, headers=PAGE)]

    assert [answer.status_code for answer in answers] == [404, 404]


async def test_each_login_of_a_browser_has_credentials_of_its_own(phone, store, tenant):
    first = await phone.post("/voice/phone", data={"csrf": phone.csrf}, headers=PAGE)
    again = await phone.post("/voice/phone", data={"csrf": phone.csrf}, headers=PAGE)
    program = await phone.post("/voice/phone", headers=await a_token(phone.office, tenant, "agent", "agent"))

    assert first.json().keys() == {"user", "password", "domain"}
    assert first.json()["password"] != again.json()["password"]
    assert program.status_code == 403
    assert len({session for _, _, session in phone.phones.logged_in}) == 1


@pytest.mark.parametrize(
    ("call", "shown", "not_shown"),
    [
        (a_call("ringing"), {"hang_up"}, {"hold", "record"}),
        (a_call(recording="agreed"), {"hold", "record", "hang_up"}, {"resume", "stop_record"}),
        (a_call(recording="refused"), {"hold"}, {"record", "stop_record"}),
        (a_call("held", recording="on"), {"resume", "stop_record"}, {"hold", "record"}),
        (a_call("consulting"), {"complete", "join", "part"}, {"hold", "resume"}),
        (a_call("conference"), {"complete", "part"}, {"join", "hold"}),
    ],
    ids=lambda value: value.state if isinstance(value, CallNow) else "",
)
async def test_a_call_shows_what_can_be_done_with_it_now(phone, call, shown, not_shown):
    phone.phones.calls_now = [call]

    page = (await phone.get("/voice/part/calls")).text

    offered = {do for do in shown | not_shown if f'value="{do}"' in page}
    assert offered == shown
    assert "1:15" in page


async def test_what_is_done_reaches_the_telephone_server_and_what_is_refused_is_said(phone):
    phone.phones.calls_now = [a_call()]
    done = await act(phone, "consult", "agent:noor")
    phone.phones.refusal = Conflict("a reply cannot be empty")
    refused = await act(phone, "hold", lang="es")
    phone.phones.refusal = Unavailable("the telephone server cannot be reached")
    away = await act(phone, "hold")
    unknown = await act(phone, "dance")

    assert phone.phones.acts == [("agent", "c1", "consult", "agent:noor")]
    assert [answer.status_code for answer in (done, refused, away, unknown)] == [200, 409, 409, 400]
    assert "No se hizo." in refused.text
    assert "cannot be reached" in away.text


def test_a_softphone_may_answer_and_end_calls_but_never_place_one():
    within = INVITE.replace("To: <", 'To: "O\\"Brien" <').replace(EMPTY, f";tag=2{EMPTY}")
    offer = within.replace("Length: 0", "Length: 5") + "v=0ñ"

    assert [may_pass(text) for text in (OPTIONS, within, offer, f"SIP/2.0 200 OK{EMPTY}", "\r\n\r\n")] == [True] * 5
    refused = (INVITE, f"REFER sip:x SIP/2.0{EMPTY}", f"MESSAGE sip:x SIP/2.0{EMPTY}", "GET / HTTP/1.1\r\n\r\n", "hello")
    assert [may_pass(text) for text in refused] == [False] * 5


@pytest.mark.parametrize(
    "hidden",
    [
        OPTIONS + INVITE,
        f"SIP/2.0 200 OK{EMPTY}{INVITE}",
        OPTIONS.replace("\r\nContent-Length: 0", "") + INVITE,
        OPTIONS.replace("Length: 0", "Length: 9\r\nl: 0"),
        OPTIONS.replace("Length: 0", f"Length: 0 x\r\nl: {len(INVITE)}") + INVITE,
        OPTIONS.replace("Length: 0", f"Length: {len(INVITE)}").replace("\r\nTo", "\rTo") + INVITE,
        INVITE.replace("@x>\r\nContent", "@x;tag=2>\r\nContent"),
        INVITE.replace("To: <", 'To: "x;tag=2" <'),
        INVITE.replace(EMPTY, f"\r\nt: <sip:y>;tag=2{EMPTY}"),
        INVITE.replace(EMPTY, f"\nTo: <sip:y>;tag=2{EMPTY}"),
    ],
)
def test_no_call_is_hidden_in_what_a_softphone_may_say(hidden):
    assert not may_pass(hidden)


@asynccontextmanager
async def lines(office):
    """The application on a port, before a telephone server that answers each message by itself; its socket's address."""

    async def echo(browser):
        async for message in browser:
            await browser.send(f"heard {message}")

    listening = socket.create_server(("127.0.0.1", 0))
    async with serve(echo, "127.0.0.1", 0, subprotocols=[SIP]) as asterisk:
        office.phones.server = f"ws://127.0.0.1:{asterisk.sockets[0].getsockname()[1]}/ws"
        with an_application(office) as app:
            config = uvicorn.Config(app, ws="websockets-sansio", ws_max_size=LARGEST, log_level="critical", lifespan="off")
            server = uvicorn.Server(config)
            task = asyncio.create_task(server.serve([listening]))
            try:
                yield f"ws://127.0.0.1:{listening.getsockname()[1]}/voice/socket"
            finally:
                server.should_exit = server.force_exit = True
                await task


async def closed_with(line) -> int:
    """The code that a line ends with."""
    try:
        async with asyncio.timeout(10):
            while True:
                await line.recv()
    except ConnectionClosed as end:
        return end.rcvd.code


@pytest.mark.slow
async def test_a_line_carries_sip_both_ways_for_our_own_page_alone(phone, store, tenant):
    cookie = {"cookie": f"rapport={phone.cookies['rapport']}"}
    async with lines(phone.office) as url:
        ours = url.replace("ws://", "http://").removesuffix("/voice/socket")

        def open_line(origin=ours, headers=cookie):
            return connect(url, subprotocols=[SIP], origin=origin, additional_headers=headers, proxy=None)

        async with open_line() as line:
            await line.send(OPTIONS)
            heard = await line.recv()
            await line.send(INVITE)
            dialled = await closed_with(line)
        async with open_line() as line:
            for _ in range(200):
                await line.send("\r\n\r\n")
            flood = await closed_with(line)
        strangers = []
        for asked in ({"origin": "http://evil.example"}, {"origin": None}, {"headers": {}}):
            with pytest.raises(InvalidStatus) as refused:
                await open_line(**asked).__aenter__()
            strangers.append(refused.value.response.status_code)
        phone.office.phones.server = "ws://127.0.0.1:9/ws"
        async with open_line() as line:
            away = await closed_with(line)

    assert heard == f"heard {OPTIONS}"
    assert (line.subprotocol, dialled, flood, away) == ("sip", NOT_SIP, TOO_MUCH, AWAY)
    assert strangers == [403, 403, 403]
    assert phone.office.memory["phone lines"] == {}


def test_the_page_of_the_desk_does_not_carry_the_phone():
    desk = environment("en").loader.get_source(environment("en"), "desk.html")[0]

    assert "jssip" not in desk
    assert "phone.js" not in desk
    assert all(len(static_body(name)) < 8192 for name in ("phone.js", "phone_calls.js", "phone_line.js", "phone_sound.js"))
