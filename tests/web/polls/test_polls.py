"""Polls in the browser: made by a supervisor, voted once by everybody, seen as they grow, closed at their time."""

import json
from datetime import timedelta

import pytest

from measures.measured import an_id
from rapport.access.poll_links import poll_link, voter_text
from rapport.clock import FakeClock
from rapport.model.fact import PollSet, VoteCast
from rapport.model.poll import vote_id
from rapport.web.polls import poll_page
from rapport.web.polls.poll_page import network_of
from web.officework import NOW, PAGE, a_browser, an_office, sign_in
from web.test_pages import posted, words

pytestmark = pytest.mark.anyio
POLL = an_id("poll")
FORM = {
    "question_es": "¿Qué mejoramos primero?", "question_en": "What shall we mend first?",
    "choice_0_es": "El wifi", "choice_0_en": "The wifi", "choice_2_es": "El desayuno", "choice_2_en": "Breakfast",
    "closes": "2026-12-24T18:00", "results": "voted",
}  # fmt: skip


@pytest.fixture
async def house(store, tenant):
    """A supervisor's browser, and a poll of three votes that is open for an hour."""
    office = an_office(store, clock=FakeClock(NOW))
    async with store.within(tenant) as db:
        await db.execute(
            "insert into poll(tenant, id, question, choices, at, closes_at, by, results) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8)",
            tenant, POLL, json.dumps({"es": "¿Otra vez?", "en": "Again?"}),
            json.dumps([{"es": "Sí", "en": "Yes"}, {"es": "No", "en": "No"}]), NOW, NOW + timedelta(hours=1), "sue", "always",
        )  # fmt: skip
    for nth, choice in enumerate((0, 0, 1)):
        await a_vote(store, tenant, an_id("voter", nth), choice)
    async with a_browser(office) as client:
        client.csrf = await sign_in(client, office, tenant, "supervisor")
        client.office, client.tenant = office, tenant
        client.link = f"/poll/{poll_link(tenant, POLL, key=office.key)}"
        yield client


async def a_vote(store, tenant, voter, choice):
    async with store.within(tenant) as db:
        statement = "insert into vote(tenant, id, poll, choice, at) values ($1, $2, $3, $4, $5)"
        await db.execute(statement, tenant, vote_id(POLL, voter), POLL, choice, NOW)


async def results(store, tenant, shown):
    async with store.within(tenant) as db:
        await db.execute("update poll set results = $2 where tenant = $1", tenant, shown)


async def test_whoever_has_the_link_sees_the_question_and_the_shares_with_their_intervals(house):
    house.cookies.clear()
    english, spanish = words(await house.get(f"{house.link}?lang=en")), words(await house.get(f"{house.link}?lang=es"))

    assert "Again?" in english
    assert "Yes 2 67% 21% to 94%" in english
    assert "¿Otra vez?" in spanish
    assert "No 1 33 % de 6 % a 79 %" in spanish.replace("\xa0", " ")


async def test_a_browser_votes_once_and_a_second_vote_is_the_same_voters(house):
    house.cookies.clear()
    first = await house.post(house.link, data={"choice": "1"}, headers=PAGE)
    again = await house.post(house.link, data={"choice": "0"}, headers=PAGE)

    one, other = house.office.intake.recorded
    assert (first.status_code, again.status_code) == (303, 303)
    assert [(one.poll, one.choice), (other.poll, other.choice)] == [(POLL, 1), (POLL, 0)]
    assert isinstance(one, VoteCast)
    assert one.voter == other.voter


async def test_a_mark_that_is_not_ours_is_a_new_voter_and_one_address_brings_only_so_many(house):
    codes = []
    for n in range(32):
        house.cookies.clear()
        forged = voter_text(house.tenant, POLL, an_id("forged", n), key=b"another key")
        house.cookies.set(f"rapport_poll_{POLL.hex()[-16:]}", forged)
        codes.append((await house.post(house.link, data={"choice": "1"}, headers=PAGE)).status_code)

    assert codes == [303] * 30 + [429] * 2
    assert an_id("forged", 0) not in {fact.voter for fact in house.office.intake.recorded}


async def test_after_the_end_nobody_votes_and_everybody_sees_the_results(house, store):
    await results(store, house.tenant, "closed")
    house.cookies.clear()
    before = words(await house.get(f"{house.link}?lang=en"))
    house.office.clock.move(timedelta(hours=2))
    refused = await house.post(house.link, data={"choice": "1"}, headers=PAGE)
    after = words(await house.get(f"{house.link}?lang=en"))

    assert "67%" not in before
    assert "The results are shown when the poll closes" in before
    assert refused.status_code == 409
    assert house.office.intake.recorded == []
    assert "This poll is closed." in after
    assert "67%" in after


async def test_results_that_only_voters_see_are_shown_to_who_has_voted(house, store):
    await results(store, house.tenant, "voted")
    stranger = words(await house.get(f"{house.link}?lang=en"))
    await a_vote(store, house.tenant, an_id("me"), 0)
    house.cookies.set(f"rapport_poll_{POLL.hex()[-16:]}", voter_text(house.tenant, POLL, an_id("me"), key=house.office.key))
    voter = words(await house.get(f"{house.link}?lang=en"))

    assert "You see the results once you have voted." in stranger
    assert "75%" in voter
    assert "You chose: Yes." in voter


@pytest.mark.parametrize("choice", ["2", "-1", "", "x", "999"], ids=["none such", "below", "nothing", "a letter", "far"])
async def test_what_names_no_answer_is_refused(house, choice):
    assert (await house.post(house.link, data={"choice": choice}, headers=PAGE)).status_code == 400
    assert house.office.intake.recorded == []


async def test_a_poll_of_another_tenant_or_a_guessed_link_opens_nothing(house, new_tenant):
    other = await new_tenant()
    links = (poll_link(other, POLL, key=house.office.key), poll_link(house.tenant, an_id("no"), key=house.office.key), "a.b")

    assert [(await house.get(f"/poll/{link}")).status_code for link in links] == [400] * 3


async def test_a_supervisor_makes_a_poll_in_both_languages(house):
    answer = await posted(house, "/polls", **FORM)

    [made] = house.office.intake.recorded
    assert answer.status_code == 303
    assert isinstance(made, PollSet)
    assert made.question == {"es": "¿Qué mejoramos primero?", "en": "What shall we mend first?"}
    assert [choice["en"] for choice in made.choices] == ["The wifi", "Breakfast"]
    assert (made.results, made.by, made.closes_at.tzinfo is not None) == ("voted", "supervisor", True)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"question_es": "", "question_en": " "}, "a poll needs a question"),
        ({"choice_2_es": "", "choice_2_en": ""}, "a poll needs 2 to 8 answers"),
        ({"choice_2_en": ""}, "a language is used for the question and for every answer"),
        ({"choice_2_es": "el WIFI"}, "two answers are the same"),
        ({"closes": "2020-01-01T10:00"}, "a poll closes in the future"),
        ({"closes": "soon"}, "a poll closes at a time such as"),
        ({"results": "never"}, "results are shown always, voted, closed"),
        ({"question_es": "x" * 201}, "has at most 200 letters, got 201"),
    ],
    ids=["no question", "one answer", "half a language", "twice", "over", "no time", "results", "long"],
)
async def test_what_is_missing_of_a_poll_is_said_and_what_was_typed_stays(house, changed, says):
    answer = await house.post("/polls?lang=en", data=FORM | changed | {"csrf": house.csrf}, headers=PAGE)

    assert answer.status_code == 400
    assert says in words(answer)
    assert 'value="The wifi"' in answer.text
    assert house.office.intake.recorded == []


async def test_a_supervisor_ends_a_poll_once(house):
    await posted(house, f"/polls/{POLL.hex()}/close")
    [ended] = house.office.intake.recorded

    assert (ended.poll, ended.closes_at) == (POLL, NOW)


async def test_the_page_of_a_poll_has_its_address_words_for_a_post_and_a_chart_that_fetches_itself(house):
    page = await house.get(f"/polls/{POLL.hex()}?lang=en")
    part = await house.get(f"/polls/{POLL.hex()}/now?lang=en")

    assert f"{house.office.public_url}{house.link}" in page.text
    assert f'hx-get="/polls/{POLL.hex()}/now?lang=en" hx-trigger="every 3s"' in page.text
    assert "Yes 2 67% 21% to 94%" in words(part)
    assert "Opción Votos" in words(await house.get(f"/polls/{POLL.hex()}/now?lang=es"))
    assert "<html" not in part.text


async def test_the_language_that_was_asked_for_stays_when_one_votes_and_while_one_looks(house):
    house.cookies.clear()
    page = await house.get(f"{house.link}?lang=en")
    voted = await house.post(f"{house.link}?lang=en", data={"choice": "1"}, headers=PAGE)

    assert f'hx-get="{house.link}/now?lang=en"' in page.text
    assert f'action="{house.link}?lang=en"' in page.text
    assert voted.headers["location"] == f"{house.link}?voted=1&lang=en"
    assert f'hx-get="{house.link}/now"' in (await house.get(f"{house.link}?lang=xx")).text


async def test_votes_are_counted_once_in_two_seconds_however_many_look(house, store):
    before = words(await house.get(f"{house.link}/now?lang=en"))
    await a_vote(store, house.tenant, an_id("late"), 0)
    again = words(await house.get(f"{house.link}/now?lang=en"))
    house.office.clock.move(timedelta(seconds=2))
    after = words(await house.get(f"{house.link}/now?lang=en"))

    assert "3 votes" in before
    assert "3 votes" in again
    assert "4 votes" in after


async def test_a_poll_as_a_whole_takes_only_so_many_votes_a_minute(house, monkeypatch):
    monkeypatch.setattr(poll_page, "ALL_VOTES", (2, timedelta(minutes=1)))
    codes = []
    for _ in range(3):
        house.cookies.clear()
        codes.append((await house.post(house.link, data={"choice": "1"}, headers=PAGE)).status_code)
    house.office.clock.move(timedelta(minutes=1))
    codes.append((await house.post(house.link, data={"choice": "1"}, headers=PAGE)).status_code)

    assert codes == [303, 303, 429, 303]


def test_the_addresses_of_one_machine_are_one():
    assert network_of("2001:db8:1:2:aaaa::1") == network_of("2001:db8:1:2::9") != network_of("2001:db8:1:3::9")
    assert network_of("::ffff:192.0.2.7") == network_of("192.0.2.7") == "192.0.2.7"
    assert network_of("") == ""


async def test_a_program_makes_polls_reads_their_votes_and_ends_them(house):
    wanted = {
        "question": {"en": "What first?"}, "choices": [{"en": "The wifi"}, {"en": "Breakfast"}],
        "closes_at": (NOW + timedelta(days=2)).isoformat(), "results": "voted",
    }  # fmt: skip
    house.headers["x-csrf-token"] = house.csrf
    made = await house.post("/api/polls", json=wanted)
    empty = await house.post("/api/polls", json=wanted | {"choices": [{"en": "The wifi"}]})
    many = await house.post("/api/polls", json=wanted | {"choices": [{"en": str(n)} for n in range(9)]})
    one, every = (await house.get(f"/api/polls/{POLL.hex()}")).json(), (await house.get("/api/polls")).json()
    ended = (await house.post(f"/api/polls/{POLL.hex()}/close")).json()
    [poll, end] = house.office.intake.recorded

    assert (made.status_code, empty.status_code, many.status_code) == (201, 400, 400)
    assert (made.json()["question"], made.json()["votes"]) == (poll.question, 0)
    assert made.json()["address"].startswith(f"{house.office.public_url}/poll/")
    assert [(told["votes"], round(told["share"], 2)) for told in one["tallies"]] == [(2, 0.67), (1, 0.33)]
    assert ([told["votes"] for told in every], ended["is_open"], end.closes_at) == ([3], False, NOW)
    assert (await house.get(f"/api/polls/{an_id('none').hex()}")).status_code == 404


@pytest.mark.parametrize("id", ["zz", "00", an_id("other").hex()])
async def test_a_poll_that_there_is_not_is_not_found_by_page_or_program(house, id):
    page, told = await house.get(f"/polls/{id}"), await house.get(f"/api/polls/{id}")

    assert (page.status_code, told.status_code) == (404, 404)
