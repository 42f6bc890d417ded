"""A file of people from elsewhere: tried, taken in, taken in again; whom it meets, and what it leaves alone."""

import json

import pytest
from tests.people.test_merging import START, Centre

from rapport.app.bringing import bring_people
from rapport.app.rehearsing import rehearsal_house
from rapport.app.stages import VIEWS
from rapport.app.uploads import Uploads
from rapport.clock import FakeClock
from rapport.errors import Conflict
from rapport.ledger.rebuild import rebuild
from rapport.model.group import Group, Membership
from rapport.model.person import Handle, Person
from rapport.people.imports.formats import FORMATS, guessed
from rapport.people.imports.person_line import Reading
from rapport.people.imports.uploaded import Asked, read_upload
from rapport.settings import Settings

pytestmark = pytest.mark.anyio
HEAD = "id,name,email,phone,company,puesto,loyalty"


@pytest.fixture
async def centre(database_url):
    async with rehearsal_house(Settings(), database_url) as open_one, open_one("bringing", FakeClock(START)) as house:
        yield Centre(house)


async def quiet(done) -> None:
    """Nobody looks at the progress."""


async def bring(centre, text: str, format: str = "plain", source: str = "crm", *, pretend: bool = False, country: str = ""):
    columns = text.splitlines()[0].split(",") if not text.startswith(("{", "[")) else []
    reading = Reading(FORMATS[format], guessed(FORMATS[format], columns), source, country)
    done = await bring_people(centre.house.house, centre.tenant, "eva", reading, [text], pretend=pretend, told=quiet)
    await centre.house.settle()
    return done


async def test_a_try_says_what_would_be_made_and_merged_and_changes_nothing(centre):
    await centre.hear("email:ana@example.org", name="Ana López")
    await centre.hear("sms:+5215512345678", name="Luis Mora")
    before = await centre.known(), await centre.rows(Group)
    lines = (
        "1,Ana López,ana@example.org,,Acme,compras,gold",
        "2,Luis Mora,,+52 55 1234 5678,,,",
        "3,Eva Ruiz,ana@example.org,,,,",
        "4,Rosa Gil,rosa@acme.example,,Acme,,silver",
        "5,Rosa Gil,rosa@acme.example,,,,",
    )

    tried = await bring(centre, "\n".join((HEAD, *lines)), pretend=True)

    assert (tried.counts, tried.shares, tried.groups) == ({"known": 2, "merged": 1, "new": 2}, 1, 2)
    assert [(s.line, s.what, s.shares) for s in tried.samples] == [(3, "merged", False), (4, "new", True)]
    assert tried.samples[0].why[:2] == ("phone_same", "name_same")
    assert (await centre.known(), await centre.rows(Group)) == before


async def test_what_is_taken_in_is_what_the_try_said_and_the_same_file_again_changes_nothing(centre):
    ana = await centre.hear("email:ana@example.org", name="Ana López")
    luis = await centre.hear("sms:+5215512345678", name="Luis Mora")
    lines = (
        HEAD,
        "1,Ana López,ana@example.org,,Acme,compras,gold",
        "2,Luis Mora,,+52 55 1234 5678,,,",
        "4,Rosa Gil,r@a.example,,ACME,,",
    )

    first = await bring(centre, "\n".join(lines))
    there = await centre.everything()
    again = await bring(centre, "\n".join(lines))

    assert (first.fresh, again.fresh, again.taken) == (3, 0, 3)
    assert await centre.everything() == there
    known = {p.id: p for p in await centre.rows(Person)}
    assert {a.name: a.value for a in known[ana].attributes if a.source == "crm"} == {
        "email": "ana@example.org",
        "loyalty": "gold",
    }
    assert await centre.person("crm:2") in known[luis].family
    [acme] = await centre.rows(Group)
    assert (acme.kind, acme.name, acme.source) == ("company", "Acme", "crm")
    assert {(m.person, m.role) for m in await centre.rows(Membership)} == {(ana, "compras"), (await centre.person("crm:4"), "")}


async def test_two_of_one_household_who_share_a_mailbox_stay_two(centre):
    await bring(centre, f"{HEAD}\n1,Ana Pérez,casa@perez.example,,,,\n2,Luis Pérez,casa@perez.example,,,,")

    ana, luis = await centre.person("crm:1"), await centre.person("crm:2")
    [ours] = [p for p in await centre.rows(Person) if p.id == ana]
    assert luis not in ours.ids
    assert await centre.person("email:casa@perez.example") == ana


async def test_of_many_lines_the_bad_ones_are_listed_with_their_reason_and_nothing_of_what_stands_there(centre):
    lines = [f"{n},P {n},p{n}@example.org,,,," for n in range(1, 1001)]
    lines[10], lines[500] = '11,"P 11,p11@example.org,,,,', "501,P 501,nobody at all,,,,"
    lines[999] = "1000,P,p1000@example.org"

    done = await bring(centre, "\n".join((HEAD, *lines)), pretend=True)

    assert (done.taken, done.refused) == (997, 3)
    assert [(f.line, f.reason) for f in done.faults] == [
        (12, "a quote is opened and not closed"),
        (502, "its e-mail address is none"),
        (1001, "it has 3 cells, the head has 7"),
    ]


async def test_contacts_of_chatwoot_and_users_of_zendesk_are_read_as_they_are_exported(centre):
    chatwoot = {
        "payload": [
            {
                "id": 7, "name": "Ana López", "email": "ana@example.org", "phone_number": "+5215512345678",
                "custom_attributes": {"plan": "gold"}, "additional_attributes": {"company_name": "Acme", "city": "Puebla"},
            }
        ]
    }  # fmt: skip
    zendesk = (
        '{"id": 9, "name": "Luis Mora", "email": "luis@example.org", "role": "end-user", "tags": ["vip"], '
        '"user_fields": {"tier": 2}}\n'
        '{"id": 10, "name": "Agent", "email": "agent@us.example", "role": "agent"}\n'
    )

    await bring(centre, json.dumps(chatwoot, indent=1), "chatwoot", "chatwoot")
    done = await bring(centre, zendesk, "zendesk", "zendesk")

    known = {p.id: p for p in await centre.rows(Person)}
    ana, luis = known[await centre.person("chatwoot:7")], known[await centre.person("zendesk:9")]
    assert {a.name: a.value for a in ana.attributes} == {
        "plan": "gold", "city": "Puebla", "email": "ana@example.org", "phone": "+5215512345678",
    }  # fmt: skip
    assert {a.name: a.value for a in luis.attributes} == {"tags": ["vip"], "tier": 2.0, "email": "luis@example.org"}
    assert [(f.line, f.reason) for f in done.faults] == [(2, "it is of an agent there, not of a customer")]
    assert await centre.person("email:ana@example.org") == ana.id


async def test_the_ledger_makes_the_same_persons_and_groups_anew(centre):
    await centre.hear("email:ana@example.org", name="Ana López")
    await bring(centre, f"{HEAD}\n1,Ana López,ana@example.org,,Acme,,gold\n2,Rosa,rosa@acme.example,+5215598765432,Acme,,")
    before = await centre.everything()

    async with centre.house.within(centre.tenant) as db:
        await rebuild(db, centre.house.house.keys, centre.tenant, VIEWS, centre.house.clock)

    assert await centre.everything() == before
    assert [handle.name for handle in await centre.rows(Handle, "name like 'crm:%' order by name")] == ["crm:1", "crm:2"]


async def test_a_file_that_is_taken_back_leaves_what_was_there_before_and_may_be_brought_in_again(centre):
    ana = await centre.hear("email:ana@example.org", name="Ana López")
    before = {id: (p.name, p.attributes) for id, (p, _) in (await centre.known()).items()}
    uploads = Uploads(centre.house.house)
    text = f"{HEAD}\n1,Ana López,ana@example.org,,Acme,,gold\n2,Rosa Gil,rosa@acme.example,+5215598765432,Acme,,"

    file = await brought(centre, uploads, text)
    there = len(await centre.rows(Membership))
    await uploads.undo(centre.tenant, file, "eva")
    await centre.house.settle()

    known = {id: (p.name, p.attributes) for id, (p, _) in (await centre.known()).items()}
    assert there == 2
    assert known[ana] == before[ana]
    assert [one for id, one in known.items() if id != ana] == [("", ())]
    assert await centre.person("email:rosa@acme.example") is None
    assert await centre.rows(Membership) == []
    with pytest.raises(Conflict, match="nothing to take back"):
        await uploads.undo(centre.tenant, file, "eva")
    everything = await centre.everything()
    async with centre.house.within(centre.tenant) as db:
        await rebuild(db, centre.house.house.keys, centre.tenant, VIEWS, centre.house.clock)
    assert await centre.everything() == everything

    await centre.house.advance.lease(centre.tenant)
    await brought(centre, uploads, text)
    assert await centre.person("email:rosa@acme.example") is not None
    assert len(await centre.rows(Membership)) == 2


async def brought(centre, uploads, text: str) -> bytes:
    """A file that was uploaded, tried and taken in."""

    async def pieces():
        for at in range(0, len(text.encode()), 60):
            yield text.encode()[at : at + 60]

    file = await uploads.keep(centre.tenant, "eva", Asked("people", "auto", "crm.csv", "crm"), pieces())
    async with centre.house.within(centre.tenant) as db:
        asked = (await read_upload(db, centre.tenant, file)).asked
    await uploads.begin(centre.tenant, file, "eva", asked, really=True)
    await centre.house.house.tasks[-1]
    await centre.house.settle()
    return file
