"""The playbook beside a conversation: read by page and API in one's language, its forms acted upon, its clocks shown."""

import json

import msgspec
import pytest

from rapport.channels.channel import Fitted, Unit
from rapport.ledger.tables import write_rows
from rapport.model.centre import Thing
from rapport.model.playbook import Deed, Edition, Field, Playbook, PlaybookStep, Run
from rapport.model.target import Clock, Service
from web.officework import NOW, a_browser, a_conversation, an_office, body, sign_in
from web.test_pages import posted, words

pytestmark = pytest.mark.anyio
BOOK = Playbook(
    "wifi",
    (
        PlaybookStep({"en": "Restart it", "es": "Reinícialo"}, True, "restart", (Field("works", type="flag", required=True),)),
        PlaybookStep({"en": "Say so"}, id="say", actions=(Deed("reply", text={"es": "Listo, {name}."}),)),
        PlaybookStep({"en": "Offer a room"}, id="room", when={"works": False}),
    ),
    title={"en": "Wi-Fi", "es": "Wifi"},
)


@pytest.fixture
async def desk(store, tenant):
    """An agent's browser at a conversation of hers, with a playbook at its beginning and a clock that stands."""
    office = an_office(store, fit=lambda tenant, account, channel, text, reach, to: Fitted((text,), 500, Unit.CHARS))
    id = await a_conversation(store, tenant, agent="ana", language="es")
    made = msgspec.json.encode(BOOK)
    rows = [
        Thing("playbook/wifi", made, NOW), Edition("playbook/wifi@1", made, NOW), Edition("playbook/wifi@2", made, NOW),
        Run(id, "wifi", 1, NOW), Service(id, {"resolution": Clock("gold", left=7200.0)}),
    ]  # fmt: skip
    async with store.within(tenant) as db:
        for row in rows:
            await write_rows(db, tenant, {type(row): {row.id: row}})
    async with a_browser(office) as client:
        client.csrf = await sign_in(client, office, tenant, "agent", "ana")
        client.office, client.at = office, f"/desk/{id.hex()}"
        yield client


async def test_the_panel_shows_steps_that_are_asked_for_that_there_is_a_newer_version_and_the_clock(desk):
    page = words(await desk.get(f"{desk.at}?lang=en"))
    spanish = words(await desk.get(f"{desk.at}/playbook?lang=es"))

    assert "Restart it" in page
    assert "Offer a room" not in page
    assert "This playbook was changed." in page
    assert "stands, 2" in page
    assert "Reinícialo" in spanish


async def test_a_step_is_done_with_what_was_filled_in_and_a_refusal_keeps_the_page(desk):
    done = await posted(desk, f"{desk.at}/steps/restart", do="done", **{"value.works": "yes"})
    desk.office.intake.refusal = "This step is done already."
    refused = await posted(desk, f"{desk.at}/steps/restart?lang=es", do="done")

    act = desk.office.intake.acts[0]
    assert done.headers["location"] == f"{desk.at}#playbook-part"
    assert (act["do"], act["argument"], act["values"]) == ("do_step", "restart", {"works": "yes"})
    assert refused.status_code == 409
    assert "Este paso ya está hecho." in words(refused)


async def test_a_steps_reply_is_put_behind_what_is_being_written(desk):
    await posted(desk, f"{desk.at}/checks", text="Hola.")

    await posted(desk, f"{desk.at}/steps/say", do="reply-0")

    assert "Hola.\n\nListo, María." in (await desk.get(desk.at)).text.replace("&#39;", "'")


async def test_programs_read_the_same(desk):
    told = body(await desk.get(f"/api/conversations/{desk.at.rpartition('/')[2]}/playbook"))

    assert (told["edition"], told["newer"], [step["id"] for step in told["steps"]]) == (1, True, ["restart", "say"])
    assert told["clocks"][0]["left"] == 7200.0
    assert json.dumps(told)
