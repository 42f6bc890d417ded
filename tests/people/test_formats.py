"""Contacts of Chatwoot and users of Zendesk in the shapes that their makers document; the values are ours."""

import csv
import json
from io import StringIO
from time import process_time

import pytest

from rapport.people.importing import Fault
from rapport.people.imports.formats import FORMATS, format_of, guessed
from rapport.people.imports.person_line import Candidate, Reading, person_in
from rapport.people.imports.sheet import Record, records

pytestmark = pytest.mark.pure
# The columns of Chatwoot's contacts_export_job.rb: the default ones, labels, and attributes as Ruby 3.3 and 3.4 print a hash.
COLUMNS = ("id", "name", "email", "phone_number", "labels", "additional_attributes", "custom_attributes")
HASHES = (
    '{"city"=>"Puebla", "company_name"=>"Acme", "social_profiles"=>{"github"=>"", "facebook"=>"ana.l"}, "description"=>nil}',
    '{"plan" => "gold =>", "seats" => 3}',
)
CONTACT = {
    "additional_attributes": {"city": "Puebla", "social_profiles": {"twitter": "analopez"}},
    "availability_status": "offline", "email": "ana@example.org", "id": 7, "name": "Ana López",
    "phone_number": "+5215512345678", "created_at": 1,
    "blocked": False, "identifier": "crm-7", "thumbnail": "", "custom_attributes": {"plan": "gold"},
    "last_activity_at": 2, "contact_inboxes": [{"source_id": "+5215512345678", "inbox": {"id": 3, "name": "WhatsApp"}}],
}  # fmt: skip
USER = {
    "active": True, "alias": "Mr. Mora", "created_at": "2009-07-20T22:55:29Z", "custom_role_id": 9373643, "details": "",
    "email": "luis@example.org", "external_id": "crm-9", "iana_time_zone": "America/Mexico_City", "id": 35436,
    "last_login_at": "2011-05-05T10:38:52Z", "locale": "es-MX", "locale_id": 2, "moderator": True, "name": "Luis Mora",
    "notes": "", "only_private_comments": False, "organization_id": 57542, "phone": "+15551234567",
    "photo": {"content_type": "image/png", "id": 928374, "thumbnails": []}, "restricted_agent": True, "role": "end-user",
    "role_type": 0, "shared": False, "shared_agent": False, "signature": "", "suspended": False, "tags": ["enterprise"],
    "ticket_restriction": "assigned", "time_zone": "Mexico City", "updated_at": "2011-05-05T10:38:52Z", "url": "https://x.example",
    "user_fields": {"tier": "gold", "seats": 5.0, "since": None}, "verified": True,
}  # fmt: skip


def read(text: str) -> tuple[str, list[Candidate | Fault]]:
    """The format that a file looks like, and its persons."""
    lists = tuple(name for one in FORMATS.values() for name in one.lists)
    found = [one for one in records([text], lists) if isinstance(one, Record)]
    format = FORMATS[format_of(found[0].values)]
    reading = Reading(format, guessed(format, format.flat(found[0].values)), format.source)
    return format.name, [person_in(one, reading) for one in found]


def test_a_sheet_of_chatwoot_is_known_by_its_first_columns_and_its_ruby_is_read():
    sheet = StringIO()
    ana = (7, "Ana López", "ana@example.org", "+5215512345678", "vip,gold", *HASHES)
    csv.writer(sheet).writerows((COLUMNS, ana, (8, "Luis", "", "", "", "{}", "")))

    name, [ana, luis] = read(sheet.getvalue())

    assert (name, ana.sure, ana.emails) == ("chatwoot", ("chatwoot:7", "facebook:ana.l"), ("email:ana@example.org",))
    assert [group.name for group in ana.groups] == ["Acme"]
    assert ana.attributes == {
        "labels": "vip,gold", "city": "Puebla", "plan": "gold =>", "seats": 3.0,
        "email": "ana@example.org", "phone": "+5215512345678",
    }  # fmt: skip
    assert (luis.sure, luis.attributes) == (("chatwoot:8",), {})


def test_contacts_of_chatwoots_api_leave_their_inboxes_behind():
    name, [ana] = read(json.dumps({"meta": {"count": 1, "current_page": 1}, "payload": [CONTACT]}))

    assert (name, ana.sure) == ("chatwoot", ("chatwoot:7", "x:analopez"))
    assert set(ana.attributes) == {"identifier", "city", "plan", "email", "phone"}


def test_users_of_zendesk_are_read_from_a_list_an_incremental_export_and_a_line_each():
    deleted, shared = {**USER, "id": 2, "active": False}, {**USER, "id": 3, "shared_phone_number": True}
    listed = {"after_cursor": "MTU3", "before_url": None, "end_of_stream": True, "users": [USER, deleted, shared]}
    name, [luis, gone, third] = read(json.dumps(listed, indent=2))

    assert (name, luis.sure, luis.phones) == ("zendesk", ("zendesk:35436",), ("+15551234567",))
    assert luis.attributes == {
        "external_id": "crm-9", "language": "es-MX", "tags": ["enterprise"], "tier": "gold", "seats": 5.0,
        "email": "luis@example.org", "phone": "+15551234567",
    }  # fmt: skip
    assert gone.reason == "it was deleted there"
    assert (third.phones, third.attributes["shared_phone"]) == ((), "+15551234567")
    assert read("\n".join(map(json.dumps, (USER, deleted))))[1] == [luis, Fault(2, "it was deleted there")]


def test_a_cell_that_closes_no_quote_is_read_once_and_one_that_is_too_long_is_refused_with_its_line():
    flat, begun = FORMATS["chatwoot"].flat, process_time()
    flat({"custom_attributes": '{"' + '\\"' * 9000})
    took = process_time() - begun
    long = json.dumps([{**CONTACT, "custom_attributes": "{" + " " * 20_000}])

    _, [fault] = read(long)

    assert took < 0.5  # 2.8 s where each quote looks for its end anew
    assert (fault.line, "20,000" in fault.reason) == (1, True)
