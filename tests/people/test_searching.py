"""People are found by how a handle begins, at once, and by any words of a handle or a name. Against the real database."""

import pytest

from rapport.ledger.tables import write_rows
from rapport.model.person import Handle, Person
from rapport.people import reading
from stagework import an_id

pytestmark = pytest.mark.anyio
ANA, LUIS = an_id("ana"), an_id("luis")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ana.l", [ANA]),
        ("ANA.L", [ANA]),
        ("52155", [LUIS]),
        ("+52155", [LUIS]),
        ("luis@", [LUIS]),
        ("López", [ANA]),
        ("12345678", [LUIS]),
        ("nobody", []),
    ],
)
async def test_people_are_found_by_a_beginning_and_by_words(store, tenant, words, found):
    async with store.within(tenant) as db:
        for row in (
            Person(ANA, "Ana López"),
            Person(LUIS, "Luis"),
            Handle(an_id("h1"), "email:ana.lopez@example.org", ANA, "Ana López"),
            Handle(an_id("h2"), "sms:+5215512345678", LUIS, "Luis"),
            Handle(an_id("h3"), "mastodon:@luis@example.social", LUIS, "Luis"),
        ):
            await write_rows(db, tenant, {type(row): {row.id: row}})
        people = await reading.find(db, tenant, words, limit=8)

    assert [person.id for person in people] == found
