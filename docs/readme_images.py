"""Makes docs/images: starts the demonstration, takes a seat, accepts an offer, and looks. Run it in a checkout with Chromium.

.venv/bin/python docs/readme_images.py
"""

import contextlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
BROWSER = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
SEAT = "ana"


@contextlib.contextmanager
def demonstration() -> Iterator[tuple[str, str]]:
    """The address of a running demonstration and its administrator's password."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        argv = [sys.executable, "-m", "rapport", "demo", "--data", f"{folder}/data", "--port", str(port)]
        with log.open("wb") as out:
            running = subprocess.Popen(argv, stdout=out, stderr=out)
        try:
            base = f"http://127.0.0.1:{port}"
            for _ in range(300):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"{base}/health", timeout=2)
                    break
                time.sleep(0.2)
            found = re.search(r"password (\S+)", log.read_text())
            assert found, log.read_text()
            yield base, found[1]
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(30)


def look(page: Page, base: str, password: str) -> None:
    """Sign in, take a seat, accept an offer that has a journey beside it, and take the pictures."""
    page.goto(base)
    page.fill("input[name=email]", "admin")
    page.fill("input[type=password]", password)
    page.press("input[type=password]", "Enter")
    page.wait_for_load_state("load")
    page.goto(f"{base}/demo")
    page.click(f"button[value={SEAT}] >> nth=0")
    page.wait_for_load_state("load")
    for _ in range(12):
        page.wait_for_selector("text=Accept", timeout=90_000)
        page.click("text=Accept")
        page.wait_for_timeout(1_500)
        if page.query_selector("#person .path li"):
            break
    page.goto(page.url)
    page.wait_for_timeout(500)
    page.evaluate("document.querySelectorAll('.float').forEach(card => card.hidden = true)")
    page.screenshot(path=IMAGES / "desk.png")
    page.wait_for_timeout(15_000)
    page.goto(f"{base}/wallboard")
    page.wait_for_timeout(500)
    page.screenshot(path=IMAGES / "wallboard.png")


def main() -> None:
    """Make the pictures."""
    IMAGES.mkdir(exist_ok=True)
    with demonstration() as (base, password), sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=BROWSER)
        page = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 800}).new_page()
        look(page, base, password)
        browser.close()


if __name__ == "__main__":
    main()
