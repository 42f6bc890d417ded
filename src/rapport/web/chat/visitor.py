"""Visitors of the chat: a signed token instead of a login, and what was said from either side, read from the views.

The token names tenant, account and visitor; it lasts an hour and is renewed for a month, so one browser stays one person.
"""

import base64
import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_hex

import msgspec

from rapport.access.file_links import ends_at, file_link
from rapport.conversations import chat
from rapport.errors import NotAllowed
from rapport.ledger.known import entry_of
from rapport.model.centre import Centre
from rapport.model.ids import show_id
from rapport.model.message import Media
from rapport.replies.signing import Answerer, answerer
from rapport.store.pool import Store
from rapport.web.centre_now import centre_now
from rapport.web.office import Office

LASTS = timedelta(hours=1)
RENEWED = timedelta(days=30)
WRITES = timedelta(seconds=8)  # after the last letter somebody counts as writing for so long
Place = tuple[datetime, bytes]  # of an answer: its time and id
BEGINNING = (datetime.fromtimestamp(0, UTC), bytes(16))


class Visitor(msgspec.Struct, frozen=True):
    """Somebody on a page: `id` is chance, so nobody can be another."""

    tenant: int
    account: str
    id: str
    until: datetime

    @property
    def handle(self) -> str:
        """Their name on this channel."""
        return f"webchat:{self.id}"


class FileShown(msgspec.Struct, frozen=True):
    """A file of either side. `url`: where this visitor fetches it, for some weeks."""

    name: str
    type: str
    size: int
    url: str
    alt: str = ""


class Line(msgspec.Struct, frozen=True):
    """One line of the chat. `side` is visitor or agent; `id` the same whenever it is read.

    `bot`: a program answered; `house`: the organisation and site that answer; `gone`: it was taken back.
    """

    id: str
    at: datetime
    side: str
    text: str
    name: str = ""
    bot: bool = False
    house: str = ""
    files: tuple[FileShown, ...] = ()
    gone: bool = False


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an answer says now; `gone`: it was taken back. `id`: the line's."""

    id: str
    text: str = ""
    gone: bool = False


def new_visitor(tenant: int, account: str, now: datetime) -> Visitor:
    """A visitor whom nobody has seen."""
    return Visitor(tenant, account, token_hex(12), now + LASTS)


def known_visitor(tenant: int, account: str, user: str, now: datetime) -> Visitor:
    """The visitor whom the page around the chat knows as `user`: the same in every browser."""
    return Visitor(tenant, account, "u" + sha256(f"{tenant}\n{account}\n{user}".encode()).hexdigest()[:30], now + LASTS)


def is_signed(key: str, seal: str, *said: str) -> bool:
    """Whether `seal` is HMAC-SHA256, in hexadecimal, of what is said, a line each, with the chat's key."""
    right = hmac.new(key.encode(), "\n".join(said).encode(), sha256).hexdigest()
    return hmac.compare_digest(right.encode(), seal.lower().encode())


def sign(visitor: Visitor, key: bytes) -> str:
    """The token that a browser keeps."""
    body = f"{visitor.tenant}\n{visitor.account}\n{visitor.id}\n{int(visitor.until.timestamp())}".encode()
    return base64.urlsafe_b64encode(body).decode().rstrip("=") + "." + _seal(key, body)


def read_visitor(token: str, key: bytes, now: datetime, *, grace: timedelta = timedelta(0)) -> Visitor:
    """Whom a token names. Raises NotAllowed where it is not ours or ended longer than `grace` ago."""
    encoded, _, seal = token.partition(".")
    try:
        body = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        tenant, account, id, until = body.decode().split("\n")
        visitor = Visitor(int(tenant), account, id, datetime.fromtimestamp(int(until), now.tzinfo))
    except (ValueError, OverflowError, OSError):
        raise NotAllowed("this is no visitor's token; call /chat/start for one") from None
    if not hmac.compare_digest(seal.encode(), _seal(key, body).encode()):
        raise NotAllowed("this token is not ours; call /chat/start for one")
    if now > visitor.until + grace:
        raise NotAllowed("this token ended; call /chat/start with it for a new one")
    return visitor


def _seal(key: bytes, body: bytes) -> str:
    return hmac.new(key, b"visitor\0" + body, sha256).hexdigest()


async def handle_of(store: Store, visitor: Visitor) -> bytes | None:
    """The handle under which we know them; None before their first message."""
    async with store.within(visitor.tenant, readonly=True) as db:
        return await chat.handle_named(db, visitor.tenant, visitor.handle)


async def message_of(store: Store, visitor: Visitor, key: str) -> bytes | None:
    """The message that we had already by this key."""
    async with store.within(visitor.tenant, readonly=True) as db:
        return await entry_of(db, visitor.tenant, f"in:{visitor.account}", key)


async def said_back(office: Office, visitor: Visitor, after: Place) -> list[tuple[Place, Line]]:
    """What was answered after a place, oldest first, each with its own place and who answered."""
    async with office.store.within(visitor.tenant, readonly=True) as db:
        found = await chat.answers_to(db, visitor.tenant, visitor.handle, visitor.account, after, office.clock.now())
    centre = await centre_now(office, visitor.tenant) if found else Centre()
    return [
        (
            (one.at, one.id),
            _answer(one, answerer(centre, one.agent, visitor.account), files_shown(office, visitor, one.files, "/files")),
        )
        for one in found
    ]


def files_shown(office: Office, visitor: Visitor, files: tuple[Media, ...], under: str) -> tuple[FileShown, ...]:
    """Files with links that open them for this visitor, below the address `under`; those that we have a copy of."""
    until, key = ends_at(office.clock.now()), office.key
    return tuple(
        FileShown(
            one.name,
            one.type,
            one.size,
            f"{under}/{file_link(visitor.tenant, one.blob, until, key=key, to=visitor.handle)}",
            one.alt,
        )
        for one in files
        if one.blob
    )


def own_files(office: Office, visitor: Visitor, files: tuple[Media, ...]) -> tuple[FileShown, ...]:
    """What a visitor sent, as they see it."""
    return files_shown(office, visitor, files, f"/chat/files/{visitor.id}")


async def history(office: Office, visitor: Visitor) -> list[Line]:
    """Both sides, oldest first: at most the last hundred of the visitor's, two hundred of ours."""
    async with office.store.within(visitor.tenant, readonly=True) as db:
        mine = await chat.words_of(db, visitor.tenant, visitor.handle, visitor.account)
    now = {change.id: change for change in await changed(office, visitor)}
    ours = [as_it_is(line, now.get(line.id)) for _, line in await said_back(office, visitor, BEGINNING)]
    said = [Line(show_id(one.id), one.at, "visitor", one.text, files=own_files(office, visitor, one.files)) for one in mine]
    return sorted([*said, *ours], key=lambda line: line.at)


async def is_written_to(office: Office, visitor: Visitor) -> bool:
    """Whether somebody is writing an answer to them now."""
    async with office.store.within(visitor.tenant, readonly=True) as db:
        return await chat.is_written_to(db, visitor.tenant, visitor.handle, visitor.account, office.clock.now() - WRITES)


async def changed(office: Office, visitor: Visitor) -> list[Change]:
    """What became of answers that were edited or taken back since."""
    async with office.store.within(visitor.tenant, readonly=True) as db:
        found = await chat.changes_to(db, visitor.tenant, visitor.handle, visitor.account)
    lines = ((key.partition("-")[0], text) for key, text in found.items())  # an answer's key begins with its line's id
    return [Change(id, text or "", text is None) for id, text in lines]


def as_it_is(line: Line, change: Change | None) -> Line:
    """A line as it stands now: its later words, or none where it was taken back."""
    if change is None:
        return line
    return msgspec.structs.replace(line, text=change.text, gone=change.gone, files=() if change.gone else line.files)


def _answer(one: chat.Spoken, who: Answerer, files: tuple[FileShown, ...]) -> Line:
    house = " · ".join(part for part in (who.organisation, who.site) if part)
    return Line(show_id(one.id), one.at, "agent", one.text, one.author, who.bot, house, files)


def show_place(place: Place) -> str:
    """A place as a stream's `id:` says it."""
    return f"{int(place[0].timestamp() * 1_000_000)}-{place[1].hex()}"


def read_place(text: str) -> Place:
    """The place that an `id:` says; the beginning where it says none."""
    micros, _, id = text.partition("-")
    try:
        at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(micros))
        return (at, bytes.fromhex(id)) if len(id) == 32 else BEGINNING
    except (ValueError, OverflowError):
        return BEGINNING
