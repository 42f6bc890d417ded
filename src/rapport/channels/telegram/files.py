"""The files of a message: Telegram gives a name of its own for each, and an address with our token in it when it is asked."""

from collections.abc import Mapping

import msgspec

from rapport.channels.part import File as Sent
from rapport.channels.telegram.api import Bot, Posted
from rapport.channels.wire import line
from rapport.model.message import Media

PLACE = "telegram:"  # before the name that Telegram gave the file: it can be asked for, with our token


_SENT_AS = {"image/gif": "animation", "image": "photo", "audio": "audio", "video": "video"}


async def send_file(bot: Bot, file: Sent, told: Mapping[str, object]) -> Posted:
    """Send a file with the words beside it. Raises Refused, Unavailable, OutcomeUnknown."""
    kind = _SENT_AS.get(file.type) or _SENT_AS.get(file.type.partition("/")[0], "document")
    words = {"caption": told["text"]} if told.get("text") else {}
    fields = {name: value for name, value in told.items() if name != "text"} | words
    written = {name: value if isinstance(value, str) else msgspec.json.encode(value).decode() for name, value in fields.items()}
    return await bot.send(f"send{kind.capitalize()}", written, kind, file)


class File(msgspec.Struct, frozen=True):
    """One file; `file_id` is good for this bot alone."""

    file_id: str
    file_size: int = 0
    mime_type: str = ""
    file_name: str = ""
    emoji: str = ""


class Attached(msgspec.Struct, frozen=True):
    """What a message may carry; a photo comes in several sizes, the largest last."""

    photo: tuple[File, ...] = ()
    document: File | None = None
    video: File | None = None
    video_note: File | None = None
    animation: File | None = None
    audio: File | None = None
    voice: File | None = None
    sticker: File | None = None


_TYPES = {
    "photo": ("photo.jpg", "image/jpeg"),
    "video": ("video.mp4", "video/mp4"),
    "video_note": ("video.mp4", "video/mp4"),
    "animation": ("animation.mp4", "video/mp4"),
    "audio": ("audio.mp3", "audio/mpeg"),
    "voice": ("voice.ogg", "audio/ogg"),
    "sticker": ("sticker.webp", "image/webp"),
    "document": ("file", "application/octet-stream"),
}


def files_of(message: Attached) -> list[tuple[str, File]]:
    """(which kind, the file) of each file; an animation comes as a document too, and counts once."""
    found = [("photo", message.photo[-1])] if message.photo else []
    for kind in ("video", "video_note", "animation", "audio", "voice", "sticker"):
        file: File | None = getattr(message, kind)
        if file is not None:
            found.append((kind, file))
    if message.document is not None and message.animation is None:
        found.append(("document", message.document))
    return found


def media_of(message: Attached) -> tuple[Media, ...]:
    """The files as media without a copy yet, in the order of `files_of`."""
    return tuple(
        Media(
            line(file.file_name, 150) or _TYPES[kind][0],
            line(file.mime_type, 100) or _TYPES[kind][1],
            url=PLACE + line(file.file_id, 300),
        )
        for kind, file in files_of(message)
    )
