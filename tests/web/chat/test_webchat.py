"""The chat as a visitor's browser speaks it."""

import asyncio
import base64
import gzip
import hmac
from datetime import timedelta

import pytest

from rapport.conversations import typed
from rapport.model.ids import named_id, show_id
from rapport.web.chat import visitor as v
from rapport.web.chat.webchat import _answers
from rapport.web.static_files import static_body
from web.officework import HERE, NOW, a_browser, an_office, body

pytestmark = pytest.mark.anyio
HUGE = base64.urlsafe_b64encode(b"1\nwebchat\nx\n" + b"9" * 30).decode() + ".0"  # a time that no clock has
CHAT = b'{"id": "webchat", "channel": "webchat", "settings": {"title": "Hotel"}}'


async def with_chat(store, tenant, account: bytes = CHAT):
    office = an_office(store)
    await office.intake.set_things(tenant, [("account", "webchat", account)])
    async with store.within(tenant, readonly=True) as db:
        return office, {"tenant": await db.fetchval("select name from tenant where id = $1", tenant)}


async def start(client, given, **more):
    started = body(await client.post("/chat/start", json=given | more))
    return started, {"authorization": f"Visitor {started['token']}"}


async def answer_to(store, tenant, visitor: str, name: str, text: str, minute: int = 0, state: str = "sent") -> None:
    """An answer as the views would have it."""
    at, who = NOW + timedelta(minutes=minute), f"webchat:{visitor}"
    handle, person, conversation = (named_id(NOW, who, what) for what in ("h", "p", "c"))
    message, outgoing = named_id(at, name, "m"), named_id(at, name, "o")
    async with store.within(tenant) as db:
        await db.execute(
            "insert into handle(tenant, id, name, person) values ($1, $2, $3, $4) on conflict do nothing",
            tenant,
            handle,
            who,
            person,
        )
        await db.execute(
            """insert into conversation(tenant, id, person, handle, state, kind, account, channel, reach, opened_at, last_at)
               values ($1, $2, $3, $4, 'open', 'chat', 'webchat', 'webchat', 'private', $5, $5) on conflict do nothing""",
            tenant,
            conversation,
            person,
            handle,
            NOW,
        )
        await db.execute(
            """insert into message(tenant, id, at, direction, standing, reach, account, conversation, author, text)
               values ($1, $2, $3, 'out', 'sent', 'private', 'webchat', $4, 'Ana', $5)""",
            tenant,
            message,
            at,
            conversation,
            text,
        )
        await db.execute(
            """insert into outgoing(tenant, id, message, conversation, account, channel, reach, at, state, text, "to", handle)
               values ($1, $2, $3, $4, 'webchat', 'webchat', 'private', $5, $6, $7, $8, $9)""",
            tenant,
            outgoing,
            message,
            conversation,
            at,
            state,
            text,
            who,
            handle,
        )


async def test_what_a_visitor_writes_is_taken_in_once(store, tenant):
    office, given = await with_chat(store, tenant)

    async with a_browser(office) as client:
        started, token = await start(client, given)
        first = await client.post("/chat/messages", json={"id": "m1", "text": " Hola ", "name": "Eva"}, headers=token)
        again = await client.post("/chat/messages", json={"id": "m1", "text": " Hola ", "name": "Eva"}, headers=token)

    key = f"webchat/{started['visitor']}/m1"
    _, account, kind, message = office.intake.heard[key]
    assert [first.status_code, body(first)["new"], body(again)["new"]] == [202, True, False]
    assert len(office.intake.heard) == 1
    assert (message.handle, message.text, message.name) == (f"webchat:{started['visitor']}", "Hola", "Eva")
    assert (account.id, kind, message.thread) == ("webchat", "chat", started["visitor"])
    assert body(first)["id"] == show_id(named_id(NOW, tenant, "webchat", f"{started['visitor']}/m1"))


@pytest.mark.parametrize(("asks", "named"), [("es-MX,es;q=0.9", "Visitante"), ("en-GB,en;q=0.8", "Visitor")])
async def test_who_says_no_name_is_called_a_visitor_in_their_own_language(store, tenant, asks, named):
    office, given = await with_chat(store, tenant)

    async with a_browser(office) as client:
        started, token = await start(client, given)
        await client.post("/chat/messages", json={"id": "m1", "text": "123"}, headers=token | {"accept-language": asks})

    message = office.intake.heard[f"webchat/{started['visitor']}/m1"][3]
    assert message.name == f"{named} {started['visitor'][:4].upper()}"


async def test_a_browser_that_comes_back_is_the_same_visitor(store, tenant):
    office, given = await with_chat(store, tenant)

    async with a_browser(office) as client:
        first, old = await start(client, given)
        office.clock.move(timedelta(days=3))
        ended = await client.get("/chat/history", headers=old)
        again, renewed = await start(client, given, token=first["token"])
        history = await client.get("/chat/history", headers=renewed)
        office.clock.move(timedelta(days=40))
        stranger, _ = await start(client, given, token=again["token"])

    assert [ended.status_code, history.status_code] == [403, 200]
    assert again["visitor"] == first["visitor"]
    assert stranger["visitor"] != first["visitor"]


@pytest.mark.parametrize("token", ["", "x", "a.b", "////.0", "Zm9v.0000", "\u00e9", HUGE])
async def test_a_token_that_is_not_ours_opens_nothing(store, tenant, token):
    office, _ = await with_chat(store, tenant)

    async with a_browser(office) as client:
        answer = await client.get("/chat/history", headers={"authorization": f"Visitor {token}".encode()})

    assert answer.status_code == 403


async def test_nobody_can_make_themselves_another_visitor(store, tenant):
    office, given = await with_chat(store, tenant)

    async with a_browser(office) as client:
        started, _ = await start(client, given)
        forged = v.sign(v.read_visitor(started["token"], office.key, NOW), b"another key")
        answer = await client.get("/chat/history", headers={"authorization": f"Visitor {forged}"})

    assert answer.status_code == 403


async def test_a_visitor_who_writes_too_fast_is_told_so_in_their_language(store, tenant):
    office, given = await with_chat(store, tenant)

    async with a_browser(office) as client:
        _, token = await start(client, given)
        said = [
            await client.post("/chat/messages", json={"id": f"m{n}", "text": "hola"}, headers=token | {"accept-language": "en"})
            for n in range(21)
        ]
        office.clock.move(timedelta(minutes=1))
        later = await client.post("/chat/messages", json={"id": "m20", "text": "hola"}, headers=token)

    assert [one.status_code for one in said] == [202] * 20 + [429]
    assert body(said[20])["title"].startswith("That was a lot at once. Please wait")
    assert int(said[20].headers["retry-after"]) == body(said[20])["retry_after"]
    assert later.status_code == 202


async def test_an_answer_reaches_the_visitor_and_nobody_else(store, tenant):
    office, given = await with_chat(store, tenant)

    async with a_browser(office) as client:
        mine, token = await start(client, given)
        _, other = await start(client, given)
        await answer_to(store, tenant, mine["visitor"], "a1", "Ya quedó")
        await answer_to(store, tenant, mine["visitor"], "a2", "no sent", 1, state="refused")
        seen = body(await client.get("/chat/history", headers=token))["messages"]
        unseen = body(await client.get("/chat/history", headers=other))["messages"]

    assert [(one["side"], one["text"], one["name"]) for one in seen] == [("agent", "Ya quedó", "Ana")]
    assert unseen == []


async def test_the_stream_goes_on_where_it_stopped(store, tenant, monkeypatch):
    monkeypatch.setattr("rapport.web.chat.webchat.QUIET", 0.1)
    office, given = await with_chat(store, tenant)

    async with a_browser(office) as client:
        started, _ = await start(client, given)
        visitor = v.read_visitor(started["token"], office.key, NOW)
        await answer_to(store, tenant, visitor.id, "a1", "Primero", 1)
        await answer_to(store, tenant, visitor.id, "a2", "Segundo", 2)
        stream = _answers(office, visitor, v.BEGINNING)
        _, first = await anext(stream), await anext(stream)
        await stream.aclose()
        place = first.decode().split("id: ")[1].split("\n")[0]
        resumed = _answers(office, visitor, v.read_place(place))
        _, second = await anext(resumed), await asyncio.wait_for(anext(resumed), 30)
        await answer_to(store, tenant, visitor.id, "a3", "Tercero", 3)
        later = b"".join([await asyncio.wait_for(anext(resumed), 30) for _ in range(4)])
        await resumed.aclose()

    assert "Primero" in first.decode()
    assert "Segundo" in second.decode()
    assert later.decode().count("Tercero") == 1
    assert "Primero" not in (second + later).decode()


async def changed(store, tenant, visitor: str, name: str, op: str, text: str, minute: int = 0, nth: int = 1) -> None:
    """The network (which we are ourselves) has done something to an answer, as the views would have it."""
    id, handle = named_id(NOW + timedelta(seconds=nth), name, op), named_id(NOW, f"webchat:{visitor}", "h")
    target = show_id(named_id(NOW + timedelta(minutes=minute), name, "o"))
    async with store.within(tenant) as db:
        await db.execute(
            """insert into outgoing
                 (tenant, id, message, conversation, account, channel, reach, at, state, text, "to", handle, op, target)
               values ($1, $2, $2, $2, 'webchat', 'webchat', 'private', $3, 'sent', $4, '', $5, $6, $7)""",
            tenant, id, NOW + timedelta(seconds=nth), text, handle, op, target,
        )  # fmt: skip


async def test_a_visitor_sees_that_a_reply_is_being_written_and_nothing_of_a_note(store, tenant, monkeypatch):
    monkeypatch.setattr("rapport.web.chat.webchat.QUIET", 0.1)
    office, given = await with_chat(store, tenant)

    async with a_browser(office) as client:
        mine, _ = await start(client, given)
    visitor = v.read_visitor(mine["token"], office.key, NOW)
    await answer_to(store, tenant, visitor.id, "a1", "Un momento")
    conversation = named_id(NOW, f"webchat:{visitor.id}", "c")
    stream, told = _answers(office, visitor, v.BEGINNING), []
    for text, reply in (("para el equipo", False), ("Buenas", True), ("", False)):
        async with store.within(tenant) as db:
            await db.execute("update conversation set agent = $3 where tenant = $1 and id = $2", tenant, conversation, "ana")
            await typed.keep(db, tenant, conversation, "ana", text, NOW, reply=reply)
        told.append(b"".join([await asyncio.wait_for(anext(stream), 30) for _ in range(4)]).decode())
    await stream.aclose()

    assert ["event: typing" in part for part in told] == [False, True, True]
    assert ("data: true" in told[1], told[2].count("data: false")) == (True, 1)


async def test_an_answer_that_is_edited_or_taken_back_changes_where_the_visitor_reads_it(store, tenant, monkeypatch):
    monkeypatch.setattr("rapport.web.chat.webchat.QUIET", 0.1)
    office, given = await with_chat(store, tenant)

    async with a_browser(office) as client:
        mine, token = await start(client, given)
        visitor = v.read_visitor(mine["token"], office.key, NOW)
        for name, minute in (("a1", 1), ("a2", 2)):
            await answer_to(store, tenant, visitor.id, name, "Su código es 12", minute)
        stream = _answers(office, visitor, v.BEGINNING)
        for _ in range(3):
            await anext(stream)
        await changed(store, tenant, visitor.id, "a1", "edit", "Su código es 21", 1)
        await changed(store, tenant, visitor.id, "a2", "delete", "", 2)
        told = b"".join([await asyncio.wait_for(anext(stream), 30) for _ in range(5)]).decode()
        await changed(store, tenant, visitor.id, "a1", "edit", "Su código es 12", 1, nth=2)
        back = b"".join([await asyncio.wait_for(anext(stream), 30) for _ in range(3)]).decode()
        await stream.aclose()
        resumed = _answers(office, visitor, v.BEGINNING)
        anew = b"".join([await asyncio.wait_for(anext(resumed), 30) for _ in range(4)]).decode()
        await resumed.aclose()
        seen = body(await client.get("/chat/history", headers=token))["messages"]

    assert back.count('"text":"Su código es 12"') == 1
    assert anew.count("Su código es 12") == anew.count('"gone":true') == 1
    assert "event: changed" not in anew
    assert [(one["text"], one["gone"]) for one in seen] == [("Su código es 12", False), ("", True)]
    for line in (f'"id":"{seen[0]["id"]}","text":"Su código es 21"', f'"id":"{seen[1]["id"]}","gone":true'):
        assert told.count(line) == 1


@pytest.mark.parametrize("place", ["", "x", "12-", "99999999999999999999999-" + "0" * 32, "1-zz", "-1-2-3"])
def test_a_place_that_is_none_is_the_beginning(place):
    assert v.read_place(place) == v.BEGINNING


async def test_only_the_named_pages_may_show_the_chat(store, tenant):
    office, given = await with_chat(
        store,
        tenant,
        b'{"id":"webchat","channel":"webchat","settings":{"origins":"https://hotel.example, https://spa.example"}}',
    )

    async with a_browser(office) as client:
        named = await client.post("/chat/start", json=given, headers={"origin": "https://spa.example"})
        other = await client.post("/chat/start", json=given, headers={"origin": "https://evil.example"})
        own = await client.post("/chat/start", json=given, headers={"origin": HERE})
        asked = await client.options("/chat/start", headers={"origin": "https://spa.example"})

    assert named.headers["access-control-allow-origin"] == "https://spa.example"
    assert [other.status_code, own.status_code, asked.status_code] == [403, 200, 204]
    assert "authorization" in asked.headers["access-control-allow-headers"]


async def test_a_chat_that_is_not_there_says_what_to_correct(store, tenant):
    office, given = await with_chat(store, tenant)

    async with a_browser(office) as client:
        account = await client.post("/chat/start", json=given | {"account": "spa"})
        centre = await client.post("/chat/start", json={"tenant": "nowhere"})

    assert [account.status_code, centre.status_code] == [404, 404]
    assert "`data-account`" in body(account)["cure"]
    assert "`data-tenant`" in body(centre)["cure"]


async def test_the_chat_takes_no_cookie_so_it_needs_no_form_token(store, tenant):
    office, given = await with_chat(store, tenant)

    async with a_browser(office) as client:
        answer = await client.post(
            "/chat/start", json=given, headers={"sec-fetch-site": "cross-site", "origin": "https://x.example"}
        )

    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers


def test_the_script_is_small_and_sets_no_inline_style():
    script = static_body("widget.js")

    assert len(gzip.compress(script)) < 15_000
    assert b"style=" not in script
    assert b".style." not in script
    assert b"innerHTML" not in script


async def test_the_customers_tab_shows_the_chat_or_says_that_there_is_none(store, tenant):
    office, given = await with_chat(store, tenant)

    async with a_browser(office) as client:
        with_one = await client.get("/chat/try", params=given | {"lang": "en"})
        none = await client.get("/chat/try", params={"tenant": "nowhere", "lang": "en"})

    assert 'data-account="webchat"' in with_one.text
    assert "There is no chat yet" in none.text


async def test_another_origins_script_can_read_what_went_wrong(store, tenant):
    office, _ = await with_chat(store, tenant)

    async with a_browser(office) as client:
        answer = await client.get("/chat/history", headers={"origin": "https://x.example", "authorization": "Visitor x"})

    assert answer.status_code == 403
    assert answer.headers["access-control-allow-origin"] == "*"
    assert body(answer)["cure"] == "call /chat/start for one"


@pytest.mark.parametrize(
    ("hours", "english", "spanish", "changes"),
    [
        ("{}", "", "", ""),
        ('{"tue": ["09:00-18:30"]}', "Open until 18:30", "Abierto hasta las 18:30", "2026-03-03T18:30:00-06:00"),
        (
            '{"thu": ["09:00-18:30"]}',
            "Closed now. Open again on Thursday at 09:00",
            "Cerrado ahora. Abrimos el jueves a las 09:00",
            "2026-03-05T09:00:00-06:00",
        ),
    ],
)
async def test_the_chat_says_whether_people_answer_now(store, tenant, hours, english, spanish, changes):
    office, given = await with_chat(store, tenant)
    profile = f'{{"id": "centre", "zone": "America/Mexico_City", "hours": {hours}}}'.encode()
    await office.intake.set_things(tenant, [("centre", "centre", profile)])

    async with a_browser(office) as client:
        said = [(await start(client, given, language=language))[0] for language in ("en", "es")]

    assert [one["hours"] for one in said] == [english, spanish]
    assert {one["changes"] for one in said} == {changes}


KEY = "la llave de la página"
SIGNING = b'{"id": "webchat", "channel": "webchat", "settings": {"key": "secret:webchat-key", "ask": "name,email"}}'


def signed(id: str, email: str = "", name: str = "", key: str = KEY) -> dict[str, str]:
    seal = hmac.new(key.encode(), f"{id}\n{email}\n{name}".encode(), "sha256").hexdigest()
    return {"id": id, "email": email, "name": name, "hash": seal}


async def with_key(store, tenant):
    office, given = await with_chat(store, tenant, SIGNING)
    await office.secrets.put(tenant, "webchat-key", KEY)
    return office, given


async def test_who_a_page_knows_is_the_same_visitor_in_every_browser(store, tenant):
    office, given = await with_key(store, tenant)
    async with a_browser(office) as one, a_browser(office) as other:
        first, _ = await start(one, given, identity=signed("c-17", "ana@example.org", "Ana"))
        second, _ = await start(other, given, identity=signed("c-17", "ana@example.org", "Ana"))
        somebody, _ = await start(other, given, identity=signed("c-18"))

    assert first["visitor"] == second["visitor"] != somebody["visitor"]
    assert first["ask"] == []


async def test_what_a_visitor_wrote_before_the_page_said_who_they_are_stays_theirs(store, tenant):
    office, given = await with_key(store, tenant)
    async with a_browser(office) as client:
        before, _ = await start(client, given)
        after, _ = await start(client, given, token=before["token"], identity=signed("c-17", "Ana@example.org", "Ana"))

    [(handles, name, about)] = office.intake.declared
    assert handles == [f"webchat:{after['visitor']}", f"webchat:{before['visitor']}", "email:ana@example.org"]
    assert (name, about) == ("Ana", {"customer id": "c-17"})


@pytest.mark.parametrize(
    "identity",
    [signed("c-17", key="another"), signed("c-17") | {"email": "boss@example.org"}, signed(""), signed("c-17") | {"hash": ""}],
    ids=["another key", "an e-mail that was not signed", "nobody", "no hash"],
)
async def test_who_is_not_signed_with_the_chats_key_is_refused(store, tenant, identity):
    office, given = await with_key(store, tenant)
    async with a_browser(office) as client:
        answer = await client.post("/chat/start", json=given | {"identity": identity})

    assert answer.status_code == 403
    assert office.intake.declared == []


async def test_a_chat_without_a_key_believes_nobody_and_says_the_cure(store, tenant):
    office, given = await with_chat(store, tenant)
    async with a_browser(office) as client:
        answer = await client.post("/chat/start", json=given | {"identity": signed("c-17")})

    assert answer.status_code == 403
    assert "set `key`" in answer.text


async def test_what_an_account_asks_first_is_told_and_the_answer_is_kept_as_said_by_the_visitor(store, tenant):
    office, given = await with_key(store, tenant)
    async with a_browser(office) as client:
        started, token = await start(client, given)
        said = {"id": "m1", "text": "Hola", "name": "Eva", "email": "eva@example.org"}
        await client.post("/chat/messages", json=said, headers=token)

    assert started["ask"] == ["name", "email"]
    assert office.intake.declared == [
        ([f"webchat:{started['visitor']}"], "Eva", {"email given in the chat": "eva@example.org"})
    ]
