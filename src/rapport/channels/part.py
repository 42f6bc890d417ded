"""What a channel is given to send: one part of an approved reply, with the files that go with it."""

import msgspec

from rapport.model.message import Reach


class File(msgspec.Struct, frozen=True):
    """A file that goes out: what it is called, what it is, its bytes, and what a picture shows."""

    name: str
    type: str
    data: bytes
    alt: str = ""


class Part(msgspec.Struct, frozen=True):
    """One part of an approved reply. `to` is the handle, with or without `network:`; `in_reply_to` is a key of that network."""

    text: str
    to: str
    reach: Reach
    in_reply_to: str = ""
    thread: str = ""
    subject: str = ""
    files: tuple[File, ...] = ()
