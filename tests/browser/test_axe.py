"""axe-core finds nothing serious on any page of the desk, in the light and in the dark, wide and narrow.

`vendor/axe.min.js` is axe-core 4.14.1 (Deque Systems, MPL 2.0, vendor/axe.LICENSE.txt), as published; used by tests alone.
"""

from datetime import timedelta
from pathlib import Path

import pytest

from browser.conftest import settled, signed_in
from browser.filled import NOW, an_id
from rapport.access.offer_links import offer_link
from rapport.access.survey_links import survey_link

pytestmark = pytest.mark.anyio

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RUN = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .filter((found) => ["serious", "critical"].includes(found.impact))
  .map((found) => `${found.id}: ${found.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`)"""
PAGES = (
    *("/desk?view=open", "/desk/{guest}", "/desk/{guest}/transcript", "/desk?view=all&channel=sms&did=resolve&of={guest}"),
    *("/console", "/console/agents/lupe", "/console/watch/{guest}"),
    *("/search?q=wifi", "/me", "/offer", "/offers/link/{link}", "/approvals", "/held", "/wallboard", "/agents", "/patterns"),
    *("/agents/teams", "/agents/access"),
    *("/knowledge", "/knowledge/pool.es/edit", "/help/{tenant}/es"),
    *("/reports?by=agent", "/reports/drivers", "/survey/{survey}"),
)
OPENED = (
    *("palette", "keys", "resolve", "snooze", "transfer", "marks"),
    *("merge", "split", "bar", "filter", "people-list", "saved"),
)


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (375, False)])
async def test_axe_finds_nothing_serious(browser, site, width, dark):
    page, _ = await signed_in(browser, site, width=width, dark=dark)
    link = offer_link(site.tenant, "ana", an_id("o", "taxi"), NOW + timedelta(seconds=40), key=site.office.key)
    survey = survey_link(site.tenant, site.guest.id, NOW + timedelta(days=1), key=site.office.key)
    found: list[str] = []
    for path in PAGES:
        named = {"guest": site.guest.id.hex(), "link": link, "survey": survey, "tenant": f"tenant-{site.tenant}"}
        await page.goto(site.url + path.format(**named))
        await settled(page)
        await page.evaluate(AXE)
        found += [f"{path.split('?')[0][:30]} {said}" for said in await page.evaluate(RUN)]
    await page.goto(f"{site.url}/desk/{site.guest.id.hex()}")
    await settled(page)
    await page.evaluate(AXE)
    for name in OPENED:
        await page.evaluate("(name) => document.getElementById(name).showPopover()", name)
        found += [f"#{name} {said}" for said in await page.evaluate(RUN)]
        await page.evaluate("(name) => document.getElementById(name).hidePopover()", name)

    assert found == []
