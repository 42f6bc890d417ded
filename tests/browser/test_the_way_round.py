"""The whole way round, over the whole running system: a visitor writes, an agent is asked, answers and wraps up."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from urllib.parse import quote

import httpx
import pytest
from playwright.async_api import Page, async_playwright, expect

from browser.conftest import CHROMIUM, Faults
from free_ports import free_port

pytestmark = pytest.mark.anyio

PASSWORD = "una contraseña larga y buena"
READY = 180.0


@pytest.fixture
async def running(tmp_path, anyio_backend) -> AsyncIterator[tuple[str, str]]:
    """`rapport up` with everything that it runs; its address and the first administrator's password."""
    if CHROMIUM is None:
        reason = "no chromium is installed: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "rapport", "up", "--port", str(port), "--data", str(tmp_path),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    said = ""
    try:
        try:
            async with asyncio.timeout(READY):
                while "running" not in said:
                    line = (await process.stdout.readline()).decode()
                    assert line, said
                    said += line
        except TimeoutError:
            pytest.fail(f"not running after {READY:.0f} s; it said: {said}")
        yield f"http://127.0.0.1:{port}", re.search(r"password (\S+)", said)[1]
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()


async def an_agent(page: Page, url: str, password: str) -> None:
    """Invite Ana as the administrator, choose her password, and come on duty."""
    await page.goto(f"{url}/sign-in")
    await page.fill("#email", "admin")
    await page.fill("#password", password)
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("/set-up|/desk"))
    await page.goto(f"{url}/set-up")
    await page.fill("#who", "Ana Quiroz")
    await page.fill("#email", "ana@hotel.example")
    await page.fill("#skills", "wifi 0.9")
    async with page.expect_navigation():
        await page.locator('form[action="/set-up/invite"] button').click()
    link = re.search(r"/welcome/[A-Za-z0-9._~-]+", await page.content())[0]
    await page.context.clear_cookies()
    await page.goto(f"{url}{link}")
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("/desk|/$"))


async def test_a_visitor_writes_and_the_agent_answers_and_both_see_it(running):
    url, password = running
    async with async_playwright() as play:
        chromium = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        desk = await (await chromium.new_context(viewport={"width": 1280, "height": 800}, locale="es")).new_page()
        faults = Faults()
        faults.watch(desk, url)
        await an_agent(desk, url, password)
        await desk.goto(f"{url}/desk")
        await desk.locator('[popovertarget="presence-menu"]').click()
        await desk.get_by_role("button", name="Disponible").click()
        await expect(desk.locator("#presence")).to_contain_text("Disponible")

        async with httpx.AsyncClient(base_url=url, timeout=30) as visitor:
            token = (await visitor.post("/chat/start", json={})).json()["token"]
            headers = {"authorization": f"Visitor {token}"}
            said = await visitor.post(
                "/chat/messages", json={"id": "k1", "text": "Hola, se cae el wifi de mi cuarto"}, headers=headers
            )
            assert said.status_code == 202

        await expect(desk.locator("#offer")).to_contain_text("se cae el wifi")
        await expect(desk.locator("#offer")).to_contain_text("wifi")
        async with desk.expect_navigation(url=re.compile("/desk/[0-9a-f]{32}")):
            await desk.keyboard.press("Alt+a")
        await desk.keyboard.press("Alt+l")
        await desk.keyboard.type("Claro, ¿en qué cuarto está?")
        async with desk.expect_navigation():
            await desk.keyboard.press("Control+Enter")
        await expect(desk.locator("#thread .msg.out")).to_contain_text("¿en qué cuarto está?")
        await expect(desk.locator("#thread .msg.out footer").first).to_contain_text("Enviado")
        async with httpx.AsyncClient(base_url=url, timeout=30) as visitor:
            seen = (await visitor.get("/chat/history", headers=headers)).text
            about = {"x-about": quote('{"id": "k2", "file": "llave.txt"}')}
            brought = await visitor.post("/chat/files", content=b"cuarto 512", headers=headers | about)
            assert brought.status_code == 202
            await expect(desk.locator("#thread .msg .file")).to_contain_text("llave.txt")
            assert (await visitor.get(brought.json()["files"][0]["url"])).content == b"cuarto 512"
        assert "¿en qué cuarto está?" in seen
        await desk.keyboard.press("Alt+e")
        async with desk.expect_navigation():
            await desk.locator("#resolve .primary").click()
        await desk.goto(f"{url}/desk?view=resolved")
        await expect(desk.locator("#inbox .row")).to_contain_text("Resuelto")
        await desk.goto(f"{url}/wallboard")
        await expect(desk.locator("#wallboard")).to_contain_text("1 de 1 a tiempo hoy")
        await chromium.close()

    assert faults == []
