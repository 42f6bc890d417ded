"""The training page and the reading on the desk: what was understood, one click to correct it, and which reader serves."""

import msgspec
import pytest

from browser.filled import NOW, an_id, fill
from rapport.clock import FakeClock
from rapport.ledger.tables import write_rows
from rapport.measures import studies
from rapport.measures.studies import READER, ReaderFound
from rapport.model.centre import TaughtReader
from rapport.model.correction import Comparison, Correction, Figures, IntentFigures
from web.officework import a_browser, an_office, sign_in
from web.test_pages import posted, words

pytestmark = pytest.mark.anyio
FIGURES = Figures(
    "own-1", "seeds-1", 90, 40, 12, 0.5, 0.7, 0.2, 0.1, 0.05, 0.35, True, "better", (IntentFigures("wifi", 40, 20, 28),)
)


@pytest.fixture
async def desk(store, tenant):
    """A supervisor's browser over the hotel; `desk.asked` keeps the trainings that were asked for."""
    await fill(store, tenant)
    asked = []

    async def study(tenant, name, by):
        asked.append((name, by))
        return True

    office = an_office(store, clock=FakeClock(NOW), study=study)
    async with a_browser(office) as client:
        client.csrf = await sign_in(client, office, tenant, "supervisor")
        client.office, client.tenant, client.asked = office, tenant, asked
        yield client


async def put(desk, *rows):
    async with desk.office.store.within(desk.tenant) as db:
        changed = {}
        for row in rows:
            changed.setdefault(type(row), {})[row.id] = row
        await write_rows(db, desk.tenant, changed)


async def trained(desk, figures):
    thing = TaughtReader("intent", b"x", figures.version, figures)
    async with desk.office.store.within(desk.tenant) as db:
        await studies.begin(db, desk.tenant, READER, "ana", NOW)
        found = msgspec.json.encode(ReaderFound(figures, 130, msgspec.json.encode(thing)))
        await studies.end(db, desk.tenant, READER, NOW, found=found)


async def serving(desk):
    async with desk.office.store.within(desk.tenant) as db:
        body = await db.fetchval("select body from thing where tenant = $1 and id = 'reader/intent'", desk.tenant)
    return msgspec.json.decode(body, type=TaughtReader) if body else None


async def test_a_reading_stands_beside_its_message_and_one_click_corrects_it(desk):
    guest, message = an_id("c", "wifi"), an_id("m", "wifi", 0)

    page = await desk.get(f"/desk/{guest.hex()}?lang=es")
    answer = await posted(desk, f"/desk/{guest.hex()}/messages/{message.hex()}/reading", argument="emotion:anger")

    assert "Decidido" not in words(page)
    assert "¿Está mal? ¿De qué trata?" in words(page)
    assert "Habla mal, por: cayendo" in words(page)
    assert answer.status_code == 303
    (act,) = desk.office.intake.acts
    assert (act["do"], act["message"], act["argument"]) == ("correct", message, "emotion:anger")


async def test_an_intent_that_is_typed_becomes_a_name(desk):
    guest, message = an_id("c", "wifi"), an_id("m", "wifi", 0)

    await posted(desk, f"/desk/{guest.hex()}/messages/{message.hex()}/reading", intent="Fibra caída")

    assert desk.office.intake.acts[0]["argument"] == "intent:fibra-caída"


async def test_the_page_shows_labels_disagreements_and_what_to_label_first(desk):
    m = an_id("m", "wifi", 0)
    votes = {"ana": "wifi", "irene": "billing"}
    await put(desk, Correction(m, an_id("c", "wifi"), None, "irene", NOW, intent="billing", was_intent="wifi", votes=votes))
    await put(desk, Comparison(an_id("x"), NOW, "ana", "own-1", True, FIGURES))

    said = words(await desk.get("/training?lang=en"))

    assert "Irene Villaseñor: billing" in said
    assert "50 % → 70 %" in said.replace("\xa0", " ") or "50% → 70%" in said
    assert "Label these first" in said


async def test_a_better_reader_serves_on_a_click_and_the_shipped_one_is_a_click_away(desk):
    await trained(desk, FIGURES)

    assert "It may serve." in words(await desk.get("/training?lang=en"))
    await posted(desk, "/training/reader", version="own-1")
    assert (await serving(desk)).overruled is False
    await posted(desk, "/training/reader/withdraw")
    assert await serving(desk) is None


async def test_a_refused_reader_serves_only_for_a_reason_that_stays_on_record(desk):
    await trained(desk, msgspec.structs.replace(FIGURES, serves=False, reason="unsure", low=-0.1))

    refused = await posted(desk, "/training/reader", version="own-1")
    await posted(desk, "/training/reader", version="own-1", reason="new line of business")

    assert refused.status_code == 409
    assert ((kept := await serving(desk)).overruled, kept.reason) == (True, "new line of business")


async def test_a_training_is_begun_by_whoever_may(desk):
    await posted(desk, "/training/study")

    assert [name for name, _ in desk.asked] == [READER]
