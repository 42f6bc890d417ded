"""The chat on other people's pages: start, say, listen, look back.

No cookie: the visitor's token goes in `Authorization: Visitor …`. Every address answers other
origins (CORS): those of the account's setting `origins`, or all where it names none.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urlsplit

import msgspec
from litestar import HttpMethod, Response, get, post, route
from litestar.response import Stream

from rapport.access.throttle import Throttle
from rapport.errors import BadInput, NotAllowed, NotFound
from rapport.model.centre import Account
from rapport.model.ids import named_id, show_id
from rapport.model.message import ChannelKind, Incoming, Media, Reach
from rapport.replies.attachments import LARGEST, MOST
from rapport.web.centre_now import centre_now, tenant_named
from rapport.web.chat import visitor as v
from rapport.web.chat.chat_words import chat_words, hours_said
from rapport.web.chat.identity import Identity, identified, unnamed
from rapport.web.happenings import visitor_name
from rapport.web.languages import LANGUAGES, language_asked, say
from rapport.web.office import Office
from rapport.web.security import EVERYONE, AnyRequest, address_of, office_of
from rapport.web.stream import QUIET, Listener, hub_of, stream_of

LONGEST = 4_000  # characters in a message
OFTEN = (20, timedelta(minutes=1))  # of a visitor
OFTEN_STARTED = (30, timedelta(minutes=10))  # new visitors from one address
UNHEARD = 1.0  # seconds between looks, while a visitor's first message is on its way
PATHS = ["/chat/start", "/chat/messages", "/chat/stream", "/chat/history", "/chat/files", "/chat/help", "/chat/help/open"]


class Start(msgspec.Struct, frozen=True):
    """What the page says of itself. `token`: the visitor's earlier one, to go on as the same person."""

    tenant: str = ""
    account: str = "webchat"
    token: str = ""
    language: str = ""
    identity: Identity | None = None


class Started(msgspec.Struct, frozen=True):
    """The visitor's token, until when, and what the window says. `hours`: whether people answer now; "": always.

    `ask`: what the window asks before the first message; nothing where the page said who it is.
    `most_files`: so many at once, 0 for none; `largest_file`: in bytes.
    """

    token: str
    until: str
    visitor: str
    title: str
    language: str
    words: dict[str, str]
    hours: str = ""
    changes: str = ""  # when the hours say something else
    ask: tuple[str, ...] = ()
    most_files: int = 0
    largest_file: int = LARGEST


class Says(msgspec.Struct, frozen=True):
    """What a visitor writes. `id` is their browser's own name for it, the same when it tries again.

    `email`: what they said when they were asked; nobody has checked it.
    """

    id: str
    text: str
    name: str = ""
    email: str = ""


class Got(msgspec.Struct, frozen=True):
    """We have it, durably."""

    id: str
    new: bool = True


class Throttled(msgspec.Struct, frozen=True):
    """Said to the visitor, in their language; in seconds."""

    title: str
    retry_after: int
    status: int = 429
    type: str = "/api/problems#too-often"


_start = msgspec.json.Decoder(Start)
_says = msgspec.json.Decoder(Says)


@route(PATHS, http_method=[HttpMethod.OPTIONS], opt=EVERYONE, include_in_schema=False, sync_to_thread=False)
def preflight() -> Response[None]:
    """What another origin may send here."""
    allowed = {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-headers": "authorization, content-type, last-event-id, x-about",
        "access-control-max-age": "86400",
    }
    return Response(None, status_code=204, headers=allowed)


@post("/chat/start", opt=EVERYONE, include_in_schema=False, status_code=200)
async def start(request: AnyRequest) -> Response[bytes]:
    """A token for a visitor: the same person where an earlier token is given."""
    office = office_of(request)
    asked = _start.decode(await request.body())
    now = office.clock.now()
    tenant, account = await _account(office, asked)
    language = asked.language if asked.language in LANGUAGES else language_asked(request.headers, office.language)
    seen = _earlier(office, asked.token)
    if seen is None or (seen.tenant, seen.account) != (tenant, account.id):
        if wait := throttled(office, "chat starts", OFTEN_STARTED, address_of(request)):
            return too_often(request, account, wait, language)
        seen = v.new_visitor(tenant, account.id, now)
    if asked.identity is not None:
        seen = await identified(office, seen, account, asked.identity)
    renewed = msgspec.structs.replace(seen, until=now + v.LASTS)
    centre = await centre_now(office, tenant)
    title = account.settings.get("title") or centre.profile.name or "Rapport"
    words, (hours, changes) = chat_words(language), hours_said(centre, account, now, language)
    ask = tuple(filter(None, account.settings.get("ask", "").split(","))) if asked.identity is None else ()
    token, until = v.sign(renewed, office.key), renewed.until.isoformat()
    files = MOST if office.attaching is not None else 0
    started = Started(token, until, renewed.id, title, language, words, hours, changes, ask, files)
    return allow(request, account, Response(msgspec.json.encode(started), media_type="application/json"))


@post("/chat/messages", opt=EVERYONE, include_in_schema=False, status_code=202)
async def write(request: AnyRequest) -> Response[bytes]:
    """Take in what a visitor writes; durable when answered, once for each `id`."""
    office = office_of(request)
    visitor, account = await visitor_here(request)
    said = _says.decode(await request.body())
    length = len(said.text.strip())
    if not 0 < length <= LONGEST or not 0 < len(said.id) <= 100:
        raise BadInput(f"a message has 1 to {LONGEST} characters and an id of 1 to 100, got {length} and {len(said.id)}")
    spoken = language_asked(request.headers, office.language)  # theirs, as mostly of whoever answers
    if wait := throttled(office, "chat says", OFTEN, visitor.id):
        return too_often(request, account, wait, spoken)
    return answered(request, account, await taken_in(office, visitor, account, said, spoken))


async def taken_in(
    office: Office, visitor: v.Visitor, account: Account, said: Says, spoken: str, media: tuple[Media, ...] = ()
) -> Got:
    """Take in what a visitor says, with our copies of its files; durable when it returns. `spoken`: a language."""
    key, now = f"{visitor.id}/{said.id}", office.clock.now()
    name = said.name.strip()[:200] or say(spoken, "Visitor %(code)s", code=visitor.id[:4].upper())
    message = Incoming(key, visitor.handle, said.text.strip(), Reach.PRIVATE, now, name, thread=visitor.id, media=media)
    (new,) = await office.intake.hear(visitor.tenant, account, ChannelKind.CHAT, [message])
    if said.email.strip():
        about, mark = {"email given in the chat": said.email.strip()[:200]}, unnamed(office, said.email)
        await office.intake.declare(visitor.tenant, [visitor.handle], name, about, "chat", f"{visitor.id}/{mark}")
    id = named_id(now, visitor.tenant, account.id, key) if new else await v.message_of(office.store, visitor, key)
    return Got(show_id(id) if id else "", new)


@get("/chat/history", opt=EVERYONE, include_in_schema=False)
async def look_back(request: AnyRequest) -> Response[bytes]:
    """What was said, from either side."""
    visitor, account = await visitor_here(request)
    body = msgspec.json.encode({"messages": await v.history(office_of(request), visitor)})
    return allow(request, account, Response(body, media_type="application/json", headers={"cache-control": "no-store"}))


@get("/chat/stream", opt=EVERYONE, include_in_schema=False)
async def answers(request: AnyRequest) -> Stream:
    """What is answered, as it is answered; Last-Event-ID goes on where it stopped."""
    office = office_of(request)
    visitor, account = await visitor_here(request)
    place = v.read_place(request.headers.get("last-event-id", ""))
    return stream_of(_answers(office, visitor, place), _cors(request, account))


async def _answers(office: Office, visitor: v.Visitor, place: v.Place) -> AsyncIterator[bytes]:
    """The stream. The look after each ring is what counts: a lost ring costs at most `QUIET` seconds."""
    hub, listener, told, writes = hub_of(office, visitor.tenant), Listener(None), dict[str, v.Change](), False
    try:
        await hub.join(listener, None)
        yield b"retry: 2000\n\n"
        while office.clock.now() < visitor.until:
            if not listener.names and (handle := await v.handle_of(office.store, visitor)) is not None:
                listener.names = frozenset({visitor_name(handle)})
            changes = {change.id: change for change in await v.changed(office, visitor)}
            for found, line in await v.said_back(office, visitor, place):
                place, now = found, changes.get(line.id)
                if now is not None:
                    told[line.id] = now
                shown = msgspec.json.encode(v.as_it_is(line, now))
                yield b"id: %s\nevent: message\ndata: %s\n\n" % (v.show_place(place).encode(), shown)
            for change in [one for one in changes.values() if told.get(one.id) != one]:
                told[change.id] = change
                yield b"event: changed\ndata: %s\n\n" % msgspec.json.encode(change)
            wrote, writes = writes, bool(listener.names) and await v.is_written_to(office, visitor)
            if writes or wrote:
                yield b"event: typing\ndata: %s\n\n" % msgspec.json.encode(writes)
            if not await listener.ring(QUIET if listener.names else UNHEARD):
                yield b": still here\n\n"
    finally:
        hub.leave(listener)


async def _account(office: Office, asked: Start) -> tuple[int, Account]:
    tenant = await tenant_named(office, asked.tenant)
    if not tenant:
        raise NotFound(f"no centre {asked.tenant[:60]!r} here; correct `data-tenant` of the script")
    return tenant, await _chat_account(office, tenant, asked.account)


async def _chat_account(office: Office, tenant: int, name: str) -> Account:
    account = (await centre_now(office, tenant)).accounts.get(name)
    if account is None or account.channel != "webchat" or account.paused:
        raise NotFound(f"no chat {name[:60]!r} in this centre; correct `data-account` of the script")
    return account


def _earlier(office: Office, token: str) -> v.Visitor | None:
    if not token:
        return None
    try:
        return v.read_visitor(token, office.key, office.clock.now(), grace=v.RENEWED)
    except NotAllowed:
        return None


async def visitor_here(request: AnyRequest) -> tuple[v.Visitor, Account]:
    """Who writes, and by which account. Raises NotAllowed where the token or the page's origin is not allowed."""
    office = office_of(request)
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    visitor = v.read_visitor(token if kind.lower() == "visitor" else "", office.key, office.clock.now())
    account = await _chat_account(office, visitor.tenant, visitor.account)
    _cors(request, account)
    return visitor, account


def _cors(request: AnyRequest, account: Account) -> dict[str, str]:
    origin = request.headers.get("origin", "")
    allowed = {part.strip().rstrip("/") for part in account.settings.get("origins", "").split(",") if part.strip()}
    if not allowed:
        return {"access-control-allow-origin": "*"}
    own = not origin or urlsplit(origin).netloc == request.headers.get("host")
    if not own and origin not in allowed:
        raise NotAllowed(f"the chat may not be shown on {origin}; add it to `origins` of the account {account.id}")
    return {"access-control-allow-origin": origin, "vary": "origin"} if origin else {}


def allow(request: AnyRequest, account: Account, answer: Response[bytes]) -> Response[bytes]:
    """The answer with what lets the page that asked read it."""
    answer.headers.update(_cors(request, account))
    return answer


def answered(request: AnyRequest, account: Account, got: Got) -> Response[bytes]:
    """That we have it."""
    return allow(request, account, Response(msgspec.json.encode(got), status_code=202, media_type="application/json"))


def throttled(office: Office, name: str, rate: tuple[int, timedelta], key: str) -> int:
    """Count one; seconds to wait where it was too much, else 0."""
    throttle: Throttle = office.memory.setdefault(name, Throttle(*rate))
    now = office.clock.now()
    wait = throttle.wait(key, now)
    if wait:
        return int(wait.total_seconds()) + 1
    throttle.count(key, now)
    return 0


def too_often(request: AnyRequest, account: Account, wait: int, language: str) -> Response[bytes]:
    """What somebody is told who must wait so many seconds."""
    said = say(language, "That was a lot at once. Please wait %(seconds)s seconds; nothing is lost.", seconds=wait)
    answer = Response(
        msgspec.json.encode(Throttled(said, wait)),
        status_code=429,
        media_type="application/problem+json",
        headers={"retry-after": str(wait)},
    )
    return allow(request, account, answer)


HANDLERS = [preflight, start, write, look_back, answers]
