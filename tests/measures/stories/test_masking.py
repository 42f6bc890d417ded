"""Who somebody is goes out of what they said, whatever else stays."""

import pytest

from measures.stories.told_talks import an_id
from rapport.measures.stories.masking import MASK, Rare, known_words, masked
from rapport.understanding.personal_data import find


def shown(text: str, *known: str) -> str:
    said = masked(text, known_words(known), lambda text: [(one.kind, one.start, one.end) for one in find(text)])
    return MASK.sub(r"[\1]", said)


@pytest.mark.parametrize(
    ("said", "masked"),
    [
        ("Soy Xóchitl Santillán, del cuarto 512", "Soy [name], del cuarto [name]"),
        ("my mail is xo.s@example.org, call +52 55 1234 5678", "my mail is [email], call [phone]"),
        ("Hi Karen, your booking AB12CD9 is fine", "Hi [name], your booking [number] is fine"),
        ("Gracias por escribir, María Fernanda Ruiz", "Gracias por escribir, [name]"),
        ("Thanks! We will look into it", "Thanks! We will look into it"),
        ("Order 1234567 came twice", "Order [number] came twice"),
        ("XÓCHITL pays with 4111 1111 1111 1111", "[name] pays with [card]"),
        ("xochitl, SANTILLAN? Xo\u0301chitl!", "[name], [name]? [name]!"),
        ("Hi Øystein, and dear Žofia Łęcka", "Hi [name], and dear Žofia Łęcka"),
        ("one  \u00a0 two\t\n\n \nthree", "one two\nthree"),
        ("ask @mafer or https://example.org/x", "ask [name] or [name]"),
    ],
    ids=[
        "record",
        "data",
        "greeting",
        "given name",
        "no name",
        "number",
        "capitals",
        "accents",
        "other capitals",
        "blanks",
        "mention",
    ],
)
def test_names_numbers_and_what_is_on_record_are_masked(said, masked):
    assert shown(said, "Xóchitl Santillán", "512") == masked


def test_what_is_on_record_without_accents_is_masked_where_it_is_written_with_them():
    assert shown("habla con José Núñez, por teléfono [phone]", "Jose Nunez phone") == "habla con [name], por teléfono [[name]]"
    assert shown("call +52 55 1234 5678", "phone") == "call [phone]"


def test_a_word_with_a_capital_that_few_people_say_is_masked_and_one_of_many_is_not():
    rare = Rare(["Hotel Reforma"])
    for n in range(3):
        rare.add(an_id(n), "we flew to Lisbon")
    rare.add(an_id(9), "and met Quillfeather at the hotel Reforma")

    said = rare.masked("we met Quillfeather in Lisbon, at the Reforma, on Monday")

    assert MASK.sub("…", said) == "we met … in Lisbon, at the Reforma, on Monday"


def test_signs_of_ours_in_what_somebody_writes_are_no_masks():
    assert shown("hello \ue000card\ue001 world") == "hello card world"
