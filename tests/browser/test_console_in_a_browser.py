"""A whisper in a real browser: it comes up over the desk while it is open, and the answer goes back."""

import pytest
from playwright.async_api import expect

from browser.conftest import live, settled, signed_in
from browser.filled import NOW, an_id
from rapport.ledger.tables import write_rows
from rapport.model.fact import AgentTold
from rapport.model.telling import Telling
from rapport.web.happenings import happenings_of
from rapport.web.stream import hub_of

pytestmark = pytest.mark.anyio


async def test_a_whisper_comes_up_over_the_open_desk_and_is_answered(browser, site):
    page, faults = await signed_in(browser, site, width=375)
    await page.goto(f"{site.url}/desk/{site.guest.id.hex()}?lang=en")
    await settled(page)
    await live(page)
    said = Telling(an_id("t", "live"), site.guest.id, "ana", "irene", "whisper", NOW, "Offer the cable")
    async with site.office.store.within(site.tenant) as db:
        await write_rows(db, site.tenant, {Telling: {said.id: said}})
    for happening in happenings_of(AgentTold(said.id, said.conversation, said.agent, said.by)):
        hub_of(site.office, site.tenant).tell(happening)

    card = page.locator("#told")
    await expect(card).to_contain_text("Irene Villaseñor whispers to you")
    await expect(card).to_contain_text("Offer the cable")
    await card.get_by_role("link", name="Answer").click()
    await page.get_by_label("Your answer").fill("I will")
    async with page.expect_response(lambda answer: answer.request.method == "POST"):
        await page.get_by_role("button", name="Answer").click()
    await expect(page.locator("#beside-said")).to_contain_text("Offer the cable")

    act = site.office.intake.acts[-1]
    assert (act["do"], act["argument"], act["text"]) == ("whisper_back", said.id.hex(), "I will")
    assert faults == []
