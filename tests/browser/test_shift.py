"""A whole shift in a browser, through every stage behind it: three channels, an approval, a hand-over, a wrap-up."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from browser.conftest import CHROMIUM, Faults
from browser.working_house import Working, a_working_house
from contracts.channel import PNG
from rapport.model.message import Reach
from web.officework import PASSWORD

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium")]
OPEN = re.compile("/desk/[0-9a-f]{32}")


@pytest.fixture(scope="module")
async def working(database_url, anyio_backend) -> AsyncIterator[Working]:
    """One house for every shift."""
    async with a_working_house(database_url) as working:
        yield working


@pytest.fixture(scope="module")
async def chromium(working) -> AsyncIterator[Browser]:
    """One browser for every shift; closed before the house, as open streams keep a server waiting."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


async def at_the_desk(chromium: Browser, url: str, day: str, agent: str, language: str, width: int) -> tuple[Page, Faults]:
    context = await chromium.new_context(viewport={"width": width, "height": 800}, locale=language)
    page, faults = await context.new_page(), Faults()
    faults.watch(page, url)
    await page.goto(f"{url}/sign-in?lang={language}")
    if await page.locator("#tenant").count():
        names = await page.locator("#tenant option").all_inner_texts()
        await page.select_option("#tenant", next(name for name in names if name.startswith(f"{day}-")))
    await page.fill("#email", f"{agent}@{day}.example")
    await page.fill("#password", PASSWORD)
    async with page.expect_navigation(url=re.compile("/desk")):
        await page.keyboard.press("Enter")
    return page, faults


async def take(page: Page, words: str) -> None:
    """Accept the offer that says these words."""
    await expect(page.locator("#offer")).to_contain_text(words)
    async with page.expect_navigation(url=OPEN):
        await page.keyboard.press("Alt+a")


async def say(page: Page, text: str) -> None:
    async with page.expect_navigation():
        await page.fill("[data-draft]", text)
        await page.keyboard.press("Control+Enter")


@pytest.mark.parametrize(
    ("language", "width"),
    [
        ("es", 1280),
        ("en", 375),
        pytest.param("es", 375, marks=pytest.mark.slow),
        pytest.param("en", 1280, marks=pytest.mark.slow),
    ],
)
async def test_a_shift_over_three_channels_with_an_approval_a_hand_over_and_a_wrap_up(working, chromium, language, width):
    day = f"shift-{language}-{width}"
    house = await working.day(day)
    ana, faults = await at_the_desk(chromium, working.url, day, "ana", language, width)
    await ana.locator('[popovertarget="presence-menu"]').first.click()
    await ana.locator('button[value="go_online"]').click()

    # in public, with a picture: somebody else must see both
    await working.say(house, "mastodon", "El wifi se cae", Reach.PUBLIC)
    await take(ana, "El wifi se cae")
    await ana.set_input_files('input[type="file"]', {"name": "mapa.png", "mimeType": "image/png", "buffer": PNG})
    await ana.locator('[name^="alt-"]').fill("Plano del piso")
    await say(ana, "Vamos a la 512.")
    await expect(ana.locator("#standing")).to_contain_text("mapa.png")
    sue, other = await at_the_desk(chromium, working.url, day, "sue", language, width)
    await sue.goto(f"{working.url}/approvals")
    await sue.locator('a[href^="/approvals/"]').first.click()
    await expect(sue.locator('.attached img[alt="Plano del piso"]').first).to_be_visible()
    async with sue.expect_navigation():
        await sue.locator('#decide [value="approve"]').click()
    await expect(ana.locator("#thread .msg.out img")).to_have_attribute("alt", "Plano del piso")
    [part] = working.sent(house, "mastodon")
    assert (part.text, [(file.name, file.alt) for file in part.files]) == ("Vamos a la 512.", [("mapa.png", "Plano del piso")])

    # a chat that another team has to go on with; a colleague is named in a note
    await working.say(house, "webchat", "Me cobraron dos veces", Reach.PRIVATE)
    await take(ana, "Me cobraron dos veces")
    await ana.keyboard.press("Alt+p")
    await ana.keyboard.type("Esto es de @")
    await ana.locator('#people-list [data-insert="@ben "]').click()
    await expect(ana.locator("[data-draft]")).to_have_value("Esto es de @ben ")
    async with ana.expect_navigation():
        await ana.keyboard.press("Control+Enter")
    await ana.evaluate("document.getElementById('transfer').showPopover()")
    await ana.select_option("#transfer-to", "billing")
    async with ana.expect_navigation(url=re.compile(r"/desk\?view")):
        await ana.locator("#transfer .primary").click()

    # a mail that is answered, and done
    await working.say(house, "email", "¿Tienen cochera?", Reach.PRIVATE, subject="Cochera")
    await take(ana, "cochera")
    await ana.fill('[name="later"]', "2026-03-05T09:00", force=True)
    await expect(ana.locator("[data-leaves]")).to_be_visible()
    await expect(ana.locator("[data-leaves]")).to_contain_text("5")
    await ana.fill('[name="later"]', "", force=True)
    await say(ana, "Sí, es gratis.")
    await expect(ana.locator("#thread .msg.out")).to_contain_text("Sí, es gratis.")
    assert await ana.evaluate("document.documentElement.scrollWidth") <= width
    await ana.keyboard.press("Alt+e")
    async with ana.expect_navigation():
        await ana.locator("#resolve .primary").click()
    await ana.goto(f"{working.url}/desk?view=resolved")
    await expect(ana.locator("#inbox .row").first).to_contain_text("Cochera")

    assert (faults, other) == ([], [])
    await ana.context.close()
    await sue.context.close()
