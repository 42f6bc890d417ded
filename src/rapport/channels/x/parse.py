"""What X says of posts and direct messages. Pure, and total: whatever it says, nothing is raised and nothing is lost."""

import html
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from rapport.channels.channel import Event
from rapport.channels.graph_messaging import file_at
from rapport.channels.plain import readable
from rapport.channels.wire import honest, key_of, line, opened, too_long, unreadable
from rapport.model.message import Incoming, Media, Reach, Unreadable
from rapport.model.news import Deletion, Edit

NAME = "x"
IMPLIED = "reply:"  # before the name of a post that answers ours and does not name us in its own words
DIRECT = "dm:"  # before the name of a direct message
POSTS = frozenset({"post.mention.create", "post.reply.create", "post.quote.create"})
KINDS = {"photo": "image/jpeg", "video": "video/mp4", "animated_gif": "video/mp4"}


class User(msgspec.Struct, frozen=True):
    """Somebody."""

    id: str = ""
    name: str | None = None
    username: str | None = None


class _Variant(msgspec.Struct, frozen=True):
    url: str | None = None
    content_type: str | None = None


class _Picture(msgspec.Struct, frozen=True):
    media_key: str = ""
    type: str = ""
    url: str | None = None
    preview_image_url: str | None = None
    alt_text: str | None = None
    variants: list[_Variant] | None = None


class Includes(msgspec.Struct, frozen=True):
    """What comes beside posts and messages: who wrote them, their pictures."""

    users: list[User] = []
    media: list[_Picture] = []


class _Named(msgspec.Struct, frozen=True):
    id: str | None = None
    start: int = 0


class _Entities(msgspec.Struct, frozen=True):
    mentions: list[_Named] | None = None


class _Attachments(msgspec.Struct, frozen=True):
    media_keys: list[str] | None = None


class _Reference(msgspec.Struct, frozen=True):
    type: str
    id: str


class _Note(msgspec.Struct, frozen=True):
    text: str = ""


class Post(msgspec.Struct, frozen=True):
    """A post; X is renaming its fields from tweets to posts, and both are read."""

    id: str
    author_id: str = ""
    text: str = ""
    created_at: datetime | None = None
    conversation_id: str = ""
    referenced_posts: list[_Reference] | None = None
    referenced_tweets: list[_Reference] | None = None
    edit_history_post_ids: list[str] | None = None
    edit_history_tweet_ids: list[str] | None = None
    attachments: _Attachments | None = None
    entities: _Entities | None = None
    display_text_range: list[int] | None = None
    note_post: _Note | None = None
    note_tweet: _Note | None = None

    @property
    def references(self) -> Mapping[str, str]:
        """The posts that it answers, quotes or repeats, by how."""
        return {told.type: told.id for told in (self.referenced_posts or self.referenced_tweets or ())}

    @property
    def words(self) -> str:
        """All that it says, as it was written."""
        note = self.note_post or self.note_tweet
        return readable(html.unescape((note.text if note else "") or self.text))


class Talk(msgspec.Struct, frozen=True):
    """A direct message as it is read."""

    id: str
    event_type: str = "MessageCreate"
    sender_id: str = ""
    text: str | None = None
    created_at: datetime | None = None
    attachments: _Attachments | None = None


class _Happened(msgspec.Struct, frozen=True):
    event_type: str
    filter: dict[str, str] = {}
    payload: msgspec.Raw = msgspec.Raw(b"{}")
    includes: Includes | None = None


class _Told(msgspec.Struct, frozen=True):
    data: _Happened


_told = msgspec.json.Decoder(_Told)
_post = msgspec.json.Decoder(Post)
_talk = msgspec.json.Decoder(Talk)


def events_in(raw: bytes, me: str, now: datetime) -> Sequence[Event]:
    """The messages and news in the body of a webhook of the X Activity API that are of this account."""
    told = opened(raw, _told, now)
    if isinstance(told, Unreadable):
        return [told]
    happened, payload = told.data, bytes(told.data.payload)
    if happened.filter.get("user_id", me) != me:
        return []
    if happened.event_type in POSTS:
        return post_in(payload, happened.includes or Includes(), me, now)
    if happened.event_type == "dm.received":
        return _directs_in(payload, me, now)
    if happened.event_type == "chat.received":
        return [_sealed_in(payload, now)]
    return _deleted_in(payload, now) if happened.event_type == "post.delete" else []


def post_in(raw: bytes, beside: Includes, me: str, now: datetime) -> Sequence[Event]:
    """What a post says; its edit is news of it, and the message itself where it was not heard before."""
    post = opened(raw, _post, now)
    if isinstance(post, Unreadable):
        return [post]
    if post.author_id == me or "retweeted" in post.references:
        return []
    handle, text = f"{NAME}:{line(post.author_id, 40)}" if post.author_id else "", post.words
    when, media = honest(post.created_at, now), _media(post.attachments, beside)
    if reason := _why_not(post.id, handle, text, media):
        return [unreadable(raw, reason, when, handle)]
    history = post.edit_history_post_ids or post.edit_history_tweet_ids or [post.id]
    key, above = _key(history[0], post, me), post.references.get("replied_to", "")
    heard = Incoming(
        key=key, handle=handle, text=text, reach=Reach.PUBLIC, at=when, name=_name(post.author_id, beside.users),
        thread=key_of(post.conversation_id or history[0]), in_reply_to=key_of(above) if above else "", media=media,
    )  # fmt: skip
    return [heard] if history[0] == post.id else [heard, Edit(key_of(f"edit:{post.id}"), key, handle, text, when)]


def talk_in(raw: bytes, beside: Includes, me: str, now: datetime) -> Sequence[Event]:
    """What a direct message says."""
    talk = opened(raw, _talk, now)
    if isinstance(talk, Unreadable):
        return [talk]
    if talk.event_type != "MessageCreate" or talk.sender_id == me:
        return []
    when, media = honest(talk.created_at, now), _media(talk.attachments, beside)
    return [_direct(raw, talk.id, talk.sender_id, talk.text or "", when, media, beside.users)]


class _Data(msgspec.Struct, frozen=True):
    text: str = ""


class _Created(msgspec.Struct, frozen=True):
    sender_id: str = ""
    message_data: _Data = _Data()


class _Direct(msgspec.Struct, frozen=True):
    id: str
    type: str = ""
    created_timestamp: str | int | None = None
    message_create: _Created = _Created()


class _Somebody(msgspec.Struct, frozen=True):
    data: User = User()


class _Directs(msgspec.Struct, frozen=True):
    direct_message_events: list[msgspec.Raw] = []
    users: dict[str, _Somebody] = {}


class _Sealed(msgspec.Struct, frozen=True):
    id: str = ""
    sender_id: str = ""


class _Gone(msgspec.Struct, frozen=True):
    id: str


_directs = msgspec.json.Decoder(_Directs)
_direct_one = msgspec.json.Decoder(_Direct)
_sealed = msgspec.json.Decoder(_Sealed)
_gone = msgspec.json.Decoder(_Gone)


def _directs_in(raw: bytes, me: str, now: datetime) -> Sequence[Event]:
    told = opened(raw, _directs, now)
    if isinstance(told, Unreadable):
        return [told]
    users, found = [one.data for one in told.users.values()], list[Event]()
    for item in told.direct_message_events:
        one = opened(bytes(item), _direct_one, now)
        if isinstance(one, Unreadable):
            found.append(one)
        elif one.type == "message_create" and one.message_create.sender_id != me:
            made = one.message_create
            text, when = html.unescape(made.message_data.text), _milliseconds(one.created_timestamp, now)
            found.append(_direct(bytes(item), one.id, made.sender_id, text, when, (), users))
    return found


def _direct(
    raw: bytes, name: str, sender: str, text: str, when: datetime, media: tuple[Media, ...], users: Sequence[User]
) -> Incoming | Unreadable:
    handle, text = f"{NAME}:{line(sender, 40)}" if sender else "", readable(text)
    if reason := _why_not(name, handle, text, media):
        return unreadable(raw, reason, when, handle)
    return Incoming(key_of(DIRECT + name), handle, text, Reach.PRIVATE, when, _name(sender, users), media=media)


def _sealed_in(raw: bytes, now: datetime) -> Unreadable:
    told = opened(raw, _sealed, now)
    if isinstance(told, Unreadable):
        return told
    handle = f"{NAME}:{line(told.sender_id, 40)}" if told.sender_id else ""
    return unreadable(raw, "it is an encrypted message (XChat); X gives its key to people's devices alone", now, handle)


def _deleted_in(raw: bytes, now: datetime) -> Sequence[Event]:
    told = opened(raw, _gone, now)
    return [told] if isinstance(told, Unreadable) else [Deletion(key_of(f"{told.id}:deleted"), key_of(told.id), now)]


def _key(first: str, post: Post, me: str) -> str:
    """The post's first name; marked where it names us only because it answers us, which X may not take for a call."""
    mentions = (post.entities.mentions if post.entities else None) or []
    ours = [named.start for named in mentions if named.id == me]
    begins = post.display_text_range[0] if post.display_text_range else 0
    answers = "replied_to" in post.references and "quoted" not in post.references
    return key_of((IMPLIED if answers and ours and max(ours) < begins else "") + first)


def _why_not(name: str, handle: str, text: str, media: Sequence[Media]) -> str:
    if not name or not handle:
        return "it has no name or no author"
    return too_long(text) or ("" if text or media else "it has neither words nor files")


def _name(id: str, users: Sequence[User]) -> str:
    found = next((user for user in users if user.id == id), User())
    return line(f"{found.name or ''} (@{found.username})" if found.username else found.name)


def _media(attached: _Attachments | None, beside: Includes) -> tuple[Media, ...]:
    keys = (attached.media_keys if attached else None) or []
    pictures = {picture.media_key: picture for picture in beside.media}
    return tuple(_file(pictures[key]) for key in keys[:16] if key in pictures)


def _file(picture: _Picture) -> Media:
    films = [v.url for v in picture.variants or () if v.url and v.content_type == "video/mp4"]
    place: Any = picture.url or (films[0] if films else picture.preview_image_url) or ""
    return file_at(place, picture.alt_text, KINDS.get(picture.type))


def _milliseconds(told: str | int | None, now: datetime) -> datetime:
    try:
        return honest(datetime.fromtimestamp(int(told or 0) / 1000, UTC), now)
    except (ValueError, OverflowError, OSError):
        return now
