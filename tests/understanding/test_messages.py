"""Our own messages: enough of them, in every variety, each line readable; and no two words that features take for one."""

from collections import Counter

import pytest

from rapport.understanding import model_files, train
from rapport.understanding.features import found_in
from rapport.understanding.words import prepare


def test_every_intent_has_messages_of_mexico_of_spain_of_no_place_in_english_and_mixed():
    lines = [line for body in model_files.messages().values() for line in body.splitlines()]
    intents = [line for line in lines if line.startswith("[")]
    met, intent = Counter(), ""
    for line in lines:
        intent = line if line.startswith("[") else intent
        met[intent, line[:2]] += 1

    assert len(list(train.messages())) >= 2_000
    assert len(intents) == len(set(intents)) == 40
    assert [(one, variety) for one in intents for variety in train.VARIETIES if not met[one, f"{variety} "]] == []


def test_messages_say_feelings_and_how_pressing_they_are():
    known = list(train.messages())

    assert {one.emotion for one in known} == set(train.LETTERS.values())
    assert {one.urgency for one in known} == {0, 1, 2, 3}


@pytest.mark.parametrize("line", ["m n 4 hola", "z n 0 hola", "m n 0", "hola"])
def test_a_line_that_cannot_be_read_is_named_with_its_place(line, monkeypatch):
    monkeypatch.setattr(model_files, "messages", lambda: {"shop.txt": f"[price]\ne n 0 how much\n{line}\n"})

    with pytest.raises(ValueError, match=r"shop\.txt:3: a line is a variety"):
        list(train.messages())


def test_a_line_without_an_intent_above_it_is_refused(monkeypatch):
    monkeypatch.setattr(model_files, "messages", lambda: {"shop.txt": "e n 0 how much\n"})

    with pytest.raises(ValueError, match=r"shop\.txt:1"):
        list(train.messages())


def test_hardly_two_words_share_a_feature():
    words = sorted({word for one in train.messages() for word in prepare(one.text).words})
    buckets = found_in([[word] for word in words]).buckets[:, -2]

    assert len(words) > 3_000
    assert len(set(buckets[buckets >= 0].tolist())) >= 0.97 * len(words)


def test_words_of_the_same_letters_in_another_order_differ():
    amor, roma, ramo = found_in([["amor"], ["roma"], ["ramo"]]).hashes.tolist()

    assert len({amor, roma, ramo}) == 3
