"""What a draft is judged with: what we said before, and what the person told us; the same for stage and composer."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import asyncpg
import msgspec

from rapport.ledger.fetch_record import OF_CONVERSATION, statements_of
from rapport.ledger.tables import read_rows, read_where
from rapport.ledger.views import Rows
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation
from rapport.model.message import Direction, Message, Reach
from rapport.model.person import Person, PersonEvents
from rapport.model.statement import Statement, digest_of
from rapport.replies.asked_once import asks, given_by, given_in
from rapport.replies.check import FindPersonal
from rapport.replies.rules import Given, Told

A_DAY = timedelta(days=1)
MOST_READ = 40  # messages of the person


class Record(msgspec.Struct, frozen=True):
    """`again`: to how many others the same went within a day; `repeated`: to this person too. `heard`: their last words."""

    told: tuple[Told, ...] = ()
    given: tuple[Given, ...] = ()
    again: int = 0
    repeated: bool = False
    heard: str = ""


class Known(msgspec.Struct, frozen=True):
    """All that may be on record, unsorted."""

    statements: tuple[Statement, ...] = ()
    messages: tuple[Message, ...] = ()
    person: Person | None = None
    events: PersonEvents | None = None


def zone_of(centre: Centre) -> ZoneInfo:
    """The centre's zone; UTC where it names none that there is."""
    try:
        return ZoneInfo(centre.profile.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def brand_of(centre: Centre, account: str) -> str:
    """The brand that an account speaks for; "" for none."""
    known = centre.accounts.get(account)
    return known.brand if known else ""


def recorded(
    known: Known, conversation: Conversation, text: str, centre: Centre, now: datetime, days: float, find_personal: FindPersonal
) -> Record:
    """What matters of what is known for a text in a conversation."""
    zone, brand, digest = zone_of(centre), brand_of(centre, conversation.account), digest_of(text)
    since = now - timedelta(days=days)
    told, others, repeated = [], set(), False
    they = known.person.ids if known.person is not None else (conversation.person,)
    for one in sorted({s.id: s for s in known.statements}.values(), key=lambda s: (s.at, s.id)):
        to_them = one.person is not None and one.person in they
        if digest and one.digest == digest and one.at > now - A_DAY:
            repeated = repeated or to_them
            others |= {one.person} if not to_them else set()
        public = one.reach is Reach.PUBLIC and bool(one.intent) and one.intent == conversation.intent and one.brand == brand
        if one.at > since and one.claims and (to_them or public):
            told.append(Told(one.at.astimezone(zone).date(), one.claims, not to_them))
    theirs = sorted((m for m in known.messages if m.direction is Direction.IN), key=lambda m: (m.at, m.id))
    given = tuple(given_of(known, theirs, find_personal)) if asks(text) else ()
    heard = theirs[-1].text if theirs else ""
    return Record(tuple(told), given, len(others), repeated, heard)


def given_of(known: Known, theirs: Iterable[Message], find_personal: FindPersonal) -> Iterable[Given]:
    """What the person told us, the last word last: other departments first, then what is believed, then what they wrote."""
    for event in reversed(known.events.events if known.events else ()):
        yield from given_by(event.data)
    if known.person is not None:
        yield from given_by({attribute.name: attribute.value for attribute in known.person.attributes})
    for message in list(theirs)[-MOST_READ:]:
        yield from given_in(message.text, find_personal(message.text[:10_000]))


def known_to(rows: Rows, conversation: Conversation) -> Known:
    """What a stage has in memory."""
    return Known(
        tuple(rows.all(Statement)),
        tuple(message for message in rows.all(Message) if message.conversation == conversation.id),
        rows.get(Person, conversation.person),
        rows.get(PersonEvents, conversation.person),
    )


async def read_known(db: asyncpg.Connection, tenant: int, conversation: Conversation, text: str, now: datetime) -> Known:
    """The same for a page."""
    people, rows = await read_rows(db, tenant, Person, [conversation.person]), Rows(now)
    for person in people:
        rows.hold(person)
    statements = await statements_of(db, tenant, conversation, text, rows)
    messages = await read_where(db, tenant, Message, OF_CONVERSATION, conversation.id, MOST_READ)
    events = await read_rows(db, tenant, PersonEvents, [conversation.person])
    return Known(tuple(statements), tuple(messages), people[0] if people else None, events[0] if events else None)
