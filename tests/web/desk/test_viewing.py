"""Who else has a conversation open: shown on the desk, told by the one stream, over when the page is left."""

import asyncio
from datetime import timedelta

import pytest

from rapport.conversations import viewing
from rapport.web.stream import Listener, hub_of, listen
from web.officework import PAGE
from web.test_pages import own_desk as desk
from web.test_stream import somebody, yes

pytestmark = pytest.mark.anyio
__all__ = ["desk"]


async def looks(desk, agent: str, *, here: bool = True, ago: timedelta = timedelta(0)) -> bool:
    now = desk.office.clock.now() - ago
    async with desk.office.store.within(desk.tenant) as db:
        return await viewing.look(db, desk.tenant, bytes.fromhex(desk.guest), agent, now, here=here)


async def standing(desk) -> str:
    return (await desk.get(f"/desk/{desk.guest}/part/standing?lang=en")).text


async def test_who_else_has_it_open_stands_there_until_they_leave_or_say_nothing_for_a_while(desk):
    await looks(desk, "irene")
    await looks(desk, "noor", ago=timedelta(minutes=5))

    assert "Irene Villaseñor has this open too" in await standing(desk)
    await looks(desk, "irene", here=False)
    assert "has this open too" not in await standing(desk)


async def test_a_page_that_is_looked_at_tells_the_others_once_and_not_each_time_it_says_so_again(desk):
    hub = hub_of(desk.office, desk.tenant)
    stream = listen(hub, Listener(somebody(desk.tenant, "irene")), None, yes)
    await anext(stream)
    said = {"conversation": desk.guest, "csrf": desk.csrf}

    first = await desk.post("/desk/viewing", data=said, headers=PAGE)
    told = await asyncio.wait_for(anext(stream), 30)
    await stream.aclose()

    assert first.status_code == 204
    assert f"typing:{desk.guest}".encode() in told
    assert not await looks(desk, "ana", ago=timedelta(seconds=-30))
    assert await looks(desk, "ana", ago=timedelta(seconds=-60), here=False)


async def test_of_many_who_have_it_open_one_is_named_and_the_rest_are_counted_within_bounds(desk):
    for number in range(30):
        await looks(desk, f"agent-{number:02}")

    assert "agent-00 and 19 more have this open too" in await standing(desk)
