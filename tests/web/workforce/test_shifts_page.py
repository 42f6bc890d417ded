"""The page of shifts: a swap from asking to approval in both languages, feeds by their own links, and CSV for planners."""

import csv
import io
from datetime import UTC, datetime

import pytest

from browser.filled import fill
from rapport.access import logins
from rapport.access.shift_links import shift_link
from rapport.clock import FakeClock
from rapport.ledger.tables import write_rows
from rapport.model.ids import named_id
from rapport.model.shift_ask import ShiftAsk
from web.officework import a_browser, an_office, sign_in
from web.test_pages import words
from web.workforcework import give_shifts

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 3, 3, 18, 5, tzinfo=UTC)  # Tuesday, 12:05 in Mexico City


@pytest.fixture
async def office(store, tenant):
    await fill(store, tenant)
    await give_shifts(store, tenant)
    return an_office(store, clock=FakeClock(NOON))


@pytest.fixture
async def client(office):
    async with a_browser(office) as client:
        yield client


async def asked(store, tenant, state="asked", to="noor"):
    ask = ShiftAsk(named_id(NOON, "ask"), "swap", "irene", to, "2026-03-06", 480, 960, NOON, NOON, state=state)
    async with store.within(tenant) as db:
        await write_rows(db, tenant, {ShiftAsk: {ask.id: ask}})
    return ask


async def test_an_agent_sees_their_days_and_the_form_for_a_swap(client, office, tenant):
    await sign_in(client, office, tenant, "agent", "irene")
    page = words(await client.get("/shifts?lang=es"))
    form = words(await client.get("/shifts?lang=en&day=2026-03-06&begin=480&to=noor"))

    assert "Sus próximos 14 días" in page
    assert "08:00–16:00" in page
    assert "What you would have instead" in form
    assert "10:00–18:00" in form
    for begin in ("%C2%B2", "4" * 5000):
        assert (await client.get(f"/shifts?day=2026-03-06&begin={begin}")).status_code == 200


async def test_who_is_asked_says_yes_or_no_and_who_asked_takes_it_back(client, office, store, tenant):
    await asked(store, tenant)
    await sign_in(client, office, tenant, "agent", "noor")
    theirs = words(await client.get("/shifts?lang=en"))
    await sign_in(client, office, tenant, "agent", "irene")
    mine = words(await client.get("/shifts?lang=en"))

    assert "Asked of you" in theirs
    assert "Yes No" in theirs
    assert "Withdraw" in mine
    assert "Yes No" not in mine


async def test_a_planner_decides_what_both_agreed_to_and_an_agent_cannot(client, office, store, tenant):
    ask = await asked(store, tenant, "agreed")
    await sign_in(client, office, tenant, "planner")
    page = await client.get("/shifts?lang=en")
    await sign_in(client, office, tenant, "agent", "noor")
    token = page.text.split('name="csrf" value="')[1].split('"')[0]
    refused = await client.post(f"/shifts/{ask.id.hex()}/decide", data={"do": "approve", "csrf": token})

    assert "To decide" in words(page)
    assert "Approve" in words(page)
    assert refused.status_code == 403


async def test_a_calendar_comes_by_its_own_link_alone(client, office, tenant):
    good = await client.get(f"/shifts/feed/{shift_link(tenant, 'irene', key=office.key)}.ics")
    other = await client.get(f"/shifts/feed/{shift_link(tenant, 'irene', key=b'another key')}.ics")
    gone = await client.get(f"/shifts/feed/{shift_link(tenant, 'nobody', key=office.key)}.ics")

    assert good.headers["content-type"].startswith("text/calendar")
    assert good.text.startswith("BEGIN:VCALENDAR\r\n")
    assert "DTSTART:20260304T140000Z\r\nDTEND:20260304T220000Z" in good.text
    assert (other.status_code, gone.status_code) == (400, 400)


async def test_a_calendar_is_over_where_whoever_it_is_of_is_let_in_no_more(client, office, tenant):
    await logins.add_login(office.store, tenant, "irene", email="irene@hotel.example", name="Irene", role="agent")
    await logins.change_login(office.store, tenant, "irene", disabled=office.clock.now())
    answer = await client.get(f"/shifts/feed/{shift_link(tenant, 'irene', key=office.key)}.ics")

    assert answer.status_code == 400


async def test_a_planner_takes_everybodys_shifts_as_csv_and_an_agent_does_not(client, office, tenant):
    await sign_in(client, office, tenant, "planner")
    answer = await client.get("/workforce/shifts.csv?days=2")
    wrong = await client.get("/workforce/shifts.csv?days=many&lang=en")
    long = await client.get("/workforce/shifts.csv?days=00921&lang=en")
    await sign_in(client, office, tenant, "agent", "irene")
    refused = await client.get("/workforce/shifts.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))

    assert {(row["agent"], row["day"], row["begins"]) for row in rows} >= {("irene", "2026-03-03", "08:00")}
    assert (wrong.status_code, long.status_code) == (400, 400)
    assert "days must be a number from 1 to 92, got 'many'" in words(wrong)
    assert refused.status_code == 403
