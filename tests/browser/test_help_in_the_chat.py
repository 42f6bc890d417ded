"""While a visitor waits, the chat on somebody else's page shows what is written down already, and what they open is told."""

import re

import pytest
from playwright.async_api import expect

from browser.conftest import Faults
from browser.test_widget import ACCOUNT, a_page
from knowledge.articlework import an_article, keep

pytestmark = pytest.mark.anyio


async def test_titles_stand_below_what_was_written_and_lead_to_the_public_page(browser, site, store):
    await site.office.intake.set_things(site.tenant, [("account", "webchat", ACCOUNT.replace(b"name,email", b""))])
    await keep(store, site.tenant, an_article("wifi.es", "El wifi va lento"), an_article("b.es", "El wifi", audience="agents"))
    async with a_page(site.url, f"tenant-{site.tenant}", "es") as url:
        page = await (await browser.new_context(viewport={"width": 375, "height": 740}, locale="es")).new_page()
        faults = Faults()
        faults.watch(page, f"(?:{site.url}|{url.rstrip('/')})")
        await page.goto(url)
        await page.get_by_role("button", name="Escríbanos").click()
        await page.get_by_role("textbox").fill("se cae el wifi")
        await page.keyboard.press("Enter")
        link = page.get_by_role("link")

        await expect(link).to_have_text(["El wifi va lento"])
        async with page.expect_request(re.compile("/chat/help/open")) as told, page.context.expect_page() as opened:
            await link.click()
        await expect((await opened.value).get_by_role("heading", level=1)).to_have_text("El wifi va lento")

    assert (await told.value).post_data_json == {"article": "wifi.es"}
    assert faults == []
