"""The pages of stories: library and search, one story with its evidence, the week to print, and who may read what."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from measures.stories.told_talks import BAG, WIFI
from rapport.ledger.tables import write_rows
from rapport.model.centre import Thing
from rapport.model.conversation import Conversation, State
from rapport.model.fact import PersonErased, StoryKept, StoryLetGo
from rapport.model.ids import named_id
from rapport.model.message import ChannelKind, Direction, Message, Reach, Standing
from rapport.model.person import Consent, JourneyEvent, Person, consent_id
from rapport.model.purpose import Purpose
from rapport.model.story import KeptStory
from rapport.web.api import stories as api_stories
from rapport.web.stories import library as stories_library
from rapport.web.stories.library import Going, Span, library_of
from rapport.web.stories.shown import wanted_of
from web.officework import NOW, PAGE, a_browser, a_token, an_office, body, sign_in
from web.test_pages import words

pytestmark = pytest.mark.anyio
FELT = {-2: "anger", -1: "sadness", 0: "neutral", 1: "joy"}


def an_id(*names) -> bytes:
    return named_id(NOW, *names)


def rows(name: str, said, *, days: float = 1, intent: str = "wifi", who: str = "Xóchitl Santillán", of: str = ""):
    """A conversation of so many days ago, as rows."""
    talk, person, handle = an_id("talk", name), an_id("person", of or name), an_id("handle", name)
    at = NOW - timedelta(days=days)
    found = {
        Conversation: {
            talk: Conversation(
                talk, person, handle, State.RESOLVED, ChannelKind.CHAT, "web", "webchat", Reach.PRIVATE, at, at, intent=intent
            )
        },
        Person: {person: Person(person, who)},
        Message: {},
    }  # fmt: skip
    for nth, (by, text, mood) in enumerate(said):
        id, theirs = an_id("m", name, nth), by == "them"
        found[Message][id] = Message(
            id, at + timedelta(minutes=nth), Direction.IN if theirs else Direction.OUT,
            Standing.RECEIVED if theirs else Standing.SENT, Reach.PRIVATE, conversation=talk, person=person, handle=handle,
            text=text, emotion=FELT[mood] if theirs else "",
        )  # fmt: skip
    return found


async def written(store, tenant, *made):
    async with store.within(tenant) as db:
        for one in made:
            await write_rows(db, tenant, one)


async def post(desk, url: str, data: dict):
    return await desk.post(url, data={"csrf": desk.csrf, **data}, headers=PAGE)


@pytest.fixture
async def desk(store, tenant):
    """A supervisor's browser; a story that was rescued, one that ended badly, and one of three weeks ago."""
    called = (("them", "Hola, soy Xóchitl Santillán, estoy en el hotel con mi familia.", 0), *WIFI[1:])
    await written(
        store, tenant, rows("wifi", called), rows("bag", BAG, intent="billing"), rows("old", WIFI, days=21),
    )  # fmt: skip
    office = an_office(store)
    async with a_browser(office) as client:
        client.csrf = await sign_in(client, office, tenant, "supervisor")
        client.office, client.tenant, client.store = office, tenant, store
        yield client


async def test_the_library_tells_the_period_and_each_sentence_leads_to_where_it_stands(desk):
    answer = await desk.get("/stories?period=7&lang=en")
    text = words(answer)

    assert "Conversations 2" in text
    assert "Ya reinicié el punto de acceso y le cambiamos la clave." in text
    assert f'href="/stories/{an_id("talk", "wifi").hex()}#l-{an_id("m", "wifi", 2).hex()}"' in answer.text
    assert "Xóchitl" not in answer.text
    assert "Santillán" not in answer.text
    assert "2 stories" in text


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=clave+WIFI", "1 story"), ("q=clave+maleta", "0 stories"), ("kind=badly", "1 story"), ("kind=rescued", "1 story"),
        ("intent=billing", "1 story"), ("kind=broken", "0 stories"), ("period=28", "3 stories"), ("show=99999", "2 stories"),
        ("cluster=7", "0 stories"), ("cluster=x", "2 stories"),
    ],
    ids=["words", "no words", "badly", "rescued", "subject", "broken", "longer", "more", "group", "no group"],
)  # fmt: skip
async def test_the_library_can_be_searched_and_narrowed(desk, asked, found):
    assert found in words(
        await desk.get(f"/stories?period=7&{asked}&lang=en" if "period" not in asked else f"/stories?{asked}&lang=en")
    )


@pytest.mark.parametrize(
    "asked",
    [
        "stories?period=3",
        "stories?kind=odd",
        "stories/digest?week=2026-W99",
        "stories/digest?week=0001-W01",
        "stories/digest?week=9999-W52",
    ],
)
async def test_what_cannot_be_asked_is_refused_in_words(desk, asked):
    assert (await desk.get(f"/{asked}")).status_code == 400


async def test_a_story_tells_its_parts_with_the_numbers_of_their_lines(desk):
    text = words(await desk.get(f"/stories/{an_id('talk', 'wifi').hex()}?lang=en"))

    assert "What went wrong El wifi no funciona y nadie contesta, es una burla. [2] they" in text
    assert "What we said just before Ya reinicié el punto de acceso y le cambiamos la clave. [3] we" in text
    assert "Where it turned Ya funciona, muchas gracias. [4] they" in text
    assert "Hola, soy name , estoy" in text


async def test_the_week_is_a_page_to_print_with_its_evidence(desk):
    answer = await desk.get("/stories/digest?week=2026-W10&lang=en")
    spanish = words(await desk.get("/stories/digest?week=2026-W10&lang=es"))

    assert "The story of the week [1]" in words(answer)
    assert f"…{an_id('talk', 'wifi').hex()[-8:]}" in answer.text
    assert "La semana en historias" in spanish
    assert "[nombre]" in spanish or "nombre" in spanish


async def test_keeping_and_sharing_record_ids_and_purposes_alone(desk):
    at = f"/stories/{an_id('talk', 'wifi').hex()}"

    assert (await post(desk, f"{at}/keep", {"for-sales": "yes", "for-care": "yes"})).status_code == 303
    assert (await post(desk, f"{at}/keep", {"do": "let-go"})).status_code == 303
    strange = await post(desk, f"{at}/keep", {"for-mischief": "yes"})

    assert desk.office.intake.recorded[-2:] == [
        StoryKept(an_id("talk", "wifi"), "supervisor", ("care", "sales")),
        StoryLetGo(an_id("talk", "wifi"), "supervisor"),
    ]
    assert strange.status_code == 400


async def shared(desk, **more):
    """What is kept, as the view would have it: shared for every purpose of `more`."""
    kept = [KeptStory(an_id("talk", name), "ana", NOW, purposes) for name, purposes in more.items()]
    await written(desk.store, desk.tenant, {KeptStory: {one.id: one for one in kept}})


async def test_a_department_reads_what_is_shared_for_its_purpose_and_that_it_did_is_on_record(desk):
    await shared(desk, wifi=("sales", "shop"), bag=("shop", "service"), old=())
    token = await a_token(desk.office, desk.tenant)

    sales = body(await desk.get("/api/stories?purpose=sales", headers=token))
    shop = body(await desk.get("/api/stories?purpose=shop", headers=token))
    none = await desk.get("/api/stories", headers=token)
    page = words(await desk.get("/stories/shared?purpose=service&lang=en"))

    assert [(one["id"], one["outcome"], one["parts"][0]["text"]) for one in sales] == [
        (an_id("talk", "wifi").hex(), "well", "Hola, soy [name], estoy en el hotel con mi familia.")
    ]
    assert [(one["subject"], {part["text"] for part in one["parts"]}) for one in shop] == [
        ("wifi", {""})
    ]  # no billing, no words
    assert none.status_code == 400
    assert "This is unacceptable" in page
    assert {(fact.person, fact.purpose) for fact in desk.office.intake.recorded} >= {(an_id("person", "wifi"), "sales")}


async def test_a_purpose_that_asks_for_consent_tells_only_of_those_who_gave_it(desk):
    await shared(desk, wifi=("study",), bag=("study",))
    purpose = Purpose("study", consent=True)
    given = Consent(consent_id(an_id("person", "wifi"), "study", ""), an_id("person", "wifi"), "study", "", True, NOW, "ana")
    await written(
        desk.store, desk.tenant,
        {Thing: {"purpose/study": Thing("purpose/study", msgspec.json.encode(purpose), NOW)}, Consent: {given.id: given}},
    )  # fmt: skip

    told = body(await desk.get("/api/stories?purpose=study", headers=await a_token(desk.office, desk.tenant)))

    assert [one["id"] for one in told] == [an_id("talk", "wifi").hex()]


async def test_another_centre_sees_nothing_of_it(desk, new_tenant):
    other = await new_tenant()
    await desk.get("/stories?period=7")
    desk.csrf = await sign_in(desk, desk.office, other, "supervisor")

    assert "0 stories" in words(await desk.get("/stories?period=7&lang=en"))
    assert (await desk.get(f"/stories/{an_id('talk', 'wifi').hex()}")).status_code == 404
    assert (await post(desk, f"/stories/{an_id('talk', 'wifi').hex()}/keep", {})).status_code == 404


async def test_what_was_mined_is_let_go_when_somebody_is_erased(desk):
    await desk.get("/stories?period=7")
    assert library_of(desk.office, desk.tenant).held
    async with desk.store.within(desk.tenant) as db:
        await db.execute("update message set text = '' where tenant = $1 and person = $2", desk.tenant, an_id("person", "wifi"))
        await db.execute(
            "insert into entry(tenant, seq, at, id, subject, kind, body, leaf) values ($1, 1, $2, $3, $3, $4, '', '')",
            desk.tenant, NOW, an_id("erased"), PersonErased.number,
        )  # fmt: skip

    text = words(await desk.get("/stories?period=7&lang=en"))
    gone = words(await desk.get(f"/stories/{an_id('talk', 'wifi').hex()}?lang=en"))

    assert "Ya reinicié" not in text
    assert "1 story" in text
    assert "There is no story in it." in gone


@pytest.mark.parametrize("path", ["/stories", "/stories/digest", "/stories/transcripts", "/stories/shared?purpose=care"])
async def test_an_agent_reads_no_stories(desk, path):
    await sign_in(desk, desk.office, desk.tenant, "agent")

    assert (await desk.get(path)).status_code == 403


async def test_a_call_is_handed_in_and_what_cannot_be_read_comes_back_with_every_letter(desk):
    said = {
        "handle": "phone:+525512345678",
        "started_at": "2026-03-01T10:00",
        "text": "00:01 Agent: Hola\n00:02 Customer: no hay wifi",
    }

    taken = await post(desk, "/stories/transcripts", said)
    again = await post(desk, "/stories/transcripts", said)
    wrong = await post(desk, "/stories/transcripts?lang=es", said | {"text": "Zorzal canta"})

    [(handle, kind, data)] = desk.office.intake.events.values()
    assert (taken.status_code, again.status_code) == (303, 303)
    assert (handle, kind, data["lines"][1]) == (
        "phone:+525512345678",
        "call.transcript",
        {"by": "them", "s": 2.0, "text": "no hay wifi"},
    )
    assert wrong.status_code == 400
    assert "Zorzal canta</textarea>" in wrong.text
    assert "la línea 1 de la transcripción no se puede leer" in words(wrong)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, 202), ({"handle": "nobody"}, 400), ({"started_at": "2999-01-01T00:00:00Z"}, 400),
        ({"started_at": "2026-03-01T00:00:00"}, 400), ({"started_at": "0001-01-01T00:00:00Z"}, 400), ({"lines": []}, 400),
    ],
    ids=["good", "handle", "future", "no zone", "long ago", "no lines"],
)  # fmt: skip
async def test_programs_hand_in_calls_too(desk, changed, status):
    said = {
        "handle": "phone:+34600111222",
        "started_at": "2026-03-01T10:00:00Z",
        "lines": [
            {"speaker": "Agent", "start": 0, "text": "Hi"},
            {"speaker": "Customer", "start": 2, "text": "The wifi is down"},
        ],
    }

    answer = await desk.post("/api/transcripts", json=said | changed, headers=await a_token(desk.office, desk.tenant))

    assert answer.status_code == status


async def test_who_looks_at_the_same_time_sees_the_same(desk):
    both = await asyncio.gather(desk.get("/stories?period=7&lang=en"), desk.get("/stories?period=7&lang=en"))

    assert ["2 stories" in words(one) for one in both] == [True, True]


async def test_what_is_through_bars_nobody_and_what_failed_hides_nothing_that_is_held(desk):
    await desk.get("/stories?period=7")
    library = library_of(desk.office, desk.tenant)
    [span] = library.held
    failed = [asyncio.ensure_future(asyncio.wait_for(asyncio.Event().wait(), 0)) for _ in range(3)]
    await asyncio.wait(failed)
    library.going |= {one: Going(task=task) for one, task in zip((span, Span(1, 2), Span(2, 3)), failed, strict=True)}

    assert "2 stories" in words(await desk.get("/stories?period=7&lang=en"))
    assert "3 stories" in words(await desk.get("/stories?period=28&lang=en"))
    assert not library.going


async def test_an_event_from_outside_that_calls_itself_a_transcript_tells_nothing(desk):
    odd = ({"lines": [{"by": "them"}]}, {"lines": 7}, {}, {"lines": [{"by": "us", "s": 1e300, "text": "x"}]})
    told = {"lines": [{"by": by, "s": n, "text": text} for n, (by, text, _) in enumerate(WIFI)]}
    sent = [("transcripts", data) for data in (*odd, told)] + [("api", told)]
    events = [
        JourneyEvent(an_id("call", n), NOW - timedelta(days=2), "call.transcript", source, an_id("person", "wifi"), None, data)
        for n, (source, data) in enumerate(sent)
    ]
    await written(desk.store, desk.tenant, {JourneyEvent: {one.id: one for one in events}})

    assert "3 stories" in words(await desk.get("/stories?period=7&lang=en"))
    assert (await desk.get(f"/stories/{an_id('call', 0).hex()}")).status_code == 404


async def test_a_promise_is_told_as_broken_only_where_all_that_followed_was_read(desk, monkeypatch):
    monkeypatch.setattr(stories_library, "MOST_LATER", 1)
    asked, back = ("them", "My bill is wrong, they charged me twice.", -1), ("us", "We have refunded it.", 0)
    await written(
        desk.store, desk.tenant,
        rows("soon", (asked, ("us", "I will call you back within 24 hours.", 0)), days=2),
        rows("soon back", (back,), days=1.4, of="soon"),
        rows("late", (asked, ("us", "I will call you back within 36 hours.", 0)), days=2),
        rows("late back", (back,), days=0.9, of="late"),
    )  # fmt: skip

    await desk.get("/stories/digest?week=2026-W09")

    [held] = library_of(desk.office, desk.tenant).held.values()
    states = {story.id: [promise.state for promise in story.promises] for story in held.mined.stories}
    assert (states[an_id("talk", "soon")], states[an_id("talk", "late")]) == (["kept"], ["open"])


async def test_a_kept_story_is_let_go_and_hides_no_other_when_its_talk_is_gone(desk, monkeypatch):
    monkeypatch.setattr(api_stories, "MOST", 1)
    await shared(desk, wifi=("shop",), **{f"gone {n}": ("shop",) for n in range(9)})

    told = body(await desk.get("/api/stories?purpose=shop", headers=await a_token(desk.office, desk.tenant)))
    answer = await post(desk, f"/stories/{an_id('talk', 'gone 1').hex()}/keep", {"do": "let-go"})

    assert [one["id"] for one in told] == [an_id("talk", "wifi").hex()]
    assert (answer.status_code, answer.headers["location"]) == (303, "/stories")
    assert desk.office.intake.recorded[-1] == StoryLetGo(an_id("talk", "gone 1"), "supervisor")


async def test_periods_are_let_go_after_an_hour_and_when_all_centres_keep_many(desk, monkeypatch):
    await desk.get("/stories?period=7")
    library = library_of(desk.office, desk.tenant)
    [old] = library.held.values()
    library.held[Span(1, 2)] = stories_library.Held(old.mined, old.rare, 0, NOW - timedelta(hours=1))
    await desk.get("/stories?period=7")
    left = len(library.held)
    monkeypatch.setattr(stories_library, "KEPT_IN_ALL", 0)
    stories_library._let_go(desk.office, NOW)

    assert (left, len(library.held)) == (1, 0)


def test_no_more_stories_are_shown_than_a_page_bears():
    assert wanted_of({"show": "99999"}).most == 500


async def test_a_promise_that_a_call_kept_is_kept_on_its_own_page_as_in_the_library(desk):
    asked = ("them", "My bill is wrong, they charged me twice.", -1)
    promised = rows("soon", (asked, ("us", "I will call you back within 24 hours.", 0)), days=2)
    lines = [{"by": "us", "s": 5, "text": "We have refunded it."}, {"by": "them", "s": 9, "text": "Thank you."}]
    at, who = NOW - timedelta(days=1.4), an_id("person", "soon")
    call = JourneyEvent(an_id("call"), at, "call.transcript", "transcripts", who, None, {"lines": lines})
    await written(desk.store, desk.tenant, promised, {JourneyEvent: {call.id: call}})

    await desk.get("/stories/digest?week=2026-W09")
    page = words(await desk.get(f"/stories/{an_id('talk', 'soon').hex()}?lang=en"))

    [held] = library_of(desk.office, desk.tenant).held.values()
    [story] = [one for one in held.mined.stories if one.id == an_id("talk", "soon")]
    assert [promise.state for promise in story.promises] == ["kept"]
    assert "Promises Kept" in page
