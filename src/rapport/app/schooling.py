"""Schooling a tenant's reader: its labels from the record, a head trained in a process of its own, the figures on record."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from rapport.app.apart import Tell, apart
from rapport.app.centre_files import number_of
from rapport.app.digesting import digest_once
from rapport.app.house import House, open_house
from rapport.app.learning import centre_of
from rapport.centre.things import body_of
from rapport.clock import SystemClock
from rapport.errors import Conflict, RapportError
from rapport.ledger.tables import read_where
from rapport.measures import studies
from rapport.measures.studies import READER, ReaderFound
from rapport.model.centre import TaughtReader
from rapport.model.correction import NONE, Correction, Figures
from rapport.settings import Settings
from rapport.understanding.keeping import version_of
from rapport.understanding.reader import shipped
from rapport.understanding.reading import own_intents
from rapport.understanding.schooling import Label, Lesson, school
from rapport.understanding.tenant_reader import INTENT, taught_of
from rapport.understanding.train import messages
from rapport.understanding.words import text_of

MOST_LABELS = 20_000
BY = "rapport understand train"
_CORRECTED = """select m.subject, m.text, c.intent, coalesce(m.person, m.handle, m.id) as person, c.at from correction c
join message m on m.tenant = c.tenant and m.id = c.id
where c.tenant = $1 and c.intent <> '' and m.text <> '' order by c.at desc limit $2"""
_DISPOSED = """select m.subject, m.text, v.disposition, coalesce(m.person, m.handle, m.id) as person, v.last_at
from conversation v
join message m on m.tenant = v.tenant and m.id = v.message
where v.tenant = $1 and v.state = 'resolved' and v.disposition = any($3) and m.corrected_by = '' and m.text <> ''
order by v.last_at desc limit $2"""


@dataclass(frozen=True, slots=True)
class Material:
    """What a reader is trained from; it can be pickled. `until`: the time of the newest label."""

    labels: list[Label]
    corrections: list[Correction]
    present: TaughtReader | None
    until: datetime


async def material_of(house: House, tenant: int) -> Material:
    """A tenant's labels: corrections, and dispositions that are called as an intent."""
    centre = await centre_of(house, tenant)
    present = centre.readers.get(INTENT)
    async with house.within(tenant) as db:
        names = [*shipped().intents[1:], *await own_intents(db, tenant)]
        rows = await db.fetch(_CORRECTED, tenant, MOST_LABELS)
        rows += await db.fetch(_DISPOSED, tenant, max(MOST_LABELS - len(rows), 0), names)
        corrections = await read_where(db, tenant, Correction, "learns and agent <> '' order by at, id")
    labels = [
        Label(text_of(subject, text), "" if name == NONE else name, bytes(person).hex(), at)
        for subject, text, name, person, at in rows
    ]
    serving = [one for one in corrections if present is None or present.until is None or one.at > present.until]
    return Material(labels, serving, present, max((one.at for one in corrections), default=house.clock.now()))


def schooled(known: Material, tell: Tell) -> Lesson:
    """The lesson: in the child."""
    tell(0)
    guard = [Label(one.text, one.intent or "", "", datetime(2026, 1, 1, tzinfo=UTC)) for one in messages()]
    return school(shipped(), known.labels, taught_of(known.present), known.corrections, guard)


async def schooled_in(house: House, tenant: int, *, told: Callable[[int], Awaitable[None]]) -> ReaderFound:
    """Train and compare; the figures go on record as said by whoever asked. Raises BadInput where there are too few labels."""
    known = await material_of(house, tenant)
    lesson: Lesson = await apart(schooled, known, told=told)
    async with house.within(tenant) as db:
        study = (await studies.studies_of(db, tenant)).get(READER)
    by = study.asked_by if study else ""
    figures = lesson.figures
    await house.intake.act(tenant, by, "compare_reader", argument=msgspec.json.encode(figures).decode())
    thing = TaughtReader(INTENT, lesson.kept, version_of(lesson.kept), figures, until=known.until)
    return ReaderFound(figures, len(known.labels), body_of(thing))


async def train(
    settings: Settings,
    url: str,
    master: bytes,
    tenant: str,
    *,
    pretend: bool,
    overrule: str,
) -> tuple[ReaderFound, bool]:
    """Train, compare, and where it serves, or somebody overrules, let it serve; whether it does. Raises BadInput, Conflict."""
    house = await open_house(settings, url, master, SystemClock(), pool=2)
    try:
        number = await number_of(house, tenant)
        async with house.within(number) as db:
            if not await studies.begin(db, number, READER, BY, house.clock.now()):
                raise Conflict("a reader is being trained already: wait until it is done")
        found, problem = None, ""
        try:
            found = await schooled_in(house, number, told=_untold)
        except RapportError as error:
            problem = str(error)[:500]
            raise
        finally:
            body = msgspec.json.encode(found) if found else None
            async with house.within(number) as db:
                await studies.end(db, number, READER, house.clock.now(), found=body, problem=problem)
        promoted = not pretend and (found.figures.serves or bool(overrule))
        if promoted:
            await promote(house, number, found, BY, overrule)
        await digest_once(house, number)
        return found, promoted
    finally:
        await house.aclose()


async def promote(house: House, tenant: int, found: ReaderFound, by: str, reason: str) -> None:
    """Let a trained reader serve; `reason`: why, where the comparison was against it."""
    thing = msgspec.json.decode(found.thing, type=TaughtReader)
    overruled = not found.figures.serves
    serving = msgspec.structs.replace(thing, overruled=overruled, reason=reason if overruled else "")
    await house.intake.set_things(tenant, [("reader", INTENT, body_of(serving))], by=by)


async def _untold(done: int) -> None:
    """Nobody looks on."""


REASONS = {
    "better": "it may serve: it is better, also at the low end of the interval",
    "worse": "it does not serve: it is no better",
    "unsure": "it does not serve: it may be better, but the interval reaches to no gain; more labels are needed",
    "wrong": "it does not serve: it tells more of them wrongly",
    "sample": "nothing can be said: too few labels could be held back",
}


def as_json(tenant: str, found: ReaderFound, promoted: bool) -> dict[str, Any]:  # Any: numbers and texts by name
    """What came of training as one JSON object."""
    said: dict[str, Any] = {"tenant": tenant, "labels": found.labels, "promoted": promoted}
    intents = [{name: getattr(one, name) for name in one.__struct_fields__} for one in found.figures.intents]
    said |= msgspec.to_builtins(found.figures)
    return said | {"intents": intents}


def in_words(figures: Figures, promoted: bool) -> str:
    """What a comparison found, for people, and whether the reader serves now."""
    f = figures
    return (
        f"{f.version} against {f.present}, on {f.held} labels of {f.persons} persons held back: "
        f"right {100 * f.right_after:.1f} % against {100 * f.right_before:.1f} %, "
        f"wrong {100 * f.wrong_after:.1f} % against {100 * f.wrong_before:.1f} %; "
        f"gain 95 % from {100 * f.low:+.1f} to {100 * f.high:+.1f} points: {REASONS[f.reason]}\n"
        + ("it serves from now on" if promoted else "the present reader stays")
    )
