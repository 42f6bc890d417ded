"""Forms of hand-over, conference, call back and undo: each is the action that it says, and what stands beside is shown."""

from datetime import timedelta

import pytest

from browser.filled import NOW, an_id
from rapport.ledger.tables import read_rows, write_rows
from rapport.model.conversation import Conversation
from rapport.model.ids import derived_id
from rapport.model.message import Reach
from rapport.model.reply import Draft, DraftState, Outgoing
from rapport.model.statement import Handover, Summary
from web.test_pages import (
    own_desk as own_desk,  # noqa: PLC0414  # the fixture: a filled desk, and whoever sits there
    posted,
    words,
)

pytestmark = pytest.mark.anyio
HELD = an_id("d", "held")


@pytest.fixture
async def beside(own_desk, store):
    """The guest's conversation with a reply that can be taken back, a hand-over and a colleague."""
    tenant, id = own_desk.tenant, an_id("c", "wifi")
    async with store.within(tenant) as db:
        (row,) = await read_rows(db, tenant, Conversation, [id])
        later = NOW + timedelta(seconds=9)
        rows = [
            Draft(HELD, id, "ana", NOW, Reach.PRIVATE, DraftState.APPROVED, text="Ya quedó"),
            Outgoing(HELD, derived_id(HELD, "message"), id, "mastodon", "mastodon", Reach.PRIVATE, later, not_before=later),
            Handover(
                id, NOW, "irene", "Sistemas", "team", Summary(promised=("Mañana le avisaremos.",), given=(("room", "512"),))
            ),
            Conversation(**{name: getattr(row, name) for name in row.__struct_fields__} | {"beside": ("lupe",)}),
        ]
        await write_rows(db, tenant, {type(one): {one.id: one} for one in rows})
    return own_desk


async def test_what_can_be_taken_back_what_was_promised_and_who_leads_stand_beside_the_conversation(beside):
    said = words(await beside.get(f"/desk/{beside.guest}/part/standing?lang=en"))

    assert "Leaves in 9" in said
    assert "Handed over by Irene Villaseñor" in said
    assert "Mañana le avisaremos." in said
    assert "Ana Quiroz leads" in said


@pytest.mark.parametrize(
    ("at", "form", "do"),
    [
        (f"/drafts/{HELD.hex()}/unsend", {}, ("unsend", "")),
        ("/desk/{guest}/hand-over", {"to": "agreement:telco", "reason": "x"}, ("hand_over", "agreement:telco")),
        ("/desk/{guest}/together", {"do": "lead", "agent": "lupe"}, ("lead", "lupe")),
        ("/desk/{guest}/call-back", {"phone": "+52 55", "at": "2026-03-05T10:00"}, ("call_back", "2026-03-05T10:00")),
    ],
)
async def test_a_form_is_the_action_that_it_says(beside, at, form, do):
    await posted(beside, at.replace("{guest}", beside.guest), **form)

    act = beside.office.intake.acts[-1]
    assert (act["do"], act.get("argument", "")) == do


async def test_who_decides_says_which_text_they_read(own_desk):
    draft = an_id("d", "desayuno").hex()
    seen = (await own_desk.get(f"/approvals/{draft}")).text.split('name="seen" value="')[1].split('"')[0]
    await posted(own_desk, f"/drafts/{draft}", do="approve", text="Gracias, Chayo.", seen=seen)

    assert own_desk.office.intake.acts[-1]["argument"] == seen
