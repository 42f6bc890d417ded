"""Journey events and what is declared of a person, as the facts that are appended."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from rapport.errors import BadInput
from rapport.ledger.cleaning import clean, clean_json
from rapport.ledger.entry import New
from rapport.ledger.owners import MANY, SIDES, Within
from rapport.ledger.seal import Keys
from rapport.model.fact import EventData, JourneyEventSeen, PersonData, PersonDeclared
from rapport.model.ids import named_id
from rapport.model.journey import check_told
from rapport.model.naming import phone_key

SHORTEST = 4  # letters of a name that is looked for in what something is called
Origin = tuple[str | None, str | None]
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
    low = said.casefold()
    for handle in () if "@" in said else handles:
        name = _NAME_ENDS.split(clean(handle).partition(":")[2].strip().casefold().lstrip("@+"), maxsplit=1)[0]
        if len(name) >= SHORTEST and (name in low or (_NUMBER.fullmatch(name) and _has_number(said, name))):
            break
    else:
        if "@" not in said:
            return said
    return keys.digest(tenant, f"called|{said}").hex()


def _has_number(said: str, number: str) -> bool:
    digits, key = _NO_DIGIT.sub("", said), phone_key(number)
    return key != "" and (_NO_DIGIT.sub("", number) in digits or key in digits)


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
    within: Within,
    append: Callable[[int, Sequence[New]], Awaitable[list[bool]]],
    tenant: int,
    news: Sequence[New],
    called: Iterable[str],
) -> list[bool]:
    """Append facts; False for each that we already had. `called`: what each is called where it comes from.

    What we had before its name was taken for somebody's stands in the ledger under that name, not under its digest. Of many
    we look which are there before we append them: beside each other, while the ledger is free for others; what the append
    will need of its index is in memory then.
    """
    own = [(new.source, new.source_id) for new in news]
    plain: list[Origin] = [(new.source, clean(name)) for new, name in zip(news, called, strict=True)]
    asked = {*plain, *own} if len(news) >= MANY else {other for one, other in zip(own, plain, strict=True) if one != other}
    there = await _there(within, tenant, asked)
    known = [one in there or other in there for one, other in zip(own, plain, strict=True)]
    fresh = [new for new, had in zip(news, known, strict=True) if not had]
    taken = iter(await append(tenant, fresh) if fresh else ())
    return [not had and next(taken) for had in known]


async def _there(within: Within, tenant: int, asked: Collection[Origin]) -> set[Origin]:
    """Which of these stand in the ledger."""
    ordered, sides = list(asked), SIDES if len(asked) >= MANY else 1

    async def some(origins: Sequence[Origin]) -> list[asyncpg.Record]:
        async with within(tenant) as db:
            rows: list[asyncpg.Record] = await db.fetch(TOLD, tenant, list({o[0] for o in origins}), [o[1] for o in origins])
            return rows

    found = await asyncio.gather(*(some(part) for side in range(sides) if (part := ordered[side::sides])))
    return {(source, name) for rows in found for source, name in rows} & set(ordered)
