"""Whether two are one: keys, names, evidence and its limits; and who is looked at at all."""

import pytest

from rapport.model.naming import email_key, key_of, keys_of, phone_key
from rapport.people.identity.blocking import pairs
from rapport.people.identity.evidence import Record, compare
from rapport.people.identity.names import agreement


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+52 1 55 1234 5678", "5512345678"[:0] + "52 55 1234 5678"),  # Mexico's 1 of mobiles, until 2019
        ("+55 11 98765-4321", "551187654321"),  # Brazil's ninth digit, since 2016
        ("+54 9 11 2345-6789", "00541123456789"),  # Argentina's 9, when called from abroad
    ],
)
def test_a_number_is_the_same_however_a_country_lets_it_be_written(one, other):
    assert phone_key(one) == phone_key(other) != ""


def test_a_landline_of_brazil_is_no_mobile_without_its_ninth_digit():
    assert phone_key("+55 11 92345-6789") != phone_key("+55 11 2345-6789")


def test_a_mailbox_is_found_by_its_spellings_and_a_name_on_a_network_by_none():
    assert email_key("Ana.Lopez+hotel@GoogleMail.com") == email_key("analopez@gmail.com") == "analopez@gmail.com"
    assert email_key("ana.lopez@empresa.example") != email_key("analopez@empresa.example")
    assert (key_of("mastodon:@ana@example.social"), key_of("sms:123"), key_of("email:nobody")) == ("", "", "")
    assert keys_of(("whatsapp:5215512345678",), {"email": "ana@example.org", "phone": "+525512345678"}) == (
        "phone:525512345678",
        "email:ana@example.org",
    )


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("José Luis Pérez", "perez jose luis", "same"),
        ("Pepe Hernández", "José Hernandes", "near"),
        ("J. Hernández", "José Hernández", "near"),
        ("Ana", "Ana López", "part"),
        ("Ana López", "Marta López", "family"),
        ("Ana López", "Marta Ruiz", "differ"),
        ("ana@example.org", "Ana López", ""),
    ],
)
def test_names_agree_as_people_write_them(one, other, agree):
    assert agreement(one, other) == agreement(other, one) == agree


def test_one_number_and_one_name_are_one_person_and_a_household_is_not():
    ana = Record("Ana Villalobos", phones=("+5215512345678",))

    assert compare(ana, Record("ana villalobos", phones=("52 55 1234 5678",))).decision == "merge"
    assert compare(ana, Record("Luis Villalobos", phones=("525512345678",))).decision == "apart"
    assert compare(ana, Record("", phones=("525512345678",))).decision == "suggest"


def test_a_whole_household_never_becomes_one_person_whatever_it_shares():
    shared = {"emails": ("familia@example.org",), "phones": ("+525512345678",), "place": "Recife"}

    assert compare(Record("Ana Ruiz", **shared), Record("Luis Ruiz", **shared)).decision != "merge"


def test_name_and_place_alone_never_merge_and_namesakes_stay_two():
    namesakes = [Record("Juan García", place="Monterrey"), Record("Juan García", place="Monterrey", emails=("j@x.example",))]

    assert compare(*namesakes).decision == "apart"
    born = [Record("Renata Quintero", place="Recife", born="1990-02-03")] * 2
    assert compare(*born).decision == "suggest"


def test_what_many_share_says_less():
    two = Record("Ana Zamora", emails=("info@x.example",)), Record("Ana Zamora", emails=("info@x.example",))

    assert compare(*two).probability > compare(*two, sharing=16).probability


def test_only_who_shares_a_spelling_is_compared_at_all():
    people = [
        Record("Ana", phones=("+525512345678",)),
        Record("Luis", phones=("+525512345679",)),  # one digit further
        Record("Marta", phones=("+525599999999",)),
    ]

    assert list(pairs(people)) == [(0, 1)]
