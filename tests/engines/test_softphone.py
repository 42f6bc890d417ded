"""The softphone in a real browser before a real Asterisk: what the agent does on the desk, and what the caller hears of it."""

import asyncio
import json
import os
import re
import socket
from contextlib import asynccontextmanager

import pytest
import uvicorn
from playwright.async_api import Page, async_playwright, expect

from browser.conftest import CHROMIUM, Faults
from contracts.channel import eventually
from engines import asterisk as servers, test_whole_way as whole
from engines.ear import an_ear
from engines.telephones import caller
from rapport.access import logins, sessions
from rapport.app.serving import office_of
from rapport.channels.voice.softphone import auth_of, endpoint_of
from rapport.settings import Settings
from rapport.web.phone.socket import LARGEST, session_name
from rapport.web.server import create

pytestmark = [pytest.mark.anyio, pytest.mark.nightly]
house = whole.house  # the fixture
MARIA, AGREES = "5215512345678", "2"  # a number, and the key to agree to being recorded
MUSIC, VOICE = 330, 700  # hertz: what Asterisk plays to who waits, and what Maria says
NAMES = {"ana": "Ana Quiroz", "ben": "Ben Ávila"}
FLAGS = [
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
]
KEEP_CONNECTIONS = """
window.lines = [];
window.RTCPeerConnection = class extends RTCPeerConnection { constructor(...all) { super(...all); window.lines.push(this); } };
"""
HEARD = """async () => {
  const all = [];
  for (const line of window.lines) {
    if (line.connectionState === "closed") continue;
    for (const one of (await line.getStats()).values()) {
      if (one.type === "inbound-rtp") all.push({ way: "in", packets: one.packetsReceived, energy: one.totalAudioEnergy });
      if (one.type === "outbound-rtp") all.push({ way: "out", packets: one.packetsSent });
    }
  }
  return all;
}"""


@pytest.fixture(scope="module")
def asterisk(folder):
    """One Asterisk for the tests of this file."""
    with servers.asterisk(folder / "softphones") as server:
        yield server


@pytest.fixture
async def chromium():
    """A browser whose microphone beeps."""
    if CHROMIUM is None:
        reason = "no chromium is installed: apt-get install chromium"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def site(house, asterisk):
    """The house's pages on a loopback port, with a telephone and two agents; (address, tenant, house)."""
    house, tenant = house
    await house.secrets.put(tenant, "secret", asterisk.secret)
    things = [("account", "phone", json.dumps({"id": "phone", "channel": "voice", "settings": asterisk.settings}).encode())]
    for agent, name in NAMES.items():
        await logins.add_login(house.store, tenant, agent, email=f"{agent}@hotel.example", name=name, role="agent")
        slots = {"presence": "available", "slots": {"voice": 1}, "attributes": {"languages": ["es"]}}
        things.append(("agent", agent, json.dumps({"id": agent, "name": name} | slots).encode()))
    await house.intake.set_things(tenant, things)
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    app = create(office_of(house, Settings()))
    config = uvicorn.Config(app, ws="websockets-sansio", ws_max_size=LARGEST, log_level="critical", lifespan="on")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve([listening]))

    async def heard():
        return "rapport" in await asyncio.to_thread(asterisk.cli, "ari show apps")

    assert await eventually(heard, 30)
    yield url, tenant, house
    await asyncio.to_thread(asterisk.quiet)
    server.should_exit = server.force_exit = True
    await task


async def a_phone(chromium, site, agent: str, *, language: str = "en", width: int = 1280) -> Page:
    """An agent's page with the phone on; `page.faults`."""
    url, tenant, house = site
    login = await logins.find_login(house.store, tenant, agent)
    cookie = await sessions.open_session(house.store, login, house.clock.now())
    context = await chromium.new_context(viewport={"width": width, "height": 800}, locale=language)
    await context.add_init_script(KEEP_CONNECTIONS)
    await context.add_cookies([{"name": "rapport", "value": cookie, "url": url}])
    page = await context.new_page()
    page.faults = Faults()
    page.faults.watch(page, url)
    await page.goto(f"{url}/phone?at=/desk%3Flang%3D{language}&lang={language}")
    await page.locator('[data-when="off"] [data-do="on"]').click()
    await expect(page.locator("#phone")).to_have_attribute("data-state", "ready")
    return page


@asynccontextmanager
async def maria_calls(asterisk, *keys: tuple[int, str]):
    """Maria calls, says a tone, listens, and presses keys, each so many milliseconds after another: (ear, her telephone)."""
    async with an_ear() as (ear, port):
        ear.says = VOICE
        telephone = caller(asterisk, MARIA, *keys, media=port)
        yield ear, telephone


async def who_is_asked(*phones: Page) -> list[Page]:
    """The phones, first the one on whose desk the offer shows."""

    async def asked():
        seen = [await page.frame_locator("#desk").locator("#offer [value=accept]").count() for page in phones]
        return sorted(phones, key=lambda page: -seen[phones.index(page)]) if any(seen) else None

    found = await eventually(asked, 30)
    assert found, "nobody was asked"
    return found


async def accept(page: Page) -> None:
    """Accept the offer on the desk inside; the phone answers by itself."""
    await page.frame_locator("#desk").locator("#offer [value=accept]").click()


async def is_in(page: Page, state: str) -> None:
    await expect(page.locator("[data-call]")).to_have_attribute("data-call-state", state, timeout=30_000)


async def do(page: Page, what: str) -> None:
    await page.locator(f'[data-calls] button[value="{what}"]').click()


async def ask(page: Page, what: str, agent: str) -> None:
    """Transfer to, or consult, an agent."""
    await page.keyboard.press("Alt+g")
    await page.locator("#phone-to").select_option(f"agent:{agent}")
    await page.locator(f'#phone-pass [value="{what}"]').click()


async def hears(page: Page, seconds: float = 1.5) -> dict[str, float]:
    """What came and went in so many seconds: packets_in, packets_out, energy."""
    before, _, after = await page.evaluate(HEARD), await asyncio.sleep(seconds), await page.evaluate(HEARD)

    def total(report, way, what):
        return sum(one.get(what, 0) for one in report if one["way"] == way)

    asked = {"packets_in": ("in", "packets"), "packets_out": ("out", "packets"), "energy": ("in", "energy")}
    return {name: total(after, *what) - total(before, *what) for name, what in asked.items()}


def complaints(*pages: Page) -> list[str]:
    """What the pages complained of; a fetch that ends as its page is left is none."""
    return [fault for page in pages for fault in page.faults if "Failed to fetch" not in fault]


async def becomes(true, seconds: float = 20.0) -> None:
    async def now():
        return true()

    assert await eventually(now, seconds)


async def test_an_agent_answers_on_the_desk_and_mutes_holds_records_and_hangs_up(chromium, site, asterisk):
    ana, ben = await a_phone(chromium, site, "ana"), await a_phone(chromium, site, "ben")
    async with maria_calls(asterisk, (9000, AGREES)) as (ear, telephone):
        first, _ = await who_is_asked(ana, ben)
        await accept(first)
        await is_in(first, "talking")
        await becomes(lambda: ear.loudness() > 50)
        both = await hears(first)
        await first.keyboard.press("Alt+m")
        await expect(first.locator("[data-do=mute]")).to_have_attribute("aria-pressed", "true")
        await becomes(lambda: ear.packets > 0 and ear.loudness() < 5)
        await first.keyboard.press("Alt+m")
        await becomes(lambda: ear.loudness() > 50)
        await first.locator("[popovertarget=phone-keys]").click()
        await first.locator('[data-tone="5"]').click()
        await becomes(lambda: ear.keys == "5")
        await first.keyboard.press("Escape")
        await do(first, "hold")
        await is_in(first, "held")
        await becomes(lambda: ear.share_of(MUSIC) > 0.8)
        held = await hears(first)
        await do(first, "resume")
        await is_in(first, "talking")
        await becomes(lambda: ear.share_of(MUSIC) < 0.2 and ear.loudness() > 50)
        await expect(first.locator("[data-call]")).to_contain_text("May be recorded", timeout=30_000)
        await first.keyboard.press("Alt+r")
        await expect(first.locator("[data-call]")).to_contain_text("Being recorded", timeout=30_000)
        await first.keyboard.press("Alt+r")
        await expect(first.locator("[data-call]")).to_contain_text("May be recorded", timeout=30_000)
        await do(first, "hang_up")
        await expect(first.locator("[data-call]")).to_have_count(0, timeout=20_000)
        ended = await asyncio.to_thread(telephone.wait, 20)

    assert both["packets_in"] > 20
    assert both["packets_out"] > 20
    assert both["energy"] > 0.001
    assert held["energy"] < both["energy"] / 10
    assert ended == 0
    assert complaints(ana, ben) == []


async def test_a_colleague_is_asked_joins_and_takes_over(chromium, site, asterisk):
    ana, ben = await a_phone(chromium, site, "ana"), await a_phone(chromium, site, "ben", language="es")
    async with maria_calls(asterisk) as (ear, telephone):
        first, second = await who_is_asked(ana, ben)
        await accept(first)
        await is_in(first, "talking")
        colleague = "ben" if second is ben else "ana"
        await ask(first, "consult", colleague)
        await expect(second.locator("[data-ringing]")).to_contain_text(NAMES["ana" if second is ben else "ben"], timeout=20_000)
        await is_in(first, "asking")
        await second.locator("[data-do=decline]").click()
        await is_in(first, "held")
        told = await first.locator("[data-call] .tag.warn").count()
        await ask(first, "consult", colleague)
        await expect(second.locator("[data-ringing]")).to_be_visible(timeout=20_000)
        await second.keyboard.press("Alt+y")
        await is_in(first, "consulting")
        await becomes(lambda: ear.share_of(MUSIC) > 0.8)
        asked = await hears(second)
        await do(first, "join")
        await is_in(first, "conference")
        await becomes(lambda: ear.share_of(MUSIC) < 0.2 and ear.loudness() > 50)
        joined = await hears(second)
        await do(first, "complete")
        await expect(first.locator("[data-call]")).to_have_count(0, timeout=20_000)
        await is_in(second, "talking")
        alone = await hears(second)
        await do(second, "hang_up")
        ended = await asyncio.to_thread(telephone.wait, 20)

    assert told == 1
    assert min(one["packets_in"] for one in (asked, joined, alone)) > 20
    assert min(one["energy"] for one in (asked, joined, alone)) > 0.0005
    assert ended == 0
    assert complaints(ana, ben) == []


async def test_a_call_is_given_to_a_colleague_who_accepts_it_on_their_desk(chromium, site, asterisk):
    ana, ben = await a_phone(chromium, site, "ana"), await a_phone(chromium, site, "ben")
    async with maria_calls(asterisk) as (ear, telephone):
        first, second = await who_is_asked(ana, ben)
        await accept(first)
        await is_in(first, "talking")
        await ask(first, "transfer", "ben" if second is ben else "ana")
        [asked, _] = await who_is_asked(second, first)
        await becomes(lambda: ear.share_of(MUSIC) > 0.8)
        await accept(second)
        await is_in(second, "talking")
        await becomes(lambda: ear.share_of(MUSIC) < 0.2 and ear.loudness() > 50)
        heard = await hears(second)
        await do(second, "hang_up")
        ended = await asyncio.to_thread(telephone.wait, 20)

    assert asked is second
    assert heard["energy"] > 0.001
    assert ended == 0


async def test_a_call_comes_back_to_a_page_that_is_loaded_anew(chromium, site, asterisk):
    ana = await a_phone(chromium, site, "ana")
    async with maria_calls(asterisk) as (ear, telephone):
        await who_is_asked(ana)
        await accept(ana)
        await is_in(ana, "talking")
        ana.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
        await ana.reload()
        await is_in(ana, "talking")
        await becomes(lambda: ear.loudness() > 50 and ear.share_of(MUSIC) < 0.2)
        await do(ana, "hang_up")
        ended = await asyncio.to_thread(telephone.wait, 20)

    assert ended == 0


async def test_who_signs_out_has_no_line_and_no_credentials_any_more(chromium, site, asterisk):
    url, tenant, house = site
    ana = await a_phone(chromium, site, "ana")
    [cookie] = await ana.context.cookies(url)
    token = cookie["value"].partition(".")[2]
    credentials = auth_of(endpoint_of(asterisk.app, "ana"), session_name(token))

    async def known():
        return credentials in await asyncio.to_thread(asterisk.cli, "pjsip show auths")

    before = await known()
    await sessions.close_session(house.store, tenant, token)
    await expect(ana).to_have_url(re.compile("/sign-in"), timeout=60_000)

    async def gone():
        return not await known()

    assert before
    assert await eventually(gone, 40)
