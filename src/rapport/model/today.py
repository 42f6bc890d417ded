"""Today: a piece of the centre that is otherwise until a time; the piece itself stays as it was set, and holds again then."""

from datetime import datetime
from typing import Any

import msgspec

TODAY = "today"  # the kind of thing that holds one: `today/plan/by-skill`
MAY_BE_NEW = frozenset({"plan", "policy"})  # may be there for today alone
FIELDS: dict[str, frozenset[str]] = {
    "plan": frozenset({"steps", "when", "priority", "offer_seconds", "ends", "offers"}),
    "agent": frozenset({"team", "slots", "attributes", "shift", "never", "angry_per_hour", "max_occupancy"}),
    "policy": frozenset({"angry_per_hour", "max_occupancy", "never", "shift", "teams", "channels"}),
}


class Today(msgspec.Struct, frozen=True):
    """What is otherwise of a piece. `id`: its kind and name, as `plan/by-skill`; `set` and `was`: by field, as JSON.

    `set` is a merge patch (RFC 7396): an object changes only the keys that it names, `null` takes a key away.
    """

    id: str
    set: dict[str, Any]  # Any: JSON of the piece's fields
    was: dict[str, Any]  # Any: as above; null where the piece said nothing
    by: str
    why: str
    since: datetime
    until: datetime

    @property
    def is_new(self) -> bool:
        """Whether the piece is there for today alone."""
        return all(value is None for value in self.was.values())

    @property
    def kind(self) -> str:
        """The kind of the piece."""
        return self.id.partition("/")[0]

    @property
    def name(self) -> str:
        """The name of the piece."""
        return self.id.partition("/")[2]


_read = msgspec.json.Decoder(Today)


def read_today(body: bytes) -> Today:
    """What a thing of the kind `today` says."""
    return _read.decode(body)


def merged(said: Any, patch: Any) -> Any:  # Any: JSON
    """What a merge patch makes of JSON (RFC 7396, section 2)."""
    if not isinstance(patch, dict):
        return patch
    found = dict(said) if isinstance(said, dict) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = merged(found.get(key), value)
    return found


def body_today(body: bytes | None, today: Today) -> bytes:
    """The JSON of a piece as it is for today; `body` None: there is no such piece otherwise."""
    said = msgspec.json.decode(body) if body is not None else {"id": today.name}
    return msgspec.json.encode(merged(said, today.set))
