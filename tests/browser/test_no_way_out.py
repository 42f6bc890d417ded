"""A desk that reaches Rapport and nothing else works a full shift: two network namespaces, one wire, no route further."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from browser.conftest import CHROMIUM, Faults
from browser.test_the_way_round import READY, an_agent

pytestmark = pytest.mark.anyio
PORT = 8080
ELSEWHERE = "192.0.2.1"  # of a network for documentation: only its route is asked for, nothing is sent
NEEDS = {"chromium": CHROMIUM, "the command ip (apt-get install iproute2)": shutil.which("ip")}


@dataclass(frozen=True)
class Wire:
    """Two namespaces and the addresses of the wire between them."""

    house: str
    desk: str
    at: str = "10.203.77.1"
    of_desk: str = "10.203.77.2"


def ip(*words: str) -> str:
    """What `ip` says. Raises CalledProcessError."""
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


def inside(name: str, *words: str) -> list[str]:
    """A command line inside a namespace."""
    return ["ip", "netns", "exec", name, *words]


@pytest.fixture
def wire() -> Iterator[Wire]:
    """The two namespaces; they go when the test ends."""
    missing = [name for name, found in NEEDS.items() if not found] + ["root"] * (os.geteuid() != 0)
    if missing:
        reason = f"this test needs {', '.join(missing)}"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    made = Wire(f"rapport-h{os.getpid()}", f"rapport-d{os.getpid()}")
    names = {made.house: (f"rh{os.getpid()}", made.at), made.desk: (f"rd{os.getpid()}", made.of_desk)}
    try:
        for name in names:
            ip("netns", "add", name)
        (one, _), (other, _) = names.values()
        ip("link", "add", one, "type", "veth", "peer", "name", other)
        for name, (device, address) in names.items():
            ip("link", "set", device, "netns", name)
            ip("-n", name, "addr", "add", f"{address}/30", "dev", device)
            ip("-n", name, "link", "set", device, "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield made
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


@pytest.fixture
async def centre(wire: Wire, tmp_path: Path, anyio_backend: str) -> AsyncIterator[tuple[str, str]]:
    """`rapport up` in the house's namespace; its address and the first administrator's password."""
    command = [sys.executable, "-m", "rapport", "up", "--host", wire.at, "--port", str(PORT), "--data", str(tmp_path / "data")]
    process = await asyncio.create_subprocess_exec(
        *inside(wire.house, *command), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, start_new_session=True
    )
    said = ""
    try:
        async with asyncio.timeout(READY):
            while "running" not in said:
                line = (await process.stdout.readline()).decode()
                assert line, said
                said += line
        yield f"http://{wire.at}:{PORT}", re.search(r"password (\S+)", said)[1]
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()


@pytest.fixture
def browser_there(wire: Wire, tmp_path: Path) -> str:
    """A program that starts chromium inside the desk's namespace."""
    program = tmp_path / "chromium-there"
    program.write_text(f'#!/bin/sh\nexec {" ".join(inside(wire.desk, CHROMIUM))} "$@"\n')
    program.chmod(0o755)
    return str(program)


async def test_a_desk_without_any_way_out_works_a_full_shift(wire, centre, browser_there):
    url, password = centre
    assert ip("-n", wire.desk, "route").split()[0] == "10.203.77.0/30"
    assert len(ip("-n", wire.desk, "route").splitlines()) == 1
    with pytest.raises(subprocess.CalledProcessError):
        ip("-n", wire.desk, "route", "get", ELSEWHERE)

    async with async_playwright() as play:
        arguments = ["--no-sandbox", f"--unsafely-treat-insecure-origin-as-secure={url}"]
        chromium = await play.chromium.launch(executable_path=browser_there, args=arguments)
        desk = await (await chromium.new_context(viewport={"width": 1280, "height": 800}, locale="es")).new_page()
        faults = Faults()
        faults.watch(desk, url)
        await an_agent(desk, url, password)
        await desk.goto(f"{url}/desk")
        await desk.locator('[popovertarget="presence-menu"]').click()
        await desk.get_by_role("button", name="Disponible").click()
        customer = await (await chromium.new_context(locale="es")).new_page()
        for turn, (question, answer) in enumerate(
            {"Se cae el wifi de mi cuarto": "¿En qué cuarto está?", "El 512, gracias": "Sube Ana ahora mismo."}.items()
        ):
            if not turn:
                await customer.goto(f"{url}/chat/try")
            field = customer.get_by_role("dialog").get_by_role("textbox")
            await field.fill(question)
            await field.press("Enter")
            if not turn:
                await expect(desk.locator("#offer")).to_contain_text("Se cae el wifi")
                async with desk.expect_navigation(url=re.compile("/desk/[0-9a-f]{32}")):
                    await desk.keyboard.press("Alt+a")
            await expect(desk.locator("#thread")).to_contain_text(question)
            await desk.keyboard.press("Alt+l")
            await desk.keyboard.type(answer)
            async with desk.expect_navigation():
                await desk.keyboard.press("Control+Enter")
            await expect(customer.get_by_role("log")).to_contain_text(answer)
        await desk.keyboard.press("Alt+e")
        async with desk.expect_navigation():
            await desk.locator("#resolve .primary").click()
        await desk.goto(f"{url}/desk?view=resolved")
        await expect(desk.locator("#inbox .row")).to_contain_text("Resuelto")
        for page in ("wallboard", "offer"):
            await desk.goto(f"{url}/{page}")
            await expect(desk.locator("main").first).to_be_visible()
        await chromium.close()

    assert faults == []
