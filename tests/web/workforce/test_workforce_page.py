"""The workforce page: forecast, people needed and there, what if, and the look back; with history and without."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from browser.filled import fill
from databases import a_tenant
from rapport.clock import FakeClock
from rapport.ledger.entry import body_of
from rapport.ledger.tables import read_where, write_rows
from rapport.model.agent import Agent
from rapport.model.burst import Burst, BurstTaken
from rapport.model.centre import Centre, Profile
from rapport.model.fact import PresenceChanged
from rapport.model.ids import named_id
from rapport.model.presence_was import PresenceWas
from rapport.store.migrate import migrations
from rapport.web.workforce.intraday import STEP, day_of, series_of, there_by_shift
from web.officework import a_browser, an_office, sign_in
from web.test_pages import words
from web.workforcework import fill_weeks, give_shifts

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 3, 3, 18, 5, tzinfo=UTC)  # Tuesday, 12:05 in Mexico City


@pytest.fixture(scope="module")
async def planner(store):
    """A planner of a hotel, who looks and changes nothing."""
    tenant = await a_tenant(store)
    await fill(store, tenant)
    await fill_weeks(store, tenant, NOON, days=14)
    await give_shifts(store, tenant)
    office = an_office(store, clock=FakeClock(NOON))
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "planner")
        client.tenant = tenant
        yield client


async def test_a_planner_sees_the_forecast_who_is_needed_and_the_shifts(planner):
    said = words(await planner.get("/workforce?lang=es"))

    assert "Pronóstico del día" in said
    assert "con 12 días de historia" in said
    assert "Irene Villaseñor · 08:00–16:00" in said
    assert "Ana Quiroz ·" not in said


async def test_an_agent_sees_no_shifts_but_their_own(planner, store):
    office = an_office(store, clock=FakeClock(NOON))
    async with a_browser(office) as client:
        await sign_in(client, office, planner.tenant, "agent", "irene")
        said = words(await client.get("/workforce?lang=en"))
        await sign_in(client, office, planner.tenant, "agent", "ofelia")
        without = words(await client.get("/workforce?lang=es"))

    assert "Your shifts of today" in said
    assert "Staffing" not in said
    assert "Irene Villaseñor · 08:00–16:00" in said
    assert "Noor" not in said
    assert "Hoy no tiene turno." in without


async def test_fewer_people_are_tried_and_other_chance_confirms_the_verdict(planner):
    said = words(await planner.get("/workforce?lang=en&more=-3&after=12"))

    assert "Answered in time:" in said
    assert "Other chance gave the same verdict." in said


async def test_nobody_more_changes_nothing_and_says_so(planner):
    said = words(await planner.get("/workforce?lang=en&more=0&after=12"))

    assert "Nothing can be promised" in said


async def test_the_look_back_stands_beside_what_planners_do(planner):
    said = words(await planner.get("/workforce/look-back?lang=en"))

    assert "over 2 days, each half-hour" in said
    assert "Mean of four weeks instead" in said


@pytest.mark.parametrize(("more", "after"), [("many", "18"), ("4", "25"), ("9999", "18"), ("", "4")])
async def test_what_cannot_be_tried_is_refused_with_the_value(planner, more, after):
    answer = await planner.get(f"/workforce?lang=en&more={more}&after={after}&burst=7&other=fifo&widen=1")

    assert answer.status_code == 400
    assert f'name="more" type="number" min="-50" max="50" step="1" value="{more}"' in answer.text
    assert re.search(f'name="after"[^>]* value="{after}"', answer.text)
    assert re.search('name="burst"[^>]* value="7"', answer.text)
    assert '<option value="fifo" selected>' in answer.text
    assert 'name="widen" value="1" checked' in answer.text
    field = "after" if after == "25" else "more"
    assert f'aria-invalid="true" aria-describedby="wrong-{field}"' in answer.text
    assert f'<span class="err" id="wrong-{field}">' in answer.text
    assert answer.text.count("aria-invalid") == 1
    assert "must be a whole number up to" in words(answer)


async def test_what_is_refused_is_said_beside_its_field_in_spanish(planner):
    said = words(await planner.get("/workforce?lang=es&more=many&after=18"))

    assert "No se hizo. Corrija lo que se nombra y envíelo de nuevo." in said
    assert "más personas: un número entero de hasta 50, y se recibió &#39;many&#39;" in said


async def test_without_history_what_is_asked_for_is_refused_on_the_page_itself(store, tenant):
    office = an_office(store, clock=FakeClock(NOON))
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "planner")
        tried = await client.get("/workforce?lang=en&more=3&after=9")
        staffed = await client.get("/workforce/staffing?lang=en&target=200")

    assert (tried.status_code, staffed.status_code) == (400, 400)
    assert "three days of history are needed before a day can be tried" in words(tried)
    assert "target is a number from 1 to 99.9, got &#39;200&#39;" in words(staffed)


async def test_without_history_the_page_says_what_is_missing(store, tenant):
    office = an_office(store, clock=FakeClock(NOON))
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "planner")
        said = words(await client.get("/workforce?lang=en"))

    assert "There is not enough history for a forecast yet." in said


async def test_without_history_the_accuracy_of_the_forecast_says_what_is_missing(store, tenant):
    office = an_office(store, clock=FakeClock(NOON))
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "planner")
        answer = await client.get("/workforce/look-back?lang=es")

    assert answer.status_code == 200
    assert "Hacen falta tres días de historia para que haya algo que repasar." in words(answer)


async def test_more_people_of_a_language_help_those_who_speak_it(planner):
    said = words(await planner.get("/workforce?lang=en&more=6&after=12&language=es"))
    wrong = await planner.get("/workforce?lang=en&more=6&after=12&language=xx")

    assert "every language" in said
    assert "Spanish" in said
    assert wrong.status_code == 400
    assert "the languages of this day are es, en, ar, got" in words(wrong)


async def test_a_day_that_was_is_run_again_under_another_policy(planner):
    page = words(await planner.get("/workforce/replay?lang=en&day=2026-03-02"))
    said = words(await planner.get("/workforce/replay?lang=es&day=2026-03-02&more=-3&after=9"))
    other = words(await planner.get("/workforce/replay?lang=en&day=2026-03-02&other=fifo"))

    assert "conversations, 4 people" in page
    assert "Respondidas a tiempo, español" in said
    assert "Nothing can be promised" in other or "Answered in time:" in other


@pytest.mark.parametrize(("day", "says"), [("2026-03-03", "a day that is over"), ("soon", "a day such as 2026-03-02")])
async def test_a_day_that_is_none_is_refused(planner, day, says):
    answer = await planner.get(f"/workforce/replay?lang=en&day={day}&more=1&after=9")

    assert answer.status_code == 400
    assert says in words(answer)
    assert re.search(
        f'name="day" type="date" value="{day}" required aria-invalid="true" aria-describedby="wrong-day"', answer.text
    )
    assert re.search('name="more"[^>]* value="1"', answer.text)


async def test_what_cannot_be_tried_on_a_day_that_was_stands_beside_its_field(planner):
    answer = await planner.get("/workforce/replay?lang=en&day=2026-03-02&more=99&after=9&language=es")

    assert answer.status_code == 400
    assert "conversations, 4 people" in words(answer)
    assert re.search('name="more"[^>]* value="99" required aria-invalid="true"', answer.text)
    assert '<option value="es" selected>' in answer.text


async def test_channels_and_languages_stand_with_their_sums(planner):
    page = await planner.get("/workforce/streams?lang=es")
    said = words(page)

    assert "todos los canales todos los idiomas suma" in said
    assert "Chat español" in said


@pytest.fixture
async def in_a_burst(store, tenant):
    """A burst since 11:20 with one step taken; 80 of 400 are held."""
    await fill(store, tenant)
    taken = (BurstTaken("widen", "irene", NOON, ("by-skill",)),)
    since = NOON - timedelta(minutes=45)
    burst = Burst(named_id(since, "b"), since, NOON, "real", 4.0, 400, 380, 250, 5400.0, 80, 371, 7, 1500.0, taken=taken)
    async with store.within(tenant) as db:
        await write_rows(db, tenant, {Burst: {burst.id: burst}})
    return an_office(store, clock=FakeClock(NOON)), burst


@pytest.mark.parametrize("page", ["/workforce", "/wallboard", "/workforce/bursts"])
async def test_a_burst_stands_with_its_evidence_and_its_plan(in_a_burst, tenant, page):
    office, _ = in_a_burst
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "supervisor", "irene")
        said = words(await client.get(f"{page}?lang=es"))

    assert "Una avalancha desde las 11:20: 380 más de lo habitual hasta ahora." in said
    assert "Llegaron 400 en total, de 371 nombres. La guardia retiene 80 de ellos." in said
    assert "Irene Villaseñor, a las 12:05 by-skill" in said
    assert "Tendrían que venir 7 personas." in said
    assert "El centro no nombra ninguna respuesta para ello" in said


async def test_who_may_not_act_sees_no_buttons_and_is_refused(in_a_burst, tenant):
    office, burst = in_a_burst
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "planner")
        page = await client.get("/workforce?lang=en")
        token = page.text.split('name="csrf" value="')[1].split('"')[0]
        answer = await client.post(f"/workforce/bursts/{burst.id.hex()}", data={"step": "call_in", "csrf": token})

    assert 'name="step"' not in page.text
    assert answer.status_code == 403


async def test_without_a_burst_the_page_of_bursts_says_when_one_is_told(store, tenant):
    office = an_office(store, clock=FakeClock(NOON))
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "planner")
        said = words(await client.get("/workforce/bursts?lang=es"))

    assert "Ninguna avalancha hasta ahora." in said


def test_a_night_counts_on_both_of_its_days_and_by_the_clock_of_the_centre():
    night, east = Agent("ana", shift=("mon 22:00-06:00",)), Agent("bob", shift=("tue 09:00-10:00",), timezone="America/Cancun")
    centre, tuesday = Centre(Profile(zone="America/Mexico_City")), date(2026, 3, 3)
    monday = tuesday - timedelta(days=1)
    people = {one.id: one for one in (night, east)}

    late, [began] = there_by_shift(people, centre, monday, 48, timedelta(0), 0)
    early, turns = there_by_shift(people, centre, tuesday, 48, timedelta(0), 0)

    assert (began.start, began.end, sum(late)) == (22 * 60, 30 * 60, 4)
    assert [(one.agent, one.start, one.end) for one in turns] == [("ana", -120, 360), ("bob", 480, 540)]
    assert (early[:12], early[16:18], sum(early)) == ([1] * 12, [1, 1], 14)


async def test_how_agents_stood_before_the_table_was_there_comes_from_the_record(store, tenant):
    now, long = datetime.now(UTC), "x" * 40
    rows = [
        (
            tenant,
            n,
            now - timedelta(hours=n),
            named_id(now, str(n)),
            bytes(16),
            58,
            body_of(PresenceChanged(agent, presence)),
            b"",
        )
        for n, (agent, presence) in enumerate([("ana", "available"), (long, "offline"), ("bob", "busy")], start=1)
    ]
    rows[2] = (*rows[2][:2], now - timedelta(days=30), *rows[2][3:])
    sql = next(one.sql for one in migrations() if one.number == 34)
    async with store.within(tenant) as db:
        await db.executemany(
            "insert into entry(tenant, seq, at, id, subject, kind, body, leaf) values ($1, $2, $3, $4, $5, $6, $7, $8)", rows
        )
        await db.execute(sql.replace("select array_agg(id)::text from tenant", f"select '{{{tenant}}}'"))
        found = await read_where(db, tenant, PresenceWas, "true order by agent")

    assert [(one.agent, one.presence) for one in found] == [("ana", "available"), (long, "offline")]


def test_what_a_burst_may_still_bring_stands_in_the_rest_of_the_day():
    now = datetime(2026, 3, 6, 12)
    found = [(datetime(2026, 3, day, 8) + n * STEP, 20, 0) for day in range(2, 6) for n in range(16)]
    found += [(datetime(2026, 3, 6, 8) + n * STEP, 20, 0) for n in range(8)]
    series = series_of(found, now.date())
    asked = {"there": [5] * 16, "handle_seconds": 300.0, "places": 1.0, "within": 60.0}

    usual = day_of(series, found, now, **asked)
    burst = day_of(series, found, now, **asked, burst=(300.0, 3 * 3600.0))
    more = [one.now - other.now for one, other in zip(burst.slots, usual.slots, strict=True)]

    assert sum(more) == pytest.approx(300.0)
    assert more[8] > more[9] > more[13] > 0 == more[14]
    assert burst.slots[8].low == usual.slots[8].low
    assert burst.slots[8].waits > usual.slots[8].waits
