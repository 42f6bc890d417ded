"""The tables of a rehearsal's file, one Struct each; docs/rehearsals.md says every key."""

from datetime import timedelta
from typing import Any

import msgspec

from rapport.model.attribute import Value

ZERO = timedelta(0)
SECOND = timedelta(seconds=1)


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every table has. `place` is `file:line`, set by the reader; no file can write a key of that name."""

    tenant: str = ""
    place: str = msgspec.field(default="", name="#place")


class PersonTable(Table, frozen=True, kw_only=True):
    """A customer whom we know before anything happens."""

    id: str
    handles: tuple[str, ...] = ()
    name: str = ""
    attributes: dict[str, Value] = {}


class EventTable(Table, frozen=True, kw_only=True):
    """A journey event that another department writes."""

    kind: str
    at: timedelta = ZERO
    person: str = ""  # the id of a [[person]], or a handle
    data: dict[str, Any] = {}  # Any: a department's own plain JSON
    source: str = "rehearsal"


class MessageTable(Table, frozen=True, kw_only=True):
    """A message that arrives. `from`: a handle, or the id of a [[person]]; `public` None: as its kind of channel is."""

    text: str
    channel: str
    sender: str = msgspec.field(name="from")
    id: str = ""
    at: timedelta = ZERO
    public: bool | None = None
    subject: str = ""
    name: str = ""
    thread: str = ""
    in_reply_to: str = ""  # the id of a message
    account: str = ""


class ActionTable(Table, frozen=True, kw_only=True):
    """What a human does. `message`: which one's conversation; `argument`: a playbook or its step, `values`: its fields.

    `refused`: it must have no effect.
    """

    agent: str
    do: str
    at: timedelta = ZERO
    message: str = ""
    text: str = ""
    disposition: str = ""
    to: str = ""
    until: timedelta | None = None
    public: bool | None = None
    argument: str = ""
    values: dict[str, float | str | bool] = {}
    set: dict[str, Any] = {}  # Any: JSON of the fields that `change_today` lets be otherwise
    refused: bool = False


class ExpectTable(Table, frozen=True, kw_only=True):
    """What must have happened by a time. `by` None: at the end. Every further key that is given is judged."""

    by: timedelta | None = None
    message: str = ""
    crowd: str = ""
    after: timedelta | None = None
    offered_to: str | tuple[str, ...] | None = None
    not_offered_to: str | tuple[str, ...] | None = None
    because: tuple[str, ...] | None = None
    offered_within: timedelta | None = None
    state: str | None = None
    shown: tuple[str, ...] | None = None
    intent: str | None = None
    language: str | None = None
    urgency_at_least: float | None = None
    held: bool | None = None
    sent: bool | None = None
    needs_approval: bool | None = None
    refused_by: str | None = None
    flagged: tuple[str, ...] | None = None
    handed: tuple[str, ...] | None = None
    not_handed: tuple[str, ...] | None = None
    same_conversation_as: str | None = None
    same_person_as: str | None = None
    bot: bool | None = None
    messages_sent: int | None = None
    served_share: float | None = None
    within: timedelta | None = None
    suggested: tuple[str, ...] | None = None
    burst: str | None = None


class CrowdTable(Table, frozen=True, kw_only=True):
    """Many messages by chance: the same file and seed make the same ones."""

    count: int
    channel: str
    id: str = ""
    at: timedelta = ZERO
    over: timedelta = SECOND
    templates: tuple[str, ...] | dict[str, tuple[str, ...]] = ()
    languages: tuple[str, ...] = ("es", "en")
    known_share: float = 0.0
    seed: int = 1
    public: bool | None = None
    account: str = ""


SPANS = ("at", "by", "after", "offered_within", "within", "over", "until")
NOT_JUDGED = frozenset({"tenant", "place", "by", "message", "crowd", "after", "within"})
JUDGED = tuple(name for name in ExpectTable.__struct_fields__ if name not in NOT_JUDGED)
TABLES: dict[str, type[Table]] = {
    "person": PersonTable,
    "event": EventTable,
    "message": MessageTable,
    "action": ActionTable,
    "expect": ExpectTable,
    "crowd": CrowdTable,
}
