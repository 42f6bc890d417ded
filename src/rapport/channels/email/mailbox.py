"""Mailbox: one mailbox read in the order of its UIDs, over a connection that is opened when it is needed."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from rapport.channels.email.imap import Imap, arrived_at, day_of, quoted
from rapport.channels.email.parse import LARGEST
from rapport.errors import BadInput, Refused, Unavailable

AT_ONCE = 20
SAMPLE = 1024 * 1024  # bytes kept of a mail that is too large
RENEW = 8.5 * 60  # some servers hang up on a client that is idle for ten minutes
WITHOUT_IDLE = 60.0


class Place(msgspec.Struct, frozen=True):
    """How far a mailbox has been read: its UIDVALIDITY, the last UID, and when that was."""

    validity: int = 0
    uid: int = 0
    at: datetime | None = None

    @classmethod
    def read(cls, cursor: bytes | None) -> "Place":
        """The place that a cursor says."""
        try:
            return msgspec.json.decode(cursor, type=cls) if cursor else cls()
        except msgspec.MsgspecError as error:
            raise BadInput(f"the cursor of this mailbox cannot be read: {error}") from error

    def text(self) -> bytes:
        """The place as a cursor."""
        return msgspec.json.encode(self)


class Post(msgspec.Struct, frozen=True):
    """A mail as the mailbox has it; `whole` False: it is too large, `raw` is its beginning."""

    raw: bytes
    arrived: datetime
    size: int
    whole: bool = True


@dataclass(slots=True)
class Mailbox:
    """`dial` opens a connection and logs in; `back` is how far the first reading goes."""

    dial: Callable[[], Awaitable[Imap]]
    name: str
    back: timedelta
    _imap: Imap | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def check(self) -> None:
        """Open a connection and the mailbox. Raises Refused or Unavailable."""
        imap = await self.dial()
        try:
            await imap.examine(self.name)
        finally:
            await imap.close()

    async def after(self, place: Place, now: datetime) -> tuple[list[Post], Place, bool]:
        """The next mails after a place, the place behind them, and whether there are more."""
        async with self._turn:
            try:
                imap = await self._open()
                return await self._after(imap, place, now)
            except (Refused, Unavailable):
                await self._hang_up()
                raise

    async def has(self, name: str) -> bool:
        """Whether a mail of that Message-ID is here, or in the mailbox of what was sent."""
        async with self._turn:
            try:
                imap = await self._open()
                for mailbox in (self.name, await imap.sent_mailbox()):
                    if mailbox is not None:
                        await imap.examine(mailbox)
                        if await imap.search(f"HEADER Message-ID {quoted(name)}"):
                            return True
                return False
            except (Refused, Unavailable) as error:
                await self._hang_up()
                raise Unavailable(f"the mailbox cannot be asked: {error}") from error

    async def hints(self) -> AsyncIterator[None]:
        """A hint each time something came, over a connection of its own."""
        imap = await self.dial()
        try:
            await imap.examine(self.name)
            while True:
                if "IDLE" not in imap.abilities:
                    await asyncio.sleep(WITHOUT_IDLE)
                    await imap.command("NOOP")
                    yield
                elif await imap.idle(RENEW):
                    yield
        finally:
            await imap.close()

    async def close(self) -> None:
        """Hang up."""
        async with self._turn:
            await self._hang_up()

    async def _after(self, imap: Imap, place: Place, now: datetime) -> tuple[list[Post], Place, bool]:
        validity = await imap.examine(self.name)
        if place.uid and place.validity == validity:
            uids = [
                uid for uid in await imap.search(f"UID {place.uid + 1}:*") if uid > place.uid
            ]  # n:* names the last one always
        else:  # the first reading, or the server numbered its mails anew: what we had already is known by its Message-ID
            since = min(now - self.back, place.at - timedelta(days=2)) if place.at else now - self.back
            uids = await imap.search(f"SINCE {day_of(since)}")
        posts: list[Post] = []
        last = place.uid if place.validity == validity else 0
        for done, uid in enumerate(uids, 1):
            post = await _post(imap, uid, now)
            if post is not None:
                posts.append(post)
            last = uid
            if done == AT_ONCE or sum(len(post.raw) for post in posts) > LARGEST:
                return posts, Place(validity, last, now), done < len(uids)
        return posts, Place(validity, last, now), False

    async def _open(self) -> Imap:
        if self._imap is None:
            self._imap = await self.dial()
        return self._imap

    async def _hang_up(self) -> None:
        imap, self._imap = self._imap, None
        if imap is not None:
            await imap.close()


async def _post(imap: Imap, uid: int, now: datetime) -> Post | None:
    about = await imap.fetch(uid, "UID INTERNALDATE RFC822.SIZE")
    if about is None:
        return None
    found = re.search(rb"RFC822\.SIZE (\d+)", about.text)
    size = int(found[1]) if found else 0
    whole = size <= LARGEST
    mail = await imap.fetch(uid, "UID BODY.PEEK[]" if whole else f"UID BODY.PEEK[]<0.{SAMPLE}>")
    if mail is None or not mail.literals:
        return None
    return Post(mail.literals[0], min(arrived_at(about.text) or now, now), size, whole)
