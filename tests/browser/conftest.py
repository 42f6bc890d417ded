"""A real browser over the served pages. Without chromium these tests are skipped, and fail where CI=true."""

import os
import re
import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from browser.harness import Served, served
from rapport.store.pool import Store
from web.officework import PASSWORD

expect.set_options(timeout=15_000)  # ms: a busy machine is slow, and what is right comes at once

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture
async def browser(site: Served) -> AsyncIterator[Browser]:
    """The system's chromium, headless; closed before the site, as open streams keep a server waiting."""
    if CHROMIUM is None:
        reason = "no chromium is installed: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture
async def site(store: Store, tenant: int) -> AsyncIterator[Served]:
    """The filled hotel, served."""
    async with served(store, tenant) as site:
        yield site


class Faults(list[str]):
    """What a page complained of: errors of scripts and of the console, answers of 400 and more, addresses outside."""

    def watch(self, page: Page, url: str) -> None:
        page.on("pageerror", lambda error: self.append(f"script: {error}"))
        page.on("console", lambda said: self.append(f"console: {said.text}") if said.type in ("error", "warning") else None)
        page.on("response", lambda answer: self.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
        page.on(
            "request",
            lambda asked: self.append(f"outside: {asked.url}") if not re.match(rf"{url}/|data:|blob:", asked.url) else None,
        )


async def signed_in(
    browser: Browser, site: Served, agent: str = "ana", *, language: str = "en", width: int = 1280, dark: bool = False
) -> tuple[Page, Faults]:
    """A page of somebody who has signed in, and what it complains of from then on."""
    context = await browser.new_context(
        viewport={"width": width, "height": 800 if width > 700 else 740},
        locale=language,
        color_scheme="dark" if dark else "light",
        timezone_id="America/Mexico_City",
    )
    page = await context.new_page()
    faults = Faults()
    faults.watch(page, site.url)
    await page.goto(f"{site.url}/sign-in?lang={language}")
    if await page.locator("#tenant").count():
        await page.select_option("#tenant", f"tenant-{site.tenant}")
    await page.fill("#email", f"{agent}@hotel.example")
    await page.fill("#password", PASSWORD)
    async with page.expect_navigation(url=re.compile("/desk")):
        await page.keyboard.press("Enter")
    return page, faults


async def live(page: Page) -> None:
    """Wait until the page hears what happens."""
    await expect(page.locator("html")).to_have_attribute("data-stream", "live")


async def settled(page: Page) -> None:
    """Wait until nothing is fetched and the clocks have ticked once."""
    await page.wait_for_load_state("load")
    await page.wait_for_timeout(150)
