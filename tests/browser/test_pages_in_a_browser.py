"""Every page in a real browser: nothing breaks, nothing is asked outside, nothing sticks out, and it can be read by anyone."""

from pathlib import Path

import pytest

from browser.conftest import settled, signed_in
from browser.filled import an_id

pytestmark = pytest.mark.anyio

LOOKING = (Path(__file__).parent / "looking.js").read_text()
DRAFT = an_id("d", "desayuno").hex()
PERSON = an_id("p", "María Fernanda Echeverría-Goikoetxea Ruiz de la Peña").hex()


def addresses(guest: str) -> list[str]:
    return [
        "/desk",
        f"/desk/{guest}",
        f"/desk/{an_id('c', 'cots').hex()}",
        "/offer",
        "/approvals",
        f"/approvals/{DRAFT}",
        "/wallboard",
        "/console",
        "/console/agents/lupe",
        f"/console/watch/{guest}",
        "/held",
        "/agents",
        "/agents/access",
        "/channels",
        "/matching",
        "/set-up",
        "/set-up/channel/email",
        "/me",
        "/shifts",
        "/knowledge",
        "/people",
        f"/people/{PERSON}",
        f"/audit/{guest}",
        "/desk/find?q=wifi",
        f"/outside/{an_id('m', 'cots', 0).hex()}/2",
        "/patterns",
    ]


@pytest.mark.parametrize("width", [1280, 768, 375])
@pytest.mark.parametrize(("language", "dark"), [("es", False), ("en", True)])
async def test_every_page_stands_at_every_width_in_both_languages_and_both_lights(browser, site, width, language, dark):
    page, faults = await signed_in(browser, site, language=language, width=width, dark=dark)
    complaints = {}

    for address in addresses(site.guest.id.hex()):
        await page.goto(f"{site.url}{address}{'&' if '?' in address else '?'}lang={language}")
        await settled(page)
        found = await page.evaluate(LOOKING)
        if await page.evaluate("document.documentElement.scrollWidth") > width:
            found.append("sticks out to the side")
        if found:
            complaints[address] = found

    assert complaints == {}
    assert faults == []
