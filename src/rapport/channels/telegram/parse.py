"""What Telegram tells a bot, as messages and news. Pure, and total."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from rapport.channels.plain import readable
from rapport.channels.telegram.files import Attached, media_of
from rapport.channels.wire import honest, line, opened, too_long, unreadable
from rapport.model.message import Incoming, Reach, Unreadable
from rapport.model.news import Edit, Reaction

NAME = "telegram"
Said = Incoming | Unreadable | Edit | Reaction


class User(msgspec.Struct, frozen=True):
    """Who wrote."""

    id: int
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    username: str = ""


class Chat(msgspec.Struct, frozen=True):
    """Where: `private`, `group`, `supergroup` or `channel`; or who, where a chat writes as itself."""

    id: int
    type: str = ""
    title: str = ""


class Answered(msgspec.Struct, frozen=True):
    """The message that is answered; another fields of it we have already."""

    message_id: int


class Place(msgspec.Struct, frozen=True):
    """A place on the map."""

    latitude: float
    longitude: float


class Card(msgspec.Struct, frozen=True):
    """Somebody's card."""

    phone_number: str
    first_name: str = ""


class Message(Attached, frozen=True, rename={"from_": "from"}):
    """One message."""

    message_id: int = 0
    chat: Chat = Chat(0)
    date: int = 0
    from_: User | None = None
    sender_chat: Chat | None = None
    text: str = ""
    caption: str = ""
    reply_to_message: Answered | None = None
    message_thread_id: int = 0
    is_topic_message: bool = False
    is_automatic_forward: bool = False
    location: Place | None = None
    contact: Card | None = None


class Sign(msgspec.Struct, frozen=True):
    """What somebody reacted with."""

    type: str
    emoji: str = ""
    custom_emoji_id: str = ""


class Reacted(msgspec.Struct, frozen=True):
    """Somebody's reactions to a message, before and now."""

    chat: Chat
    message_id: int
    date: int
    user: User | None = None
    actor_chat: Chat | None = None
    old_reaction: tuple[Sign, ...] = ()
    new_reaction: tuple[Sign, ...] = ()


class Update(msgspec.Struct, frozen=True):
    """One thing that Telegram tells. Of all its kinds these are read; the rest is left out."""

    update_id: int
    message: Message | None = None
    edited_message: Message | None = None
    message_reaction: Reacted | None = None


KINDS = ("message", "edited_message", "message_reaction")
_update = msgspec.json.Decoder(Update)
_several = msgspec.json.Decoder(list[msgspec.Raw])


def said_in(raw: bytes, me: int, now: datetime) -> list[Said]:
    """What one update says, or each of a list of them. `me`: our own id, whose messages are left out."""
    items: Sequence[bytes] = [raw]
    if raw.lstrip()[:1] == b"[":
        several = opened(raw, _several, now)
        items = [raw] if isinstance(several, Unreadable) else [bytes(item) for item in several]
    return [said for item in items for said in _one(item, me, now)]


def _one(raw: bytes, me: int, now: datetime) -> list[Said]:
    update = opened(raw, _update, now)
    if isinstance(update, Unreadable):
        return [update]
    if update.message_reaction is not None:
        return _reactions(update.update_id, update.message_reaction, me, now)
    message = update.message or update.edited_message
    if message is None or message.is_automatic_forward:
        return []
    author = message.sender_chat or message.from_
    if author is None or author.id == me:
        return []
    text = readable(message.text or message.caption) or _stands_for(message)
    if problem := too_long(text):
        return [unreadable(raw, problem, now, f"{NAME}:{author.id}")]
    at = honest(_moment(message.date), now)
    if update.edited_message is not None:
        key = f"{key_of(message)}/edit/{update.update_id}"
        return [Edit(key, key_of(message), f"{NAME}:{author.id}", text, at)]
    media = media_of(message)
    if not text and not media:
        return []  # somebody joined, pinned, changed a picture
    return [_message(message, author, text, at)]


def _message(message: Message, author: User | Chat, text: str, at: datetime) -> Incoming:
    chat, answered = message.chat.id, message.reply_to_message
    return Incoming(
        key=key_of(message),
        handle=f"{NAME}:{author.id}",
        text=text,
        reach=Reach.PRIVATE if message.chat.type == "private" else Reach.PUBLIC,
        at=at,
        name=line(f"{author.first_name} {author.last_name}" if isinstance(author, User) else author.title),
        subject=line(message.chat.title),
        thread=f"{chat}/topic/{message.message_thread_id}" if message.is_topic_message else str(chat),
        in_reply_to=f"{chat}/{answered.message_id}" if answered else "",
        media=media_of(message),
        automatic=isinstance(author, User) and author.is_bot,
    )


def _stands_for(message: Message) -> str:
    """What stands for a message without words."""
    if message.sticker is not None:
        return line(message.sticker.emoji, 20)
    if message.location is not None:
        return f"{message.location.latitude:.5f}, {message.location.longitude:.5f}"
    if message.contact is not None:
        return line(f"{message.contact.first_name} {message.contact.phone_number}")
    return ""


def _reactions(number: int, reacted: Reacted, me: int, now: datetime) -> list[Said]:
    author = reacted.user or reacted.actor_chat
    if author is None or author.id == me:
        return []
    of, at = f"{reacted.chat.id}/{reacted.message_id}", honest(_moment(reacted.date), now)
    added = [sign for sign in reacted.new_reaction if sign not in reacted.old_reaction]
    taken = [sign for sign in reacted.old_reaction if sign not in reacted.new_reaction]
    return [
        Reaction(f"{of}/react/{number}/{place}", of, f"{NAME}:{author.id}", _sign(sign), at, sign in taken)
        for place, sign in enumerate(taken + added)
    ]


def _sign(sign: Sign) -> str:
    return line(sign.emoji, 20) or line(f"{sign.type} {sign.custom_emoji_id}".strip(), 100) or "?"


def key_of(message: Message) -> str:
    """What we call a message: its number counts within its chat."""
    return f"{message.chat.id}/{message.message_id}"


def _moment(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
