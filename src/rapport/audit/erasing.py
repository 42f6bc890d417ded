"""Erasing: what the working tables hold of a person is taken out of them; the ledger's own part is that their keys go.

Rows that others count on (messages, conversations, drafts) stay, without a word in them, as a rebuild would make them now.
"""

from collections.abc import Sequence

import asyncpg
import msgspec

CONVERSATIONS = "select id from conversation where tenant = $1 and person = any($2::uuid[])"
# In a conversation of theirs others may write too (an e-mail's copies): what those said stays.
MESSAGES = """select id from message where tenant = $1 and conversation is not null and conversation = any($2::uuid[])
and (direction <> 'in' or handle is null or handle = any($3::uuid[]))
union select id from message where tenant = $1 and handle is not null and handle = any($3::uuid[])"""
HANDLES = "select id from handle where tenant = $1 and person is not null and person = any($2::uuid[])"
BLOBS = """select distinct decode(item->>'blob', 'hex') from message m, jsonb_array_elements(m.media) item
where m.tenant = $1 and m.id = any($2::uuid[]) and length(item->>'blob') = 64"""
HOUSEHOLDS = """select distinct g.id from membership m join people_group g on g.tenant = m.tenant and g.id = m."group"
where m.tenant = $1 and m.person = any($2::uuid[]) and g.kind = 'household' and not exists (select from membership o
where o.tenant = m.tenant and o."group" = g.id and not (o.person = any($2::uuid[])))"""
# Each: whose ids it takes, and the statement. In this order: what is looked for comes before what is cleared.
CLEARING: tuple[tuple[str, str], ...] = (
    (
        "messages",
        """update incident i set sample = '' from (
          select m.incident, m.text from message m where m.tenant = $1 and m.id = any($2::uuid[]) and m.incident is not null
          union all select m.incident, v->>'text' from message m join sequel s on s.tenant = m.tenant and s.message = m.id
          cross join jsonb_array_elements(s.versions) v
          where m.tenant = $1 and m.id = any($2::uuid[]) and m.incident is not null) said
        where i.tenant = $1 and i.id = said.incident and i.sample <> '' and i.sample = left(said.text, 280)""",
    ),
    (
        "messages",
        """update conversation c set signals = coalesce((select jsonb_agg(s) from jsonb_array_elements(c.signals) s
          where s->>'message' is null
          or not (encode(decode(s->>'message', 'base64'), 'hex')::uuid = any($2::uuid[]))), '[]')
        where c.tenant = $1 and c.signals <> '[]'
        and c.id in (select m.conversation from message m where m.tenant = $1 and m.id = any($2::uuid[]))""",
    ),
    ("messages", """update sequel set versions = '[]', reason = '' where tenant = $1 and message = any($2::uuid[])"""),
    (
        "messages",
        """update message set author = '', subject = '', text = '', html = '', reason = '', media = '[]', words = '[]',
        answers = '[]', emotion = '', evidence = '[]', sentiment = '', spam = 0, because = '[]',
        wants_person = false, actionable = not automatic, sure = 0, personal = '[]'
        where tenant = $1 and id = any($2::uuid[])""",
    ),
    ("messages", "update correction set traces = '', learns = false where tenant = $1 and id = any($2::uuid[])"),
    ("messages", "delete from finding where tenant = $1 and id = any($2::uuid[])"),
    ("conversations", "delete from finding where tenant = $1 and id = any($2::uuid[])"),
    ("conversations", "delete from signalled where tenant = $1 and conversation = any($2::uuid[])"),
    ("conversations", "update telling set text = '' where tenant = $1 and conversation = any($2::uuid[])"),
    ("conversations", "delete from typing where tenant = $1 and conversation = any($2::uuid[])"),
    ("conversations", "delete from handover where tenant = $1 and id = any($2::uuid[])"),
    ("conversations", "delete from turn where tenant = $1 and id = any($2::uuid[])"),
    ("conversations", "delete from errand where tenant = $1 and conversation = any($2::uuid[])"),
    ("conversations", "update task set text = '' where tenant = $1 and conversation = any($2::uuid[])"),
    ("conversations", "update run set done = '{}', values = '{}' where tenant = $1 and id = any($2::uuid[])"),
    (
        "conversations",
        """update review set notes = '{}', coaching = '', appeal = '', answer = ''
        where tenant = $1 and conversation = any($2::uuid[])""",
    ),
    ("conversations", "update reviewable set reason = '' where tenant = $1 and conversation = any($2::uuid[])"),
    ("conversations", "update offer set why = '{}' where tenant = $1 and conversation = any($2::uuid[])"),
    (
        "conversations",
        """update draft set text = '', edited = '', subject = '', reason = '', parts = '[]', findings = '[]',
        files = '[]', carried = '[]', seen = '[]'
        where tenant = $1 and conversation = any($2::uuid[])""",
    ),
    (
        "conversations",
        """update outgoing set text = '', "to" = '', subject = '', reason = '', files = '[]'
        where tenant = $1 and conversation = any($2::uuid[])""",
    ),
    (
        "conversations",
        """update conversation set name = '', preview = '', subject = '', words = '[]', call_to = '',
        signals = '[]', moods = '[]'
        where tenant = $1 and id = any($2::uuid[])""",
    ),
    (
        "conversations",
        """update call set key = id::text, guest = '', guest_name = '', asked = '', recording = ''
        where tenant = $1 and conversation = any($2::uuid[])""",
    ),
    (
        "persons",  # events stay with the person whose handle they came by
        "update journey_event set data = '{}' where tenant = $1 and person is not null and person = any($2::uuid[])",
    ),
    ("handles", "update handle set name = '', display = '' where tenant = $1 and id = any($2::uuid[])"),
    ("persons", "update statement set claims = '[]', digest = '' where tenant = $1 and person = any($2::uuid[])"),
    ("persons", "update consent set evidence = '' where tenant = $1 and person = any($2::uuid[])"),
    ("persons", "update right_request set words = '', answer = '' where tenant = $1 and person = any($2::uuid[])"),
    ("persons", "delete from noted where tenant = $1 and person = any($2::uuid[])"),
    ("persons", "delete from likeness where tenant = $1 and person = any($2::uuid[])"),
    ("persons", "delete from asked where tenant = $1 and id = any($2::uuid[])"),
    ("households", "update people_group set name = '' where tenant = $1 and id = any($2::uuid[])"),
    ("persons", "delete from membership where tenant = $1 and person = any($2::uuid[])"),
    ("persons", "delete from upload_piece where tenant = $1 and cardinality($2::uuid[]) > 0"),  # they may stand in any file
    (
        "persons",  # nor does a word of its head stay
        """update upload set asked = json_build_object('kind', asked->>'kind', 'format', asked->>'format',
        'source', asked->>'source') where tenant = $1 and cardinality($2::uuid[]) > 0""",
    ),
    ("persons", "delete from alike where tenant = $1 and (one = any($2::uuid[]) or other = any($2::uuid[]))"),
    ("persons", "delete from apart where tenant = $1 and id = any($2::uuid[])"),
    ("persons", "delete from person_events where tenant = $1 and id = any($2::uuid[])"),
    (
        "persons",
        """update person set name = '', language = '', attributes = '[]', withdrawn = '[]'
        where tenant = $1 and id = any($2::uuid[])""",
    ),
    ("persons", "update hold set reason = '' where tenant = $1 and id = any($2::uuid[])"),
)
# A number may be that of several: the others stay known by it. $3: the erased, as rows hold ids in JSON.
KNOWN_BY = (
    "delete from known_by where tenant = $1 and id = any($2::uuid[]) and persons <@ to_jsonb($3::text[])",
    "update known_by set persons = persons - $3::text[] where tenant = $1 and id = any($2::uuid[]) and persons ?| $3::text[]",
)
NOBODYS_BLOBS = """delete from blob b where tenant = $1 and hash = any($2::bytea[]) and not exists (select 1 from message m
where m.tenant = $1 and m.media <> '[]' and m.media::text like '%' || encode(b.hash, 'hex') || '%')"""


class Cleared(msgspec.Struct, frozen=True):
    """What was found of a person, and how many rows were cleared."""

    handles: tuple[bytes, ...]
    rows: int
    households: tuple[bytes, ...] = ()  # to whom nobody else belongs: their names go with them


async def handles_of(db: asyncpg.Connection, tenant: int, persons: Sequence[bytes]) -> tuple[bytes, ...]:
    """The handles whose keys are a person's."""
    return tuple(id for (id,) in await db.fetch(HANDLES, tenant, list(persons)))


async def clear(db: asyncpg.Connection, tenant: int, persons: Sequence[bytes], keys: Sequence[bytes]) -> Cleared:
    """Take a person out of every working table, within the caller's transaction; `keys`: rows of `known_by` that name them."""
    handles = await handles_of(db, tenant, persons)
    conversations = [id for (id,) in await db.fetch(CONVERSATIONS, tenant, list(persons))]
    messages = [id for (id,) in await db.fetch(MESSAGES, tenant, conversations, list(handles))]
    blobs = [hash for (hash,) in await db.fetch(BLOBS, tenant, messages)]
    households = [id for (id,) in await db.fetch(HOUSEHOLDS, tenant, list(persons))]
    ids = {"persons": persons, "handles": handles, "conversations": conversations, "messages": messages}
    ids["households"] = households
    rows = 0
    for whose, statement in CLEARING:
        if ids.get(whose):
            rows += _number(await db.execute(statement, tenant, list(ids[whose])))
    for statement in KNOWN_BY:
        rows += _number(await db.execute(statement, tenant, list(keys), msgspec.to_builtins(list(persons))))
    if blobs:
        await db.execute(NOBODYS_BLOBS, tenant, blobs)
    return Cleared(handles, rows, tuple(households))


def _number(done: str) -> int:
    """The rows of a statement, as PostgreSQL says it was done: `UPDATE 3`."""
    return int(done.rpartition(" ")[2])
