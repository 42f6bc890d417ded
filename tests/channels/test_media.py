"""Media: our own copy, fetched without being led astray, and made harmless."""

import hashlib
import io
from contextlib import asynccontextmanager

import anyio
import httpx
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from contracts.channel import NOW
from rapport.channels.channel import Page
from rapport.channels.guarded import Guarded, guarded_client
from rapport.channels.media import LARGEST, MediaKeeper, sniffed
from rapport.channels.sandbox import Sandbox
from rapport.model.message import Incoming, Media, Reach, Unreadable

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def sandbox():
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.fixture
async def keeper(sandbox):
    """A keeper that may ask this machine, where the tests' own server is."""
    async with guarded_client(Guarded(resolver=here, allow_private=True)) as http:
        yield MediaKeeper(http, sandbox)


@pytest.fixture
async def careful(sandbox):
    """A keeper as it ships, but for its resolver: every name leads to this machine."""
    async with guarded_client(Guarded(resolver=here)) as http:
        yield MediaKeeper(http, sandbox)


async def here(host, port):
    return ["127.0.0.1"]


def picture(kind="PNG", **options):
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, kind, **options)
    return out.getvalue()


@asynccontextmanager
async def server(*answers):
    """A server that gives each answer once, in order; the requests that it heard."""
    waiting, heard = list(answers), []

    async def serve(client):
        async with client:
            heard.append(await client.receive())
            await client.send(waiting.pop(0))

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, serve)
        yield f"http://cdn.example.org:{listener.extra(anyio.abc.SocketAttribute.local_port)}", heard
        tasks.cancel_scope.cancel()


def answer(body=b"", status="200 OK", *headers):
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def a_file(url="http://cdn.example.org/a.png", **changes):
    return Media(**({"name": "a.png", "type": "image/png", "url": url} | changes))


async def test_a_picture_is_kept_as_a_picture_of_our_own(keeper):
    note = PngInfo()
    note.add_text("place", "19.43, -99.13")

    async with server(answer(picture(pnginfo=note))) as (url, heard):
        media, data = await keeper.fetch(a_file(f"{url}/a.png"))

    assert (media.type, media.blob, media.size) == ("image/png", hashlib.sha256(data).hexdigest(), len(data))
    assert b"99.13" not in data
    assert Image.open(io.BytesIO(data)).size == (8, 8)
    assert b"host: cdn.example.org:" in heard[0].lower()


async def test_where_and_when_a_photo_was_taken_is_forgotten(keeper, sandbox):
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (19.0, 26.0, 0.0)}
    exif[0x010F] = "Camera"
    raw = picture("JPEG", exif=exif)

    media, data = await keeper.cleaned(a_file(), raw)

    assert b"Camera" in raw
    assert b"Camera" not in data
    assert not Image.open(io.BytesIO(data)).getexif()
    assert media.type == "image/jpeg"


async def test_an_animation_stays_one(keeper):
    out = io.BytesIO()
    frames = [Image.new("RGB", (4, 4), color) for color in ("red", "blue", "green")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=80)

    media, data = await keeper.cleaned(a_file(), out.getvalue())

    assert (media.type, Image.open(io.BytesIO(data)).n_frames) == ("image/gif", 3)


@pytest.mark.parametrize(
    "raw",
    [b"\x89PNG\r\n\x1a\n" + b"x" * 100, b"GIF89a\xff\xff\xff\xff", b"\xff\xd8\xff" + b"\0" * 50],
    ids=["png", "gif", "jpeg"],
)
async def test_what_says_that_it_is_a_picture_and_is_none_is_only_a_download(keeper, raw):
    media, data = await keeper.cleaned(a_file(), raw)

    assert (media.type, data) == ("application/octet-stream", raw)
    assert media.reason.startswith("it is not shown")


async def test_a_picture_of_too_many_pixels_is_only_a_download(keeper):
    out = io.BytesIO()
    Image.new("1", (10_000, 5_000)).save(out, "PNG")

    media, _ = await keeper.cleaned(a_file(), out.getvalue())

    assert media.type == "application/octet-stream"


@pytest.mark.parametrize("raw", [b"<svg onload=alert(1)>", b"<html><script>", b"MZ\x90\0", b"", b"RIFF....AVI "], ids=str)
def test_what_could_do_something_in_a_page_is_a_download(raw):
    assert sniffed(raw) == "application/octet-stream"


@pytest.mark.parametrize(
    "url", ["http://cdn.example.org/a.png", "https://cdn.example.org/a.png", "http://127.0.0.1/", "http://[::1]/"]
)
async def test_a_name_that_leads_to_our_own_network_is_not_asked(careful, url):
    media, data = await careful.fetch(a_file(url))

    assert data is None
    assert "not in the open internet" in media.reason


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://example.org/a", "http://example.org:22/", "http://user@example.org/", "//x", "http://[", ""],
)
async def test_what_is_no_plain_web_address_is_not_asked(careful, url):
    media, data = await careful.fetch(a_file(url))

    assert data is None
    assert media.reason


async def test_a_redirection_into_our_own_network_is_not_followed(sandbox):
    async def resolve(host, port):
        return ["127.0.0.1"] if host == "cdn.example.org" else ["10.0.0.7"]

    class OnlyInside(Guarded):
        async def handle_async_request(self, request):
            self.allow_private = request.url.host == "cdn.example.org"
            return await super().handle_async_request(request)

    async with (
        server(answer(b"", "302 Found", "Location: http://inside.example.org/secret")) as (url, _),
        guarded_client(OnlyInside(resolver=resolve)) as http,
    ):
        media, data = await MediaKeeper(http, sandbox).fetch(a_file(f"{url}/a.png"))

    assert data is None
    assert "10.0.0.7" in media.reason


async def test_a_name_is_resolved_once_so_it_cannot_change_its_answer_between_check_and_use(sandbox):
    asked = []

    async def rebinding(host, port):
        asked.append(host)
        return ["8.8.8.8"] if len(asked) == 1 else ["127.0.0.1"]

    class Recorder:
        async def handle_async_request(self, request):
            connected.append((request.url.host, request.headers["host"], request.extensions["sni_hostname"]))
            return httpx.Response(200, stream=httpx.ByteStream(b"x"))

        async def aclose(self):
            pass

    connected = []
    async with guarded_client(Guarded(resolver=rebinding, inner=Recorder())) as http:
        await MediaKeeper(http, sandbox).fetch(a_file("https://cdn.example.org/a"))

    assert connected == [("8.8.8.8", "cdn.example.org", "cdn.example.org")]
    assert asked == ["cdn.example.org"]


async def test_redirections_end(keeper):
    hops = [answer(b"", "302 Found", "Location: /next") for _ in range(5)]

    async with server(*hops) as (url, heard):
        media, data = await keeper.fetch(a_file(url))

    assert data is None
    assert "passed on" in media.reason
    assert len(heard) == 4


@pytest.mark.parametrize(
    "raw",
    [answer(b"x", "200 OK", f"Content-Length: {LARGEST + 1}"), b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (LARGEST + 1)],
    ids=["as it says", "as it is"],
)
async def test_a_file_that_is_too_large_is_not_kept(keeper, raw):
    async with server(raw) as (url, _):
        media, data = await keeper.fetch(a_file(url))

    assert data is None
    assert media.reason


@pytest.mark.parametrize("raw", [answer(b"", "404 Not Found"), b"what?", b""], ids=["404", "noise", "silence"])
async def test_a_server_that_gives_nothing_is_a_reason_and_not_an_error(keeper, raw):
    async with server(raw) as (url, _):
        media, data = await keeper.fetch(a_file(url))

    assert data is None
    assert media.reason
    assert media.blob == ""


async def test_the_files_of_a_page_are_stored_and_each_message_names_its_own(keeper):
    stored = {}

    async def store(name, data):
        stored[name] = data

    mailed = hashlib.sha256(b"%PDF-1.4").hexdigest()
    mail = Incoming("m", "email:a", "t", Reach.PRIVATE, NOW, media=(Media("a.pdf", "application/x-what", 8, mailed),))
    bad = Unreadable("u", b"raw", "why", NOW)
    async with server(answer(picture()), answer(b"", "500 Oops")) as (url, _):
        post = Incoming("p", "mastodon:@a@b", "t", Reach.PUBLIC, NOW, media=(a_file(f"{url}/1"),))
        sad = Incoming("s", "mastodon:@a@b", "t", Reach.PUBLIC, NOW, media=(a_file(f"{url}/2"),))
        events = await keeper.settle(Page((mail, bad, post), None, files={mailed: b"%PDF-1.4"}), store)
        [without] = await keeper.settle(Page((sad,), None), store)

    assert [type(event) for event in events] == [Incoming, Unreadable, Incoming]
    assert events[0].media[0].type == "application/pdf"
    assert set(stored) == {events[0].media[0].blob, events[2].media[0].blob}
    assert "500" in without.media[0].reason
