"""What the measures make of the ledger is what the views say of the same day, folded from the same entries by other code."""

import pytest

from journeys.test_from_message_to_answer import a_day, house
from rapport.ledger.read import head_of
from rapport.measures.entries import stretch
from rapport.measures.folding import KINDS_READ, Folded
from rapport.measures.following import Following
from rapport.model.fact import SurveyAnswered, SurveyAsked

pytestmark = pytest.mark.anyio
__all__ = ["house"]
MS = "coalesce(floor(extract(epoch from {}) * 1000)::bigint, -1)"


async def test_the_rows_of_a_day_are_what_the_views_say_and_the_same_from_zero(house):
    await a_day(house)

    following, again = Following(), Folded()
    async with house.within(house.tenant) as db:
        rows = await following.catch_up(db, house.tenant, most=7)
        while following.share < 1.0:
            rows = await following.catch_up(db, house.tenant, most=7)
        head = await head_of(db, house.tenant)
        again.fold(await stretch(db, house.tenant, 0, head, KINDS_READ), head)
        times = ", ".join(MS.format(name) for name in ("opened_at", "answered_at", "resolved_at"))
        told = await db.fetch(f"select id, {times}, kind, language, reopened from conversation where tenant = $1", house.tenant)
        times = ", ".join(MS.format(name) for name in ("started_at", "replied_at", "ended_at"))
        worked = await db.fetch(f"select id, {times}, agent, slot, waited from interaction where tenant = $1", house.tenant)

    def words(column, codes):
        return [rows.labels[column].words[code] for code in codes]

    talks, works = rows.talks, rows.works
    ids = [bytes(rows.ids[n : n + 16]) for n in range(0, len(rows.ids), 16)]
    said = ("kind", "language")
    assert sorted(
        zip(
            ids, *(talks[name].tolist() for name in ("opened", "answered", "resolved")),
            *(words(name, talks[name]) for name in said), talks["reopened"].tolist(), strict=True,
        )
    ) == sorted(tuple(row) for row in told)  # fmt: skip
    work_ids = [bytes(rows.work_ids[n : n + 16]) for n in range(0, len(rows.work_ids), 16)]
    assert sorted(
        zip(
            work_ids, *(works[name].tolist() for name in ("started", "replied", "ended")),
            words("agent", works["agent"]), words("slot", works["slot"]), [n / 1000 for n in works["waited"]], strict=True,
        )
    ) == sorted(tuple(row) for row in worked)  # fmt: skip
    assert len(told) == 2
    assert again.talks["again"].tolist() == rows.talks["again"].tolist()
    assert again.work_ids == rows.work_ids


async def test_what_a_person_answers_goes_through_the_worker_and_counts(house):
    conversation = await a_day(house)

    await house.intake.record(house.tenant, [SurveyAsked(conversation, "ana"), SurveyAnswered(conversation, recommends=9)])
    await house.settle()
    async with house.within(house.tenant) as db:
        rows = await Following().catch_up(db, house.tenant)
        aside = await db.fetchval("select count(*) from aside where tenant = $1", house.tenant)

    assert rows.talks["recommends"][rows.rows[conversation]] == 9
    assert aside == 0
