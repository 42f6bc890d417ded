"""Where a message of Telegram is: its chat and its number there, out of the key by which we know it."""

from rapport.channels.channel import Part, address_of
from rapport.channels.telegram.parse import NAME
from rapport.errors import Refused
from rapport.model.message import Reach


def chat_of(part: Part) -> tuple[int, int]:
    """(the chat, the message in it that is answered, or 0). Raises Refused where there is no such chat."""
    chat, answered = message_of(part.in_reply_to) if part.in_reply_to else (0, 0)
    if part.reach is Reach.PUBLIC:
        chat = chat or number_in(part.thread.partition("/")[0])
        if not chat:
            raise Refused("a public answer needs the group where the person wrote")
        return chat, answered
    person = number_in(address_of(part.to, NAME))
    if not person:
        raise Refused(f"a person on Telegram is a number, got {part.to!r}")
    return person, answered if chat == person else 0


def message_of(key: str) -> tuple[int, int]:
    """(chat, message) of a key. Raises Refused where it is none of Telegram's."""
    chat, _, number = key.partition("/")
    if not number_in(chat) or not number_in(number.partition("/")[0]):
        raise Refused(f"{key!r} names no message of Telegram")
    return number_in(chat), number_in(number.partition("/")[0])


def number_in(text: str) -> int:
    """The number that a text is; 0: none."""
    plain = text.removeprefix("-")
    return int(text) if plain.isascii() and plain.isdecimal() and len(plain) < 19 else 0
