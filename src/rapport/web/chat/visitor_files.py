"""Files of visitors: judged and made harmless as the desk's are, kept as whatever comes in, each a message of its own."""

from datetime import timedelta
from urllib.parse import unquote

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from rapport.access.file_links import read_file_link
from rapport.conversations import chat
from rapport.errors import BadInput, NotFound
from rapport.ledger.blobs import keep_blob, read_blob
from rapport.model.centre import Account
from rapport.replies.attachments import LARGEST
from rapport.web.chat import visitor as v
from rapport.web.chat.webchat import OFTEN, Got, Says, allow, answered, taken_in, throttled, too_often, visitor_here
from rapport.web.desk.beside import attaching_of
from rapport.web.languages import LANGUAGES, language_asked, retell
from rapport.web.media import served
from rapport.web.office import Office
from rapport.web.security import EVERYONE, AnyRequest, address_of, office_of

OFTEN_FILES = (20, timedelta(minutes=10))  # of a visitor
OFTEN_FROM_ONE = (60, timedelta(minutes=10))  # from one address
MEGABYTE = 1024 * 1024


class Brings(msgspec.Struct, frozen=True):
    """What goes with a file. `id`: the browser's own name for it, the same when it tries again; `file`: what it is called.

    `name`, `email`: as with what a visitor writes; `language`: that they read.
    """

    id: str
    file: str = ""
    name: str = ""
    email: str = ""
    language: str = ""


class Brought(Got, frozen=True):
    """We have it, durably; `files`: where the visitor finds it, in a moment."""

    files: tuple[v.FileShown, ...] = ()


class NotTaken(msgspec.Struct, frozen=True):
    """Why a file is not taken, said to the visitor in their language."""

    title: str
    status: int
    type: str


class TooLarge(BadInput):
    """A file that is larger than any may be."""


_brings = msgspec.json.Decoder(Brings)


@post("/chat/files", opt=EVERYONE, include_in_schema=False, status_code=202, request_max_body_size=None)
async def bring(request: AnyRequest) -> Response[bytes]:
    """Take in one file, the body; durable when answered, once for each `id`. What is too large is refused before it is read."""
    office = office_of(request)
    visitor, account = await visitor_here(request)
    brings = _about(request)
    spoken = brings.language if brings.language in LANGUAGES else language_asked(request.headers, office.language)
    if wait := _waits(office, visitor, address_of(request)):
        return too_often(request, account, wait, spoken)
    try:
        data = await _whole(request, brings.file)
        file, data = await attaching_of(office).clean(brings.file, data)
    except BadInput as error:
        return _not_taken(request, account, retell(spoken, str(error)), isinstance(error, TooLarge))
    async with office.store.within(visitor.tenant) as db:
        await keep_blob(db, visitor.tenant, data)
    said = Says(brings.id, "", brings.name, brings.email)
    got = await taken_in(office, visitor, account, said, spoken, (file,))
    return answered(request, account, Brought(got.id, got.new, v.own_files(office, visitor, (file,))))


@get("/chat/files/{visitor:str}/{link:str}", opt=EVERYONE, include_in_schema=False)
async def own_file(request: AnyRequest, visitor: FromPath[str], link: FromPath[str]) -> Response[bytes]:
    """A file that a visitor sent: for who has the link that was made for them, while that lasts."""
    office, handle = office_of(request), f"webchat:{visitor}"
    try:
        tenant, blob, whose = read_file_link(link, key=office.key, now=office.clock.now())
    except BadInput as error:
        raise NotFound(str(error)) from None
    async with office.store.within(tenant, readonly=True) as db:
        file = await chat.file_from(db, tenant, handle, blob) if whose(handle) else None
        copy = await read_blob(db, tenant, bytes.fromhex(blob)) if file is not None else None
    if file is None or copy is None:
        raise NotFound("there is no such file any more")
    return served(copy.data, file.type, file.name)


def _about(request: AnyRequest) -> Brings:
    """The head `x-about`: JSON, percent-encoded, so that no name of a file stands in an address."""
    brings = _brings.decode(unquote(request.headers.get("x-about", "")))
    if not 0 < len(brings.id) <= 100:
        raise BadInput(f"a file has an id of 1 to 100 characters in `x-about`, got {len(brings.id)}")
    return brings


def _waits(office: Office, visitor: v.Visitor, address: str) -> int:
    """Seconds until another file may come; it counts as a message too."""
    return (
        throttled(office, "chat says", OFTEN, visitor.id)
        or throttled(office, "chat files", OFTEN_FILES, visitor.id)
        or throttled(office, "chat files from", OFTEN_FROM_ONE, address)
    )


async def _whole(request: AnyRequest, name: str) -> bytes:
    """The body. Raises BadInput where it is empty, TooLarge where it is too large: what is announced as that is not read."""
    announced = request.headers.get("content-length", "")
    _check(name, int(announced) if announced.isascii() and announced.isdigit() else 0)
    data = bytearray()
    async for piece in request.stream():
        data += piece
        _check(name, len(data))
    if not data:
        raise BadInput(f"{name[:100]} is empty: choose it again.")
    return bytes(data)


def _check(name: str, size: int) -> None:
    if size > LARGEST:
        room, has = LARGEST // MEGABYTE, f"{size / MEGABYTE:.1f}"
        raise TooLarge(f"{name[:100]} has {has} MB, and a file has at most {room}: make it smaller, or send it in parts.")


def _not_taken(request: AnyRequest, account: Account, why: str, is_large: bool) -> Response[bytes]:
    status, kind = (413, "too-large") if is_large else (400, "bad-input")
    body = msgspec.json.encode(NotTaken(why, status, f"/api/problems#{kind}"))
    return allow(request, account, Response(body, status_code=status, media_type="application/problem+json"))


HANDLERS = [bring, own_file]
