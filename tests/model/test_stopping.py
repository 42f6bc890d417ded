"""The words by which a person asks not to be written to, and those that take it back."""

import pytest

from rapport.model.stopping import WORDS, Wish, wish_of


@pytest.mark.parametrize("word", ["STOP", "alto", " Baja. ", "CANCEL", "¡Alto!", "Unsubscribe", "ＳＴＯＰ", "stop\n", "«BAJA»"])
def test_a_word_that_asks_to_stop_is_known_however_it_is_written(word):
    assert wish_of(word) is Wish.STOP


@pytest.mark.parametrize("word", ["START", "alta", "¡ALTA!", "unstop"])
def test_a_word_that_takes_it_back_is_known_however_it_is_written(word):
    assert wish_of(word) is Wish.START


@pytest.mark.parametrize(
    "text",
    ["", "...", "Quiero dar de baja mi contrato", "Don't stop", "alto ahí", "sí", "yes", "no", "STOP " * 20, "s t o p"],
)
def test_whatever_is_more_or_other_than_such_a_word_asks_for_nothing(text):
    assert wish_of(text) is None


def test_no_word_asks_for_both():
    assert WORDS[Wish.STOP] & WORDS[Wish.START] == set()
