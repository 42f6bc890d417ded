"""Value today on the wallboard and on its own page: figures, assumptions, and an honest word where nothing can be said."""

import json
import re
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from measures.measured import START, recorded
from measures.test_day_of_work import DAY, a_day
from rapport.clock import FakeClock
from rapport.web.measures import value_today
from rapport.web.measures.reports_page import following_of
from web.officework import a_browser, an_office, sign_in
from web.test_pages import words

pytestmark = pytest.mark.anyio


@pytest.fixture
async def board(store, tenant):
    """A supervisor's browser in the afternoon of a second day with two specialists."""
    office = an_office(store, clock=FakeClock(START + timedelta(seconds=DAY + 50_000)))
    async with a_browser(office) as client:
        client.csrf = await sign_in(client, office, tenant, "supervisor")
        client.office, client.tenant = office, tenant
        yield client


async def set_centre(store, tenant, **said):
    async with store.within(tenant) as db:
        await db.execute(
            "insert into thing(tenant, id, body, at) values ($1, 'centre/centre', $2, $3) "
            "on conflict (tenant, id) do update set body = excluded.body",
            tenant, json.dumps({"id": "centre", "zone": "Europe/Madrid"} | said).encode(), datetime.now(START.tzinfo),
        )  # fmt: skip


async def test_the_wallboard_fetches_the_value_and_shows_it_from_then_on(board, store):
    await recorded(store, board.tenant, a_day(60))
    await set_centre(store, board.tenant, value={"agent_hour": 20.0}, currency="EUR", matching="patient")
    before = (await board.get("/wallboard?lang=en")).text
    part = words(await board.get("/value/part/now?lang=en"))
    after = words(await board.get("/wallboard?lang=en"))

    assert 'hx-get="/value/part/now" hx-trigger="load"' in before
    assert "Value today, against a queue estimated" in part
    assert "Resolved at first contact +" in part
    assert "EUR" in part
    assert "better than a queue" in after


async def test_its_page_states_what_it_rests_on_and_which_of_it_the_centre_has_set(board, store):
    await recorded(store, board.tenant, a_day(60))
    await set_centre(store, board.tenant, value={"slower": 1.5})
    english, spanish = words(await board.get("/value?lang=en")), words(await board.get("/value?lang=es"))

    assert "60 conversations, 2 agents." in english
    assert "Who has not, takes so many times as long slower × 1.5 of this centre" in english
    assert "patience_minutes 30 min our guess" in english
    assert "not set: no money is shown" in english
    assert "Money" not in english
    assert "Dinero" not in spanish
    assert re.search(r"Told once more [\d.]+ [\d.]+ [+−]?[\d.]+ [+−]?[\d.]+ to [+−]?[\d.]+ ", english)
    assert "En qué" not in english
    assert "Lo que se da por supuesto" in spanish


async def test_a_day_with_too_little_says_so_and_shows_no_figure(board, store):
    await recorded(store, board.tenant, a_day(8))

    page = words(await board.get("/value?lang=en"))

    assert "Too few conversations today to say anything" in page
    assert "better than a queue" not in page


async def test_it_is_reckoned_once_in_ten_minutes_and_anew_when_what_is_granted_changes(board, store):
    async def reckoned():
        await board.get("/value/part/now")
        return board.office.memory["value today"][board.tenant][0]

    await recorded(store, board.tenant, a_day(60))
    await set_centre(store, board.tenant)
    first, again = await reckoned(), await reckoned()
    board.office.clock.move(timedelta(minutes=11))
    later = await reckoned()

    assert first is again
    assert first.changes
    assert later.at - first.at == timedelta(minutes=11)


async def test_who_may_not_see_reports_sees_no_value(board):
    await sign_in(board, board.office, board.tenant, "agent")

    assert (await board.get("/value")).status_code == 403
    assert 'id="value"' not in (await board.get("/wallboard")).text


async def test_whoever_waits_for_a_reckoning_or_reckons_holds_no_connection(board, store, monkeypatch):
    await recorded(store, board.tenant, a_day(60))
    await set_centre(store, board.tenant, matching="patient")
    sitting, held = [], []

    @asynccontextmanager
    async def seated(request):
        async with seat_of(request) as seat:
            sitting.append(seat)
            yield seat
        sitting.remove(seat)

    class Watched(value_today.asyncio.Lock):
        async def acquire(self):
            held.append(len(sitting))
            return await super().acquire()

    def work_day(*given):
        held.append(len(sitting))
        return day_of(*given)

    seat_of, day_of = value_today.seated, value_today.work_day
    monkeypatch.setattr(value_today, "seated", seated)
    monkeypatch.setattr(value_today, "work_day", work_day)
    following = following_of(board.office, board.tenant)
    following.lock = Watched()
    first = await board.get("/value/part/now?lang=en")
    async with following.lock:
        again = await board.get("/value/part/now?lang=en")

    assert held == [0, 0, 0]
    assert "Resolved at first contact +" in words(first)
    assert "Resolved at first contact +" in words(again)
