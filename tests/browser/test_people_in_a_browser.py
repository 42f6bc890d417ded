"""People in a browser, on the real pipeline: two made one and two again, the journey before and after; export and erasure."""

import asyncio
import re

import pytest
from playwright.async_api import Page, async_playwright, expect

from browser.conftest import CHROMIUM
from browser.test_shift import at_the_desk
from browser.working_house import Working, a_working_house
from rapport.model.message import Reach
from rapport.people import reading

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium")]


async def journey(page: Page) -> list[str]:
    """What each moment of the journey says, the latest first."""
    return [" ".join(text.split()) for text in await page.locator("ol.path.full > li").all_inner_texts()]


async def person(working: Working, handle: str) -> str:
    """Their person, once the worker has taken in what they wrote."""
    house, id = working.today, None
    async with asyncio.timeout(30):
        while id is None:
            await house.house.changed(house.tenant, 0.1)
            async with house.house.within(house.tenant) as db:
                id = await reading.person_named(db, house.tenant, handle)
    return id.hex()


async def test_two_are_merged_and_taken_apart_and_one_takes_an_export_and_is_erased_with_a_certificate(database_url):
    async with a_working_house(database_url) as working, async_playwright() as play:
        chromium = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        house = await working.day("merging")
        await working.say(house, "email", "About my invoice", Reach.PRIVATE, subject="Invoice")
        await working.say(house, "mastodon", "About my room", Reach.PUBLIC)
        one, other = [await person(working, f"{c}:{c}-guest@example.org") for c in ("email", "mastodon")]
        page, faults = await at_the_desk(chromium, working.url, "merging", "sue", "en", 1280)

        await page.goto(f"{working.url}/people/{one}")
        before = await journey(page)
        await page.goto(f"{working.url}/people/{one}/with/{other}")
        await expect(page.locator("#main")).to_contain_text("As one person")
        async with page.expect_navigation(url=re.compile("merged=")):
            await page.get_by_role("button", name="They are one person").click()
        await expect(page.locator("#main")).to_contain_text("one person now")
        whole = await journey(page)
        async with page.expect_navigation(url=re.compile("parted=1")):
            await page.get_by_role("button", name="Take apart").click()
        await expect(page.locator("#main")).to_contain_text("two persons again")
        after = await journey(page)
        await expect(page.locator("#main")).to_contain_text("Who looked")

        await page.goto(f"{working.url}/people/{other}/export")
        await expect(page.locator("#main")).to_contain_text("About my room")
        json_of = await page.get_by_role("link", name="JSON").get_attribute("href")
        export = await (await page.request.get(f"{working.url}{json_of}")).json()
        await page.goto(f"{working.url}/people/{other}/rights")
        await page.get_by_label("I am sure").check()
        await page.get_by_role("button", name="Erase for ever").click()
        await expect(page.locator("#main")).to_contain_text("Certificate of erasure")
        await expect(page.locator("#main")).to_contain_text("1 key destroyed")
        await page.goto(f"{working.url}/people/{other}/export")
        await expect(page.locator("#main")).not_to_contain_text("About my room")
        await chromium.close()

    assert [len(listed) for listed in (before, whole, after)] == [1, 2, 1]
    assert before == after
    assert before[0] in whole
    assert ([said["text"] for said in export["messages"]], export["handles"]) == (
        ["About my room"],
        ["mastodon:mastodon-guest@example.org"],
    )
    assert faults == []
