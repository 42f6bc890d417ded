"""Draft and Outgoing: text on its way out, and one part of it as a network will be given it."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec

from rapport.model.ids import Id, derived_id
from rapport.model.message import Media, Reach
from rapport.model.news import Delivery

MARK_READ = "mark_read"  # the operation, and the setting of the accounts whose network can be told


def reading_mark(message: bytes) -> bytes:
    """The id of the part that tells a network that their message was read: each has one."""
    return derived_id(message, MARK_READ)


class DraftState(StrEnum):
    """How far a draft has come."""

    ASKED = "asked"  # waits for an approver
    APPROVED = "approved"
    RETURNED = "returned"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Finding(msgspec.Struct, frozen=True):
    """What a check found. `action` is warn, ask or refuse; `rule` names it, such as `personal-data`.

    `start` and `end` say where in the text, -1 where it is the whole; `about` quotes what it is compared with.
    """

    rule: str
    action: str
    reason: str
    start: int = -1
    end: int = -1
    about: str = ""


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step of approval: any one of those named may give it; nobody named: who may approve at all.

    `minutes` 0: without an end. `then`: what follows when they are over: `author`, `next`, or the id of an agent who is asked
    off the desk. `edits`: whether an edited text is `sent`, or somebody else must see it `again`.
    """

    roles: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    minutes: float = 0.0
    then: str = "author"
    edits: Literal["sent", "again"] = "sent"


class Seen(msgspec.Struct, frozen=True):
    """Somebody gave a tier. `edited`: whether they changed the text; `text`: what it was before that."""

    by: str
    at: datetime
    tier: int
    edited: bool = False
    text: str = ""


class Carried(msgspec.Struct, frozen=True):
    """A text and its files as a network takes them: the parts, and which files go with each, by number.

    `linked`: how many go as a link in the text; `described`: the network shows what a picture's description says.
    """

    parts: tuple[str, ...]
    files: tuple[tuple[int, ...], ...] = ()
    linked: int = 0
    described: bool = False


class Draft(msgspec.Struct, frozen=True):
    """A reply before it is approved; `parts` is exactly what the network would be given."""

    id: Id
    conversation: Id
    agent: str
    at: datetime
    reach: Reach
    state: DraftState
    text: str = ""
    edited: str = ""  # by the approver; "" when unchanged
    parts: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    approver: str = ""
    reason: str = ""
    decided_at: datetime | None = None
    subject: str = ""
    tiers: tuple[Tier, ...] = ()
    tier: int = 0  # which is asked now
    until: datetime | None = None  # that tier's end
    seen: tuple[Seen, ...] = ()  # who gave the tiers before
    rules: tuple[str, ...] = ()  # why it is asked
    send_at: datetime | None = None  # not before; None: as soon as it may
    files: tuple[Media, ...] = ()
    carried: tuple[tuple[int, ...], ...] = ()  # which of the files go with each part

    @property
    def standing(self) -> str:
        """The text as it would go out now."""
        return self.edited or self.text

    def hands(self) -> frozenset[str]:
        """Who wrote it, changed it or gave a tier: none of them gives another."""
        return frozenset({self.agent, *(one.by for one in self.seen)})


class OutgoingState(StrEnum):
    """What the network did with it."""

    QUEUED = "queued"
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    RECALLED = "recalled"


class Outgoing(msgspec.Struct, frozen=True):
    """One part of an approved reply. `id` is also the key that a network gets so that it sends once."""

    id: Id
    message: Id
    conversation: Id
    account: str
    channel: str
    reach: Reach
    at: datetime
    state: OutgoingState = OutgoingState.QUEUED
    part: int = 0
    text: str = ""
    to: str = ""  # the handle's name
    subject: str = ""
    in_reply_to: str = ""
    thread: str = ""
    key: str = ""  # what the network calls it
    reason: str = ""
    tries: int = 0  # attempts whose outcome is known, or was decided by a person
    not_before: datetime | None = None
    handle: Id | None = None  # whom it goes to; their key seals what is said of it
    parts: int = 1  # of the whole reply
    op: str = ""  # what is to be done to a message that is there, which the network calls `target`; "": send `text`
    target: str = ""
    by: str = ""  # who asked for that
    delivery: Delivery = Delivery.QUEUED
    anew: int = 0  # how often it was sent afresh after the network had taken it and failed
    files: tuple[Media, ...] = ()


class Outcome(msgspec.Struct, frozen=True):
    """What became of an action that somebody asked for. `id` is the action's; `result` names what it made."""

    id: Id
    at: datetime
    ok: bool
    reason: str = ""
    result: Id | None = None


class Reminder(msgspec.Struct, frozen=True):
    """Something that falls due. `id` is derived from `what` and `subject`, so each subject has one of each kind."""

    id: Id
    at: datetime
    what: str
    subject: Id


class Aside(msgspec.Struct, frozen=True):
    """An entry that a stage could not digest: kept, shown, can be retried."""

    id: Id  # of the entry
    seq: int
    at: datetime
    stage: str
    reason: str
    retried: int = 0
    done: bool = False


class Incident(msgspec.Struct, frozen=True):
    """A crowd that says nearly the same: held as one."""

    id: Id
    account: str
    reason: str
    first_at: datetime
    last_at: datetime
    held: int = 0
    sample: str = ""
    released: bool = False
