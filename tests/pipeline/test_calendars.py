"""Calendars by an address: read in their turn through the guarded way, with the problem and the cure where they cannot be."""

from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import msgspec
import pytest

from rapport.access.logins import add_login, change_login
from rapport.app.egress import manifest
from rapport.channels.calendar_file import LARGEST, fetch_calendar
from rapport.channels.guarded import Guarded, guarded_client
from rapport.channels.registry import networks
from rapport.clock import FakeClock
from rapport.errors import BadInput, Unavailable
from rapport.ledger.seal import Keys
from rapport.matching.calendar_feeds import calendar_secret, feed_hosts, feed_of, keep_feed
from rapport.matching.calendars import presences_due
from rapport.model.calendar_address import calendar_address
from rapport.pipeline.calendars import Calendars
from rapport.settings import Settings
from rapport.web.desk.busy_times import read_busy
from rapport.web.languages import retell

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 3, 3, 16, tzinfo=UTC)
ADDRESS = "https://calendar.example/secret/basic.ics"
MEETING = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260303T153000Z\nDTEND:20260303T163000Z\nEND:VEVENT\nEND:VCALENDAR\n"
KEYS = Keys(bytes(range(32)))


def a_client(answer) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.MockTransport(answer), follow_redirects=False)


class Desk:
    """One agent's calendar, and the loop that reads it. `answer`: bytes, or an error that is raised."""

    def __init__(self, store, tenant):
        self.store, self.tenant, self.clock, self.asked, self.answer = store, tenant, FakeClock(NOW), [], MEETING
        self.loop = Calendars(store.within, self.clock, KEYS, self.fetch, lambda c, now: msgspec.json.encode(read_busy(c, now)))

    async def fetch(self, address):
        self.asked.append(address)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def keep(self, address=ADDRESS):
        sealed = KEYS.wrap_secret(self.tenant, calendar_secret("ana"), address.encode())
        async with self.store.within(self.tenant) as db:
            await keep_feed(db, self.tenant, "ana", sealed, ("calendar.example", 443), self.clock.now())

    async def feed(self):
        async with self.store.within(self.tenant) as db:
            return await feed_of(db, self.tenant, "ana")

    async def due(self):
        async with self.store.within(self.tenant) as db:
            await db.execute(
                "insert into agent_now(tenant, id, presence) values ($1, 'ana', 'available') on conflict do nothing",
                self.tenant,
            )
            return await presences_due(db, self.tenant, self.clock.now())


@pytest.fixture
async def desk(store, tenant):
    made = Desk(store, tenant)
    await add_login(store, tenant, "ana", email="ana@hotel.example", name="Ana", role="agent")
    await made.keep()
    return made


async def test_a_meeting_of_a_calendar_by_its_address_makes_its_owner_busy(desk):
    read = await desk.loop.round(desk.tenant)

    assert (read, desk.asked) == (1, [ADDRESS])
    assert (await desk.feed()).read_at == NOW
    assert await desk.due() == [("ana", "go_busy")]


async def test_it_is_read_every_quarter_of_an_hour_and_by_one_worker_alone(desk):
    rounds = [await desk.loop.round(desk.tenant) for _ in range(2)]
    desk.clock.move(timedelta(minutes=15))

    assert rounds == [1, 0]
    assert await desk.loop.round(desk.tenant) == 1


async def test_what_was_read_stands_while_its_server_is_away_and_the_problem_is_told(desk):
    await desk.loop.round(desk.tenant)
    desk.clock.move(timedelta(minutes=15))
    desk.answer = Unavailable("its server answers 503")
    await desk.loop.round(desk.tenant)
    feed = await desk.feed()

    assert (feed.problem, feed.failed, feed.read_at) == ("its server answers 503", 1, NOW)
    assert await desk.due() == [("ana", "go_busy")]


async def test_what_is_no_calendar_or_was_sealed_by_another_key_says_so_and_breaks_nothing(desk):
    desk.answer = b"<html>sign in</html>"
    await desk.loop.round(desk.tenant)
    no_calendar = (await desk.feed()).problem
    async with desk.store.within(desk.tenant) as db:
        await keep_feed(db, desk.tenant, "ana", bytes(40), ("calendar.example", 443), desk.clock.now())
    await desk.loop.round(desk.tenant)

    assert no_calendar.startswith("this is no calendar")
    assert "set its address again" in (await desk.feed()).problem


async def test_where_its_host_leads_is_not_told_to_whoever_named_it(desk):
    async def inside(host, port):
        return ["10.0.0.7"]

    desk.loop.fetch = partial(fetch_calendar, guarded_client(Guarded(resolver=inside)))
    await desk.loop.round(desk.tenant)
    problem = (await desk.feed()).problem

    assert problem.startswith("its host has no address, or one that is not in the open")
    assert retell("es", problem).startswith("su servidor no tiene")


async def test_an_address_that_was_set_meanwhile_is_not_blamed_for_the_old_one(desk):
    async def slow(address):
        desk.clock.move(timedelta(seconds=1))
        await desk.keep("https://calendar.example/other.ics")
        raise BadInput("its server answers 404")

    desk.loop.fetch = slow
    await desk.loop.round(desk.tenant)

    assert (await desk.feed()).problem == ""


async def test_nothing_is_read_any_more_for_somebody_who_left(desk):
    await change_login(desk.store, desk.tenant, "ana", disabled=NOW)

    assert await desk.loop.round(desk.tenant) == 0
    async with desk.store.within(desk.tenant) as db:
        assert await feed_hosts(db, desk.tenant) == []


async def test_the_manifest_of_ways_out_names_its_host(desk):
    async with desk.store.within(desk.tenant) as db:
        places = [("default", *place) for place in await feed_hosts(db, desk.tenant)]
    found = manifest(Settings(), [], networks(), places)
    by_proxy = manifest(Settings(outbound_proxy="http://proxy.acme.example:3128"), [], networks(), places)

    assert ("worker", "calendar.example", 443) in {(one.process, one.host, one.port) for one in found}
    assert not {one.host for one in by_proxy} & {"calendar.example"}


@pytest.mark.parametrize(
    "said",
    ["http://calendar.example/a.ics", "https://u:p@calendar.example/a", "https://calendar.example:8443/", "ftp://x", "a b"],
)
def test_an_address_that_is_no_plain_https_is_refused(said):
    with pytest.raises(BadInput):
        calendar_address(said)


def test_what_calendars_call_webcal_is_https():
    assert calendar_address(" webcal://calendar.example/a.ics ") == "https://calendar.example/a.ics"


async def test_nothing_is_asked_inside_our_own_network_nor_after_a_redirection_to_plain_http():
    async def inside(host, port):
        return ["10.0.0.7"]

    with pytest.raises(BadInput):
        await fetch_calendar(guarded_client(Guarded(resolver=inside)), ADDRESS)
    with pytest.raises(BadInput):
        await fetch_calendar(a_client(lambda r: httpx.Response(302, headers={"location": "http://calendar.example/"})), ADDRESS)
    with pytest.raises(BadInput):
        await fetch_calendar(a_client(lambda r: httpx.Response(302, headers={"location": ADDRESS})), ADDRESS)


async def test_too_much_a_gone_address_and_a_broken_line_each_say_what_to_do():
    for answer, error, words in (
        (lambda r: httpx.Response(200, stream=httpx.ByteStream(b"x" * (LARGEST + 1))), BadInput, "1 MiB"),
        (lambda r: httpx.Response(404), BadInput, "new secret address"),
        (lambda r: httpx.Response(502), Unavailable, "502"),
    ):
        with pytest.raises(error, match=words):
            await fetch_calendar(a_client(answer), ADDRESS)
