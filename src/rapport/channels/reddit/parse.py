"""What Reddit lists (comments t1, posts t3, private messages t4) as messages. Pure, and total."""

from datetime import UTC, datetime

import msgspec

from rapport.channels.plain import readable
from rapport.channels.wire import honest, key_if_any, key_of, line, opened, too_long, unreadable
from rapport.model.message import Incoming, Media, Reach, Unreadable
from rapport.model.news import Edit

NAME = "reddit"
COMMENT, POST, LETTER = "t1", "t3", "t4"
MACHINES = frozenset({"automoderator", "reddit"})
Said = Incoming | Unreadable | Edit


class Data(msgspec.Struct, frozen=True):
    """What a thing says. `name` is its fullname: its kind and its id."""

    name: str
    author: str | None = ""
    body: str | None = ""
    title: str | None = ""
    selftext: str | None = ""
    subject: str | None = ""
    subreddit: str | None = ""
    parent_id: str | None = ""
    link_id: str | None = ""
    link_title: str | None = ""
    first_message_name: str | None = ""
    dest: str | None = ""  # whom a private message is for
    post_hint: str | None = ""
    url: str | None = ""
    created_utc: float = 0.0
    edited: float | bool = False

    @property
    def at(self) -> datetime | None:
        """When it was written."""
        return _moment(self.created_utc)

    @property
    def changed(self) -> datetime | None:
        """When it was last changed; None: never."""
        return _moment(self.edited) if self.edited is not True and self.edited else None


class Thing(msgspec.Struct, frozen=True):
    """A thing and its kind."""

    kind: str
    data: Data


_thing = msgspec.json.Decoder(Thing)


def said_in(raw: bytes, me: str, now: datetime) -> list[Said]:
    """What one thing says; nothing where it is ours, or no kind that we read."""
    thing = opened(raw, _thing, now)
    if isinstance(thing, Unreadable):
        return [thing]
    data, author = thing.data, line(thing.data.author, 100)
    if thing.kind not in (COMMENT, POST, LETTER) or author.lower() == me.lower():
        return []
    if not data.name:
        return [unreadable(raw, "it is a thing without a name", now)]
    text = readable(data.body or "") or "\n\n".join(
        part for part in (line(data.title, 500), readable(data.selftext or "")) if part
    )
    if problem := too_long(text):
        return [unreadable(raw, problem, now)]
    key, at, handle = key_of(data.name), honest(data.at, now), f"{NAME}:{author or '[deleted]'}"
    place = f"r/{line(data.subreddit, 50)}" if data.subreddit else ""
    message = Incoming(
        key=key,
        handle=handle,
        text=text,
        reach=Reach.PRIVATE if thing.kind == LETTER else Reach.PUBLIC,
        at=at,
        name=author,
        subject=line(data.link_title or data.title or (data.subject if thing.kind == LETTER else "") or place, 300),
        thread=key_if_any(data.link_id or data.first_message_name) or key,
        in_reply_to=key_if_any(data.parent_id),
        media=_media(data),
        automatic=author.lower() in MACHINES or not author,
    )
    changed = honest(data.changed, now) if data.changed else at
    if changed <= at:
        return [message]
    return [message, Edit(f"{key}/edit/{changed.timestamp():.0f}", key, handle, text, changed)]


def thing_of(raw: bytes) -> Thing | None:
    """The thing, or None where it is none."""
    try:
        return _thing.decode(raw)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None


def _media(data: Data) -> tuple[Media, ...]:
    """The picture that a post is."""
    if data.post_hint != "image" or not data.url:
        return ()
    return (Media("image", "image/*", url=readable(data.url)[:2000]),)


def _moment(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
