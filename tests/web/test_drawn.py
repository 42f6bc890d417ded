"""What many desks look at is drawn and counted once, and never older than it may be."""

from datetime import timedelta

import pytest
from jinja2 import Environment
from markupsafe import Markup

from browser.filled import NOW, an_id
from rapport.clock import FakeClock
from rapport.web import drawn
from rapport.web.drawn import Kept
from rapport.web.page import environment
from web.officework import a_browser, sign_in
from web.test_pages import a_desk, a_hotel

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk(store):
    async with a_desk(store, *await a_hotel(store)) as desk:
        yield desk


def test_a_part_that_nobody_asks_for_is_forgotten_within_two_minutes():
    kept = Kept()
    kept.find("row", NOW)
    kept.keep("row", Markup("<b>"))

    again = [kept.find("row", NOW + timedelta(seconds=after)) for after in (50, 100, 150)]
    alone = [kept.find("row", NOW + timedelta(seconds=after)) for after in (400, 10)]

    assert (again, alone) == ([Markup("<b>")] * 3, [None, None])


async def test_a_row_that_says_something_else_is_drawn_anew_at_once(desk):
    before = (await desk.get("/desk/part/inbox?view=all&lang=en")).text
    async with desk.office.store.within(desk.tenant) as db:
        await db.execute("update conversation set name = 'Wanda <i>' where id = $1", an_id("c", "minibar"))

    after = (await desk.get("/desk/part/inbox?view=all&lang=en")).text
    spanish = (await desk.get("/desk/part/inbox?view=all&lang=es")).text

    assert ("Óscar Ibarrondo" in before, "Wanda &lt;i&gt;" in after, "Óscar Ibarrondo" in after) == (True, True, False)
    assert "Wanda &lt;i&gt;" in spanish
    assert after != spanish


async def test_views_are_counted_again_when_the_ledger_moved_and_after_two_seconds_in_any_case(desk):
    async def waiting() -> str:
        page = (await desk.get("/desk/part/inbox?view=all&lang=en")).text
        return page.partition('href="/desk?view=waiting#inbox"')[2].partition('<span class="count">')[2].partition("<")[0]

    async def change(statement: str) -> None:
        async with desk.office.store.within(desk.tenant) as db:
            await db.execute(statement, desk.tenant)

    first = int(await waiting())
    more = "update conversation set agent = '', state = 'open', waiting_since = now() where tenant = $1 and agent <> ''"
    await change(more)
    assert int(await waiting()) == first
    await change("update head set seq = seq + 1 where tenant = $1")
    assert int(await waiting()) > first
    await change("update conversation set agent = 'beto' where tenant = $1")
    desk.office.clock.move(timedelta(seconds=3))
    assert await waiting() == "0"


async def test_two_who_look_share_rows_and_never_what_is_their_own(desk, monkeypatch):
    kept = Kept()
    monkeypatch.setattr(drawn, "_KEPT", kept)

    def rows() -> int:
        return sum(key[0] == "_row.html" for key in kept.lately)

    async with a_browser(desk.office) as other:
        token = await sign_in(other, desk.office, desk.tenant)
        pages = [(await who.get("/desk?view=all&lang=en")).text for who in (desk, other)]
        shared = rows()
        spanish = (await other.get("/desk?view=all&lang=es")).text

    assert shared
    assert rows() == 2 * shared
    assert [page.count(f'name="csrf" value="{desk.csrf}"') > 0 for page in (*pages, spanish)] == [True, False, False]
    assert [token in page for page in (*pages, spanish)] == [False, True, True]
    assert ['data-go="/set-up"' in page for page in (*pages, spanish)] == [True, False, False]
    assert ["Show all keys" in page for page in (*pages, spanish)] == [True, True, False]


async def test_parts_are_forgotten_where_nobody_looks_at_all(monkeypatch):
    clock, kept = FakeClock(NOW), Kept()
    monkeypatch.setattr(drawn, "_KEPT", kept)
    kept.find("row", NOW)
    kept.keep("row", Markup("<b>"))

    class Done(Exception):
        pass

    async def later(seconds: float) -> None:
        clock.move(timedelta(seconds=seconds))
        if clock.now() > NOW + timedelta(minutes=2):
            raise Done

    monkeypatch.setattr(drawn.asyncio, "sleep", later)
    with pytest.raises(Done):
        await drawn.forget_parts(clock)

    assert (kept.lately, kept.before) == ({}, {})


def test_no_filter_tells_a_constant_in_one_language_when_a_template_is_compiled_for_all():
    constants = ("\"'x.exe' is a program, or holds one: no program goes out.\"", "'es'", "5", "1234.5")
    names = sorted(environment("en").filters.keys() - Environment().filters.keys())
    source = "".join(f"{{{{ {constant}|{name} }}}}" for name in names for constant in constants)

    assert environment("en").compile(source, raw=True) == environment("es").compile(source, raw=True)
