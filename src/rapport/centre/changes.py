"""What apply would change: the difference between the centre as it stands and as its files say."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from rapport.centre.things import Key, header_of
from rapport.model.centre import Account, read_thing

# What programs set up through TaskRouter's interface: their Sids, and the plans that follow from them (docs/taskrouter.md).
_OF_PROGRAMS = re.compile(r"(WS|WK|WQ|WW)[0-9a-f]{32}(-\w+)?")


class FieldChange(msgspec.Struct, frozen=True):
    """One field of a thing, before and after, as JSON."""

    name: str
    before: str
    after: str


class Change(msgspec.Struct, frozen=True):
    """One thing that is added, changed or removed. `body` is its JSON afterwards; b"" when it is removed."""

    do: str
    kind: str
    name: str
    body: bytes = b""
    fields: tuple[FieldChange, ...] = ()

    def __str__(self) -> str:
        """The change as one line for people."""
        sign = {"add": "+", "change": "~", "remove": "-"}[self.do]
        what = header_of(self.kind) if self.kind == "centre" else f"{header_of(self.kind)} {self.name}"
        told = ", ".join(f"{field.name}: {field.before} -> {field.after}" for field in self.fields)
        return f"{sign} {what}" + (f"  ({told})" if told else "")


def difference(current: Mapping[Key, bytes], wanted: Mapping[Key, bytes]) -> list[Change]:
    """What must change so that `current` says what `wanted` says, in the order in which it is applied.

    A kind of which `wanted` has nothing is left as it is: a folder without `agents.csv` removes no agent. What programs set up
    is left to them.
    """
    found: list[Change] = []
    for (kind, name), body in sorted(wanted.items()):
        if (kind, name) not in current:
            found.append(Change("add", kind, name, body))
            continue
        fields = _fields(read_thing(kind, current[kind, name]), read_thing(kind, body))
        if fields:
            found.append(Change("change", kind, name, body, fields))
    spoken_of = {kind for kind, _ in wanted}
    left = [key for key in sorted(current) if key not in wanted and key[0] in spoken_of]
    found += [Change("remove", kind, name) for kind, name in left if not _OF_PROGRAMS.fullmatch(name)]
    return found


def _fields(before: msgspec.Struct, after: msgspec.Struct) -> tuple[FieldChange, ...]:
    found: list[FieldChange] = []
    for name in after.__struct_fields__:
        old, new = getattr(before, name), getattr(after, name)
        if isinstance(old, dict) and isinstance(new, dict):
            found += [
                FieldChange(f"{name}.{key}", _shown(old.get(key)), _shown(new.get(key)))
                for key in sorted({*old, *new})
                if key not in old or key not in new or old[key] != new[key]
            ]
        elif old != new:
            found.append(FieldChange(name, _shown(old), _shown(new)))
    return tuple(found)


def _shown(value: Any) -> str:  # Any: a field's value
    return "nothing" if value is None else msgspec.json.encode(value).decode()


def secrets_named(things: Mapping[Key, bytes]) -> set[str]:
    """The names that settings give as `secret:NAME`."""
    accounts = [read_thing(kind, body) for (kind, _), body in things.items() if kind == "account"]
    return {
        value.removeprefix("secret:")
        for account in accounts
        if isinstance(account, Account)
        for value in account.settings.values()
        if value.startswith("secret:")
    }
