"""The workforce page on a phone and on a wide screen: the hour that it is, and what a burst's card says."""

from datetime import timedelta

import pytest

from browser.conftest import settled, signed_in
from browser.filled import NOW
from web.workforcework import fill_weeks, give_burst, give_shifts

pytestmark = pytest.mark.anyio
WHERE = """() => [...document.querySelectorAll(".over > .plot .here")].map((line) => {
  const box = line.closest(".over").getBoundingClientRect(), at = line.getBoundingClientRect().left;
  return at > box.left && at < box.right;
})"""


@pytest.mark.parametrize("width", [375, 1280])
async def test_the_plots_of_the_day_show_the_hour_that_it_is_and_the_card_its_steps(browser, site, store, tenant, width):
    noon = NOW - timedelta(hours=10)
    await fill_weeks(store, tenant, noon, burst=4.0)
    await give_shifts(store, tenant)
    await give_burst(store, tenant, noon)
    site.office.clock.set(noon)
    page, _ = await signed_in(browser, site, language="en", width=width)

    await page.goto(f"{site.url}/workforce?lang=en")
    await settled(page)

    assert set(await page.evaluate(WHERE)) == {True}
    assert await page.get_by_text("Let more people answer").is_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("address", ["/reports", "/workforce/schedule", "/workforce", "/wallboard", "/stories", "/quality"])
async def test_on_paper_a_page_stands_alone_and_fills_it(browser, site, store, tenant, address):
    await give_shifts(store, tenant)
    page, _ = await signed_in(browser, site, language="es", width=794)  # A4 at 96 to the inch

    await page.emulate_media(media="print")
    await page.goto(f"{site.url}{address}?lang=es")
    await settled(page)

    assert await page.locator(".rail").is_hidden()
    assert await page.evaluate("document.querySelector('main').getBoundingClientRect().width") > 700
    assert await page.evaluate("document.querySelector('main .body').getBoundingClientRect().width") > 600
    assert await page.evaluate("[...document.querySelectorAll('.over > .table')].every((one) => one.scrollWidth <= 760)")
