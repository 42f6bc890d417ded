"""Heads that are learnt from labelled texts: what they tell apart, what they leave unknown, and files that cannot be read."""

import gzip
import json
from math import log

import numpy as np
import pytest

from rapport.app import understand_commands
from rapport.errors import BadInput
from rapport.understanding import model_files
from rapport.understanding.features import found_in
from rapport.understanding.labelled import labelled
from rapport.understanding.learning import OUT_OF_SCOPE, Learner, goodness
from rapport.understanding.prior import Prior
from rapport.understanding.prior_training import _nearness
from rapport.understanding.tone import NUMBERS, Tone
from rapport.understanding.words import prepare

TEXTS = [
    "my parcel is late",
    "where is my parcel",
    "the parcel never came",
    "my card is lost",
    "block my card",
    "a new card please",
]
LABELS = ["parcel"] * 3 + ["card"] * 3
STRANGE = ["do cats dream", "tell me a joke", "who won the game", "what is the capital of peru"]


@pytest.fixture(scope="module")
def learner():
    return Learner(Tone(model_files.table("polarity.toml")), Prior(model_files.prior()))


@pytest.mark.long
def test_what_was_learnt_is_told_apart(learner):
    head = learner.learn("intent", TEXTS, LABELS)

    assert learner.answers(head, ["is my parcel here", "the card does not work"]) == ["parcel", "card"]


def test_what_no_answer_fits_is_left_unknown_where_such_texts_are_at_hand(learner):
    head = learner.learn("intent", [*TEXTS, *STRANGE], [*LABELS, *[OUT_OF_SCOPE] * len(STRANGE)])
    good = goodness(learner, head, ["my parcel is late", "do dogs dream"], ["parcel", OUT_OF_SCOPE])

    assert (good.in_scope_accuracy, good.oos_recall) == (1.0, 1.0)


def test_kind_words_that_are_denied_count_as_unkind():
    tone = Tone(model_files.table("polarity.toml"))
    liked, denied = tone.of([prepare("me gusta 😍"), prepare("no me gusta")])

    assert (liked[0], liked[1], liked[NUMBERS.index("glad signs")]) == (1.0, 0.0, 0.5)
    assert denied[0] == 0.0
    assert denied[1] > 1.0


def test_the_prior_hears_thanks_and_anger():
    names = list(model_files.prior()["names"])
    prior = Prior(model_files.prior())
    thanks, anger = prior.of(
        found_in([prepare(text).words for text in ("thank you so much", "i hate this, it makes me angry")])
    )

    assert names[int(thanks.argmax())] == "gratitude"
    assert names[int(anger.argmax())] == "anger"


def test_words_that_are_used_alike_stand_near_each_other_and_unknown_ones_nowhere():
    prior = Prior(model_files.prior())

    debit, credit, cats, unheard = prior.alike(found_in([["debit"], ["credit"], ["cats"], ["zzyzx"]]))

    assert debit @ credit > debit @ cats + 0.3
    assert not unheard.any()


def test_a_pair_of_words_is_as_near_as_it_is_more_frequent_than_by_chance():
    # "a b" and "a c" are two messages: a stands twice beside a word, b and c once; to the power 0.75 these are the contexts.
    nearness = _nearness(np.array([0, 1, 0, 2]), np.array([0, 0, 1, 1]), 3).toarray()

    contexts = 1 + 1 + 2**0.75
    assert nearness[0, 1] == pytest.approx(log(contexts / 2))
    assert nearness[1, 0] == pytest.approx(log(contexts / 2**0.75))
    assert nearness[1, 2] == 0


def test_few_labels_know_a_word_that_none_of_them_had_by_words_that_are_used_alike(learner):
    head = learner.learn("intent", TEXTS, LABELS)

    assert learner.answers(head, ["package", "debit"]) == ["parcel", "card"]


@pytest.mark.parametrize(
    ("head", "labels", "said"),
    [("mood", LABELS, "there is no head 'mood': one of intent, "), ("intent", ["parcel"] * 6, "rows of two labels and more")],
)
def test_what_cannot_be_learnt_says_why(learner, head, labels, said):
    with pytest.raises(BadInput, match=said):
        learner.learn(head, TEXTS, labels)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"plain", "cannot be read as JSON lines, gzip"),
        (gzip.compress(b'{"text": "a", "label": "b"}\n{'), ":2: this is not JSON"),
        (gzip.compress(b'["a"]\n'), ':1: each line must be an object with a "text"'),
        (
            gzip.compress(b'{"text": "a", "mood": "b"}\n'),
            ":1: a label is needed under 'intent' or 'label'; this line has text, mood",
        ),
        (gzip.compress(b""), "holds no rows"),
        (gzip.compress(b'{"text": "a"}')[:-9], "cannot be read as JSON lines, gzip"),
    ],
    ids=["not gzip", "not JSON", "a list", "no label", "no rows", "cut"],  # what gzip makes holds the second it was made in
)
def test_a_file_that_cannot_be_read_is_named_with_its_place(tmp_path, body, said):
    (tmp_path / "rows.jsonl.gz").write_bytes(body)

    with pytest.raises(BadInput, match=said):
        labelled(tmp_path / "rows.jsonl.gz", "intent")


def test_the_command_prints_one_object(tmp_path, capsys):
    file = tmp_path / "rows.jsonl.gz"
    rows = "".join(json.dumps({"text": text, "intent": label}) + "\n" for text, label in zip(TEXTS, LABELS, strict=True))
    file.write_bytes(gzip.compress(rows.encode()))

    assert understand_commands.evaluate("intent", (file,), (file,), as_json=True) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["rows"], said["accuracy"], said["macro_f1"]) == (6, 1.0, 1.0)


def test_a_text_is_explained_with_the_words_that_decided(capsys):
    assert understand_commands.explain("no tengo internet desde ayer", as_json=True) == 0
    said = json.loads(capsys.readouterr().out)

    assert (said["language"], said["intent"]) == ("es", "wifi")
    assert "internet" in said["evidence"]
