"""The page on matching: the mode and the way back, what patience may gain, and which model serves."""

import re
from datetime import timedelta

import msgspec
import pytest

from browser.filled import NOW, fill
from matching.test_teaching import TEAMS, UNLIKE, a_log
from rapport.app.learning import Material
from rapport.app.reckoning import gain_found, lesson_found
from rapport.centre.history import Setting
from rapport.clock import FakeClock
from rapport.matching.simulator.replay import Expected
from rapport.matching.teaching import teach
from rapport.measures import studies
from rapport.model.centre import read_thing
from rapport.web.centre.matching_page import Chosen, changes_of
from web.officework import a_browser, an_office, sign_in
from web.test_pages import posted, words

pytestmark = pytest.mark.anyio

SMALL = Expected("choices", 0.002, -0.004, 0.008, 0.71, 0.712, 3.0, 900)


def setting(seq: int, **says: object) -> Setting:
    return Setting(seq, NOW + timedelta(minutes=seq), "ana", "centre", msgspec.json.encode(says))


@pytest.fixture
async def desk(store, tenant):
    """A planner's browser over the hotel; `desk.asked` keeps the studies that were asked for."""
    await fill(store, tenant)
    asked = []

    async def study(tenant, name, by):
        asked.append((tenant, name, by))
        return len(asked) == 1

    office = an_office(store, clock=FakeClock(NOW), study=study)
    async with a_browser(office) as client:
        client.csrf = await sign_in(client, office, tenant, "planner")
        client.office, client.tenant, client.asked = office, tenant, asked
        yield client


async def kept(desk, name, found):
    """A study of that name that ended now."""
    async with desk.office.store.within(desk.tenant) as db:
        await studies.begin(db, desk.tenant, name, "ana", NOW)
        await studies.end(db, desk.tenant, name, NOW, found=msgspec.json.encode(found))


async def profile(desk):
    async with desk.office.store.within(desk.tenant) as db:
        return read_thing(
            "centre", await db.fetchval("select body from thing where tenant = $1 and id = 'centre/centre'", desk.tenant)
        )


def a_lesson(count):
    decided = a_log(UNLIKE, count)
    return lesson_found(Material(decided, TEAMS, "1", (), 0.0), teach(decided, TEAMS, "1"))


async def test_a_mode_is_put_in_force_and_the_rest_of_the_centre_stays(desk):
    before = await profile(desk)

    answer = await posted(desk, "/matching/mode", matching="patient", explored="3")

    assert answer.headers["location"] == "/matching?said=mode"
    assert await profile(desk) == msgspec.structs.replace(before, matching="patient", explored=0.03)
    assert "In force: Patient." in words(await desk.get("/matching?said=mode&lang=en"))


async def test_who_saw_an_older_mode_does_not_undo_what_another_put_in_force(desk):
    await posted(desk, "/matching/mode", matching="plain")

    answer = await posted(desk, "/matching/mode", matching="best", explored="3", was="best/0")

    assert answer.headers["location"] == "/matching?said=faster"
    assert ((await profile(desk)).matching, (await profile(desk)).explored) == ("plain", 0.0)
    assert "Somebody was faster" in words(await desk.get("/matching?said=faster&lang=en"))


@pytest.mark.parametrize(
    "asked", [{"matching": "random"}, {"explored": "6"}, {"explored": "much"}, {"explored": "-1"}, {"explored": "nan"}]
)
async def test_what_matching_cannot_follow_is_refused_and_changes_nothing(desk, asked):
    before = await profile(desk)

    answer = await posted(desk, "/matching/mode", **asked)

    assert answer.status_code == 400
    assert await profile(desk) == before
    if "explored" in asked:
        assert f'value="{asked["explored"]}" aria-invalid="true" aria-describedby="wrong-explored explored-hint"' in answer.text
    else:
        assert "best, patient, plain, llegó &#39;random&#39;" in words(answer)
        assert answer.text.count(" checked") == 1


async def test_what_was_chosen_beside_a_share_that_is_refused_stays_chosen(desk):
    answer = await posted(desk, "/matching/mode?lang=es", matching="patient", explored="60")

    assert answer.status_code == 400
    assert re.search('value="patient" checked', answer.text)
    assert "llegó &#39;60&#39;" in words(answer)


async def test_who_may_only_see_it_is_shown_no_switch(desk, store):
    async with a_browser(desk.office) as other:
        other.csrf = await sign_in(other, desk.office, desk.tenant, "supervisor", "irene")
        page = await other.get("/matching?lang=en")
        refused = await posted(other, "/matching/mode", matching="plain")

    assert "Put in force" not in words(page)
    assert refused.status_code == 403


def test_each_change_is_told_with_its_difference_newest_first():
    settings = [
        setting(4, name="Hotel", matching="plain"),
        setting(3, name="Hotel Reforma", matching="patient", explored=0.03),
        setting(2, name="Hotel", matching="patient", explored=0.03),
        setting(1, name="Hotel"),
    ]

    latest, first = changes_of(settings)

    assert (latest.before, latest.after, latest.now) == (Chosen("patient", 0.03), Chosen("plain"), True)
    assert (first.before, first.after, first.now) == (Chosen(), Chosen("patient", 0.03), False)


async def test_a_study_is_asked_for_once(desk):
    first = await posted(desk, "/matching/study", study="gain")
    second = await posted(desk, "/matching/study", study="gain")

    assert desk.asked == [(desk.tenant, "gain", "planner")] * 2
    assert (first.headers["location"], second.headers["location"]) == ("/matching?said=study", "/matching?said=busy")


async def test_a_small_pool_is_told_that_it_gains_little(desk):
    await kept(desk, studies.GAIN, gain_found(SMALL, ""))

    said = words(await desk.get("/matching/part/studies?lang=en"))

    assert "A small pool gains little." in said
    assert "half of the needs have 3 agents with the skill" in said
    assert "which is an assumption" in said


async def test_a_study_shows_how_far_it_is_and_asks_for_itself_again(desk):
    async with desk.office.store.within(desk.tenant) as db:
        await studies.begin(db, desk.tenant, studies.GAIN, "ana", NOW)
        await studies.tell(db, desk.tenant, studies.GAIN, NOW, 5, 12)

    text = (await desk.get("/matching/part/studies?lang=es")).text

    assert '<progress value="5" max="12"' in text
    assert "5 de 12" in text
    assert 'hx-trigger="live, every 2s"' in text


async def test_a_study_that_fell_silent_can_be_begun_again(desk):
    async with desk.office.store.within(desk.tenant) as db:
        await studies.begin(db, desk.tenant, studies.GAIN, "ana", NOW - timedelta(hours=1))

    text = (await desk.get("/matching/part/studies?lang=en")).text
    async with desk.office.store.within(desk.tenant) as db:
        again = await studies.begin(db, desk.tenant, studies.GAIN, "ana", NOW)
        twice = await studies.begin(db, desk.tenant, studies.GAIN, "ana", NOW)

    assert "It was cut off before its end" in text
    assert (again, twice) == (True, False)


async def test_a_study_that_fails_says_why_and_keeps_what_was_found_before(desk):
    await kept(desk, studies.GAIN, gain_found(SMALL, ""))
    async with desk.office.store.within(desk.tenant) as db:
        await studies.begin(db, desk.tenant, studies.GAIN, "ana", NOW)
        await studies.end(db, desk.tenant, studies.GAIN, NOW, problem="the reckoning was ended from outside; start it again")

    said = words(await desk.get("/matching/part/studies?lang=es"))

    assert "el cálculo se interrumpió desde fuera" in said
    assert "Un grupo pequeño mejora poco." in said


async def test_a_model_that_the_gate_lets_in_serves_when_somebody_says_so_and_can_be_withdrawn(desk):
    lesson = a_lesson(3000)
    await kept(desk, studies.LESSON, lesson)

    await posted(desk, "/matching/model", version=lesson.version)
    serving = words(await desk.get("/matching?lang=en"))
    await posted(desk, "/matching/model/withdraw")
    after = words(await desk.get("/matching?lang=en"))

    assert "Let this model serve" not in serving
    assert re.search(rf"Model {lesson.version} .* Taught by 2,000 ", serving)
    assert "Nothing was learnt yet" in after


async def test_a_model_that_the_gate_keeps_out_cannot_serve(desk):
    lesson = a_lesson(30)
    await kept(desk, studies.LESSON, lesson)

    answer = await posted(desk, "/matching/model", version=lesson.version)

    assert answer.status_code == 409
    assert "The gate keeps it out." in words(await desk.get("/matching?lang=en"))


async def test_a_version_that_nobody_taught_is_not_found(desk):
    assert (await posted(desk, "/matching/model", version="abc")).status_code == 404


async def test_what_can_be_learnt_from_is_counted_and_a_small_pool_is_told_so_before_anything_is_reckoned(desk):
    nothing = words(await desk.get("/matching?lang=en"))
    why = msgspec.json.encode({"mode": "patient"}).decode()
    async with desk.office.store.within(desk.tenant) as db:
        for n in range(3):
            talk, ended = bytes([n]) * 16, NOW - timedelta(days=8)
            await db.execute(
                "insert into offer(tenant, id, conversation, agent, slot, state, made_at, expires_at, ended_at, why)"
                " values ($1, $2, $2, 'ana', 'chat', 'accepted', $3, $3, $3, $4::text::jsonb)", desk.tenant, talk, ended, why,
            )  # fmt: skip
        await db.execute(
            "insert into interaction(tenant, id, conversation, agent, slot, started_at, ended_at)"
            " values ($1, $2, $2, 'ana', 'chat', $3, $3)",
            desk.tenant, bytes(16), NOW - timedelta(days=8),
        )  # fmt: skip
    page = words(await desk.get("/matching?lang=en"))

    assert "a small pool gains little" in nothing
    assert "3 patient decisions are on record; the end of 1 is known." in page
