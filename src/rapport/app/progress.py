"""Progress: how far a study is, noted in the database now and then for whoever looks."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from rapport.app.house import House
from rapport.measures import studies

BEAT = timedelta(seconds=20)  # how often a study says that it goes on


def teller(house: House, tenant: int, name: str, whole: int) -> Callable[[int], Awaitable[None]]:
    """`told(done)` notes how far a study is, of `whole`."""
    last = (-1, house.clock.now())

    async def told(done: int) -> None:
        nonlocal last
        now = house.clock.now()
        if done == last[0] and now - last[1] < BEAT:
            return
        last = done, now
        async with house.within(tenant) as db:
            await studies.tell(db, tenant, name, now, done, whole)

    return told
