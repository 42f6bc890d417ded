"""The chat on somebody else's page, under a strict policy: it asks, says who it is, tells the page, and is usable by anyone."""

import asyncio
import contextlib
import hmac
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from playwright.async_api import expect

from browser.conftest import Faults
from browser.harness import Served, served
from rapport.app.attaching import cleaning
from rapport.channels.media import LARGEST, MediaKeeper
from rapport.channels.sandbox import Sandbox
from rapport.ledger.seal import Keys
from rapport.web.attaching import Attaching

pytestmark = pytest.mark.anyio
KEY = "la llave de la página"
ACCOUNT = b'{"id": "webchat", "channel": "webchat", "settings": {"title": "Hotel", "ask": "name,email", "key": "secret:chat"}}'
OWN = """
const told = [];
for (const what of ["ready", "open", "close", "sent", "answer"])
  document.addEventListener("rapport:" + what, () => told.push(what));
self.told = told;
"""


@contextlib.asynccontextmanager
async def a_page(chat: str, tenant: str, language: str) -> AsyncIterator[str]:
    """A page of another origin with the chat on it, whose policy lets in itself and the chat's origin, and nothing else."""
    policy = f"default-src 'none'; script-src 'self' {chat}; connect-src {chat}; img-src data:"
    tag = f'<script src="{chat}/chat/widget.js" data-tenant="{tenant}" data-account="webchat" defer></script>'
    head = f'<title>Shop</title><link rel="icon" href="data:,"><script src="/own.js"></script>{tag}'
    html = f'<!doctype html><html lang="{language}">{head}<h1>Shop</h1></html>'

    async def app(scope, receive, send):
        if scope["type"] != "http":
            return
        own = scope["path"] == "/own.js"
        kind = b"text/javascript" if own else b"text/html; charset=utf-8"
        headers = [(b"content-type", kind), (b"content-security-policy", policy.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": (OWN if own else html).encode()})

    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    running = asyncio.create_task(server.serve([listening]))
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event to wait for)
        await asyncio.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    finally:
        server.should_exit = True
        await running


async def heard(chat: Served) -> None:
    """Wait until a message was taken in."""
    async with asyncio.timeout(30):
        while not chat.office.intake.heard:  # noqa: ASYNC110  (a list has no event to wait for)
            await asyncio.sleep(0.05)


async def until_it_tells(page, word):
    """A strict page forbids what `wait_for_function` does."""
    async with asyncio.timeout(30):
        while True:
            if word in await page.evaluate("self.told"):
                return
            await asyncio.sleep(0.02)


@pytest.fixture
async def chat(site):
    """The served hotel with a chat that asks for name and e-mail."""
    await site.office.intake.set_things(site.tenant, [("account", "webchat", ACCOUNT)])
    await site.office.secrets.put(site.tenant, "chat", KEY)
    return site


@pytest.mark.parametrize(
    ("language", "words"),
    [("es", ("Escríbanos", "Su nombre", "Su correo", "Empezar")), ("en", ("Write to us", "Your name", "Your e-mail", "Begin"))],
)
@pytest.mark.parametrize("width", [1280, 375])
async def test_it_asks_first_then_takes_the_message_and_tells_the_page(browser, chat, language, words, width):
    opener, name, email, begin = words
    async with a_page(chat.url, f"tenant-{chat.tenant}", language) as url:
        page = await (await browser.new_context(viewport={"width": width, "height": 740}, locale=language)).new_page()
        faults = Faults()
        faults.watch(page, f"(?:{url.rstrip('/')}|{chat.url})")
        await page.goto(url)
        await page.get_by_role("button", name=opener).click()
        await expect(page.get_by_label(name)).to_be_focused()
        await page.get_by_label(name).fill("Eva")
        await page.get_by_label(email).fill("eva@example.org")
        await page.get_by_role("button", name=begin).click()
        await expect(page.get_by_role("textbox")).to_be_focused()
        await page.keyboard.type("Se cae el wifi")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("log")).to_contain_text("Se cae el wifi")
        await heard(chat)
        await page.keyboard.press("Escape")
        told = await page.evaluate("self.told")
        sideways = await page.evaluate("document.documentElement.scrollWidth")

    [(_, _, _, message)] = chat.office.intake.heard.values()
    assert (message.name, message.text) == ("Eva", "Se cae el wifi")
    assert chat.office.intake.declared[0][2] == {"email given in the chat": "eva@example.org"}
    assert told == ["ready", "open", "sent", "close"]
    assert sideways <= width
    assert faults == []


async def test_a_page_that_says_who_it_is_is_asked_nothing(browser, chat):
    seal = hmac.new(KEY.encode(), b"c-17\nana@example.org\nAna", "sha256").hexdigest()
    who = {"id": "c-17", "email": "ana@example.org", "name": "Ana", "hash": seal}
    async with a_page(chat.url, f"tenant-{chat.tenant}", "en") as url:
        page = await browser.new_page()
        await page.goto(url)
        await until_it_tells(page, "ready")
        await page.evaluate("who => rapport.identify(who)", who)
        await page.get_by_role("button", name="Write to us").click()
        await page.get_by_role("textbox").fill("My order?")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("log")).to_contain_text("My order?")
        await heard(chat)

    [(_, _, _, message)] = chat.office.intake.heard.values()
    assert message.name == "Ana"
    assert message.handle in chat.office.intake.declared[0][0]
    assert "email:ana@example.org" in chat.office.intake.declared[0][0]


class House:
    """As much of a house as cleaning asks for."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.media = MediaKeeper(None, sandbox)


@pytest.fixture
async def site(store, tenant):
    """The filled hotel, served, where files are taken."""
    sandbox = Sandbox(most=1)
    async with served(store, tenant, attaching=Attaching(Keys(bytes(32)), None, cleaning(House(sandbox)))) as site:
        yield site
    sandbox.close()


DROP = """(panel) => {
  const carried = new DataTransfer();
  carried.items.add(new File(["%PDF-1.4 plan"], "plan.pdf"));
  const set = { dataTransfer: carried, bubbles: true, cancelable: true };
  for (const what of ["dragover", "drop"]) panel.dispatchEvent(new DragEvent(what, set));
}"""


async def a_page_that_is_asked_for_files(browser):
    """A page, and what it asks files with: listened for from the beginning, as a browser is told of it with a delay."""
    page, asked = await browser.new_page(), asyncio.Queue()
    page.on("filechooser", asked.put_nowait)
    return page, asked


async def test_files_are_picked_with_the_keyboard_or_dropped_and_each_stands_there_with_what_became_of_it(browser, chat):
    await chat.office.intake.set_things(chat.tenant, [("account", "webchat", b'{"id": "webchat", "channel": "webchat"}')])
    async with a_page(chat.url, f"tenant-{chat.tenant}", "en") as url:
        page, asked = await a_page_that_is_asked_for_files(browser)
        faults = Faults()
        faults.watch(page, f"(?:{url.rstrip('/')}|{chat.url})")
        await page.goto(url)
        await page.get_by_role("button", name="Write to us").click()
        await page.keyboard.press("Shift+Tab")
        await expect(page.get_by_role("button", name="Attach files")).to_be_focused()
        await page.keyboard.press("Enter")
        chooser = await asyncio.wait_for(asked.get(), 30)
        large = {"name": "film.mp4", "mimeType": "video/mp4", "buffer": bytes(LARGEST + 1)}
        await chooser.set_files([{"name": "note.txt", "mimeType": "text/plain", "buffer": b"room 512"}, large])
        log = page.get_by_role("log")
        await expect(log.get_by_role("link", name="note.txt (1 KB)")).to_be_visible()
        await expect(log).to_contain_text("film.mp4 has 10.0 MB, and a file has at most 10: make it smaller")
        await page.get_by_role("dialog").evaluate(DROP)
        await expect(log.get_by_role("link", name="plan.pdf (1 KB)")).to_be_visible()
        await expect(page.get_by_role("status")).to_have_text("plan.pdf: Sent")
        assert faults == []
        await chooser.set_files({"name": "run.exe", "mimeType": "", "buffer": b"MZ"})
        await expect(log).to_contain_text("'run.exe' is a program, or holds one")
        left = await log.get_by_role("progressbar").count()

    assert chooser.is_multiple()
    assert [message.media[0].name for _, _, _, message in chat.office.intake.heard.values()] == ["note.txt", "plan.pdf"]
    assert left == 0


async def test_a_file_that_did_not_get_through_is_sent_again_and_arrives_once(browser, chat):
    await chat.office.intake.set_things(chat.tenant, [("account", "webchat", b'{"id": "webchat", "channel": "webchat"}')])
    broken = []

    async def arrives_unheard(route):
        broken.append((await route.fetch()).status)
        await route.abort()

    async with a_page(chat.url, f"tenant-{chat.tenant}", "es") as url:
        page, asked = await a_page_that_is_asked_for_files(browser)
        await page.route("**/chat/files", arrives_unheard, times=1)
        await page.goto(url)
        await page.get_by_role("button", name="Escríbanos").click()
        await page.get_by_role("button", name="Adjuntar archivos").click()
        note = {"name": "nota.txt", "mimeType": "text/plain", "buffer": b"cuarto 512"}
        await (await asyncio.wait_for(asked.get(), 30)).set_files([note])
        await expect(page.get_by_role("log").get_by_role("link")).to_have_text("nota.txt (1 KB)", timeout=30_000)
        await expect(page.get_by_role("status")).to_have_text("nota.txt: Enviado")

    assert broken == [202]
    assert len(chat.office.intake.heard) == 1
