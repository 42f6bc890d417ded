"""Mailbox: one mailbox read in the order of its UIDs, over a connection that is opened when it is needed."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from rapport.channels.email.imap import Imap, arrived_at, day_of, quoted
from rapport.channels.email.parse import LARGEST
from rapport.channels.limits import limits_of
from rapport.errors import BadInput, Refused, Unavailable

LIMITS = limits_of(__package__)
AT_ONCE, SAMPLE = LIMITS.lengths["page"], LIMITS.lengths["sample"]
RENEW = LIMITS.windows["idle"]
WITHOUT_IDLE = LIMITS.poll
MOST_TRIES = 3  # of one mail at which the line breaks each time; then those behind it go on


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
    """A mail as the mailbox has it. `reason`: why it is not whole; `raw` is then what there is of it, and `key` its name."""

    raw: bytes
    arrived: datetime
    reason: str = ""
    key: str = ""


@dataclass(slots=True)
class Mailbox:
    """`dial` opens a connection and logs in; `back` is how far the first reading goes."""

    dial: Callable[[], Awaitable[Imap]]
    name: str
    back: timedelta
    _imap: Imap | None = None
    _broke_at: Counter[tuple[int, int]] = field(default_factory=Counter)  # how often the line broke at a mail
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
        """Whether a mail of that Message-ID is here, or among what was sent; over a line of its own, so that it never waits."""
        try:
            imap = await self.dial()
            try:
                for mailbox in (self.name, await imap.sent_mailbox()):
                    if mailbox is not None:
                        await imap.examine(mailbox)
                        if await imap.search(f"HEADER Message-ID {quoted(name)}"):
                            return True
                return False
            finally:
                await imap.close()
        except (Refused, Unavailable) as error:
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
        validity, following = await imap.examine(self.name)
        same = place.validity == validity and not following <= place.uid  # else the server numbers its mails anew
        if place.uid and same:
            found = await imap.search(f"UID {place.uid + 1}:*")
            uids = [uid for uid in found if uid > place.uid]  # n:* names the last one always
        else:  # what we had already is known by its Message-ID
            since = min(now - self.back, place.at - timedelta(days=2)) if place.at else now - self.back
            uids = await imap.search(f"SINCE {day_of(since)}")
        posts: list[Post] = []
        last = place.uid if same else 0
        for done, uid in enumerate(uids, 1):
            try:
                post = await self._post(imap, validity, uid, now)
            except Unavailable:
                self._broke_at[validity, uid] += 1
                if not posts:
                    raise
                await self._hang_up()
                return posts, Place(validity, last, now), True
            if post is not None:
                posts.append(post)
            last = uid
            if done == AT_ONCE or sum(len(post.raw) for post in posts) > LARGEST:
                return posts, Place(validity, last, now), done < len(uids)
        return posts, Place(validity, last, now), False

    async def _post(self, imap: Imap, validity: int, uid: int, now: datetime) -> Post | None:
        """One mail; None where it is gone. What the server cannot give is said, and never stops those behind it."""
        key = f"uid:{self.name}/{validity}/{uid}"
        if self._broke_at[validity, uid] >= MOST_TRIES:
            return Post(b"", now, f"the line broke {MOST_TRIES} times while it was fetched; it stays whole in the mailbox", key)
        try:
            about = await imap.fetch(uid, "UID INTERNALDATE RFC822.SIZE")
            if about is None:
                return None
            arrived = min(arrived_at(about.text) or now, now)
            found = re.search(rb"RFC822\.SIZE (\d+)", about.text)
            size = int(found[1]) if found else 0
            mail = await imap.fetch(uid, f"UID BODY.PEEK[]<0.{LARGEST + 1 if size <= LARGEST else SAMPLE}>")
        except Refused as error:
            return Post(b"", now, f"the mailbox does not give it: {error}", key)
        if mail is None:
            return None
        raw = mail.literals[0] if mail.literals else b""
        if not raw:
            return Post(b"", arrived, "the mailbox gives it without its bytes", key)
        if max(size, len(raw)) > LARGEST:
            told = (
                f"a mail may have {LARGEST >> 20} MiB, this one has {max(size, len(raw)) >> 20}; it stays whole in the mailbox"
            )
            return Post(raw[:SAMPLE], arrived, told)
        return Post(raw, arrived)

    async def _open(self) -> Imap:
        if self._imap is None:
            self._imap = await self.dial()
        return self._imap

    async def _hang_up(self) -> None:
        imap, self._imap = self._imap, None
        if imap is not None:
            await imap.close()
