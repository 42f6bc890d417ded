"""Journey events and what is declared of a person, as the facts that are appended."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from rapport.errors import BadInput
from rapport.ledger.cleaning import clean, clean_json
from rapport.ledger.entry import New
from rapport.ledger.seal import Keys
from rapport.model.fact import EventData, JourneyEventSeen, PersonData, PersonDeclared
from rapport.model.ids import named_id
from rapport.model.journey import check_told
from rapport.model.naming import phone_key

SHORTEST = 4  # letters of a name that is looked for in what something is called
TOLD = "select source, source_id from entry where tenant = $1 and source = any($2::text[]) and source_id = any($3::text[])"
_NAME_ENDS, _NUMBER, _NO_DIGIT = re.compile("[@:]"), re.compile(r"[\d\s().-]+"), re.compile(r"\D")


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
    low, digits = said.casefold(), _NO_DIGIT.sub("", said)
    for handle in handles:
        name = _NAME_ENDS.split(clean(handle).partition(":")[2].strip().casefold().lstrip("@+"), maxsplit=1)[0]
        number = phone_key(name) if _NUMBER.fullmatch(name) else ""
        if len(name) >= SHORTEST and (name in low or (number and (_NO_DIGIT.sub("", name) in digits or number in digits))):
            break
    else:
        if "@" not in said:
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


async def append_unless_told(
    within: Callable[[int], AbstractAsyncContextManager[asyncpg.Connection]],
    append: Callable[[int, Sequence[New]], Awaitable[list[bool]]],
    tenant: int,
    news: Sequence[New],
    called: Iterable[str],
) -> list[bool]:
    """Append facts; False for each that we already had. `called`: what each is called where it comes from.

    What we had before its name was taken for somebody's stands in the ledger under that name, not under its digest.
    """
    plain = [(new.source, clean(name)) for new, name in zip(news, called, strict=True)]
    other = [origin for new, origin in zip(news, plain, strict=True) if origin[1] != new.source_id]
    there: set[tuple[str | None, str]] = set()
    if other:
        async with within(tenant) as db:
            rows = await db.fetch(TOLD, tenant, list({source for source, _ in other}), [name for _, name in other])
            there = {(source, name) for source, name in rows} & set(other)
    fresh = [new for new, origin in zip(news, plain, strict=True) if origin not in there]
    taken = iter(await append(tenant, fresh) if fresh else ())
    return [origin not in there and next(taken) for origin in plain]
