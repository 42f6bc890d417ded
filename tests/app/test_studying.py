"""What is reckoned in the background: in a process of its own, with its progress, and an end that is always told."""

import asyncio
import os
import signal
import time
from datetime import UTC, datetime
from multiprocessing import Pipe

import asyncpg
import msgspec
import pytest

from rapport.app.apart import ENDED, _reckon, apart
from rapport.app.rehearsing import rehearsal_house
from rapport.app.studying import studying
from rapport.clock import FakeClock
from rapport.errors import BadInput, RapportError
from rapport.measures.studies import GAIN, LESSON, VERIFY, GainFound, VerifyFound, studies_of
from rapport.settings import Settings
from rapport.web.languages import retell

pytestmark = pytest.mark.anyio


def counted(upto, tell):
    for number in range(upto):
        tell(number + 1)
        time.sleep(0.3)
    return os.getpid(), os.nice(0)


def refused(what, tell):
    raise BadInput(f"{what} cannot be reckoned")


def killed(tell):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
async def test_work_is_done_in_another_process_that_gives_way_and_tells_how_far_it_is():
    told = []

    async def keep(done):
        told.append(done)

    process, niceness = await apart(counted, 4, told=keep)

    assert process != os.getpid()
    assert niceness >= 10
    assert told == sorted(told)
    assert 0 < max(told) <= 4


async def ignored(done):
    pass


async def test_what_was_refused_there_is_refused_here():
    with pytest.raises(RapportError, match="this cannot be reckoned"):
        await apart(refused, "this", told=ignored)


@pytest.mark.parametrize("error", [asyncpg.InterfaceError("it is away"), OSError("it is away")])
async def test_a_database_that_goes_away_there_is_a_problem_that_is_told(error, monkeypatch):
    def lost(tell):
        raise error

    monkeypatch.setattr("os.nice", lambda by: by)
    ours, theirs = Pipe(duplex=False)
    _reckon(theirs, lost, ())

    assert ours.recv() == ("problem", "it is away")


async def test_work_that_is_killed_is_said_to_have_ended():
    with pytest.raises(RapportError, match=ENDED):
        await apart(killed, told=ignored)


@pytest.fixture
async def house(database_url):
    clock = FakeClock(datetime(2026, 3, 3, 16, tzinfo=UTC))
    async with rehearsal_house(Settings(), database_url) as open_one, open_one("studies", clock) as house:
        yield house


async def ended(house, name):
    async with asyncio.timeout(300):
        while True:
            async with house.within(house.tenant) as db:
                study = (await studies_of(db, house.tenant)).get(name)
            if study is not None and not study.going:
                return study
            await asyncio.sleep(0.2)


@pytest.mark.slow
async def test_a_centre_without_a_past_is_told_that_nothing_can_be_said(house):
    study = studying(house.house)

    begun = [await study(house.tenant, GAIN, "ana"), await study(house.tenant, GAIN, "ben")]
    found = await ended(house, GAIN)

    assert begun == [True, False]
    assert (found.asked_by, found.problem) == ("ana", "")
    assert msgspec.json.decode(found.found, type=GainFound).reason == "needs"


async def test_a_lesson_without_decisions_says_what_is_missing(house):
    await studying(house.house)(house.tenant, LESSON, "ana")

    found = await ended(house, LESSON)

    assert "no decision has an outcome of a week ago yet" in found.problem
    assert retell("es", found.problem) != found.problem


async def test_a_whole_record_is_checked_in_another_process_with_the_keys_of_this_one(house):
    await house.intake.set_things(house.tenant, [("reply", "hello", b'{"id":"hello","text":{"en":"Hello"}}')], by="eva")

    await studying(house.house)(house.tenant, VERIFY, "ana")
    study = await ended(house, VERIFY)

    found = msgspec.json.decode(study.found, type=VerifyFound)
    assert (study.asked_by, study.problem, found.faults) == ("ana", "", ())
    assert found.entries > 0
