"""What rights lead to: the requests of whoever is erased, and whom or what a reminder of a request or a profile is about."""

from collections.abc import Iterable

import asyncpg

from rapport.ledger.entry import Entry, New
from rapport.ledger.fetch_person import family_of
from rapport.ledger.tables import read_rows, read_where
from rapport.ledger.views import Rows
from rapport.model.fact import AttributeNoted, PersonData, PersonErased, PersonUndeclared
from rapport.model.group import Membership
from rapport.model.noted import Noted, noted_id
from rapport.model.person import Apart, Consent, Handle, Hold, JourneyEvent, Person, PersonEvents, RightRequest
from rapport.model.reply import Reminder

REQUEST, PROFILE, EVENT = "right", "profile", "event"  # what their reminders are called


async def hold_rights(
    db: asyncpg.Connection, tenant: int, rows: Rows, entries: Iterable[Entry | New], due: Iterable[Reminder]
) -> None:
    """Bring in the requests and persons that these lead to, and what agents said of them. Facts' persons are in `rows`."""
    await _hold_noted(db, tenant, rows, entries)
    erased = [id for entry in entries if isinstance(entry.fact, PersonErased) for id in entry.fact.persons]
    if erased:
        for request in await read_where(db, tenant, RightRequest, "person = any($2::uuid[])", erased):
            rows.hold(request)
    undeclared = {id for entry in entries if isinstance(entry.fact, PersonUndeclared) for id in entry.fact.handles}
    persons = [handle.person for id in undeclared if (handle := rows.get(Handle, id)) is not None and handle.person]
    if persons:
        for hold in await read_rows(db, tenant, Hold, persons):
            rows.hold(hold)
        tables: tuple[type[RightRequest | Consent | Membership], ...] = (RightRequest, Consent, Membership)
        for table in tables:
            for row in await read_where(db, tenant, table, "person = any($2::uuid[])", persons):
                if not rows.is_ahead(table, row.id):
                    rows.hold(row)
    asked = [reminder.subject for reminder in due if reminder.what == REQUEST]
    if asked:
        for request in await read_rows(db, tenant, RightRequest, asked):
            rows.hold(request)
    of_events = await _of_ended_events(db, tenant, rows, [reminder.subject for reminder in due if reminder.what == EVENT])
    ending = [reminder.subject for reminder in due if reminder.what == PROFILE] + of_events
    if ending:
        for person in await read_rows(db, tenant, Person, ending):
            rows.hold(person)
        known = [rows.get(Person, one) for one in ending]
        family = {*of_events, *(id for one in known if one is not None for id in one.family)}
        for relative in await read_rows(db, tenant, Person, family):
            rows.hold(relative)
        at_hand: tuple[type[PersonEvents | Hold], ...] = (PersonEvents, Hold)
        for kept in at_hand:
            for held in await read_rows(db, tenant, kept, family if of_events else ()):
                if not rows.is_ahead(kept, held.id):
                    rows.hold(held)
        for apart in await read_rows(db, tenant, Apart, family):
            rows.hold(apart)


async def _of_ended_events(db: asyncpg.Connection, tenant: int, rows: Rows, events: Iterable[bytes]) -> list[bytes]:
    """Bring in events that end; whose they are."""
    ended = await read_rows(db, tenant, JourneyEvent, list(events))
    for event in ended:
        if not rows.is_ahead(JourneyEvent, event.id):
            rows.hold(event)
    return [event.person for event in ended if event.person is not None]


async def _hold_noted(db: asyncpg.Connection, tenant: int, rows: Rows, entries: Iterable[Entry | New]) -> None:
    """Bring in what agents said before of the same attribute, of all who are one."""
    wanted = {
        noted_id(id, name)
        for entry in entries
        if isinstance(entry.fact, AttributeNoted) and isinstance(entry.content, PersonData)
        for name in entry.content.attributes
        for id in family_of(rows, entry.fact.person)
    }
    for row in await read_rows(db, tenant, Noted, wanted):
        if not rows.is_ahead(Noted, row.id):
            rows.hold(row)
