"""Reports by mail: each time is told once, whatever is restarted, and the next is the next by the clock on the wall."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from journeys.test_from_message_to_answer import house, rows
from rapport.app.stages import VIEWS
from rapport.ledger.rebuild import rebuild
from rapport.model.fact import ReportMailSet
from rapport.model.report_mail import next_time
from rapport.pipeline.mails import Mails
from stagework import an_id

pytestmark = pytest.mark.anyio
__all__ = ["house"]
MADRID = ZoneInfo("Europe/Madrid")


@pytest.mark.parametrize(
    ("every", "weekday", "hour", "after", "then"),
    [
        ("day", 0, 8, "2026-03-03T06:59", "2026-03-03T07:00"),
        ("day", 0, 8, "2026-03-03T07:00", "2026-03-04T07:00"),
        ("week", 0, 8, "2026-03-03T07:00", "2026-03-09T07:00"),
        ("day", 0, 8, "2026-03-28T08:00", "2026-03-29T06:00"),
        ("day", 0, 2, "2026-03-28T12:00", "2026-03-29T01:00"),
        ("day", 0, 8, "2026-10-24T08:00", "2026-10-25T07:00"),
    ],
    ids=["before", "at it", "weekly", "clocks go forward", "an hour that is left out", "clocks go back"],
)
def test_the_next_time_is_by_the_clock_on_the_wall(every, weekday, hour, after, then):
    found = next_time(every, weekday, hour, MADRID, datetime.fromisoformat(after).replace(tzinfo=UTC))

    assert found.astimezone(UTC) == datetime.fromisoformat(then).replace(tzinfo=UTC)


def the_loop(house, told, fails=False):
    async def tell(tenant, mail):
        told.append(mail.query)
        if fails:
            raise OSError("no server")
        return "box"

    async def zone(tenant):
        return MADRID

    return Mails(house.within, house.clock, house.intake, tell, zone)


async def wanted(house):
    at = house.clock.now() + timedelta(hours=1)
    await house.intake.record(house.tenant, [ReportMailSet(an_id("mail"), "ana", "period=7", "day", 0, 18, at)])
    await house.settle()


async def test_each_time_is_told_once_even_by_two_that_look_at_once_and_after_a_rebuild(house):
    told = []
    await wanted(house)
    early = await the_loop(house, told).round(house.tenant)
    house.clock.move(timedelta(hours=1))
    counts = [await the_loop(house, told).round(house.tenant) for _ in range(2)]  # nothing was digested between them
    await house.settle()
    kept = (await rows(house))["report_mail"]
    async with house.within(house.tenant) as db:
        await rebuild(db, house.house.keys, house.tenant, VIEWS, house.clock)

    assert (early, counts, told) == (0, [1, 0], ["period=7"])
    assert (await rows(house))["report_mail"] == kept
    assert datetime.fromisoformat(kept[0]["next_at"]) == datetime(2026, 3, 4, 17, tzinfo=UTC)


async def test_a_mail_that_cannot_be_sent_is_not_tried_again_and_the_next_one_comes(house):
    told = []
    await wanted(house)
    house.clock.move(timedelta(hours=1))
    assert await the_loop(house, told, fails=True).round(house.tenant) == 0
    await house.settle()
    assert await the_loop(house, told).round(house.tenant) == 0
    house.clock.move(timedelta(days=1))

    assert await the_loop(house, told).round(house.tenant) == 1


async def test_what_was_stopped_is_not_told(house):
    told = []
    await wanted(house)
    await house.intake.record(house.tenant, [ReportMailSet(an_id("mail"), "ana", stopped=True)])
    await house.settle()
    house.clock.move(timedelta(days=2))

    assert await the_loop(house, told).round(house.tenant) == 0
    assert (await rows(house))["report_mail"] == []
