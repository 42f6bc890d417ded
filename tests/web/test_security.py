"""Signing in, sessions, and what another site's page cannot do."""

from datetime import timedelta

import pytest

from rapport.access import logins
from web.officework import HERE, PAGE, PASSWORD, a_browser, a_token, an_office, body, sign_in

pytestmark = pytest.mark.anyio
FORM = {"email": "ana@hotel.example", "password": PASSWORD}


async def with_ana(store, tenant):
    office = an_office(store)
    await logins.add_login(store, tenant, "ana", email="ana@hotel.example", name="Ana", role="agent", password=PASSWORD)
    async with store.within(tenant, readonly=True) as db:
        name = await db.fetchval("select name from tenant where id = $1", tenant)
    return office, FORM | {"tenant": name}


async def test_the_right_password_opens_a_session_that_scripts_cannot_read(store, tenant):
    office, form = await with_ana(store, tenant)

    async with a_browser(office) as client:
        answer = await client.post("/sign-in", data=form | {"next": "/desk?v=mine"}, headers=PAGE)

    cookie = answer.headers["set-cookie"]
    assert answer.status_code == 303
    assert answer.headers["location"] == "/desk?v=mine"
    assert cookie.startswith(f"rapport={tenant}.")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie


async def test_over_https_the_cookie_is_secure_and_the_browser_is_told_to_stay(store, tenant):
    office = an_office(store, public_url="https://desk.test")
    await logins.add_login(store, tenant, "ana", email="ana@hotel.example", name="Ana", role="agent", password=PASSWORD)
    async with store.within(tenant, readonly=True) as db:
        name = await db.fetchval("select name from tenant where id = $1", tenant)

    async with a_browser(office) as client:
        answer = await client.post("/sign-in", data=FORM | {"tenant": name}, headers=PAGE)

    assert "Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_a_wrong_password_and_an_unknown_name_are_answered_alike(store, tenant):
    office, form = await with_ana(store, tenant)

    async with a_browser(office) as client:
        wrong = await client.post("/sign-in?lang=en", data=form | {"password": "wrong"}, headers=PAGE)
        unknown = await client.post("/sign-in?lang=en", data=form | {"email": "eva@hotel.example"}, headers=PAGE)

    assert wrong.status_code == unknown.status_code == 401
    assert "No one signs in with this e-mail and password." in wrong.text
    assert wrong.text.replace("ana@", "") == unknown.text.replace("eva@", "")


async def test_guessing_ends_after_eight_tries_and_the_right_password_waits_too(store, tenant):
    office, form = await with_ana(store, tenant)

    async with a_browser(office) as client:
        tries = [
            (await client.post("/sign-in", data=form | {"password": f"no{n}"}, headers=PAGE)).status_code for n in range(9)
        ]
        right = await client.post("/sign-in", data=form, headers=PAGE)
        office.clock.move(timedelta(minutes=16))
        later = await client.post("/sign-in", data=form, headers=PAGE)

    assert tries == [401] * 8 + [429]
    assert right.status_code == 429
    assert int(right.headers["retry-after"]) > 0
    assert later.status_code == 303


async def test_a_link_leads_nowhere_but_to_our_own_pages(store, tenant):
    office, form = await with_ana(store, tenant)

    async with a_browser(office) as client:
        where = [
            (await client.post("/sign-in", data=form | {"next": url}, headers=PAGE)).headers["location"]
            for url in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)")
        ]

    assert where == ["/"] * 4


async def test_a_session_ends_after_half_an_hour_of_nothing(store, tenant):
    office = an_office(store)

    async with a_browser(office) as client:
        await sign_in(client, office, tenant)
        office.clock.move(timedelta(minutes=29))
        still = await client.get("/desk/typing?conversation=" + "0" * 32)
        office.clock.move(timedelta(minutes=31))
        gone = await client.get("/desk/typing?conversation=" + "0" * 32)

    assert still.status_code == 200
    assert gone.status_code == 401


async def test_a_session_ends_after_twelve_hours_of_work(store, tenant):
    office = an_office(store)

    async with a_browser(office) as client:
        await sign_in(client, office, tenant)
        statuses = []
        for _ in range(37):
            office.clock.move(timedelta(minutes=20))
            statuses.append((await client.get("/desk/typing?conversation=" + "0" * 32)).status_code)

    assert statuses[:35] == [200] * 35
    assert statuses[-1] == 401


async def test_signing_out_ends_the_session_itself_not_only_the_cookie(store, tenant):
    office = an_office(store)

    async with a_browser(office) as client:
        csrf = await sign_in(client, office, tenant)
        cookie = client.cookies["rapport"]
        await client.post("/sign-out", data={"csrf": csrf}, headers=PAGE)
        client.cookies.set("rapport", cookie)
        again = await client.get("/desk/typing?conversation=" + "0" * 32)

    assert again.status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
async def test_another_sites_page_cannot_write_for_somebody(store, tenant, headers):
    office = an_office(store)

    async with a_browser(office) as client:
        csrf = await sign_in(client, office, tenant)
        answer = await client.post("/me/language", data={"csrf": csrf, "language": "en"}, headers=headers)

    assert answer.status_code == 403


async def test_a_form_without_its_token_is_refused(store, tenant):
    office = an_office(store)

    async with a_browser(office) as client:
        csrf = await sign_in(client, office, tenant)
        without = await client.post("/me/language", data={"language": "en"}, headers=PAGE)
        wrong = await client.post("/me/language", data={"language": "en", "csrf": "0" * 40}, headers=PAGE)
        right = await client.post("/me/language", data={"language": "en", "csrf": csrf}, headers=PAGE)
        by_header = await client.post("/me/language", data={"language": "es"}, headers=PAGE | {"x-csrf-token": csrf})

    assert [without.status_code, wrong.status_code] == [403, 403]
    assert [right.status_code, by_header.status_code] == [303, 303]


async def test_a_page_allows_no_script_frame_or_form_from_elsewhere(store):
    async with a_browser(an_office(store)) as client:
        page = await client.get("/sign-in")
        missing = await client.get("/nowhere")

    for answer in (page, missing):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"


async def test_who_is_not_signed_in_is_led_to_the_door_and_back(store):
    async with a_browser(an_office(store)) as client:
        page = await client.get("/set-up?x=1", headers={"accept": "text/html"})
        here = {"hx-request": "true", "hx-current-url": "http://evil.example/desk/0a?view=mine"}
        part = await client.get("/set-up", headers=here)
        door = await client.get("/sign-in?next=/desk/0a&lang=en")
        program = await client.get("/api/conversations")

    assert page.headers["location"] == "/sign-in?next=/set-up%3Fx%3D1"
    assert part.headers["hx-redirect"] == "/sign-in?next=/desk/0a%3Fview%3Dmine"
    assert "What you had written there is kept." in door.text
    assert program.headers["www-authenticate"] == "Bearer"
    assert body(program)["type"] == "/api/problems#not-signed-in"


async def test_a_body_over_one_mebibyte_is_refused(store, tenant):
    office = an_office(store)
    token = await a_token(office, tenant)

    async with a_browser(office) as client:
        answer = await client.post("/api/messages", content=b'"' + b"x" * 1_100_000 + b'"', headers=token)

    assert answer.status_code == 413
    assert body(answer)["cure"]


async def test_a_token_is_no_way_to_sign_in_or_to_make_more_tokens(store, tenant):
    office = an_office(store)
    token = await a_token(office, tenant, role="administrator")

    async with a_browser(office) as client:
        invite = await client.post("/set-up/invite", data={"name": "Eva"}, headers=token)
        live = await client.get("/live", headers=token)

    assert [invite.status_code, live.status_code] == [403, 403]


async def test_a_withdrawn_token_works_no_more_after_half_a_minute(store, tenant):
    from rapport.access import tokens

    office = an_office(store)
    token = await a_token(office, tenant)

    async with a_browser(office) as client:
        before = await client.get("/api/presence", headers=token)
        (kept,) = await tokens.all_tokens(store, tenant)
        await tokens.withdraw_token(store, tenant, kept.id, office.clock.now())
        office.clock.move(timedelta(seconds=31))
        after = await client.get("/api/presence", headers=token)

    assert [before.status_code, after.status_code] == [200, 401]


async def test_another_tenants_number_in_the_cookie_opens_nothing(store, tenant, new_tenant):
    office = an_office(store)
    other = await new_tenant()

    async with a_browser(office) as client:
        await sign_in(client, office, tenant)
        token = client.cookies["rapport"].partition(".")[2]
        client.cookies.clear()
        answer = await client.get("/desk/typing?conversation=" + "0" * 32, headers={"cookie": f"rapport={other}.{token}"})

    assert answer.status_code == 401
    assert HERE
