"""Surveys by a signed link: who may answer, what counts, and whom we leave in peace."""

from datetime import timedelta

import msgspec
import pytest

from measures.measured import an_id, at, opened, recorded
from rapport.access.survey_links import survey_link
from rapport.measures.following import Following
from rapport.model.fact import SurveyAnswered, SurveyAsked
from web.officework import NOW, PAGE, a_browser, a_conversation, an_office, sign_in
from web.test_pages import posted, words

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk(store, tenant):
    """An agent's browser beside one conversation, and the link to its questions."""
    office = an_office(store)
    id = await a_conversation(store, tenant, language="es")
    async with a_browser(office) as client:
        client.csrf = await sign_in(client, office, tenant, "agent")
        client.office, client.tenant, client.id = office, tenant, id
        client.link = "/survey/" + survey_link(tenant, id, NOW + timedelta(days=1), key=office.key)
        yield client


async def test_whoever_has_the_link_answers_without_signing_in_and_may_leave_questions_out(desk):
    desk.cookies.clear()

    shown = words(await desk.get(f"{desk.link}?lang=en"))
    answer = await desk.post(desk.link, data={"recommends": "9", "solved": "1"}, headers=PAGE)

    assert "How easy was it to get it settled?" in shown
    assert "Hotel Reforma" not in shown
    assert answer.status_code in {200, 201}
    assert desk.office.intake.recorded == [SurveyAnswered(desk.id, recommends=9, solved=1)]


async def test_an_empty_form_records_nothing(desk):
    await desk.post(desk.link, data={}, headers=PAGE)

    assert desk.office.intake.recorded == []


@pytest.mark.parametrize("said", [{"recommends": "11"}, {"effort": "0"}, {"satisfied": "good"}, {"solved": "-1"}])
async def test_an_answer_outside_its_scale_is_refused(desk, said):
    assert (await desk.post(desk.link, data=said, headers=PAGE)).status_code == 400
    assert desk.office.intake.recorded == []


async def test_a_link_that_is_not_ours_over_or_of_what_was_erased_opens_nothing(desk):
    key, tenant = desk.office.key, desk.tenant
    over = survey_link(tenant, desk.id, NOW, key=key)
    erased = survey_link(tenant, an_id("erased"), NOW + timedelta(days=1), key=key)
    forged = survey_link(tenant, desk.id, NOW + timedelta(days=1), key=b"another")

    assert [(await desk.get(f"/survey/{link}")).status_code for link in (over, erased, forged, "x.y")] == [400] * 4


async def test_who_answers_a_sixth_time_is_told_that_the_last_answer_counts(desk):
    answers = [(await desk.post(desk.link, data={"solved": "1"}, headers=PAGE)).status_code for _ in range(6)]

    assert answers[-1] == 409
    assert len(desk.office.intake.recorded) == 5


async def test_an_agent_sends_the_link_as_a_reply_in_the_persons_language(desk):
    answer = await posted(desk, f"/desk/{desk.id.hex()}/survey")

    [sent] = [one for one in desk.office.intake.acts if one["do"] == "reply"]
    assert answer.status_code == 303
    assert "¿Nos dice en cuatro preguntas" in sent["text"]
    assert f"{desk.office.public_url}/survey/" in sent["text"]
    assert desk.office.intake.recorded == [SurveyAsked(desk.id, "agent")]


async def test_who_was_asked_lately_is_left_in_peace(desk, store):
    days_ago = NOW - timedelta(days=3)
    seconds = (days_ago.timestamp() * 1000 - at(0)) / 1000
    await recorded(store, desk.tenant, [(seconds, opened("a", seconds)), (seconds + 60, SurveyAsked(an_id("talk", "a")))])
    other = await a_conversation(store, desk.tenant, "other", person=an_id("person", "a"))

    answer = await posted(desk, f"/desk/{other.hex()}/survey")

    assert answer.status_code == 409
    assert desk.office.intake.acts == []


async def test_who_was_asked_under_another_id_that_is_theirs_is_left_in_peace(desk, store):
    asked, top = an_id("person", "a"), an_id("person", "top")
    seconds = ((NOW - timedelta(days=3)).timestamp() * 1000 - at(0)) / 1000
    await recorded(store, desk.tenant, [(seconds, opened("a", seconds)), (seconds + 60, SurveyAsked(an_id("talk", "a")))])
    other = await a_conversation(store, desk.tenant, "other", person=top)
    async with store.within(desk.tenant) as db:
        family = msgspec.json.encode((top, asked)).decode()
        await db.execute("insert into person(tenant, id, family) values ($1, $2, $3)", desk.tenant, top, family)

    assert (await posted(desk, f"/desk/{other.hex()}/survey")).status_code == 409
    assert desk.office.intake.acts == []


async def test_nobody_is_asked_while_the_record_is_still_being_read(desk, monkeypatch):
    monkeypatch.setattr(Following, "share", 0.5)

    answer = await posted(desk, f"/desk/{desk.id.hex()}/survey")

    assert answer.status_code == 409
    assert "the record is still being read" in words(answer) or "el registro aún se está leyendo" in words(answer)
    assert desk.office.intake.acts == []


async def test_another_link_to_the_same_conversation_does_not_begin_to_count_anew(desk):
    links = [survey_link(desk.tenant, desk.id, NOW + timedelta(days=n), key=desk.office.key) for n in range(1, 7)]
    answers = [(await desk.post(f"/survey/{link}", data={"solved": "1"}, headers=PAGE)).status_code for link in links]

    assert answers[-1] == 409
    assert len(desk.office.intake.recorded) == 5


async def test_a_link_is_written_in_one_way_only(desk):
    text, _, seal = desk.link.removeprefix("/survey/").partition(".")

    assert (await desk.get(f"/survey/{text}.{seal}")).status_code == 200
    assert [(await desk.get(f"/survey/{other}.{seal}")).status_code for other in (f"!{text}", f"{text}=", f"{text}~~~~")] == (
        [400] * 3
    )


async def test_no_survey_goes_out_in_public(desk, store):
    public = await a_conversation(store, desk.tenant, "public", reach="public")

    assert (await posted(desk, f"/desk/{public.hex()}/survey")).status_code == 409
    assert desk.office.intake.acts == []
