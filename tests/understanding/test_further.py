"""Sentiment, spam, noise and pressing: what ships of them, what they add to a reading, and what they leave as it was."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from rapport.model.reading import SPAM_FROM
from rapport.understanding import model_files
from rapport.understanding.further import COLUMNS, LEAST, SENTIMENTS, joined
from rapport.understanding.further_training import seeds
from rapport.understanding.reader import Reader
from rapport.understanding.train import messages

HELD = tomllib.loads((Path(__file__).parent / "held_heads.toml").read_text("utf-8"))
# Floors with room below what was measured, as (recall, wrongly taken); docs/understanding.md has the figures.
YES = {"spam": (SPAM_FROM, 0.6, 0.15), "noise": (0.9, 0.5, 0.2)}


@pytest.mark.parametrize("head", YES)
def test_most_of_what_no_training_saw_is_told_apart(reader, head):
    least, recall, wrongly = YES[head]
    shares = [
        np.mean([getattr(one, head) >= least for one in reader.read(HELD[head][f"{no}es"] + HELD[head][f"{no}en"])])
        for no in ("", "not_")
    ]

    assert shares[0] >= recall
    assert shares[1] <= wrongly


def test_most_sentiments_are_right_and_hardly_one_is_turned_round(reader):
    told = [(name, text) for name in SENTIMENTS for tongue in ("es", "en") for text in HELD["sentiment"][f"{name}_{tongue}"]]
    read = [one.sentiment for one in reader.read([text for _, text in told])]

    assert np.mean([said == name for said, (name, _) in zip(read, told, strict=True)]) >= 0.6
    assert np.mean([{said, name} == {"positive", "negative"} for said, (name, _) in zip(read, told, strict=True)]) <= 0.1


@pytest.mark.parametrize(
    ("text", "kind", "word"),
    [
        ("qué asco de servicio, una vergüenza", "negative", "vergüenza"),
        ("lovely staff, I loved the room", "positive", "loved"),
        ("FELICIDADES ganaste un iPhone, da clic en el enlace", "spam", "ganaste"),
    ],
)
def test_what_is_said_carries_the_words_that_spoke_for_it(reader, text, kind, word):
    (reading,) = reader.read([text])

    assert word in " ".join(one.words for one in reading.because if one.kind == kind)


def test_thanks_beside_a_wish_are_answered(reader):
    """The noise head is sure of most of these: only words that ask for nothing may stand beside thanks."""
    texts = [
        *("thanks, book it", "thank you, the blue one", "ok thanks, show it", "thanks, is it fixed", "yes thanks"),
        *("gracias, resérvalo", "ok gracias mándamelo", "gracias por nada", "gracias, la grande", "gracias, lo quiero"),
    ]
    read = reader.read(texts)

    assert [text for text, one in zip(texts, read, strict=True) if not one.actionable] == []
    assert sum(one.noise >= LEAST["noise"] for one in read) >= 6
    thanks = reader.read(["that is wonderful thank you so much", "gracias equipo, felicidades"])
    assert [one.actionable for one in thanks] == [False, False]


@pytest.mark.parametrize("text", ["", "😀", "12 12 12", "\u202e", "你好"])
def test_of_what_says_nothing_nothing_is_said(reader, text):
    (reading,) = reader.read([text])

    assert (reading.sentiment in ("", "neutral", "positive"), reading.spam < SPAM_FROM) == (True, True)
    assert reading.because == () or reading.because[0].words


def test_the_first_heads_say_what_they_said_without_the_further_ones(reader):
    alone = Reader(*model_files.weights())
    texts = [one.text for one in messages()][::40]

    before, after = alone.read(texts), reader.read(texts)

    assert [(one.language, one.intent, one.intent_confidence, one.emotion, one.signals) for one in before] == [
        (one.language, one.intent, one.intent_confidence, one.emotion, one.signals) for one in after
    ]


def test_new_features_are_as_rare_as_unknown_ones_were():
    first, (further, _) = model_files.weights()[0], model_files.further()
    both = joined(first, further)

    assert both["weights"].shape == (len(both["buckets"]) + 2, len(first["scale"]) + len(COLUMNS))
    assert set(both["rarity"][len(first["rarity"]) :].tolist()) <= set(first["rarity"][:2].tolist())
    assert len(set(both["buckets"].tolist())) == len(both["buckets"])


def test_the_seeds_say_each_answer_in_both_languages():
    told = list(seeds())

    assert {one.sentiment for one in told if one.sentiment} == set(SENTIMENTS)
    assert min(sum(one.spam is yes for one in told) for yes in (True, False)) >= 400
    assert min(sum(one.noise is yes for one in told) for yes in (True, False)) >= 300


def test_a_line_of_seeds_that_cannot_be_read_is_named_with_its_place(monkeypatch):
    monkeypatch.setattr(model_files, "further_seeds", lambda: {"spam.txt": "[spam]\ns gana dinero\nhola\n"})

    with pytest.raises(ValueError, match=r"spam\.txt:3: a line is a tongue"):
        list(seeds())
