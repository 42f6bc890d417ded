"""Every word is found in both languages, by an index, within its tenant's wall; and goes with its message at once."""

from datetime import UTC, datetime, timedelta

import pytest

from rapport.conversations.search import _BEGIN, _END, _FIND, search
from rapport.ledger.tables import write_rows
from rapport.ledger.views import Rows
from rapport.model.conversation import Conversation, State
from rapport.model.message import ChannelKind, Direction, Message, Reach, Standing
from stagework import an_id

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
FILL = """insert into message(tenant, id, at, direction, standing, reach, conversation, language, text)
select $1, gen_random_uuid(), $2::timestamptz - n * interval '1 hour', 'in', 'received', 'private', $3, 'es',
 'la factura ' || n || ' del minibar'
from generate_series(1, 3000) n"""


def said(name: str, text: str, language: str = "es", ago: int = 0, **fields: object) -> Message:
    """A message of the conversation of the same name, so many days ago."""
    at = NOON - timedelta(days=ago)
    given = {"direction": Direction.IN, "language": language, "conversation": an_id(f"c {name}")} | fields
    return Message(id=an_id(f"m {name} {text}"), at=at, standing=Standing.RECEIVED, reach=Reach.PRIVATE, text=text, **given)


def talk(name: str, **fields: object) -> Conversation:
    return Conversation(
        id=an_id(f"c {name}"), person=an_id("p"), handle=an_id("h"), state=State.OPEN, kind=ChannelKind.CHAT, account="main",
        channel="webchat", reach=Reach.PRIVATE, opened_at=NOON, last_at=NOON, name=name, **fields,
    )  # fmt: skip


@pytest.fixture
async def found(store, tenant):
    """Write rows; then ask, and get the names of the conversations in which it is found."""
    rows = Rows(NOON)
    rows.put(talk("Begoña Ávila", subject="Complemento de pago"))
    rows.put(talk("John"))
    rows.put(said("Begoña Ávila", "¿Cuándo llega la facturación de mi habitación?"))
    rows.put(said("John", "My invoices were wrong: the Wi-Fi was not working", "en", 400))
    rows.put(said("John", "llamar a contabilidad", direction=Direction.NOTE, agent="ana"))
    async with store.within(tenant) as db:
        await write_rows(db, tenant, rows.take_changes())

    async def found(question: str, asking: int = tenant) -> list[str]:
        async with store.within(asking, readonly=True) as db:
            return [hit.conversation.name for hit in (await search(db, tenant, question, now=NOON)).hits]

    return found


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("habitacion", ["Begoña Ávila"]),
        ("HABITACIÓN", ["Begoña Ávila"]),
        ("invoice", ["John"]),
        ("working", ["John"]),
        ("contabilidad", ["John"]),
        ("avila", ["Begoña Ávila"]),
        ("complemento", ["Begoña Ávila"]),
        ("factur", ["Begoña Ávila"]),
        ('"mi habitacion"', ["Begoña Ávila"]),
        ('"habitacion facturacion"', []),
        ("cuando -habitacion", []),
        ("de la", []),
        ("x' & | !( :*", []),
    ],
)
async def test_what_was_said_is_found_in_both_languages(found, question, names):
    assert await found(question) == names


async def test_nobody_finds_what_another_tenant_said(found, new_tenant):
    assert await found("invoice", await new_tenant()) == []


async def test_what_is_erased_is_found_no_more(found, store, tenant):
    async with store.within(tenant) as db:
        await db.execute("update message set text = '' where tenant = $1 and language = 'en'", tenant)
        await db.execute("delete from message where tenant = $1 and language = 'es'", tenant)

    assert [await found("invoice"), await found("habitacion")] == [[], []]


async def test_no_word_of_a_customer_hides_it_from_being_changed_and_erased(found, store, tenant):
    rows = Rows(NOON)
    rows.put(said("John", "there is no-such-term", "en"))
    async with store.within(tenant) as db:
        await write_rows(db, tenant, rows.take_changes())
        await db.execute("update message set text = 'no-such-term minibar' where tenant = $1 and text like '%no-such%'", tenant)
    changed = await found("minibar")
    async with store.within(tenant) as db:
        await db.execute("delete from message where tenant = $1", tenant)

    assert [changed, await found("minibar")] == [["John"], []]


async def test_an_index_finds_the_words_and_page_follows_page(found, store, tenant):
    async with store.within(tenant) as db:
        await db.execute(FILL, tenant, NOON, an_id("c John"))
        await db.execute("select set_config('app.search', 'minibar', true)")
        await db.execute(_BEGIN)
        plan = "\n".join(
            row[0] for row in await db.fetch(f"explain {_FIND.replace('$1', 'now()').replace('$2', 'null').replace('$3', '9')}")
        )
        await db.execute(_END)
        await db.execute("select set_config('app.search', '', true)")
        first = await search(db, tenant, "factura", now=NOON, limit=1)
        second = await search(db, tenant, "factura", now=NOON, limit=1, before=first.before)

    assert "finding_terms" in plan
    assert [hit.conversation.name for hit in (*first.hits, *second.hits)] == ["John", "John"] or second.before < first.before
