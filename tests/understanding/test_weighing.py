"""What words add up to is what their whole message weighs, however many words are remembered."""

import numpy as np
import pytest

from rapport.understanding import weighing
from rapport.understanding.features import SPACE, found_in, matrix
from rapport.understanding.weighing import Weighing

SAID = [["el", "wifi", "se", "cae"], [], ["no", "wifi"], ["wifi"], ["se", "cae", "el", "cae"]]
BUCKETS = found_in(SAID).buckets


def known_rows() -> np.ndarray:
    """Every third feature of what is said has a row of its own; the others are unknown pieces (0) or words (1)."""
    rows = np.zeros(SPACE, dtype=np.int32)
    rows[SPACE // 2 :] = 1
    known = np.unique(BUCKETS[BUCKETS >= 0])[::3]
    rows[known] = np.arange(len(known)) + 2
    return rows


ROWS = known_rows()
CHANCE = np.random.default_rng(1)
RARITY = CHANCE.uniform(1, 5, ROWS.max() + 1).astype(np.float32)
WEIGHTS = CHANCE.normal(size=(ROWS.max() + 1, 3)).astype(np.float32)


@pytest.fixture
def words() -> Weighing:
    return Weighing(ROWS, RARITY, WEIGHTS)


def test_the_words_of_a_message_add_up_to_what_its_features_say(words):
    whole = matrix(found_in(SAID), ROWS, RARITY).sparse(len(WEIGHTS)) @ WEIGHTS

    scores = words.of(SAID).scores

    assert np.allclose(scores[[0, 2, 3, 4]], whole[[0, 2, 3, 4]], atol=1e-5)
    assert scores[1].tolist() == [0, 0, 0]


def test_a_message_weighs_the_same_alone_and_when_its_words_are_remembered(words):
    together = words.of(SAID).scores
    again = [words.of([said]).scores[0] for said in SAID]

    assert np.array_equal(np.array(again), together)


def test_words_that_were_forgotten_weigh_what_they_weighed(words, monkeypatch):
    before = words.of(SAID).scores
    monkeypatch.setattr(weighing, "MOST_WORDS", 5)

    words.of([["noche", "hotel"]])

    assert len(words._places) == 2
    assert np.array_equal(words.of(SAID).scores, before)


def test_long_words_are_not_all_remembered(words, monkeypatch):
    monkeypatch.setattr(weighing, "MOST_LETTERS", 100)
    for n in range(20):
        words.of([[f"{'x' * 60}{n}"]])

    assert len(words._places) <= 3
