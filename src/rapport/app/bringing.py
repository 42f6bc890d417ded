"""A file of people or of journey events taken in by batches, or only tried; for the command line and for the page."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from rapport.app.house import House
from rapport.centre.reading import things_of
from rapport.ledger.bringing import take_people
from rapport.ledger.journey import EventTold
from rapport.model.centre import read_centre
from rapport.people.importing import Fault, read_events
from rapport.people.imports.deciding import Decided, Deciding, known_of
from rapport.people.imports.outcome import Brought
from rapport.people.imports.person_line import Candidate, Reading, person_in
from rapport.people.imports.sheet import records

BATCH = 300  # lines that are taken in at once
Progress = Callable[[Brought], Awaitable[None]]
Item = TypeVar("Item")


async def bring_people(
    house: House, tenant: int, by: str, reading: Reading, text: Iterable[str], *, pretend: bool, told: Progress, after: int = 0
) -> Brought:
    """Take a file of people in, or try it; `text`: its pieces in order; `after`: the line up to which it was taken before.

    `told` hears of the progress after each batch; durable are the batches of which it heard.
    """
    done, deciding = Brought(), Deciding(reading.source, reading.once, reading.file)
    for batch in _batches(_read(text, reading)):
        candidates = [one for one in batch if isinstance(one, Candidate)]
        async with house.store.within(tenant, readonly=True) as db:
            known = await known_of(db, tenant, candidates)
        decided = [one if isinstance(one, Fault) else deciding.decide(one, known) for one in batch]
        taking = [one for one in decided if isinstance(one, Decided)]
        for one in decided:
            done.read = max(done.read, one.line)
            if isinstance(one, Fault):
                done.refuse(one)
            else:
                done.note(one)
        if not pretend and done.read > after:
            done.fresh += sum(await take_people(house.intake, tenant, [one.told for one in taking], by))
        await told(done)
    return done


def _read(text: Iterable[str], reading: Reading) -> Iterator[Candidate | Fault]:
    for record in records(text, reading.format.lists):
        yield record if isinstance(record, Fault) else person_in(record, reading)


async def bring_events(
    house: House, tenant: int, name: str, text: Iterable[str], *, pretend: bool, told: Progress, file: str = ""
) -> Brought:
    """Take a file of journey events in, or try it; `name`: the source of an event that says none; `file`: a digest of it."""
    async with house.store.within(tenant, readonly=True) as db:
        kinds = read_centre(await things_of(db, tenant)).events
    done = Brought()
    read = read_events(_lines(text), name=name, kinds=kinds, now=house.clock.now(), file=file)
    for batch in _batches(_numbered(read)):
        events = [one for _, one in batch if isinstance(one, EventTold)]
        for number, one in batch:
            done.read = number
            if isinstance(one, Fault):
                done.refuse(one)
        done.taken += len(events)
        if not pretend:
            done.fresh += sum(await house.intake.take_events(tenant, events))
        await told(done)
    return done


def _numbered(found: Iterable[EventTold | Fault]) -> Iterator[tuple[int, EventTold | Fault]]:
    yield from enumerate(found, 1)


def _lines(text: Iterable[str]) -> Iterator[str]:
    rest = ""
    for piece in text:
        *whole, rest = (rest + piece).split("\n")
        yield from whole
    if rest:
        yield rest


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        yield batch
