"""Pictures of every page, for the eye: python docs/screenshots.py FOLDER; with --docs those that the docs show, in docs/images.

The pages are those of the browser tests: the filled hotel, at 1280 and 375 px, in both languages, English in the dark; for the
docs English in the light.
"""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "src")]

import msgspec  # noqa: E402  (the tests' folder must be on the path first)
from PIL import Image  # noqa: E402
from playwright.async_api import async_playwright  # noqa: E402

from browser.conftest import CHROMIUM, settled, signed_in  # noqa: E402
from browser.filled import NOW, an_id  # noqa: E402
from browser.harness import Served, served  # noqa: E402
from rapport.ledger.tables import write_rows  # noqa: E402
from rapport.ledger.tenants import make_tenant  # noqa: E402
from rapport.measures import studies  # noqa: E402
from rapport.model.centre import TaughtReader  # noqa: E402
from rapport.model.correction import Correction, Figures, IntentFigures  # noqa: E402
from rapport.store.embedded import Embedded  # noqa: E402
from rapport.store.migrate import migrate  # noqa: E402
from rapport.store.pool import Store  # noqa: E402
from web.workforcework import fill_weeks, give_burst, give_shifts, give_sites  # noqa: E402


def pages(site: Served) -> dict[str, str]:
    """Each picture's name and address."""
    person = an_id("p", "María Fernanda Echeverría-Goikoetxea Ruiz de la Peña").hex()
    return {
        "desk": f"/desk/{site.guest.id.hex()}",
        "inbox": "/desk",
        "offer": "/offer",
        "approvals": "/approvals",
        "approval": f"/approvals/{an_id('d', 'desayuno').hex()}",
        "wallboard": "/wallboard",
        "console": "/console",
        "watch": f"/console/watch/{site.guest.id.hex()}",
        "search": "/search?q=wifi",
        "rules": "/rules",
        "centre": "/centre",
        "me": "/me",
        "knowledge": "/knowledge",
        "held": "/held",
        "agents": "/agents",
        "matching": "/matching",
        "set-up": "/set-up",
        "person": f"/people/{person}",
        "record": f"/audit/{site.guest.id.hex()}",
        "audit": "/audit",
        "channels": "/channels",
        "teams": "/agents/teams",
        "roster": "/workforce/roster",
        "patterns": "/patterns",
        "workforce": "/workforce",
        "workforce-bursts": "/workforce/bursts",
        "workforce-what-if": "/workforce?more=4&after=14",
        "workforce-look-back": "/workforce/look-back",
        "workforce-replay": "/workforce/replay",
        "workforce-streams": "/workforce/streams",
        "workforce-staffing": "/workforce/staffing",
        "workforce-sites": "/workforce/sites",
        "shifts": "/shifts",
        "training": "/training",
    }


async def a_burst_day(store: Store) -> None:
    """Weeks before, and today four times as many as usual."""
    await fill_weeks(store, 1, NOW, burst=4.0)
    await give_shifts(store, 1)
    await give_sites(store, 1)
    await give_burst(store, 1, NOW)


FIGURES = Figures(
    "own-5e02c1aa", "seeds-4c7c164e", 412, 138, 96, 0.5217, 0.7101, 0.1957, 0.1304, 0.1014, 0.2754, True, "better",
    (IntentFigures("fibre-down", 41, 12, 34), IntentFigures("wifi", 38, 29, 30), IntentFigures("refund", 33, 21, 24),
     IntentFigures("", 26, 10, 10)),
)  # fmt: skip


async def a_reader_waits(store: Store) -> None:
    """Labels of two agents, and a reader that was compared on those held back and waits for somebody to let it in."""
    thing = msgspec.json.encode(TaughtReader("intent", b"x", FIGURES.version, FIGURES))
    labels = {
        id: Correction(id, an_id("c", "wifi"), None, agent, NOW, intent, was_intent="wifi", votes=votes)
        for id, agent, intent, votes in (
            (an_id("m", "wifi", 0), "ana", "fibre-down", {"ana": "fibre-down", "beto": "wifi"}),
            (an_id("m", "wifi", 1), "beto", "wifi", {"beto": "wifi"}),
        )
    }
    async with store.within(1) as db:
        await write_rows(db, 1, {Correction: labels})
        await studies.begin(db, 1, studies.READER, "ana", NOW)
        found = msgspec.json.encode(studies.ReaderFound(FIGURES, 550, thing))
        await studies.end(db, 1, studies.READER, NOW, found=found)


Photograph = Callable[[Served, Path], Awaitable[None]]
IMAGES = Path(__file__).parent / "images"
IN_DOCS = {"desk": 375, "approval": 375, "console": 1280, "channels": 1280, "person": 1280, "workforce": 1280, "audit": 1280}


async def photograph_for_docs(site: Served, folder: Path) -> None:
    """Take the pictures that the docs show, in few colours so that they are small: docs/images/NAME-WIDTH.png."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, width in IN_DOCS.items():
            page, _ = await signed_in(browser, site, language="en", width=width)
            await page.goto(f"{site.url}{pages(site)[name]}?lang=en")
            await settled(page)
            taken = await page.screenshot(full_page=name == "workforce")
            kept = folder / f"{name}-{width}.png"
            await asyncio.to_thread(lambda: Image.open(BytesIO(taken)).convert("RGB").quantize(128).save(kept, optimize=True))  # noqa: B023  (it is awaited at once)
            await page.context.close()
        await browser.close()


async def photograph(site: Served, folder: Path) -> None:
    """Take every picture."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for language in ("es", "en"):
            for width in (1280, 375):
                page, _ = await signed_in(browser, site, language=language, width=width, dark=language == "en")
                for name, address in pages(site).items():
                    await page.goto(f"{site.url}{address}{'&' if '?' in address else '?'}lang={language}")
                    await settled(page)
                    whole = name in ("patterns", "training") or name.startswith("workforce")
                    await page.screenshot(path=folder / f"{name}-{language}-{width}.png", full_page=whole)
                await page.context.close()
        await browser.close()


async def main(folder: Path, photograph: Photograph) -> None:
    """Serve the filled hotel from a database of its own, and photograph it."""
    with tempfile.TemporaryDirectory(prefix="rapport-pictures-") as data:
        server = Embedded.start(Path(data), quick=True)
        try:
            await migrate(server.url)
            store = await Store.open(server.url, size=4)
            async with store.within(1) as db:
                await make_tenant(db, 1, "tenant-1")
            async with served(store, 1) as site:
                await a_burst_day(store)
                await a_reader_waits(store)
                await photograph(site, folder)
            await store.close()
        finally:
            server.stop()


if __name__ == "__main__":
    told = sys.argv[1] if len(sys.argv) > 1 else "pictures"
    pictures = IMAGES if told == "--docs" else Path(told)
    pictures.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(pictures, photograph_for_docs if told == "--docs" else photograph))
