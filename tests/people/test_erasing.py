"""A person who is erased is nowhere any more, the record still proves itself, and a legal hold stops it."""

from datetime import timedelta

import msgspec
import pytest
from tests.people.test_merging import START, Centre

from rapport.app.erasing import erasing
from rapport.app.rehearsing import rehearsal_house
from rapport.app.stages import VIEWS
from rapport.audit.verify import verify
from rapport.clock import FakeClock
from rapport.errors import Conflict
from rapport.ledger.checkpoint import grow
from rapport.ledger.rebuild import rebuild
from rapport.ledger.seal import Keys
from rapport.model.conversation import Conversation
from rapport.model.correction import Correction
from rapport.model.fact import AttributeCorrected, ConsentNoted, PersonData, PersonHeld, Words
from rapport.model.message import Message
from rapport.model.naming import key_id, keys_of
from rapport.model.person import Consent, Erasure, Handle, KnownBy, Person
from rapport.people.export import export
from rapport.settings import Settings

pytestmark = pytest.mark.anyio
CANARY, STEM = "zorzalino", "zorzal"  # a word that is nowhere else, and as the index of words holds it
MAIL = f"email:{CANARY}@example.org"
SAID = "intent:suits emotion:anger urgency:urgent sentiment:negative spam:yes"
EVERY_TABLE = """select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant'
where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 1"""


@pytest.fixture
async def centre(database_url):
    async with rehearsal_house(Settings(), database_url) as open_one, open_one("people", FakeClock(START)) as house:
        yield Centre(house)


async def lived(centre) -> bytes:
    """A person of whom something stands everywhere: messages, an answer, a note, a whisper, a label, events, a consent."""
    agent = b'{"id": "ana", "presence": "available", "attributes": {"languages": ["es", "en"]}}'
    await centre.house.intake.set_things(centre.tenant, [("agent", "ana", agent)])
    await centre.house.settle()
    person = await centre.hear(MAIL, f"¿Por qué {CANARY} tiene una duda con mi factura?", name=f"Ana {CANARY}")
    await centre.event(MAIL, "shop.visited", note=f"{CANARY} looked at suits", topic="spending")
    told = ("till.paid", "till", f"{CANARY} paid", centre.house.clock.now(), {"of": CANARY})
    assert [await centre.house.intake.event(centre.tenant, MAIL, *told) for _ in range(2)] == [True, False]
    await centre.house.intake.declare(centre.tenant, [MAIL], f"Ana {CANARY}", {}, "crm", f"crm {MAIL}")
    [conversation] = [c.id for c in await centre.rows(Conversation)]
    for do, text in (("take", ""), ("note", f"{CANARY} is in a hurry"), ("reply", f"Hola {CANARY}, lo vemos.")):
        await centre.house.intake.act(
            centre.tenant, "ana", do, conversation=conversation, text=text, reach="private" if text else ""
        )
        await centre.house.settle()
    await centre.house.intake.act(centre.tenant, "sue", "whisper", conversation=conversation, text=f"{CANARY} is a regular")
    [message] = [m.id for m in await centre.rows(Message) if m.direction == "in"]
    await centre.house.intake.act(centre.tenant, "ana", "correct", message=message, argument=SAID)
    await centre.house.settle()
    [handle] = [h.id for h in await centre.rows(Handle) if h.name == MAIL]
    await centre.house.intake.tell_of(
        centre.tenant, handle, ConsentNoted(person, "marketing", "", True, "ana"), Words(f"{CANARY} ticked it")
    )
    await centre.house.settle()
    return person


async def erased(centre, person: bytes):
    """The certificate; the worker takes its lease again, as its epoch is over."""
    certificate = await erasing(centre.house.house)(centre.tenant, person, "ana")
    await centre.house.advance.lease(centre.tenant)
    await centre.house.settle()
    return certificate


async def read_of(centre):
    """The messages as they were understood."""
    return [msgspec.structs.replace(one, author="", answers=()) for one in await centre.rows(Message)]


async def hits(centre, word: str = STEM) -> dict[str, int]:
    """In how many rows of each table a word stands in the open."""
    found = {}
    async with centre.house.within(centre.tenant) as db:
        for (table,) in await db.fetch(EVERY_TABLE):
            sql = f'select count(*) from "{table}" t where tenant = $1 and t::text ilike $2'
            number = await db.fetchval(sql, centre.tenant, f"%{word}%")
            found |= {table: number} if number else {}
    return found


async def test_an_erased_person_is_nowhere_and_the_record_still_proves_itself(centre):
    person = await lived(centre)
    other = await centre.hear("email:other@example.org", "Otra duda con mi factura de ayer", name="Otra")
    before = await hits(centre)
    [label] = await centre.rows(Correction)
    assert label.traces

    certificate = await erased(centre, person)

    assert {"finding", "message", "handle", "person", "conversation", "journey_event", "consent", "telling"} <= before.keys()
    assert await hits(centre) == {}
    assert await centre.rows(Correction) == [msgspec.structs.replace(label, traces=b"", learns=False)]
    assert (certificate.keys, certificate.handles) == (1, 1)
    assert certificate.seconds < 5
    assert [e.person for e in await centre.rows(Erasure)] == [person]
    read = [await read_of(centre), await centre.rows(Correction)]
    assert (await centre.known())[other][0].name == "Otra"
    keys = Keys(centre.house.house.keys._master)  # as another process has them, which knew nothing of this
    async with centre.house.within(centre.tenant) as db:
        await rebuild(db, keys, centre.tenant, VIEWS, centre.house.clock)
    assert await hits(centre) == {}
    assert [await read_of(centre), await centre.rows(Correction)] == read
    async with centre.house.within(centre.tenant) as db:
        await grow(db, keys, centre.tenant, centre.house.clock.now())
    async with centre.house.within(centre.tenant) as db:
        verdict = await verify(db, keys, centre.tenant)
    assert (verdict.whole, verdict.erased > 0) == (True, True)


async def test_what_others_wrote_and_are_known_by_stays_and_the_sample_of_a_crowd_goes(centre):
    person = await lived(centre)
    other = await centre.hear("email:other@example.org", "Otra duda con mi factura de ayer", name="Otra")
    [theirs] = await centre.rows(Conversation, f"person = '{person.hex()}'")
    [key] = keys_of([MAIL])
    async with centre.house.within(centre.tenant) as db:
        await db.execute("update message set conversation = $1 where person = $2", theirs.id, other)  # as a copy of a mail is
        both = msgspec.json.encode([person, other]).decode()
        await db.execute("update known_by set persons = $1 where id = $2", both, key_id(key))
        await db.execute(
            "insert into incident(tenant, id, account, reason, first_at, last_at, sample) "
            "select tenant, id, account, 'crowd', at, at, left(text, 280) from message where direction = 'in'"
        )
        await db.execute("update message set incident = id where direction = 'in'")
        for table, *columns in (("draft", "files", "carried", "seen"), ("outgoing", "files"), ("conversation", "moods")):
            sets = ", ".join(f"{column} = '[\"{CANARY}\"]'" for column in columns)
            await db.execute(
                f"update {table} set {sets} where {'id' if table == 'conversation' else 'conversation'} = $1", theirs.id
            )
        await db.execute("update message set evidence = $1 where person = $2", f'["{CANARY}"]', person)

    await erased(centre, person)

    assert await hits(centre) == {}
    assert (await hits(centre, "Otra duda")).keys() >= {"message", "incident"}
    assert "finding" in await hits(centre, "ayer")
    assert [k.persons for k in await centre.rows(KnownBy) if k.id == key_id(key)] == [(other,)]


async def test_who_was_erased_and_writes_again_is_somebody_new(centre):
    person = await lived(centre)
    await erased(centre, person)

    again = await centre.hear(MAIL, "Hola de nuevo, otra pregunta de mi pedido", name="Ana")

    assert again != person
    assert (await centre.known())[again][0].messages == 1


async def test_a_legal_hold_stops_an_erasure_until_it_is_lifted(centre):
    person = await lived(centre)
    [handle] = [h.id for h in await centre.rows(Handle) if h.name == MAIL]
    await centre.house.intake.tell_of(centre.tenant, handle, PersonHeld(person, "law"), Words("case 12/2026"))
    await centre.house.settle()

    with pytest.raises(Conflict, match="legal hold"):
        await erased(centre, person)
    assert "message" in await hits(centre)

    await centre.house.intake.tell_of(centre.tenant, handle, PersonHeld(person, "law", lifted=True))
    await centre.house.settle()
    assert (await erased(centre, person)).keys == 1


async def test_what_a_person_says_of_themselves_counts_more_than_what_is_learnt(centre):
    person = await lived(centre)
    [handle] = [h.id for h in await centre.rows(Handle) if h.name == MAIL]
    said = [
        (AttributeCorrected(person, "topics"), PersonData(attributes={"topics": {"gardening": 1.0}})),
        (AttributeCorrected(person, "interests", withdrawn=True), PersonData()),
    ]
    for fact, content in said:
        await centre.house.intake.tell_of(centre.tenant, handle, fact, content)
    await centre.house.settle()
    centre.house.clock.move(timedelta(days=1))
    await centre.event(MAIL, "bank.question", topic="spending", interest="running")

    known = next(p for p in await centre.rows(Person) if p.id == person)
    assert [(a.name, a.value, a.source) for a in known.attributes] == [("topics", {"gardening": 1.0}, "self")]


async def test_an_export_holds_everything_and_who_agreed_to_what(centre):
    person = await lived(centre)

    async with centre.house.within(centre.tenant) as db:
        found = await export(db, centre.tenant, person, centre.house.clock.now())

    assert (found.handles, [c.purpose for c in found.consents]) == ((MAIL,), ["marketing"])
    assert [e.data for e in found.events if e.kind == "shop.visited"] == [
        {"note": f"{CANARY} looked at suits", "topic": "spending"}
    ]
    assert any(CANARY in message.text for message in found.messages)
    assert not any("in a hurry" in message.text for message in found.messages)  # a note is the house's own
    assert [c.given for c in await centre.rows(Consent)] == [True]
