"""What agents say of people stands, the record proposes rules from it with honest counts, and a rule holds once it is on."""

from datetime import timedelta

import msgspec
import pytest
from tests.people.test_merging import START, Centre

from rapport.app.rehearsing import rehearsal_house
from rapport.app.stages import VIEWS
from rapport.clock import FakeClock
from rapport.ledger.rebuild import rebuild
from rapport.model.fact import AttributeCorrected, AttributeNoted, PersonData
from rapport.model.noted import Noted
from rapport.model.person import Handle, Person
from rapport.people.learnt.features import Feature
from rapport.people.learnt.looking import look
from rapport.people.learnt.proposing import Case, by_chance, propose
from rapport.settings import Settings
from rapport.web.people.rules import signal_of

SUIT, VISIT, MARATHON = Feature("shop.visited", "item", "suit"), Feature("shop.visited"), Feature("message", word="maraton")


@pytest.fixture
async def centre(database_url):
    async with rehearsal_house(Settings(), database_url) as open_one, open_one("learning", FakeClock(START)) as house:
        yield Centre(house)


async def note(centre, handle: str, name: str, value, *, denied: bool = False) -> None:
    person = await centre.person(handle)
    [owner] = [one.id for one in await centre.rows(Handle) if one.name == handle]
    fact = AttributeNoted(person, "ana", denied)
    await centre.house.intake.tell_of(centre.tenant, owner, fact, PersonData(attributes={name: value}))
    await centre.house.settle()


async def attributes(centre, handle: str) -> dict:
    person = await centre.person(handle)
    [known] = [one for one in await centre.rows(Person) if one.id == person]
    return {a.name: (a.value, a.source) for a in known.attributes}


def case(confirmed: list[set], denied: list[set] = ()) -> dict:
    return {
        ("topics", "formal-wear"): Case({"formal-wear": 0.7}, tuple(map(frozenset, confirmed)), tuple(map(frozenset, denied)))
    }


@pytest.mark.pure
def test_the_chance_of_a_table_is_fishers():
    """The lady who tasted tea, four of four cups: 1 in 70; and three or more: 17 in 70 (Fisher, 1935)."""
    assert [round(by_chance(had, 4, 4 - had, 4) * 70, 6) for had in (4, 3)] == [1, 17]


@pytest.mark.pure
def test_what_goes_before_a_confirmed_attribute_and_is_seldom_otherwise_is_proposed_with_its_counts():
    confirmed = [{SUIT, VISIT}] * 9 + [{VISIT}]
    others = [frozenset({VISIT})] * 50 + [frozenset({VISIT, SUIT})] * 3 + [frozenset()] * 47

    [found] = propose(case(confirmed, denied=[{VISIT}]), others)

    assert (found.feature, found.had, found.of, found.others, found.others_of) == (SUIT, 9, 10, 3, 100)
    assert (found.denied, found.denied_of, found.lift > 3) == (0, 1, True)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("confirmed", "denied", "others"),
    [
        ([{SUIT}] * 4, [], [frozenset()] * 200),  # too few
        ([{SUIT}] * 9, [], [frozenset()] * 19),  # nobody to compare with
        ([{SUIT}] * 9, [], [frozenset({SUIT})] * 50 + [frozenset()] * 50),  # others do so as well
        ([{SUIT}] * 9, [{SUIT}] * 3, [frozenset()] * 200),  # so did those of whom it was denied
        ([{SUIT}] * 6 + [set()] * 20, [], [frozenset()] * 200),  # most of them did not
    ],
)
def test_what_is_not_sure_is_not_proposed(confirmed, denied, others):
    assert propose(case(confirmed, denied), others) == []


@pytest.mark.pure
def test_of_a_thousand_things_by_chance_none_is_proposed():
    """Each person has 40 of 1,000 features by a fixed rule that knows nothing of the attribute."""
    people = [{Feature("e", "k", str((n * 7919 + k * 104729) % 1000)) for k in range(40)} for n in range(600)]

    assert propose(case(people[:60]), [frozenset(one) for one in people[60:]]) == []


@pytest.mark.anyio
async def test_what_an_agent_says_stands_until_the_person_says_otherwise_and_a_rebuild_says_the_same(centre):
    handle = "email:ana@example.org"
    person = await centre.hear(handle, "Hola, tengo una pregunta de mi pedido", name="Ana")
    await note(centre, handle, "segment", "gold")
    await note(centre, handle, "vip", True)
    await note(centre, handle, "vip", True, denied=True)
    said = await attributes(centre, handle)
    await note(centre, handle, "vip", True)
    again = await attributes(centre, handle)
    [owner] = [one.id for one in await centre.rows(Handle) if one.name == handle]
    await centre.house.intake.tell_of(centre.tenant, owner, AttributeCorrected(person, "vip", withdrawn=True), PersonData())
    await centre.house.settle()
    await note(centre, handle, "vip", True)
    before = await centre.everything()
    async with centre.house.within(centre.tenant) as db:
        await rebuild(db, centre.house.house.keys, centre.tenant, VIEWS, centre.house.clock)

    assert said == {"segment": ("gold", "agent:ana")}
    assert again == {"segment": ("gold", "agent:ana"), "vip": (True, "agent:ana")}
    assert await attributes(centre, handle) == {"segment": ("gold", "agent:ana")}
    assert [(one.name, one.said, one.denied) for one in await centre.rows(Noted)] == [("segment", ("gold",), False)]
    assert await centre.everything() == before


@pytest.mark.anyio
async def test_of_persons_that_were_merged_what_is_said_of_one_part_holds_for_all(centre):
    one, other = "email:ana@example.org", "sms:+5215512345678"
    ana, anita = await centre.hear(one, name="Ana"), await centre.hear(other, name="Anita")
    await note(centre, one, "segment", "gold")
    await centre.do("merge_person", anita, ana)
    await note(centre, other, "segment", "gold", denied=True)
    denied = await attributes(centre, one)
    await note(centre, one, "segment", "gold")
    again = await attributes(centre, other)
    before = await centre.everything()
    async with centre.house.within(centre.tenant) as db:
        await rebuild(db, centre.house.house.keys, centre.tenant, VIEWS, centre.house.clock)
        bodies = [bytes(body) for (body,) in await db.fetch("select body from entry where tenant = $1", centre.tenant)]

    assert "segment" not in denied
    assert again["segment"] == ("gold", "agent:ana")
    assert [(row.person, row.denied) for row in await centre.rows(Noted)] == [(ana, False)]
    assert await centre.everything() == before
    assert not any(b"segment" in body for body in bodies)


@pytest.mark.anyio
async def test_a_rule_of_the_record_is_proposed_switched_on_and_teaches_the_next(centre):
    for n in range(26):
        handle = f"email:p{n}@example.org"
        await centre.house.intake.event(
            centre.tenant,
            handle,
            "shop.visited",
            "shop",
            f"v{n}",
            START - timedelta(days=1),
            {"item": "lamp" if n > 5 else "kilt"},
        )
    await centre.house.settle()
    for n in range(6):
        await note(centre, f"email:p{n}@example.org", "segment", "weddings")
    async with centre.house.within(centre.tenant) as db:
        looked = await look(db, centre.tenant, centre.house.clock.now())

    [found] = looked.proposals
    rule = signal_of(found, "2026-03-03")
    await centre.house.intake.set_things(centre.tenant, [("signal", rule.id, msgspec.json.encode(rule))])
    words = msgspec.structs.replace(rule, id="words", event="message", where={}, words=("Maratón",), set={"segment": "runner"})
    off = msgspec.structs.replace(words, id="off", set={"segment": "never"}, enabled=False)
    for one in (words, off):
        await centre.house.intake.set_things(centre.tenant, [("signal", one.id, msgspec.json.encode(one))])
    await centre.house.settle()
    await centre.event("email:new@example.org", "shop.visited", item="kilt")
    await centre.hear("email:runs@example.org", "¿Hay descuento para la MARATON de mayo?", name="Eva")
    await centre.event("email:p0@example.org", "shop.visited", item="kilt")

    assert (looked.noted, looked.others) == (6, 20)
    assert (found.feature, found.had, found.of, found.others) == (Feature("shop.visited", "item", "kilt"), 6, 6, 0)
    assert await attributes(centre, "email:new@example.org") == {"segment": ("weddings", f"signal:{rule.id}")}
    assert (await attributes(centre, "email:runs@example.org"))["segment"] == ("runner", "signal:words")
    assert await attributes(centre, "email:p0@example.org") == {"segment": ("weddings", "agent:ana")}
