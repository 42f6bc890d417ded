"""Files of visitors: judged, kept before they are acknowledged, theirs alone, and gone with them."""

import io
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import msgspec
import pytest
from PIL import Image

from rapport.app.attaching import cleaning
from rapport.audit.erasing import clear
from rapport.channels.media import LARGEST, MediaKeeper
from rapport.channels.sandbox import Sandbox
from rapport.ledger.blobs import read_blob
from rapport.ledger.seal import Keys
from rapport.model.ids import named_id
from rapport.web.attaching import Attaching
from web.officework import NOW, a_browser, a_conversation, an_office, body, sign_in

pytestmark = pytest.mark.anyio
CHAT = b'{"id": "webchat", "channel": "webchat"}'
PDF = b"%PDF-1.4\n1 0 obj\nendobj\n"


class House:
    """As much of a house as cleaning asks for."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.media = MediaKeeper(None, sandbox)


@pytest.fixture(scope="module")
def sandbox():
    """One child that reads files, for the tests of this file."""
    sandbox = Sandbox(most=1)
    yield sandbox
    sandbox.close()


@pytest.fixture
async def chat(store, tenant, sandbox):
    """A visitor's browser; `token`: their head, `tenant` and `office` as they are."""
    office = an_office(store, attaching=Attaching(Keys(bytes(32)), None, cleaning(House(sandbox))))
    await office.intake.set_things(tenant, [("account", "webchat", CHAT)])
    async with store.within(tenant, readonly=True) as db:
        given = {"tenant": await db.fetchval("select name from tenant where id = $1", tenant)}
    async with a_browser(office) as client:
        client.office, client.tenant, client.given = office, tenant, given
        client.visitor, client.token = await a_visitor(client)
        yield client


async def a_visitor(chat):
    started = body(await chat.post("/chat/start", json=chat.given))
    return started["visitor"], {"authorization": f"Visitor {started['token']}"}


async def bring(chat, name: str, data, *, id: str = "f1", token=None, **more):
    about = quote(msgspec.json.encode({"id": id, "file": name, "language": "en"} | more))
    return await chat.post("/chat/files", content=data, headers={**(token or chat.token), "x-about": about})


def a_photo() -> bytes:
    """A photograph that says what it is of."""
    image, exif, out = Image.new("RGB", (8, 6), "teal"), Image.Exif(), io.BytesIO()
    exif[0x010E] = "room 512"
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


async def folded(chat, visitor: str | None = None) -> bytes:
    """What was heard, as the views would have it; the conversation."""
    visitor = visitor or chat.visitor
    conversation = await a_conversation(chat.office.store, chat.tenant, visitor)
    handle = named_id(NOW, chat.tenant, visitor, "handle")
    async with chat.office.store.within(chat.tenant) as db:
        for key, (_, account, _, message) in chat.office.intake.heard.items():
            if message.handle == f"webchat:{visitor}":
                await db.execute(
                    """insert into message
                         (tenant, id, at, direction, standing, reach, account, handle, conversation, text, media)
                       values ($1, $2, $3, 'in', 'received', 'private', $4, $5, $6, $7, $8)""",
                    chat.tenant, named_id(NOW, key), message.at, account.id, handle, conversation, message.text,
                    msgspec.json.encode(message.media).decode(),
                )  # fmt: skip
    return conversation


async def kept(chat, blob: str):
    async with chat.office.store.within(chat.tenant, readonly=True) as db:
        return await read_blob(db, chat.tenant, bytes.fromhex(blob))


async def test_a_picture_is_drawn_anew_and_kept_before_it_is_acknowledged_and_taken_in_once(chat):
    assert b"room 512" in a_photo()

    first = await bring(chat, "C:\\fotos\\..\\cuarto\u202e 512.jpeg", a_photo())
    again = await bring(chat, "cuarto 512.jpeg", a_photo())

    [(_, account, kind, message)] = chat.office.intake.heard.values()
    [file] = message.media
    copy = await kept(chat, file.blob)
    assert [first.status_code, body(first)["new"], body(again)["new"]] == [202, True, False]
    assert (file.name, file.type, message.text, account.id, kind) == ("cuarto 512.jpg", "image/jpeg", "", "webchat", "chat")
    assert b"room 512" not in copy.data
    assert Image.open(io.BytesIO(copy.data)).size == (8, 6)


async def test_nothing_is_acknowledged_that_could_not_be_kept(chat):
    chat.office.intake.error = OSError("the disk is full")

    answer = await bring(chat, "plan.pdf", PDF)

    assert answer.status_code == 503


async def test_the_visitor_and_the_agent_find_it_in_their_threads(chat):
    brought = body(await bring(chat, "plan.pdf", PDF))
    conversation = await folded(chat)

    [line] = body(await chat.get("/chat/history", headers=chat.token))["messages"]
    theirs = await chat.get(line["files"][0]["url"])
    await sign_in(chat, chat.office, chat.tenant)
    desk = (await chat.get(f"/desk/{conversation.hex()}")).text
    blob = chat.office.intake.heard[f"webchat/{chat.visitor}/f1"][3].media[0].blob
    ours = await chat.get(f"/media/{blob}")

    assert line["files"] == brought["files"]
    assert (line["side"], line["files"][0]["name"]) == ("visitor", "plan.pdf")
    assert (theirs.content, ours.content) == (PDF, PDF)
    assert theirs.headers["content-disposition"] == "attachment; filename*=UTF-8''plan.pdf"
    assert "sandbox" in theirs.headers["content-security-policy"]
    assert f'href="/media/{blob}?name=plan.pdf"' in desk


async def test_another_visitor_reads_nothing_of_it_not_even_of_the_same_bytes(chat):
    await bring(chat, "plan.pdf", PDF)
    other, token = await a_visitor(chat)
    await bring(chat, "mine.pdf", PDF, token=token)
    await folded(chat)
    await folded(chat, other)

    [mine] = body(await chat.get("/chat/history", headers=chat.token))["messages"]
    [theirs] = body(await chat.get("/chat/history", headers=token))["messages"]
    link = mine["files"][0]["url"].rpartition("/")[2]
    forged = [await chat.get(f"/chat/files/{who}/{one}") for who, one in ((other, link), (chat.visitor, link[:-1] + "A"))]
    chat.office.clock.move(timedelta(days=31))
    over = await chat.get(mine["files"][0]["url"])

    assert theirs["files"][0]["name"] == "mine.pdf"
    assert [one.status_code for one in [*forged, over]] == [404] * 3


async def test_it_goes_with_whoever_is_erased(chat):
    await bring(chat, "plan.pdf", PDF)
    await folded(chat)
    [line] = body(await chat.get("/chat/history", headers=chat.token))["messages"]
    blob = chat.office.intake.heard[f"webchat/{chat.visitor}/f1"][3].media[0].blob

    async with chat.office.store.within(chat.tenant) as db:
        await clear(db, chat.tenant, [named_id(NOW, chat.tenant, chat.visitor, "person")], [])

    assert await kept(chat, blob) is None
    assert (await chat.get(line["files"][0]["url"])).status_code == 404


class Body:
    """A body that counts how often somebody asked for more of it."""

    def __init__(self, pieces: int) -> None:
        self.pieces, self.asked = pieces, 0

    async def __aiter__(self):
        for _ in range(self.pieces):
            self.asked += 1
            yield bytes(1 << 20)


async def test_what_is_announced_as_too_large_is_refused_unread_and_what_is_not_as_soon_as_it_is(chat):
    about = {"x-about": quote(msgspec.json.encode({"id": "f1", "file": "film.mp4", "language": "es"}))}
    announced, dripping = Body(40), Body(40)

    told = await chat.post("/chat/files", content=announced, headers=chat.token | about | {"content-length": str(40 << 20)})
    caught = await chat.post("/chat/files", content=dripping, headers=chat.token | about)

    assert [told.status_code, caught.status_code] == [413, 413]
    assert body(told)["title"] == (
        "film.mp4 tiene 40.0 MB, y un archivo tiene como máximo 10: hágalo más pequeño o envíelo en partes."
    )
    assert (announced.asked <= 1, dripping.asked) == (True, (LARGEST >> 20) + 1)
    assert chat.office.intake.heard == {}


@pytest.mark.parametrize(
    ("name", "data", "english", "spanish"),
    [
        ("run.pdf", b"MZ\0\0", "'run.pdf' is a program", "'run.pdf' es un programa"),
        ("page.txt", b"<html><script>alert(1)</script>", "'page.txt' holds something that acts", "'page.txt' contiene algo"),
        ("x.dat", b"\x00\x01\x02", "Nobody can say what 'x.dat' is: send it as PDF", "Nadie puede decir qué es 'x.dat'"),
        ("empty.png", b"", "empty.png is empty: choose it again", "empty.png está vacío"),
    ],
)
async def test_what_the_desk_would_not_take_is_refused_by_name_with_the_cure_in_the_visitors_language(
    chat, name, data, english, spanish
):
    said = [body(await bring(chat, name, data, language=language)) for language in ("en", "es")]

    assert [one["status"] for one in said] == [400, 400]
    assert said[0]["title"].startswith(english)
    assert said[1]["title"].startswith(spanish)
    assert chat.office.intake.heard == {}


async def test_files_count_as_messages_and_are_throttled_before_they_are_read(chat):
    said = [await bring(chat, "a.txt", b"hola", id=f"f{n}") for n in range(15)]
    wrote = [await chat.post("/chat/messages", json={"id": f"m{n}", "text": "hola"}, headers=chat.token) for n in range(6)]
    chat.office.clock.move(timedelta(minutes=1))
    more = [await bring(chat, "a.txt", b"hola", id=f"g{n}") for n in range(5)]
    unread = Body(3)
    last = await bring(chat, "a.txt", unread, id="g6")

    assert {one.status_code for one in [*said, *more]} == {202}
    assert [one.status_code for one in wrote] == [202] * 5 + [429]
    assert (last.status_code, unread.asked) == (429, 0)
    assert body(last)["title"].startswith("That was a lot at once.")


async def test_many_visitors_from_one_address_share_a_limit_of_files(chat, monkeypatch):
    monkeypatch.setattr("rapport.web.chat.visitor_files.OFTEN_FROM_ONE", (2, timedelta(minutes=10)))
    visitors = [(await a_visitor(chat))[1] for _ in range(3)]

    said = [await bring(chat, "a.txt", b"hola", token=token) for token in visitors]

    assert [one.status_code for one in said] == [202, 202, 429]


@pytest.mark.parametrize("about", ["", "%7B", "%22x%22", quote('{"id": ""}'), quote('{"id": "\\ud800"}')])
async def test_a_file_without_what_goes_with_it_is_refused(chat, about):
    answer = await chat.post("/chat/files", content=PDF, headers=chat.token | {"x-about": about})

    assert answer.status_code == 400


async def test_other_origins_may_send_files_where_the_chat_may_be_shown(chat):
    asked = await chat.options("/chat/files", headers={"origin": "https://x.example"})
    refused = await bring(chat, "x.bin", b"\0", token=chat.token | {"origin": "https://x.example"})

    assert "x-about" in asked.headers["access-control-allow-headers"]
    assert refused.headers["access-control-allow-origin"] == "*"


async def test_the_window_offers_files_only_where_they_can_be_taken(chat):
    taken = body(await chat.post("/chat/start", json=chat.given))
    async with a_browser(replace(chat.office, attaching=None)) as client:
        not_taken = body(await client.post("/chat/start", json=chat.given))

    assert (taken["most_files"], not_taken["most_files"], taken["largest_file"]) == (10, 0, LARGEST)
