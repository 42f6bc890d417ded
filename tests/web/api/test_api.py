"""The API: messages and events in, context out, errors that say the cure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import msgspec
import pytest

from databases import a_database
from rapport.access import logins
from rapport.channels.channel import Eligibility, Wording
from rapport.errors import Overloaded, StoreError
from rapport.ledger.tables import write_rows
from rapport.model.fact import ContextRead
from rapport.model.ids import named_id, show_id
from rapport.model.message import ChannelKind, Direction, Message, Reach, Standing
from rapport.model.purpose import PURPOSES
from rapport.web.api import people as api_people
from rapport.web.security import Who
from rapport.web.stream import hub_of
from web.officework import NOW, a_browser, a_conversation, a_token, an_application, an_office, body, enter, sign_in

pytestmark = pytest.mark.anyio
A_MESSAGE = {"channel": "mastodon", "from": "@ana@example.social", "text": "No hay wifi", "key": "k1", "public": True}


@pytest.fixture(scope="module")
def database_url(database_url):
    """Of this file alone: who reads the numbers of every tenant there is would read those of all other tests."""
    with a_database(database_url, "api") as url:
        yield url


async def post(store, tenant, path, json, role="service", **headers):
    office = an_office(store)
    async with a_browser(office) as client:
        answer = await client.post(path, json=json, headers=await a_token(office, tenant, role) | headers)
    return office, answer


async def test_a_message_is_answered_when_it_is_durable(store, tenant):
    office, answer = await post(store, tenant, "/api/messages", A_MESSAGE | {"at": "2026-03-03T15:59:00Z"})

    at = datetime(2026, 3, 3, 15, 59, tzinfo=UTC)
    _, account, kind, message = office.intake.heard["mastodon/k1"]
    assert answer.status_code == 202
    assert body(answer) == {"id": show_id(named_id(at, tenant, "mastodon", "k1")), "new": True}
    assert (account.channel, kind) == ("mastodon", ChannelKind.SOCIAL)
    assert (message.handle, message.reach, message.at) == ("mastodon:@ana@example.social", Reach.PUBLIC, at)


async def test_many_messages_go_in_one_request_and_are_answered_in_their_order(store, tenant):
    sent = [A_MESSAGE | {"key": f"k{n}", "channel": "sms" if n % 2 else "mastodon"} for n in range(5)]

    office, answer = await post(store, tenant, "/api/messages", sent)

    expected = [show_id(named_id(NOW, tenant, one["channel"], one["key"])) for one in sent]
    assert [taken["id"] for taken in body(answer)] == expected
    assert len(office.intake.heard) == 5


async def test_the_same_key_twice_is_one_message(store, tenant):
    office = an_office(store)

    async with a_browser(office) as client:
        token = await a_token(office, tenant)
        first = await client.post("/api/messages", json=A_MESSAGE, headers=token)
        second = await client.post("/api/messages", json=A_MESSAGE, headers=token)

    assert [body(first)["new"], body(second)["new"]] == [True, False]
    assert len(office.intake.heard) == 1


async def test_the_same_idempotency_key_is_answered_as_the_first_time(store, tenant):
    office = an_office(store)
    sent = {key: value for key, value in A_MESSAGE.items() if key != "key"}

    async with a_browser(office) as client:
        token = await a_token(office, tenant) | {"idempotency-key": "once-1"}
        first = await client.post("/api/messages", json=sent, headers=token)
        again = await client.post("/api/messages", json=sent, headers=token)
        other = await client.post("/api/messages", json=sent | {"text": "Otra cosa"}, headers=token)

    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"
    assert other.status_code == 422
    assert body(other)["type"] == "/api/problems#other-body"
    assert len(office.intake.heard) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": 7}, "Expected `str`, got `int` - at `$.text`"),
        ({"txt": "x"}, "Object contains unknown field `txt`"),
        ({"from": " "}, "`from` must name somebody"),
        ({"at": "2026-03-03T15:59:00"}, "`at` must have a zone"),
        ({"channel": "no channel"}, "a channel is a network's name"),
        ({"account": "nobody"}, "no account 'nobody' on channel 'mastodon'"),
    ],
)
async def test_a_message_that_cannot_be_used_is_refused_with_the_place(store, tenant, change, said):
    _, answer = await post(store, tenant, "/api/messages", A_MESSAGE | change)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in body(answer)["detail"]
    assert body(answer)["cure"]


async def test_a_problem_names_the_value_that_it_met(store, tenant):
    _, answer = await post(store, tenant, "/api/messages", [A_MESSAGE, A_MESSAGE | {"text": 7}])

    assert body(answer)["value"] == 7


@pytest.mark.parametrize("raw", [b"", b"{", b"[" * 100_000, b'{"channel": NaN}', b"\xff\xfe", b'"' + b"x" * 1000, b"null"])
async def test_no_body_breaks_the_intake(store, tenant, raw):
    office = an_office(store)

    async with a_browser(office) as client:
        answer = await client.post("/api/messages", content=raw, headers=await a_token(office, tenant))

    assert answer.status_code == 400
    assert body(answer)["detail"]


async def test_too_much_at_once_is_told_when_to_come_back(store, tenant):
    office = an_office(store)
    office.intake.error = Overloaded("too much waits to be written", timedelta(seconds=3))

    async with a_browser(office) as client:
        answer = await client.post("/api/messages", json=A_MESSAGE, headers=await a_token(office, tenant))

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "3"


@pytest.mark.parametrize("away", [asyncpg.CannotConnectNowError("starting up"), StoreError("no ledger"), FileNotFoundError()])
async def test_while_the_database_recovers_a_sender_is_told_to_come_back(store, tenant, away):
    office = an_office(store)
    office.intake.error = away

    async with a_browser(office) as client:
        answer = await client.post("/api/messages", json=A_MESSAGE, headers=await a_token(office, tenant))

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert body(answer)["detail"] == "the database does not answer"


async def test_a_cloud_event_is_taken_once_by_source_and_id(store, tenant):
    event = {
        "specversion": "1.0", "id": "e1", "source": "/pms", "type": "hotel.checked_in",
        "subject": "email:ana@example.org", "time": "2026-03-03T14:00:00Z", "data": {"room": "512"}, "extra": 1,
    }  # fmt: skip

    office, first = await post(
        store, tenant, "/api/events", [event, event], **{"content-type": "application/cloudevents-batch+json"}
    )

    assert first.status_code == 202
    assert [noted["new"] for noted in body(first)] == [True, False]
    assert office.intake.events == {("/pms", "e1"): ("email:ana@example.org", "hotel.checked_in", {"room": "512"})}


async def test_a_cloud_event_in_headers_is_taken_too(store, tenant):
    headers = {"ce-id": "e2", "ce-source": "/shop", "ce-type": "shop.visit", "ce-subject": "sms:+52", "ce-specversion": "1.0"}

    office, answer = await post(store, tenant, "/api/events", {"floor": 2}, **headers)

    assert answer.status_code == 202
    assert office.intake.events["/shop", "e2"] == ("sms:+52", "shop.visit", {"floor": 2})


@pytest.mark.parametrize(
    "change",
    [
        *({"subject": "ana"}, {"type": ""}, {"specversion": "0.3"}, {"time": "yesterday"}),
        *({"time": "1969-07-20T20:17:00Z"}, {"data": {"n": 2**64}}),
    ],
)
async def test_an_event_that_cannot_be_used_is_refused(store, tenant, change):
    office, answer = await post(store, tenant, "/api/events", {"type": "a.b", "subject": "sms:+52", "id": "1"} | change)

    assert answer.status_code == 400
    assert office.intake.events == {}


async def test_what_is_declared_of_a_person_is_taken_in(store, tenant):
    declared = {"handles": ["email:ana@example.org", "sms:+52"], "name": "Ana", "attributes": {"loyalty": "gold"}}

    office, answer = await post(store, tenant, "/api/people", declared)

    assert answer.status_code == 202
    assert office.intake.declared == [(("email:ana@example.org", "sms:+52"), "Ana", {"loyalty": "gold"})]


async def test_an_agent_acts_by_the_api_as_at_the_desk(store, tenant):
    office = an_office(store)
    id = await a_conversation(store, tenant)

    async with a_browser(office) as client:
        token = await a_token(office, tenant, "agent", agent="ana") | {"idempotency-key": "r1"}
        answer = await client.post(f"/api/conversations/{id.hex()}/reply", json={"text": "Ya quedó"}, headers=token)
        again = await client.post(f"/api/conversations/{id.hex()}/reply", json={"text": "Ya quedó"}, headers=token)

    assert body(answer) == {"done": True, "result": ""}
    assert again.content == answer.content
    assert len(office.intake.acts) == 1
    asked = office.intake.acts[0]
    assert (asked["agent"], asked["do"], asked["conversation"], asked["text"]) == ("ana", "reply", id, "Ya quedó")
    assert asked["once"] == "ana/reply/r1"


@pytest.mark.parametrize("do", ["hand_over", "call_back", "join", "leave", "lead", "transfer"])
async def test_what_passes_a_conversation_on_can_be_asked_by_the_api(store, tenant, do):
    office = an_office(store)
    id = await a_conversation(store, tenant)

    async with a_browser(office) as client:
        token, asked = await a_token(office, tenant, "agent", agent="ana"), {"argument": "bo", "reason": "knows the house"}
        answer = await client.post(f"/api/conversations/{id.hex()}/{do}", json=asked, headers=token)

    assert answer.status_code == 200
    [act] = office.intake.acts
    assert (act["do"], act["conversation"], act["argument"], act["reason"]) == (do, id, "bo", "knows the house")


async def test_an_action_that_is_refused_says_why(store, tenant):
    office = an_office(store)
    office.intake.refusal = "the offer is somebody else's"
    id = await a_conversation(store, tenant)

    async with a_browser(office) as client:
        answer = await client.post(f"/api/conversations/{id.hex()}/accept", headers=await a_token(office, tenant, "agent"))

    assert answer.status_code == 409
    assert body(answer)["detail"] == "the offer is somebody else's"


async def test_a_message_is_moderated_by_the_api_and_only_in_its_own_conversation(store, tenant):
    office = an_office(store)
    id, other = await a_conversation(store, tenant), await a_conversation(store, tenant, "other")
    said = Message(named_id(NOW, "m"), NOW, Direction.IN, Standing.RECEIVED, Reach.PUBLIC, key="k", conversation=id)
    async with store.within(tenant) as db:
        await write_rows(db, tenant, {Message: {said.id: said}})
    asked = {"op": "hide", "reason": "an insult"}

    async with a_browser(office) as client:
        token, place = await a_token(office, tenant, "agent", agent="ana"), f"messages/{said.id.hex()}/moderate"
        done = await client.post(f"/api/conversations/{id.hex()}/{place}", json=asked, headers=token)
        elsewhere = await client.post(f"/api/conversations/{other.hex()}/{place}", json=asked, headers=token)
        unknown = await client.post(f"/api/conversations/{id.hex()}/{place}", json={"op": "burn"}, headers=token)

    assert (done.status_code, body(done)) == (200, {"done": True, "result": ""})
    [act] = office.intake.acts
    assert (act["do"], act["message"], act["argument"], act["reason"]) == ("moderate", said.id, "hide", "an insult")
    assert (elsewhere.status_code, unknown.status_code) == (404, 400)
    assert "delete, edit, hide" in body(unknown)["detail"]


async def test_an_agent_cannot_approve_by_the_api(store, tenant):
    office = an_office(store)
    id = await a_conversation(store, tenant)

    async with a_browser(office) as client:
        answer = await client.post(f"/api/conversations/{id.hex()}/approve", headers=await a_token(office, tenant, "agent"))

    assert answer.status_code == 403
    assert office.intake.acts == []


async def test_conversations_are_listed_page_by_page(store, tenant):
    office = an_office(store)
    made = [await a_conversation(store, tenant, f"c{n}", last_at=NOW - timedelta(minutes=n)) for n in range(5)]

    async with a_browser(office) as client:
        token = await a_token(office, tenant, "auditor")
        seen, after = [], ""
        for _ in range(3):
            page = body(await client.get(f"/api/conversations?view=open&limit=2&after={after}", headers=token))
            seen += [one["id"] for one in page["conversations"]]
            after = page.get("next", "")

    assert seen == [show_id(id) for id in made]
    assert after == ""


async def test_a_conversation_says_whether_the_network_lets_us_answer_and_until_when(store, tenant):
    id = await a_conversation(store, tenant)
    told = Eligibility(allowed=True, until=NOW + timedelta(hours=24))
    office = replace(an_office(store), window=lambda tenant, asking: told)

    async with a_browser(office) as client:
        token = await a_token(office, tenant)
        opened = body(await client.get(f"/api/conversations/{id.hex()}?lang=es", headers=token))["writable"]
        told = Eligibility(allowed=False, reason=Wording(en="Their 24 hours are over.", es="Ya pasaron sus 24 horas."))
        closed = body(await client.get(f"/api/conversations/{id.hex()}?lang=es", headers=token))["writable"]

    assert (opened["now"], opened["until"]) == (True, "2026-03-04T16:00:00Z")
    assert (closed["now"], closed["why"]) == (False, "Ya pasaron sus 24 horas.")


async def test_another_tenants_conversation_is_not_there(store, tenant, new_tenant):
    office = an_office(store)
    id = await a_conversation(store, await new_tenant())

    async with a_browser(office) as client:
        token = await a_token(office, tenant, "administrator")
        one = await client.get(f"/api/conversations/{id.hex()}", headers=token)
        act = await client.post(f"/api/conversations/{id.hex()}/take", headers=token)
        listed = await client.get("/api/conversations?view=open", headers=token)

    assert [one.status_code, act.status_code] == [404, 404]
    assert body(listed)["conversations"] == []


async def test_a_persons_context_is_given_by_handle_to_who_says_what_for(store, tenant):
    office = an_office(store)
    await a_conversation(store, tenant, "c1")
    person = named_id(NOW, tenant, "c1", "person")
    async with store.within(tenant) as db:
        await db.execute("insert into person(tenant, id, name, language) values ($1, $2, 'María', 'es')", tenant, person)

    async with a_browser(office) as client:
        token = await a_token(office, tenant)
        without = await client.get("/api/people/webchat:c1/context", headers=token)
        given = await client.get("/api/people/webchat:c1/context?purpose=service", headers=token)
        nobody = await client.get("/api/people/webchat:nobody/context?purpose=service", headers=token)

    assert [without.status_code, nobody.status_code] == [400, 404]
    assert office.intake.recorded == [ContextRead(person, "token:crm", "service")]
    assert body(given)["name"] == "María"
    assert body(given)["handles"] == ["webchat:c1"]
    assert [one["preview"] for one in body(given)["conversations"]] == ["No hay wifi"]


async def test_a_batch_of_events_fits_their_kinds_or_none_is_taken_and_the_first_fault_has_its_place(store, tenant):
    office = an_office(store)
    schema = {"required": ["room"], "properties": {"room": {"type": "string"}}}
    kind = msgspec.json.encode({"id": "hotel.checked_in", "schema": schema})
    await office.intake.set_things(tenant, [("event_kind", "hotel.checked_in", kind)])
    events = [
        {"type": "hotel.checked_in", "subject": "email:a@x.example", "id": str(n), "data": {"room": room}}
        for n, room in enumerate(("512", "513", 514))
    ]

    async with a_browser(office) as client:
        token = await a_token(office, tenant)
        wrong = await client.post("/api/events", json=events, headers=token)
        right = await client.post("/api/events", json=events[:2], headers=token)

    assert (wrong.status_code, "event 3 of 3: hotel.checked_in: data.room must be string" in wrong.text) == (400, True)
    assert (right.status_code, len(office.intake.events)) == (202, 2)


async def test_a_stream_of_a_context_begins_with_it_and_ends_with_its_reader(store, tenant):
    office = an_office(store)
    await a_conversation(store, tenant, "c1")
    person = named_id(NOW, tenant, "c1", "person")
    async with store.within(tenant) as db:
        await db.execute("insert into person(tenant, id, name) values ($1, $2, 'María')", tenant, person)
    who = Who(tenant, "token:crm", "service", "crm", "", frozenset({"context.read"}))
    found = await api_people._read(office, who, "webchat:c1", PURPOSES["service"])

    async def still() -> bool:
        return True

    told = api_people._changes(office, who, found, PURPOSES["service"], still)
    first = await anext(told)
    await told.aclose()

    assert first.startswith(b"event: context\ndata: {")
    assert b"Mar" in first
    assert not hub_of(office, tenant).listeners


async def test_a_piece_of_the_centre_is_set_read_and_removed(store, tenant):
    office = an_office(store)

    async with a_browser(office) as client:
        token = await a_token(office, tenant, "administrator")
        put = await client.put("/api/centre/agent/ana", json={"name": "Ana", "slots": {"chat": 2}}, headers=token)
        read = await client.get("/api/centre/agent/ana", headers=token)
        wrong = await client.put("/api/centre/agent/ana", json={"nme": "Ana"}, headers=token)
        other = await client.put("/api/centre/agent/ana", json={"id": "eva"}, headers=token)
        kind = await client.put("/api/centre/queue/ana", json={}, headers=token)
        gone = await client.delete("/api/centre/agent/ana", headers=token)
        after = await client.get("/api/centre/agent/ana", headers=token)

    assert body(put) == body(read)
    assert body(read)["says"] == {"id": "ana", "name": "Ana", "slots": {"chat": 2}}
    assert [wrong.status_code, other.status_code, kind.status_code] == [400, 400, 400]
    assert "unknown field `nme`" in body(wrong)["detail"]
    assert [gone.status_code, after.status_code] == [204, 404]


async def test_a_plan_that_matching_cannot_follow_is_refused_with_its_field_and_its_cure(store, tenant):
    office = an_office(store)

    async with a_browser(office) as client:
        token = await a_token(office, tenant, "administrator")
        plan = {"steps": [{"require": "languages has need.langage"}]}
        refused = await client.put("/api/centre/plan/p", json=plan, headers=token)

    assert refused.status_code == 400
    assert body(refused)["detail"] == "steps.0.require: expression, character 15: a need has no 'langage'"
    assert "did you mean 'language'?" in refused.text


async def test_agents_come_and_go_by_the_api(store, tenant):
    office = an_office(store)

    async with a_browser(office) as client:
        token = await a_token(office, tenant, "agent", agent="ana")
        answer = await client.put("/api/presence", json={"presence": "available"}, headers=token)
        wrong = await client.put("/api/presence", json={"presence": "asleep"}, headers=token)

    assert answer.status_code == 200
    assert [(a["agent"], a["do"]) for a in office.intake.acts] == [("ana", "go_online")]
    assert wrong.status_code == 400


async def test_the_document_describes_every_address_of_the_api(store):
    office = an_office(store)

    async with a_browser(office) as client:
        document = body(await client.get("/api/openapi.json"))

    with an_application(office) as app:
        served = {r.path for r in app.routes if r.path.startswith("/api/")} - {"/api/openapi.json"}
    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]) == {path.replace(":str", "") for path in served}
    assert document["components"]["schemas"]["Heard"]["required"] == ["channel", "from", "text"]
    text = msgspec.json.encode(document).decode()
    references = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert references <= set(document["components"]["schemas"])


async def test_the_front_page_of_the_api_asks_nobody_else_for_anything(store):
    async with a_browser(an_office(store)) as client:
        page = await client.get("/api", headers={"accept": "text/html"})

    assert page.status_code == 200
    assert "/api/messages" in page.text
    assert 'src="http' not in page.text
    assert 'href="http' not in page.text


async def test_health_says_whether_the_database_answers(store):
    office = an_office(store)

    async with a_browser(office) as client:
        answer = await client.get("/health")

    assert body(answer) == {"status": "ok", "version": "test"}


async def test_the_numbers_of_the_process_are_for_this_machine_or_an_auditor(store, tenant):
    office = an_office(store)

    async with a_browser(office) as client, a_browser(office, "203.0.113.7") as far:
        here = await client.get("/metrics")
        proxied = await client.get("/metrics", headers={"x-forwarded-for": "203.0.113.7"})
        outside = await far.get("/metrics")
        auditor = await far.get("/metrics", headers=await a_token(office, tenant, "auditor"))

    assert [here.status_code, proxied.status_code, outside.status_code, auditor.status_code] == [200, 403, 403, 200]
    assert "rapport_web_answers" in here.text


async def test_two_who_write_see_each_other_and_neither_loses_text(store, tenant):
    office = an_office(store)
    id = (await a_conversation(store, tenant)).hex()

    async with a_browser(office) as ana, a_browser(office) as beto:
        for client, name, text in ((ana, "ana", "Ya quedó"), (beto, "beto", "Estoy en eso")):
            csrf = await sign_in(client, office, tenant, "agent", name)
            await client.post("/desk/typing", data={"conversation": id, "text": text}, headers={"x-csrf-token": csrf})
        seen = body(await ana.get(f"/desk/typing?conversation={id}"))
        other = body(await beto.get(f"/desk/typing?conversation={id}"))
        office.clock.move(timedelta(seconds=9))
        later = body(await ana.get(f"/desk/typing?conversation={id}"))

    assert (seen["text"], [one["agent"] for one in seen["others"]]) == ("Ya quedó", ["beto"])
    assert (other["text"], [one["agent"] for one in other["others"]]) == ("Estoy en eso", ["ana"])
    assert (later["text"], later["others"]) == ("Ya quedó", [])


async def test_an_invitation_sets_a_password_once_and_signs_in(store, tenant):
    office = an_office(store)

    async with a_browser(office) as admin, a_browser(office) as eva:
        csrf = await sign_in(admin, office, tenant, "administrator")
        form = {
            "csrf": csrf,
            "name": "Eva Peña",
            "email": "eva@hotel.example",
            "speaks-es": "1",
            "skills": "wifi 0.9, facturas",
        }
        page = await admin.post("/set-up/invite", data=form)
        link = page.text.split("http://desk.test")[1].split('"')[0]
        short = await eva.post(link, data={"password": "short"}, headers={"accept": "text/html"})
        done = await eva.post(link, data={"password": "una frase bien larga"})
        again = await eva.post(link, data={"password": "otra frase bien larga"})
        inside = await eva.get("/desk/typing?conversation=" + "0" * 32)

    assert [short.status_code, done.status_code, again.status_code, inside.status_code] == [400, 303, 400, 200]
    async with store.within(tenant, readonly=True) as db:
        agent = msgspec.json.decode(
            await db.fetchval("select body from thing where tenant = $1 and id = 'agent/eva-pena'", tenant)
        )
    assert agent["attributes"] == {"languages": ["es"], "skills": {"wifi": 0.9, "facturas": 0.8}}


async def test_the_first_administrator_is_made_once(store, tenant):
    first = await logins.first_administrator(store, tenant)
    second = await logins.first_administrator(store, tenant)

    assert second is None
    assert await logins.check_password(store, tenant, "admin", first)


async def test_a_channel_is_tested_before_it_is_kept(store, tenant):
    office = an_office(store)
    form = {"account": "front-desk", "address": "hello@hotel.example"}

    async with a_browser(office) as client:
        form["csrf"] = await sign_in(client, office, tenant, "administrator")
        only = await client.post("/set-up/channel/email/test?lang=en", data=form | {"password": "right"})
        wrong = await client.post("/set-up/channel/email?lang=en", data=form | {"password": "wrong"})
        before = await client.get("/api/centre/account/front-desk")
        right = await client.post("/set-up/channel/email", data=form | {"password": "right"})
        after = body(await client.get("/api/centre/account/front-desk"))

    assert "hello@hotel.example" in only.text
    assert wrong.status_code == 400
    assert "Wrong password." in wrong.text
    assert 'value="wrong"' not in wrong.text
    assert [before.status_code, right.status_code] == [404, 303]
    assert after["says"]["settings"] == {"address": "hello@hotel.example", "password": "secret:front-desk.password"}
    assert office.secrets == {(tenant, "front-desk.password"): "right"}


async def test_the_example_centre_is_taken_with_one_click(store, tenant):
    office = an_office(store)

    async with a_browser(office) as client:
        csrf = await sign_in(client, office, tenant, "administrator")
        first = await client.get("/")
        await client.post("/set-up/example", data={"csrf": csrf})
        then = await client.get("/")

    assert first.headers["location"] == "/set-up"
    assert then.headers["location"] == "/desk"
    assert enter


async def test_the_wallboards_numbers_are_given_to_programs(store, tenant):
    office = an_office(store)
    await a_conversation(store, tenant)

    async with a_browser(office) as client:
        now = body(await client.get("/api/wallboard", headers=await a_token(office, tenant)))

    assert {kind["kind"] for kind in now["kinds"]} >= {"chat", "social", "email"}
    assert now["waiting"] == 0
    assert now["present"] == 0
    assert now["service_level"] is None
