"""What is on record of a conversation: its latest messages, and what we said to its person and in public on the same matter."""

from collections.abc import Iterable
from datetime import timedelta

import asyncpg

from rapport.ledger.entry import Entry, New
from rapport.ledger.tables import read_where
from rapport.ledger.views import Rows
from rapport.model.conversation import Conversation
from rapport.model.fact import ActionTaken, MessageReceived, Words
from rapport.model.ids import derived_id
from rapport.model.message import Message
from rapport.model.person import Handle, Person, PersonEvents
from rapport.model.reply import Draft, Outgoing
from rapport.model.statement import Statement, digest_of

JUDGED = frozenset({"reply", "approve", "moderate"})
HANDED = frozenset({"transfer", "hand_over", "call_back", "answer_back", "take_over"})
LONGEST = timedelta(days=60)  # that anything said is compared
A_DAY = timedelta(days=1)
MOST_MESSAGES, MOST_STATEMENTS, MOST_SAME = 60, 30, 20

OF_CONVERSATION = "conversation is not null and conversation = $2 order by at desc, id desc limit $3"
TO_PERSON = "person is not null and person = any($2::uuid[]) and at > $3 order by at desc limit $4"
IN_PUBLIC = "reach = 'public' and intent = $2 and at > $3 order by at desc limit $4"
THE_SAME = "digest = $2 and at > $3 order by at desc limit $4"


async def hold_record(db: asyncpg.Connection, tenant: int, rows: Rows, entries: Iterable[Entry | New]) -> None:
    """Bring in what the entries' texts are judged and handed over with. Their conversations are in `rows` already."""
    for entry in entries:
        fact = entry.fact
        if isinstance(fact, MessageReceived):
            await _hold_with_a_bot(db, tenant, rows, fact)
        if not isinstance(fact, ActionTaken):
            continue
        if fact.do == "unsend" and fact.draft is not None:
            for part in await read_where(db, tenant, Outgoing, "message = $2", derived_id(fact.draft, "message")):
                rows.hold(part)
        conversation = _conversation(fact, rows)
        if conversation is None or fact.do not in JUDGED | HANDED:
            continue
        for message in await read_where(db, tenant, Message, OF_CONVERSATION, conversation.id, MOST_MESSAGES):
            rows.hold(message)
        for events in await read_where(db, tenant, PersonEvents, "id = $2", conversation.person):
            rows.hold(events)
        if fact.do in JUDGED:
            words = entry.content if isinstance(entry.content, Words) else Words()
            for statement in await statements_of(db, tenant, conversation, words.text, rows):
                rows.hold(statement)


async def _hold_with_a_bot(db: asyncpg.Connection, tenant: int, rows: Rows, fact: MessageReceived) -> None:
    """What was said to a bot: this message may be the one that it is handed over with."""
    handle = rows.get(Handle, fact.handle)
    person = rows.get(Person, handle.person) if handle else None
    conversation = rows.get(Conversation, person.conversation) if person else None
    if conversation is not None and conversation.bot:
        for message in await read_where(db, tenant, Message, OF_CONVERSATION, conversation.id, MOST_MESSAGES):
            rows.hold(message)


async def statements_of(
    db: asyncpg.Connection, tenant: int, conversation: Conversation, text: str, rows: Rows
) -> list[Statement]:
    """What we said to this person, in public on the same matter, and the same words to anybody."""
    since = rows.now - LONGEST
    person = rows.get(Person, conversation.person)
    they = list(person.ids) if person is not None else [conversation.person]  # what was promised to one, all of them heard
    found = await read_where(db, tenant, Statement, TO_PERSON, they, since, MOST_STATEMENTS)
    if conversation.intent:
        found += await read_where(db, tenant, Statement, IN_PUBLIC, conversation.intent, since, MOST_STATEMENTS)
    if digest := digest_of(text):
        found += await read_where(db, tenant, Statement, THE_SAME, digest, rows.now - A_DAY, MOST_SAME)
    return found


def _conversation(fact: ActionTaken, rows: Rows) -> Conversation | None:
    draft = rows.get(Draft, fact.draft)
    message = rows.get(Message, fact.message)
    for id in (fact.conversation, draft.conversation if draft else None, message.conversation if message else None):
        found = rows.get(Conversation, id)
        if found is not None:
            return found
    return None
