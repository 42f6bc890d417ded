"""What is looked for in a reply before it leaves."""

import re

import pytest
from hypothesis import given, strategies as st

from rapport.model.message import Reach
from rapport.replies.check import RULES, Writing, check, refusal

PATTERNS = {
    "card": r"\b(?:\d{4}[ -]?){3}\d{4}\b",
    "iban": r"\bES\d{22}\b",
    "email": r"\S+@\S+\.\w+",
    "phone": r"\+\d{10,}",
}


def find(text: str) -> list[tuple[str, int, int]]:
    """A finder for these tests: the kinds that the house's own one names, by the plainest patterns."""
    return [(kind, m.start(), m.end()) for kind, pattern in PATTERNS.items() for m in re.finditer(pattern, text)]


def found(text: str, reach: Reach = Reach.PUBLIC, actions: dict[str, str] | None = None, **fields: object) -> dict[str, str]:
    writing = Writing(text=text, parts=(text,), reach=reach, **{"asked_in": Reach.PUBLIC, **fields})
    return {f.rule: f.action for f in check(writing, find, actions or {})}


def test_an_ordinary_reply_passes():
    assert found("We are sorry. A technician is on the way to your room.") == {}


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("Your card 4111 1111 1111 1111 was charged", "refuse"),
        ("Su cuenta ES9121000418450200051332 está activa", "refuse"),
        ("Call me on +5255512345678", "ask"),
        ("Write to ana@example.org", "ask"),
    ],
)
def test_personal_data_in_public_is_refused_or_asked_about(text, action):
    assert found(text) == {"personal-data": action}


def test_personal_data_in_private_is_fine():
    assert found("Your card 4111 1111 1111 1111 was charged", Reach.PRIVATE, asked_in=Reach.PRIVATE) == {}


def test_a_finding_says_where_it_is():
    writing = Writing("card 4111 1111 1111 1111", ("x",), Reach.PUBLIC, Reach.PUBLIC)
    (finding,) = check(writing, find, {})

    assert writing.text[finding.start : finding.end] == "4111 1111 1111 1111"


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("Lea https://rapport.example/help/hotel/es/wifi", {}),
        ("https://rapport.example/survey/abc.def", {}),
        ("https://rapport.example/files/abc", {}),
        ("https://rapport.example/outside/abc", {"link": "ask"}),
        ("https://rapport.example.evil.example/help/x", {"link": "ask"}),
        ("https://rapport.example@evil.example/help/x", {"link": "ask", "personal-data": "ask"}),
        ("http://rapport.example/help/x", {"link": "ask"}),
    ],
)
def test_the_house_s_own_pages_may_be_pointed_to_whatever_the_brand_lists(text, rules):
    assert found(text, links=("hotel.example",), ours="https://rapport.example") == rules


def test_the_brands_own_address_may_be_given():
    assert found("Write to help@hotel.example", links=("hotel.example",)) == {}


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_a_reply_needs_words(text):
    assert found(text) == {"empty": "refuse"}


@pytest.mark.parametrize(
    "text",
    [
        "use sk_live_abcdefghijklmnop1234",
        "AKIAIOSFODNN7EXAMPLE",
        "your password is hunter2",
        "su contraseña: abc123",
        "-----BEGIN PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_secret_is_refused_in_public_and_asked_about_in_private(text):
    assert found(text) == {"secret": "refuse"}
    assert found(text, Reach.PRIVATE, asked_in=Reach.PRIVATE) == {"secret": "ask"}


@pytest.mark.parametrize("text", ["your password is reset", "La clave es llegar temprano", "Never tell anyone your password"])
def test_to_speak_of_passwords_is_not_to_tell_one(text):
    assert found(text) == {}


def test_banned_words_are_whole_words_in_any_case():
    assert found("That is STUPID", banned=("stupid",)) == {"banned-words": "refuse"}
    assert found("stupidity", banned=("stupid",)) == {}


def test_a_banned_word_between_slashes_is_a_pattern_in_any_case():
    pytest.importorskip("re2")

    assert found("it is emp-123456, not yours", banned=(r"/EMP-\d{6}/",)) == {"banned-words": "refuse"}
    assert found("it is EMP-12, not yours", banned=(r"/EMP-\d{6}/",)) == {}
    assert found("a and b", banned=("/(/", "/(?=a)b/", "/x*/")) == {}
    assert found("it is /(/, they say", banned=("/(/",)) == {"banned-words": "refuse"}


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("see https://hotel.example/help", {}),
        ("see https://www.Hotel.example", {}),
        ("see https://book.hotel.example.", {}),
        ("see https://hotel.example.evil.example/x", {"link": "ask"}),
        ("see https://hotel.example@evil.example/x", {"personal-data": "ask", "link": "ask"}),  # both, and both are right
        ("see www.bit.example", {"link": "ask"}),
    ],
)
def test_a_public_link_must_be_on_the_brands_list(text, rules):
    assert found(text, links=("hotel.example",)) == rules


def test_without_a_list_links_are_not_looked_at():
    assert found("see https://anything.example") == {}


def test_to_answer_in_public_what_was_asked_in_private_is_asked_about():
    assert found("Your room is ready", asked_in=Reach.PRIVATE) == {"made-public": "ask"}


def test_the_same_text_again_is_only_a_warning():
    assert found("We are  on it", last="We are on it") == {"duplicate": "warn"}
    assert found("We are on it now", last="We are on it") == {}


def test_what_the_network_cannot_carry_is_refused_with_its_words():
    writing = Writing("text", (), Reach.PUBLIC, Reach.PUBLIC, unfit="no such account")

    (finding,) = check(writing, find, {})
    assert (finding.rule, finding.action, finding.reason) == ("unfit", "refuse", "no such account")


def test_a_policy_sets_another_action_by_the_rules_id():
    assert found("card 4111 1111 1111 1111", actions={"personal-data": "ask"}) == {"personal-data": "ask"}
    assert found("Write to ana@example.org", actions={"personal-data": "refuse"}) == {"personal-data": "refuse"}


@given(st.text(max_size=300), st.sampled_from(Reach), st.sampled_from(Reach))
def test_any_text_can_be_checked_and_every_finding_is_of_a_known_rule(text, reach, asked_in):
    findings = check(Writing(text, (text,), reach, asked_in, links=("a.example",), banned=("x",)), find, {})

    assert {f.rule for f in findings} <= set(RULES)
    assert all(f.reason for f in findings)
    assert (refusal(findings) is None) == all(f.action != "refuse" for f in findings)
