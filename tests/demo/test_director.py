"""A demonstration, short and whole: nothing lost, nothing doubled, the ledger whole."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rapport.app.house import House, open_house
from rapport.app.rehearsing import fresh_tenant, temporary_database
from rapport.app.stages import advance_of, loops
from rapport.audit.verify import verify
from rapport.centre.example import example_things
from rapport.clock import SystemClock
from rapport.demo.customers import Crowd, topics
from rapport.demo.director import Director
from rapport.demo.figures import written_twice
from rapport.errors import BadInput
from rapport.pipeline.turns import Turns
from rapport.settings import Settings


@contextlib.asynccontextmanager
async def a_house(url: str) -> AsyncIterator[tuple[House, int]]:
    house = await open_house(Settings(), url, b"demo".ljust(32), SystemClock(), pool=4)
    try:
        tenant = await fresh_tenant(house, "demo")
        advance = advance_of(house, "demo")
        hear, deliver = loops(house, lambda: sorted(advance.tenants))
        sends = asyncio.Event()

        async def wake() -> None:
            with house.store.bell.subscribe() as listening:
                while True:
                    await listening.wait()
                    sends.set()

        house.start(wake(), Turns(advance).run(house.store.bell.subscribe()), deliver.run(sends))
        yield house, tenant
        await house.end_loops()
        await advance.aclose()
    finally:
        await house.aclose()


async def a_demonstration(url: str, folder: Path, minutes: float, rate: float) -> dict[str, object]:
    async with a_house(url) as (house, tenant):
        things = example_things(folder)
        await house.intake.set_things(tenant, [(kind, name, body) for (kind, name), body in things.items()], by="demo")
        await house.intake.outcome(tenant, await house.intake.act(tenant, "ana", "go_online"), timeout=20)
        director = Director(tenant, house.intake, house.within, SystemClock(), seed=5, pace=0.15)
        await director.open()
        assert director.brigade(seconds=1.0, count=40) == 40
        assert director.viral_day(seconds=1.0, count=20) == 20
        await director.goes_home("bruno")
        with pytest.raises(BadInput, match="no simulated agent is called 'nobody'"):
            await director.goes_home("nobody")
        await director.run(minutes, rate)

        async def whole() -> bool:
            async with house.within(tenant) as db:
                return (await verify(db, house.keys, tenant)).whole

        return {**await director.figures(whole), "state": director.state()}


@pytest.mark.slow
def test_a_demonstration_loses_nothing_doubles_nothing_and_leaves_a_whole_ledger(tmp_path):
    with temporary_database() as url:
        came = asyncio.run(a_demonstration(url, tmp_path, minutes=0.04, rate=300.0))

    assert came["lost"] == came["doubled"] == 0
    assert came["verified"] is True
    assert came["messages"] >= 65
    assert 0 < came["understood"] < came["messages"]  # the guard holds the brigade
    assert came["offered"] > 20
    assert came["answered"] > 10
    assert 0 < came["p50_ms"] <= came["p99_ms"]
    assert came["state"]["is_running"] is False


def test_the_same_seed_makes_the_same_customers_in_both_languages():
    first, second = (Crowd({"plaza": "plaza", "webchat": "chat"}, seed=4) for _ in range(2))

    made = [first.customer() for _ in range(300)]

    assert made == [second.customer() for _ in range(300)]
    assert {customer.language for customer in made} == {"es", "en"}
    assert len({customer.text for customer in made}) > 280
    assert not any("{" in customer.text for customer in made)


def test_customers_talk_about_hotels_and_banks():
    assert {"wifi", "reservation", "fraud", "money-management", "person"} <= set(topics())


def test_a_part_that_was_written_twice_is_counted(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/sent.jsonl").write_text('{"once":"a"}\n{"once":"b"}\n{"once":"a"}\n')

    assert written_twice([tmp_path, tmp_path / "nowhere"]) == 1
