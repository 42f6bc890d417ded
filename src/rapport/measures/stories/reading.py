"""Talks as they are on record: conversations and transcripts of calls that began in a time, with who takes part in them."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import asyncpg
import msgspec

from rapport.measures.stories.masking import Rare, known_words, masked
from rapport.measures.stories.told import Find, Line, Talk
from rapport.measures.stories.transcripts import LATEST
from rapport.model.ids import derived_id
from rapport.model.story import BY_THEM, TRANSCRIPT, TRANSCRIPT_SOURCE

AT_ONCE = 500  # talks that are read at a time
MOST_LINES = 400
_ids = msgspec.json.Decoder(tuple[bytes, ...]).decode
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOOD = {"anger": -2, "fear": -1, "sadness": -1, "joy": 1}
# What is masked of what is known of a person: values under names that tell who somebody is.
TELLING = re.compile(
    r"name|nombre|apellido|address|direcc|phone|tel|mail|correo|card|tarjeta|account|cuenta|id$|birth|nacim|room|habitac"
)
_COLUMNS = "id, person, opened_at, channel, language, intent, agent, disposition"
_WITHIN = f"""select {_COLUMNS} from conversation where tenant = $1 and opened_at >= $2 and opened_at < $3
and merged_into is null order by opened_at {{order}}, id limit $4"""
_BY_ID = f"select {_COLUMNS} from conversation where tenant = $1 and id = any($2::uuid[])"
_OF_PERSONS = f"""select {_COLUMNS} from conversation where tenant = $1 and person = any($2::uuid[]) and merged_into is null
and last_at >= $3 order by opened_at, id limit 50"""
_OF_CALL = f"kind = '{TRANSCRIPT}' and source = '{TRANSCRIPT_SOURCE}' and person is not null"
_CALLS = f"""select id, person, at from journey_event where tenant = $1 and {_OF_CALL} and at >= $2 and at < $3
order by at {{order}}, id limit $4"""
_CALL = f"select id, person, at from journey_event where tenant = $1 and {_OF_CALL} and id = $2"
_CALLS_OF = f"""select id, person, at from journey_event where tenant = $1 and {_OF_CALL} and person = any($2::uuid[])
and at >= $3 order by at, id limit 50"""
_SPOKEN = "select id, data from journey_event where tenant = $1 and id = any($2::uuid[])"
_LINES = """select conversation, id, at, direction, agent, author, text, emotion from message
where tenant = $1 and conversation = any($2::uuid[]) and text <> '' and direction in ('in', 'out')
and standing in ('received', 'sent', 'queued') and not automatic order by conversation, at, id"""
_FAMILIES = "select id, family from person where tenant = $1 and id = any($2::uuid[]) and family <> '[]'"
_KNOWN = """select p.id, p.name, p.attributes,
coalesce(array_agg(h.name || chr(10) || h.display) filter (where h.id is not null), '{}')
from person p left join handle h on h.tenant = $1 and h.person = p.id where p.tenant = $1 and p.id = any($2::uuid[])
group by p.id, p.name, p.attributes"""
Moods = Callable[[Sequence[str]], Sequence[tuple[int, bool]]]  # of texts: mood, and whether it thanks
Answers = Mapping[bytes, tuple[int, int]]  # by conversation: solved and satisfied, -1 where it was left out


class CallLine(msgspec.Struct, frozen=True):
    """A line of a call on record. `s`: seconds from its beginning."""

    by: Literal["them", "us"]
    s: Annotated[float, msgspec.Meta(ge=0, le=LATEST)]
    text: str


class Call(msgspec.Struct, frozen=True):
    """What is on record of a call that was handed in."""

    lines: tuple[CallLine, ...]
    agent: str = ""
    language: str = ""
    intent: str = ""


_call = msgspec.json.Decoder(Call).decode


class Raw(msgspec.Struct):
    """A talk as it stands on record, nothing masked: for the moment in which it is read."""

    talk: Talk
    known: frozenset[str]


def ms(at: datetime) -> int:
    """Milliseconds since 1970."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def at_ms(moment: int) -> datetime:
    """The time of so many milliseconds since 1970."""
    return EPOCH + timedelta(milliseconds=moment)


async def talks_within(
    db: asyncpg.Connection, tenant: int, start: int, end: int, most: int, told: Callable[[int], None], *, oldest: bool = False
) -> tuple[list[Raw], bool]:
    """The talks that began in [start, end) milliseconds, the newest `most` (or the `oldest`); and whether there were more."""
    since, until, order = at_ms(start), at_ms(end), "asc" if oldest else "desc"
    rows = await db.fetch(_WITHIN.format(order=order), tenant, since, until, most + 1)
    calls = await db.fetch(_CALLS.format(order=order), tenant, since, until, most + 1)
    found: list[Raw] = []
    for place in range(0, min(len(rows), most), AT_ONCE):
        found += await _conversations(db, tenant, rows[place : min(place + AT_ONCE, most)])
        told(len(found))
    for place in range(0, min(len(calls), most), AT_ONCE):
        found += await _transcripts(db, tenant, calls[place : min(place + AT_ONCE, most)])
        told(len(found))
    cut = len(rows) > most or len(calls) > most or len(found) > most
    found.sort(key=lambda raw: (raw.talk.opened if oldest else -raw.talk.opened, raw.talk.id))
    return found[:most], cut


async def one_talk(db: asyncpg.Connection, tenant: int, id: bytes) -> tuple[Raw, list[Raw]] | None:
    """A conversation or a call, and what else its person said and was told since, by whatever way; None where there is none."""
    rows = await db.fetch(_BY_ID, tenant, [id])
    if rows:
        found = await _conversations(db, tenant, rows)
    else:
        found = await _transcripts(db, tenant, rows := await db.fetch(_CALL, tenant, id))
    if not found:
        return None
    root = found[0].talk.person
    record = await db.fetchrow("select family from person where tenant = $1 and id = $2", tenant, root)
    family = (root, *(_ids(record["family"]) if record else ()))
    whose = sorted({*family, *(row["person"] for row in rows)})
    since = at_ms(found[0].talk.opened)
    others = await _conversations(db, tenant, await db.fetch(_OF_PERSONS, tenant, whose, since))
    others += await _transcripts(db, tenant, await db.fetch(_CALLS_OF, tenant, whose, since - timedelta(hours=12)))
    return found[0], [raw for raw in others if raw.talk.id != id]


async def _conversations(db: asyncpg.Connection, tenant: int, rows: Sequence[asyncpg.Record]) -> list[Raw]:
    ids, persons = [row["id"] for row in rows], [row["person"] for row in rows]
    said: dict[bytes, list[asyncpg.Record]] = defaultdict(list)
    for line in await db.fetch(_LINES, tenant, ids):
        said[line["conversation"]].append(line)
    known, families = await _known(db, tenant, persons), await _families(db, tenant, persons)
    found = []
    for row in rows:
        lines = said[row["id"]][:MOST_LINES]
        talk = Talk(
            row["id"], families.get(row["person"], row["person"]), ms(row["opened_at"]), tuple(map(_line, lines)),
            row["channel"], row["language"], row["intent"], row["agent"], row["disposition"],
        )  # fmt: skip
        authors = {line["author"] for line in lines if line["direction"] == "in"}
        found.append(Raw(talk, frozenset(filter(None, known.get(row["person"], frozenset()) | authors))))
    return found


def _line(row: asyncpg.Record) -> Line:
    theirs = row["direction"] == "in"
    return Line(row["id"], theirs, ms(row["at"]), row["text"], MOOD.get(row["emotion"], 0) if theirs else 0, who=row["agent"])


async def _transcripts(db: asyncpg.Connection, tenant: int, rows: Sequence[asyncpg.Record]) -> list[Raw]:
    persons = [row["person"] for row in rows]
    known, families = await _known(db, tenant, persons), await _families(db, tenant, persons)
    data = dict(await db.fetch(_SPOKEN, tenant, [row["id"] for row in rows]))

    def work() -> Iterator[Raw]:
        for row in rows:
            call = _call_of(data.get(row["id"], ""))
            if call is not None:
                lines = tuple(_spoken(row["id"], ms(row["at"]), call))
                talk = Talk(
                    row["id"], families.get(row["person"], row["person"]), ms(row["at"]), lines, "voice",
                    call.language, call.intent, call.agent, call=True,
                )  # fmt: skip
                yield Raw(talk, known.get(row["person"], frozenset()))

    return await asyncio.to_thread(lambda: list(work()))


def _call_of(data: str) -> Call | None:
    try:
        return _call(data)
    except msgspec.DecodeError:  # an event from outside that only says that it is one
        return None


def _spoken(id: bytes, began: int, call: Call) -> Iterator[Line]:
    for number, line in enumerate(call.lines[:MOST_LINES]):
        yield Line(derived_id(id, "line", number), line.by == BY_THEM, began + int(1000 * line.s), line.text, who=call.agent)


async def _known(db: asyncpg.Connection, tenant: int, persons: Sequence[bytes]) -> dict[bytes, frozenset[str]]:
    """By person, what is on record of them that would tell who they are."""
    found = {}
    for id, name, attributes, handles in await db.fetch(_KNOWN, tenant, list(set(persons))):
        told = {name, *(word for both in handles for word in both.split("\n"))}
        told |= {word.partition(":")[2] for word in told if ":" in word}
        for attribute in msgspec.json.decode(attributes):
            if isinstance(attribute.get("value"), str) and TELLING.search(str(attribute.get("name", "")).casefold()):
                told.add(attribute["value"])
        found[id] = frozenset(filter(None, told))
    return found


async def _families(db: asyncpg.Connection, tenant: int, persons: Sequence[bytes]) -> dict[bytes, bytes]:
    """Of persons who are one, which stands for all of them."""
    found = {}
    for id, family in await db.fetch(_FAMILIES, tenant, list(set(persons))):
        found[id] = min(_ids(family))
    return found


def told_by(
    raws: Sequence[Raw], find: Find, moods: Moods, rare: Rare, answers: Answers, agents: Iterable[str] = ()
) -> list[Talk]:
    """The talks without who they are about. `rare` has taken in what is said; `agents`: names of ours, which are masked too."""
    ours = known_words(agents)
    found = []
    for raw in raws:
        talk, known = raw.talk, known_words(raw.known) | ours
        felt = moods([line.text for line in talk.lines if line.theirs]) if talk.call else ()
        feels = iter(felt)
        lines = []
        for line in talk.lines:
            mood, thanks = next(feels) if talk.call and line.theirs else (line.mood, line.thanks)
            text = rare.masked(masked(line.text, known, find))
            lines.append(msgspec.structs.replace(line, text=text, mood=mood, thanks=thanks))
        solved, satisfied = answers.get(talk.id, (-1, -1))
        found.append(msgspec.structs.replace(talk, lines=tuple(lines), solved=solved, satisfied=satisfied))
    return found


def heard(raws: Sequence[Raw], allowed: Iterable[str]) -> Rare:
    """Who says which words, of all talks; `allowed`: words that are nobody's name."""
    rare = Rare(allowed)
    for raw in raws:
        for line in raw.talk.lines:
            rare.add(raw.talk.person, line.text)
    return rare
