"""Surveys that fall due: when their people were asked last, what they agreed to, and what of theirs is open."""

from collections.abc import Iterable

import asyncpg

from rapport.ledger.tables import read_rows, read_where
from rapport.ledger.views import Rows, Written
from rapport.model.conversation import Conversation
from rapport.model.fact import MessageReceived
from rapport.model.person import Consent, Person
from rapport.model.reply import Reminder
from rapport.model.survey import PURPOSE, Asked, AskedHere

SURVEY = "survey"  # the reminder's `what`
_AGREED = "person = any($2::uuid[]) and purpose = $3"
_OPEN = "person = any($2::uuid[]) and state <> 'resolved' order by last_at desc limit $3"
MOST_OPEN = 1_000
SURVEY_OVER = "survey over"  # the `what` of the reminder that ends the waiting for an answer


async def hold_asked(db: asyncpg.Connection, tenant: int, rows: Rows, due: Iterable[Reminder]) -> None:
    """Bring in what decides whether somebody may be asked now. The conversations and their persons are in `rows` already."""
    persons: set[bytes] = set()
    for reminder in due:
        conversation = rows.get(Conversation, reminder.subject) if reminder.what == SURVEY else None
        if conversation is not None:
            person = rows.get(Person, conversation.person)
            persons.update(person.ids if person is not None else (conversation.person,))
    missing = [id for id in sorted(persons) if not rows.knows(Asked, id) and not rows.is_ahead(Asked, id)]
    if missing:
        for asked in await read_rows(db, tenant, Asked, missing):
            rows.hold(asked)
    if persons:
        for consent in await read_where(db, tenant, Consent, _AGREED, sorted(persons), PURPOSE):
            rows.hold(consent)
        for conversation in await read_where(db, tenant, Conversation, _OPEN, sorted(persons), MOST_OPEN):
            rows.hold(conversation)


def asked_in(entries: Iterable[Written], rows: Rows) -> set[bytes]:
    """The conversations in which we asked something of whom a message is from."""
    heard = (entry.fact.handle for entry in entries if isinstance(entry.fact, MessageReceived))
    asked = (rows.get(AskedHere, handle) for handle in heard)
    return {one.conversation for one in asked if one is not None}
