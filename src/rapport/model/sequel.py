"""Sequel: what became of a message after it was said, on its network: edits, a deletion, reactions, how far it has come."""

from datetime import datetime, timedelta
from itertools import pairwise

import msgspec

from rapport.model.ids import Id, derived_id
from rapport.model.message import Message
from rapport.model.news import Delivery

MOST_VERSIONS = 100
MOST_SIGNS = 50
_MOMENT = timedelta(microseconds=1)


class Version(msgspec.Struct, frozen=True):
    """What a message said from `at` on."""

    at: datetime
    text: str
    html: str = ""


class Sequel(msgspec.Struct, frozen=True):
    """What became of what an account's network calls `key`, whether or not we have that message yet.

    `versions`: what it said, oldest first; none while it was never edited. `reactions`: how many of each sign, less those that
    were taken back (so the order in which they come does not matter). `outgoing`: the part of ours that it is.
    """

    id: Id
    account: str
    key: str
    message: Id | None = None
    outgoing: Id | None = None
    handle: Id | None = None
    versions: tuple[Version, ...] = ()
    deleted_at: datetime | None = None
    deleted_by: str = ""  # the agent who took it down; "": its network said so
    hidden_by: str = ""  # the agent who hid it
    reactions: dict[str, int] = {}
    ours: tuple[str, ...] = ()  # the signs that we left
    delivery: Delivery = Delivery.QUEUED
    reason: str = ""  # why it did not arrive

    @property
    def shown(self) -> tuple[tuple[str, int], ...]:
        """The reactions that stand, most frequent first."""
        return tuple(sorted(((s, n) for s, n in self.reactions.items() if n > 0), key=lambda pair: (-pair[1], pair[0])))


def sequel_id(account: str, key: str) -> bytes:
    """The id of the sequel of what an account's network calls `key`."""
    return derived_id(bytes(16), "sequel", account, key)


def told_anew(sequel: Sequel, version: Version, said: Message | None) -> Sequel:
    """The sequel with one more version, put where its time says. `said`: the message as it stands, if we have it."""
    edits = {*sequel.versions, version}
    whole = sorted(edits, key=lambda v: (v.at, v.text))
    if said is not None and said.text not in {v.text for v in sequel.versions}:  # what was said first, before any edit
        whole.insert(0, Version(min(said.at, whole[0].at - _MOMENT), said.text, said.html))
    kept = (*whole[:1], *whole[1:][-MOST_VERSIONS + 1 :])  # of an abundance of edits the first text and the last ones are kept
    return msgspec.structs.replace(sequel, versions=kept)


def reacted(sequel: Sequel, sign: str, step: int) -> Sequel:
    """The sequel with one reaction more (1) or taken back (-1)."""
    if sign not in sequel.reactions and len(sequel.reactions) >= MOST_SIGNS:
        return sequel
    reactions = {**sequel.reactions, sign: sequel.reactions.get(sign, 0) + step}
    return msgspec.structs.replace(sequel, reactions=reactions)


def as_it_stands(message: Message, sequel: Sequel | None) -> Message:
    """The message with what its last edit says; the row itself is older where the edit came before the message."""
    if sequel is None or not sequel.versions:
        return message
    last = sequel.versions[-1]
    return msgspec.structs.replace(message, text=last.text, html=last.html)


def said_before(message: Message, sequel: Sequel) -> tuple[Version, ...]:
    """What the message said before its last edit, oldest first, and each once. `message`: as its row is."""
    whole = sequel.versions
    if whole and message.text not in {version.text for version in whole}:
        whole = (Version(message.at, message.text, message.html), *whole)
    return tuple(one for one, after in pairwise(whole) if (one.text, one.html) != (after.text, after.html))


def changed_nothing(sequel: Sequel, at: datetime, text: str, html: str) -> bool:
    """Whether the version of that time, which is among the sequel's, says what the one before it says."""
    pairs = [(one, after) for one, after in pairwise(sequel.versions) if (after.at, after.text, after.html) == (at, text, html)]
    return bool(pairs) and all((one.text, one.html) == (text, html) for one, _ in pairs)
