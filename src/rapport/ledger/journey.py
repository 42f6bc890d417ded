"""Journey events and what is declared of a person, as the facts that are appended."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from rapport.errors import BadInput
from rapport.ledger.cleaning import clean, clean_json
from rapport.ledger.entry import New
from rapport.ledger.seal import Keys
from rapport.model.fact import EventData, JourneyEventSeen, PersonData, PersonDeclared
from rapport.model.ids import named_id
from rapport.model.journey import check_told

SHORTEST = 4  # letters of a name that is looked for in what something is called


class EventTold(msgspec.Struct, frozen=True):
    """What a department tells of a person; (`source`, `source_id`) names it once. `data` is plain JSON."""

    handle: str
    kind: str
    source: str
    source_id: str
    at: datetime
    data: Mapping[str, Any]  # Any: a department's own plain JSON


def check_handles(handles: Sequence[str]) -> None:
    """Raise BadInput where a name names no network."""
    for handle in handles:
        if ":" not in handle:
            raise BadInput(f"person must be a handle such as email:ana@example.org, got {handle!r}")


def nameless(keys: Keys, tenant: int, source_id: str, handles: Iterable[str]) -> str:
    """What a department calls something, as it may stand in the open for ever: a keyed digest of it where it names somebody."""
    said = clean(source_id)
    names = [clean(handle).partition(":")[2].partition("@")[0].casefold() for handle in handles]
    if "@" not in said and not any(len(name) >= SHORTEST and name in said.casefold() for name in names):
        return said
    return keys.digest(tenant, f"called|{said}").hex()


def seen(keys: Keys, tenant: int, told: EventTold, owner: bytes, now: datetime) -> New:
    """An event as a fact; `owner`: the handle. Raises BadInput where its time or its data cannot be kept."""
    try:
        check_told(told.at, told.data, now)
    except ValueError as wrong:
        raise BadInput(f"{told.kind[:60]}: {wrong}") from None
    source_id = nameless(keys, tenant, told.source_id, (told.handle,))
    id = named_id(told.at, tenant, told.source, source_id)
    fact = JourneyEventSeen(id, owner, clean(told.kind), clean(told.source), told.at)
    content = EventData(clean_json(told.data), clean(told.handle))
    return New(id, now, id, fact, content, owner, f"event:{clean(told.source)}", source_id)


def declared(
    keys: Keys,
    tenant: int,
    handles: Sequence[str],
    name: str,
    attributes: Mapping[str, Any],  # Any: attribute values
    origin: tuple[str, str],
    owners: Mapping[str, bytes],
    now: datetime,
) -> New:
    """What is declared of a person as a fact; `origin`: its source and what it is called there."""
    source, source_id = origin[0], nameless(keys, tenant, origin[1], handles)
    id, ids = named_id(now, tenant, source, source_id), tuple(owners[handle] for handle in handles)
    fact = PersonDeclared(ids[0], ids, source)
    content = PersonData(clean(name), tuple(map(clean, handles)), clean_json(attributes))
    return New(id, now, ids[0], fact, content, ids[0], f"declare:{clean(source)}", source_id)
