"""Kinds of facts as auditors read them."""

import pytest

from rapport.model.fact import KINDS
from rapport.web.languages import show_fact

pytestmark = pytest.mark.pure
NAMES = sorted(kind.__name__ for kind in KINDS.values())


def test_every_kind_of_fact_is_said_in_spanish_and_each_otherwise():
    said = [show_fact(name, "es") for name in NAMES]

    assert [name for name, words in zip(NAMES, said, strict=True) if words == show_fact(name, "en")] == []
    assert len(set(said)) == len(NAMES)


def test_a_kind_of_fact_reads_as_words_in_english():
    assert show_fact("MessageReceived", "en") == "Message received"
