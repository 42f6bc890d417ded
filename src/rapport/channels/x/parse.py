"""What X says of posts. Pure, and total: whatever it says, nothing is raised and nothing is lost."""

import html
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from rapport.channels.channel import Event
from rapport.channels.graph_messaging import file_at
from rapport.channels.plain import readable
from rapport.channels.wire import honest, key_of, line, opened, too_long, unreadable
from rapport.model.message import Incoming, Media, Reach, Unreadable
from rapport.model.news import Edit

NAME = "x"
IMPLIED = "reply:"  # before the name of a post that answers ours and does not name us in its own words
DIRECT = "dm:"  # before the name of a direct message
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


class Attachments(msgspec.Struct, frozen=True):
    """The files of something said, by their keys."""

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
    attachments: Attachments | None = None
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


_post = msgspec.json.Decoder(Post)


def post_in(raw: bytes, beside: Includes, me: str, now: datetime) -> Sequence[Event]:
    """What a post says; its edit is news of it, and the message itself where it was not heard before."""
    post = opened(raw, _post, now)
    if isinstance(post, Unreadable):
        return [post]
    if post.author_id == me or "retweeted" in post.references:
        return []
    handle, text = f"{NAME}:{line(post.author_id, 40)}" if post.author_id else "", post.words
    when, media = honest(post.created_at, now), media_in(post.attachments, beside)
    if reason := why_not(post.id, handle, text, media):
        return [unreadable(raw, reason, when, handle)]
    history = post.edit_history_post_ids or post.edit_history_tweet_ids or [post.id]
    key, above = _key(history[0], post, me), post.references.get("replied_to", "")
    heard = Incoming(
        key=key, handle=handle, text=text, reach=Reach.PUBLIC, at=when, name=name_in(post.author_id, beside.users),
        thread=key_of(post.conversation_id or history[0]), in_reply_to=key_of(above) if above else "", media=media,
    )  # fmt: skip
    return [heard] if history[0] == post.id else [heard, Edit(key_of(f"edit:{post.id}"), key, handle, text, when)]


def _key(first: str, post: Post, me: str) -> str:
    """The post's first name; marked where it answers and does not name us in its own words: X may not take it for a call."""
    mentions = (post.entities.mentions if post.entities else None) or []
    ours = [named.start for named in mentions if named.id == me]
    begins = post.display_text_range[0] if post.display_text_range else 0
    answers = "replied_to" in post.references and "quoted" not in post.references
    return key_of((IMPLIED if answers and (not ours or max(ours) < begins) else "") + first)


def why_not(name: str, handle: str, text: str, media: Sequence[Media]) -> str:
    """Why something said cannot be read; "" where it can."""
    if not name or not handle:
        return "it has no name or no author"
    return too_long(text) or ("" if text or media else "it has neither words nor files")


def name_in(id: str, users: Sequence[User]) -> str:
    """The name of somebody as people see it; "" where they are not among `users`."""
    found = next((user for user in users if user.id == id), User())
    return line(f"{found.name or ''} (@{found.username})" if found.username else found.name)


def media_in(attached: Attachments | None, beside: Includes) -> tuple[Media, ...]:
    """The files that belong to something said, out of what came beside it."""
    keys = (attached.media_keys if attached else None) or []
    pictures = {picture.media_key: picture for picture in beside.media}
    return tuple(_file(pictures[key]) for key in keys[:16] if key in pictures)


def _file(picture: _Picture) -> Media:
    films = [v.url for v in picture.variants or () if v.url and v.content_type == "video/mp4"]
    place = picture.url or (films[0] if films else picture.preview_image_url) or ""
    return file_at(place, picture.alt_text, KINDS.get(picture.type))
