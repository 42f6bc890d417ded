"""A file of people from elsewhere: tried, taken in, taken in again; whom it meets, and what it leaves alone."""

import json
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace

import msgspec
import pytest
from tests.people.test_merging import START, Centre

from rapport.app.bringing import _read, bring_people
from rapport.app.erasing import erasing
from rapport.app.rehearsing import rehearsal_house
from rapport.app.stages import VIEWS
from rapport.app.uploads import Uploads
from rapport.clock import FakeClock
from rapport.errors import BadInput, Conflict, NotFound
from rapport.ledger.rebuild import rebuild
from rapport.model.fact import MembershipNoted, Words
from rapport.model.group import Group, Membership
from rapport.model.person import Handle, Person
from rapport.people.importing import Fault
from rapport.people.imports import sheet
from rapport.people.imports.formats import FORMATS, guessed
from rapport.people.imports.person_line import Reading
from rapport.people.imports.uploaded import Asked, read_upload
from rapport.settings import Settings

pytestmark = pytest.mark.anyio
DECODE = json.JSONDecoder().raw_decode
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


async def test_what_others_said_stays_when_a_file_is_taken_back_and_whoever_somebody_counts_on(centre):
    uploads, house, tenant = Uploads(centre.house.house), centre.house.house, centre.tenant
    text = f"{HEAD}\n1,Ana,ana@example.org,,Acme,,gold\n2,Rosa,rosa@example.org,,,,gold\n3,Eva,eva@example.org,,,,silver"
    file = await brought(centre, uploads, text)
    await house.intake.declare(tenant, ["crm:1"], "Ana", {"loyalty": "platinum"}, "crm", "by the api")
    rosa, [acme] = await centre.person("crm:2"), await centre.rows(Group)
    handle = next(one.id for one in await centre.rows(Handle) if one.name == "crm:2")
    await house.intake.tell_of(tenant, handle, MembershipNoted(handle, acme.id, "desk", "eva"), Words("bo\x00ss"))
    await centre.house.settle()

    again = await brought(centre, uploads, text)
    assert await uploads.undo(tenant, again, "eva") == 0
    assert await uploads.undo(tenant, file, "eva") == 3
    await centre.house.settle()

    known = {p.id: {a.name: a.value for a in p.attributes} for p in await centre.rows(Person)}
    assert known[await centre.person("crm:1")] == {"loyalty": "platinum"}
    assert (await centre.person("crm:2"), await centre.person("crm:3")) == (rosa, None)
    assert [(m.person, m.role) for m in await centre.rows(Membership)] == [(rosa, "bo\ufffdss")]
    async with centre.house.within(tenant) as db:
        left = await read_upload(db, tenant, file)
    assert (left.state, left.there) == ("undone", False)


async def test_an_uploaded_file_is_forgotten_after_a_day_with_every_word_of_its_head(centre):
    uploads = Uploads(centre.house.house)
    taken = await brought(centre, uploads, f"{HEAD}\n1,Ana,ana@example.org,,,,gold")

    centre.house.clock.move(timedelta(days=1, minutes=1))
    with pytest.raises(BadInput, match="no head"):
        await kept(centre, uploads, "Ana,ana@example.org\nRosa,rosa@example.org")

    assert await uploads.first(centre.tenant, taken, 3) == []
    async with centre.house.within(centre.tenant) as db:
        assert (await read_upload(db, centre.tenant, taken)).asked == Asked("people", "plain", "", "crm")


async def test_when_anybody_is_erased_no_file_and_no_word_of_its_head_stays_and_whoever_reads_it_stops(centre):
    uploads, house = Uploads(centre.house.house), centre.house.house
    ana = await centre.hear("email:ana@example.org", name="Ana")
    file = await kept(centre, uploads, f"{HEAD}\n1,Rosa,rosa@example.org,,,,gold")
    async with centre.house.within(centre.tenant) as db:
        asked = (await read_upload(db, centre.tenant, file)).asked

    await uploads.begin(centre.tenant, file, "eva", asked, really=False)
    await erasing(house)(centre.tenant, ana, "eva")
    await house.tasks[-1]

    async with centre.house.within(centre.tenant) as db:
        left = await read_upload(db, centre.tenant, file)
    assert (left.asked.mapping, left.there) == ({}, False)
    with pytest.raises(NotFound, match="not kept any more"):
        await uploads._opened(centre.tenant, file, BytesIO())


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ('{"id": 1, "name": "a\\u0000\\ud800"}\n{"id": 2, "\\ud800": "\\ud800"}', []),
        ('{"id": 1}\n{"id": 2, "x": ' + "[" * 100_000 + "\n", ["it is nested too deeply"]),
        ('{"id": 1, "inner": ' + "[" * 700 + "]" * 700 + "}\n", ["it is nested too deeply"]),
        ('[{"id": 1}, {"id": 2, "x": ' + "[" * 100_000, ["it is nested too deeply; nothing behind it was read"]),
        ('"id"x,name\n1,Ana', ["',' expected after '\"'"]),
    ],
    ids=["signs", "deep", "nested", "deep-list", "head"],
)
def test_odd_signs_and_deep_records_cost_their_own_line_at_most(text, reasons):
    reading = Reading(FORMATS["plain"], {"id": "id", "name": "name"}, "crm")

    found = list(_read([text], reading))

    columns = [one for one in sheet.records([text]) if isinstance(one, sheet.Record)]
    assert msgspec.json.encode([found, columns])
    assert [one.reason for one in found if isinstance(one, Fault)] == reasons


def test_a_record_over_many_lines_is_read_in_no_more_than_time_in_proportion(monkeypatch):
    tried = []
    monkeypatch.setattr(sheet, "_decode", SimpleNamespace(raw_decode=lambda text, at: tried.append(at) or DECODE(text, at)))
    text = json.dumps([{"id": 1, "tags": ["x"] * 5_000}, {"id": 2}], indent=1)

    assert [one.values["id"] for one in sheet.records([text])] == [1, 2]
    assert len(tried) < 30


@pytest.mark.parametrize(
    ("told", "phones"),
    [("(+34) 600 111 222", ["+34600111222"]), ("600 111 222", ["+34600111222"]), ("34 600 111 222", None)],
    ids=["with-its-plus", "national", "code-without-a-plus"],
)
def test_a_telephone_gets_its_countrys_code_once(told, phones):
    found = next(_read([f"phone\n{told}"], Reading(FORMATS["plain"], {"phone": "phone"}, "", "34")))

    assert list(found.phones) == phones if phones else isinstance(found, Fault)


async def brought(centre, uploads, text: str) -> bytes:
    """A file that was uploaded, tried and taken in."""
    file = await kept(centre, uploads, text)
    async with centre.house.within(centre.tenant) as db:
        asked = (await read_upload(db, centre.tenant, file)).asked
    await uploads.begin(centre.tenant, file, "eva", asked, really=True)
    await centre.house.house.tasks[-1]
    await centre.house.settle()
    return file


async def kept(centre, uploads, text: str) -> bytes:
    """A file that was uploaded."""

    async def pieces():
        for at in range(0, len(text.encode()), 60):
            yield text.encode()[at : at + 60]

    return await uploads.keep(centre.tenant, "eva", Asked("people", "auto", "crm.csv", "crm"), pieces())
