"""The phone around the desk: it says why it cannot be turned on, one window has it, and a lost line comes back by itself."""

import re
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, async_playwright, expect
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from browser.conftest import CHROMIUM, settled, signed_in
from browser.harness import served
from browser.test_pages_in_a_browser import LOOKING
from web.phonework import FakePhones

pytestmark = pytest.mark.anyio
FAKE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
SAME = re.compile(r"^(?:Via|From|Call-ID|CSeq|Contact):.*$", re.MULTILINE)
TO = re.compile(r"^To:.*$", re.MULTILINE)


async def registrar(line: ServerConnection) -> None:
    """Takes every registration."""
    async for asked in line:
        text = str(asked).replace("\r\n", "\n")
        if text.startswith("REGISTER"):
            said = ["SIP/2.0 200 OK", *SAME.findall(text), f"{TO.findall(text)[0]};tag=1", "Content-Length: 0"]
            await line.send("\r\n".join(said) + "\r\n\r\n")


@asynccontextmanager
async def a_server(port: int = 0):
    """A telephone server that only registers; its port."""
    async with serve(registrar, "127.0.0.1", port, subprotocols=[Subprotocol("sip")]) as server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def a_browser(*flags: str):
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *flags])
        yield browser
        await browser.close()


@pytest.fixture
async def site(store, tenant):
    """The filled hotel, with a telephone."""
    async with served(store, tenant, FakePhones()) as site:
        yield site


async def turn_on(page: Page, url: str) -> None:
    await page.goto(f"{url}/phone?lang=en")
    await page.locator('[data-when="off"] [data-do="on"]').click()


async def is_now(page: Page, state: str) -> None:
    await expect(page.locator("#phone")).to_have_attribute("data-state", state, timeout=30_000)


@pytest.mark.parametrize(("language", "width", "dark"), [("es", 1280, True), ("en", 375, False)])
async def test_the_phone_and_the_desk_inside_can_be_read_by_anyone(browser, site, language, width, dark):
    page, faults = await signed_in(browser, site, language=language, width=width, dark=dark)

    await page.goto(f"{site.url}/phone?lang={language}&at=/desk/{site.guest.id.hex()}")
    await settled(page)

    assert await page.evaluate(LOOKING) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await expect(page.frame_locator("#desk").locator("#c-title")).to_be_visible()
    assert faults == []


async def test_a_microphone_that_is_not_allowed_is_said_with_the_cure(browser, site):
    async with a_browser(FAKE[0]) as hearing:  # it has a microphone, and nobody to answer its question
        page, _ = await signed_in(hearing, site)

        await turn_on(page, site.url)

        await is_now(page, "refused")
        await expect(page.get_by_text("Allow it at the sign beside the address")).to_be_visible()


async def test_one_window_has_the_phone_and_a_lost_line_comes_back(browser, site):
    async with a_browser(*FAKE) as hearing:
        async with a_server() as port:
            site.office.phones.server = f"ws://127.0.0.1:{port}/ws"
            page, _ = await signed_in(hearing, site)
            await turn_on(page, site.url)
            await is_now(page, "ready")
            other = await page.context.new_page()
            await turn_on(other, site.url)
            await is_now(other, "taken")
            await other.locator('[data-when="taken"] [data-do="steal"]').click()
            await is_now(other, "ready")
            await is_now(page, "taken")
        await is_now(other, "lost")
        async with a_server(port):
            await is_now(other, "ready")
            await other.reload()
            await is_now(other, "ready")


async def test_the_phone_opens_as_ever_once_the_desk_has_its_service_worker(browser, site):
    page, faults = await signed_in(browser, site)
    await page.goto(f"{site.url}/desk")
    await page.evaluate("navigator.serviceWorker.ready.then((worker) => worker.active.scriptURL)")

    await page.goto(f"{site.url}/phone?lang=en")

    await expect(page.frame_locator("#desk").locator("#inbox .row").first).to_be_visible()
    await is_now(page, "off")
    assert faults == []
