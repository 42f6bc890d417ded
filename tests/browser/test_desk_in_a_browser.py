"""The desk by hand: keys, palette, dialogs, the composer that loses no letter, and all of it without any script."""

import re

import pytest
from playwright.async_api import expect

from browser.conftest import live, settled, signed_in
from browser.filled import an_id
from rapport.web.happenings import Happening
from rapport.web.stream import hub_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk(browser, site):
    """Ana's desk with the guest's conversation; `desk.faults`, `desk.site`."""
    page, faults = await signed_in(browser, site)
    page.faults, page.site = faults, site
    await page.goto(f"{site.url}/desk/{site.guest.id.hex()}?lang=en")
    await settled(page)
    await live(page)
    yield page
    assert faults == []


def last_act(site) -> dict:
    return site.office.intake.acts[-1]


@pytest.mark.parametrize(
    ("key", "opens"),
    [("Control+k", "#palette"), ("?", "#keys"), ("Alt+e", "#resolve"), ("h", "#snooze"), ("t", "#transfer"), ("/", "#saved")],
)
async def test_a_key_opens_its_dialog_and_escape_closes_it(desk, key, opens):
    await desk.keyboard.press(key)
    await expect(desk.locator(opens)).to_be_visible()

    await desk.keyboard.press("Escape")

    await expect(desk.locator(opens)).to_be_hidden()


async def test_the_rows_of_the_inbox_fill_it_and_lie_edge_to_edge(desk):
    rows = await desk.locator("ol.rows > li").evaluate_all("rows => rows.map(row => row.getBoundingClientRect().toJSON())")

    assert len(rows) > 1
    assert {(row["left"], row["width"]) for row in rows} == {(rows[0]["left"], rows[0]["width"])}
    assert [row["top"] for row in rows[1:]] == pytest.approx([row["bottom"] for row in rows[:-1]])


async def test_a_letter_typed_into_the_reply_is_a_letter(desk):
    await desk.keyboard.press("Alt+l")
    await desk.keyboard.type("hat?")

    await expect(desk.locator("textarea[name=text]")).to_have_value("hat?")
    await expect(desk.locator("#snooze")).to_be_hidden()


async def test_what_is_sent_without_a_line_stays_with_the_reason_and_leaves_when_the_line_is_back(desk):
    text = desk.locator("textarea[name=text]")
    await text.fill("Hello again")
    await desk.context.set_offline(True)
    await desk.keyboard.press("Control+Enter")

    await expect(desk.locator("[data-no-line]")).to_be_visible()
    await expect(text).to_have_value("Hello again")

    await desk.context.set_offline(False)
    await text.focus()
    async with desk.expect_navigation():
        await desk.keyboard.press("Control+Enter")
    assert "Hello again" in str(last_act(desk.site))
    desk.faults[:] = [fault for fault in desk.faults if "ERR_INTERNET_DISCONNECTED" not in fault]


async def test_letters_can_be_switched_off(desk):
    await desk.keyboard.press("?")
    await desk.locator("[data-letters]").uncheck()
    await desk.keyboard.press("Escape")

    await desk.keyboard.press("h")

    await expect(desk.locator("#snooze")).to_be_hidden()


async def test_the_palette_narrows_as_one_types_and_enter_does_it(desk):
    await desk.keyboard.press("Control+k")
    await desk.keyboard.type("snooze until")
    await desk.keyboard.press("Enter")

    await expect(desk.locator("#snooze")).to_be_visible()


async def test_the_palette_finds_a_person_by_name(desk):
    await desk.keyboard.press("Control+k")
    await desk.keyboard.type("ibarrondo")
    await expect(desk.locator("#palette-list [data-found]").first).to_be_visible()

    await desk.keyboard.press("Enter")

    await expect(desk).to_have_url(re.compile(an_id("c", "minibar").hex()))


async def test_the_next_conversation_is_one_key_away(desk):
    rows = await desk.locator(".rows .row").evaluate_all("rows => rows.map((row) => row.id)")
    at = rows.index(f"r-{desk.site.guest.id.hex()}")

    await desk.keyboard.press("Alt+j")

    await expect(desk).to_have_url(re.compile(rows[at + 1][2:]))


async def test_the_composer_wears_the_dress_of_whom_it_reaches(desk):
    await expect(desk.get_by_text("Everyone will see it")).to_be_visible()
    await expect(desk.locator("[data-send]:visible")).to_have_text(re.compile("Ask approval"))

    await desk.keyboard.press("Alt+p")

    await expect(desk.get_by_text("Only the team will see it")).to_be_visible()
    await expect(desk.locator("[data-send]:visible")).to_have_text(re.compile("Save note"))


async def test_checks_appear_under_the_text_while_it_is_written(desk):
    await desk.keyboard.press("Alt+l")
    await desk.keyboard.type("Call 55 5550 0199")

    await expect(desk.locator("#checks")).to_contain_text("55 5550 0199")
    await expect(desk.locator("textarea[name=text]")).to_be_focused()


async def test_what_was_written_is_there_after_a_reload_on_another_device_and_when_the_login_had_ended(desk, browser):
    await desk.keyboard.press("Alt+l")
    await desk.keyboard.type("Half a sentence")
    await expect(desk.locator("[data-kept]")).to_contain_text("Kept")

    other, _ = await signed_in(browser, desk.site)
    await other.goto(desk.url)

    await expect(other.locator("textarea[name=text]")).to_have_value("Half a sentence")
    await desk.context.clear_cookies()  # the login ends: what is typed now reaches the server no more
    await desk.keyboard.type(" and the rest")
    await desk.context.add_cookies(await other.context.cookies())
    await desk.reload()
    await expect(desk.locator("textarea[name=text]")).to_have_value("Half a sentence and the rest")


async def test_control_enter_sends_and_the_composer_is_empty_again(desk):
    await desk.keyboard.press("Alt+p")
    await desk.keyboard.type("@Lupe thank you")

    async with desk.expect_navigation():
        await desk.keyboard.press("Control+Enter")

    assert (last_act(desk.site)["do"], last_act(desk.site)["text"]) == ("note", "@Lupe thank you")
    await expect(desk.locator("textarea[name=text]")).to_have_value("")


async def test_a_saved_reply_is_put_where_the_cursor_is(desk):
    await desk.keyboard.press("Alt+l")
    await desk.keyboard.press("/")
    await desk.keyboard.press("Enter")

    await expect(desk.locator("textarea[name=text]")).to_have_value(re.compile("Gracias por escribirnos"))


async def test_resolving_asks_how_it_ended(desk):
    await desk.keyboard.press("Alt+e")
    await desk.get_by_label("Passed on").check()

    async with desk.expect_navigation():
        await desk.locator("#resolve .primary").click()

    assert (last_act(desk.site)["do"], last_act(desk.site)["argument"]) == ("close", "passed-on")


async def test_an_offer_is_accepted_by_key(desk):
    async with desk.expect_navigation(url=re.compile(an_id("c", "taxi").hex())):
        await desk.keyboard.press("Alt+a")

    assert last_act(desk.site)["do"] == "accept"


async def test_the_time_of_an_offer_runs_down(desk):
    ring = desk.locator("#offer [data-ring] b")
    before = await ring.text_content()

    await desk.wait_for_timeout(2200)

    assert await ring.text_content() < before


async def test_a_colleague_who_writes_is_seen_at_once_and_neither_loses_a_letter(desk, browser):
    await desk.keyboard.press("Alt+l")
    await desk.keyboard.type("Mine")
    other, _ = await signed_in(browser, desk.site, "noor")
    await other.goto(desk.url)
    await live(other)
    await other.keyboard.press("Alt+l")
    await other.keyboard.type("Theirs")

    await expect(desk.locator("#standing")).to_contain_text("Noor Baptiste-Oyelaran is here too")
    await expect(other.locator("#standing")).to_contain_text("Ana Quiroz is here too")
    await expect(desk.locator("textarea[name=text]")).to_have_value("Mine")
    await expect(other.locator("textarea[name=text]")).to_have_value("Theirs")


async def test_a_new_message_appears_without_a_reload_and_the_draft_stays(desk):
    site = desk.site
    await desk.keyboard.press("Alt+l")
    await desk.keyboard.type("Still writing")
    async with site.office.store.within(site.tenant) as db:
        await db.execute(
            "update message set text = 'Now it works!' where tenant = $1 and id = $2", site.tenant, an_id("m", "wifi", 2)
        )

    hub_of(site.office, site.tenant).tell(Happening(f"conversation:{site.guest.id.hex()}", "desk.read"))

    await expect(desk.locator("#thread")).to_contain_text("Now it works!")
    await expect(desk.locator("textarea[name=text]")).to_have_value("Still writing")
    await expect(desk.locator("textarea[name=text]")).to_be_focused()


async def the_rows(desk) -> list[str]:
    """The ids of the inbox's rows as they stand."""
    return await desk.locator(".rows .row").evaluate_all("rows => rows.map((row) => row.id)")


async def take_away(desk, row: str) -> None:
    """A colleague resolves the conversation of a row, and the page is told."""
    site = desk.site
    async with site.office.store.within(site.tenant) as db:
        await db.execute(
            "update conversation set state = 'resolved' where tenant = $1 and id = $2", site.tenant, bytes.fromhex(row[2:])
        )
    hub_of(site.office, site.tenant).tell(Happening("inbox", "desk.read"))


async def test_a_row_that_is_pressed_stays_under_the_finger_until_it_is_let_go(desk):
    first, second, *_ = await the_rows(desk)
    await desk.locator(f"#{second}").hover()
    await desk.mouse.down()

    await take_away(desk, first)
    await desk.wait_for_timeout(1000)
    before = await the_rows(desk)
    async with desk.expect_navigation():
        await desk.mouse.up()

    assert before[:2] == [first, second]
    await expect(desk).to_have_url(re.compile(second[2:]))


async def test_rows_move_as_soon_as_the_pointer_rests(desk):
    first, second, *_ = await the_rows(desk)
    await desk.locator(f"#{second}").hover()

    await take_away(desk, first)

    await expect(desk.locator(f"#{first}")).to_have_count(0)
    assert (await the_rows(desk))[0] == second


async def test_rows_that_are_held_for_long_move_at_last(desk):
    first, second, *_ = await the_rows(desk)
    await desk.locator(f"#{second}").hover()
    await desk.mouse.down()

    await take_away(desk, first)

    await expect(desk.locator(f"#{first}")).to_have_count(0)
    await desk.mouse.up()


async def test_light_and_dark_are_kept_on_the_device(desk):
    await desk.locator(".rail [data-theme-toggle]").click()
    await desk.reload()

    assert await desk.evaluate("document.documentElement.dataset.theme") == "dark"


async def test_on_a_phone_one_pane_is_shown_and_the_switcher_leads_to_the_others(browser, site):
    page, _ = await signed_in(browser, site, width=375)
    await page.goto(f"{site.url}/desk/{site.guest.id.hex()}?lang=en")
    await expect(page.locator("#conversation")).to_be_visible()
    await expect(page.locator("#inbox")).to_be_hidden()

    await page.locator(".switcher a[href='#person']").click()

    await expect(page.locator("#person")).to_be_visible()
    await expect(page.locator(".switcher [aria-current]")).to_have_text(re.compile("Person"))


async def test_without_any_script_a_note_is_written_and_a_conversation_is_read(browser, site):
    signed, _ = await signed_in(browser, site)
    context = await browser.new_context(java_script_enabled=False, storage_state=await signed.context.storage_state())
    page = await context.new_page()
    await page.goto(f"{site.url}/desk?lang=en")
    await page.locator(".rows .row").first.click()
    await page.locator("label.note").click()
    await page.locator("textarea[name=text]").fill("No script at all")

    async with page.expect_navigation():
        await page.locator("[data-send]:visible").click()

    assert (last_act(site)["do"], last_act(site)["text"]) == ("note", "No script at all")
    await expect(page.locator("#thread")).to_be_visible()
