"""Public sets of labelled texts: a head learns from the part to learn from, and is asked the part held back.

Where a folder has a set's `test` part that one is asked, else its `val` or `dev` part, else every fifth row to learn from; each
set says which. Beside each figure stand the floor and the goal that we set ourselves, and what others reached.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from rapport.understanding import model_files, personal_data
from rapport.understanding.labelled import labelled, rows_in
from rapport.understanding.learning import Learner, goodness
from rapport.understanding.prior import Prior
from rapport.understanding.tone import Tone

SHOTS = 10
TONGUES = {"english": "en", "spanish": "es", "portuguese": "pt"}
# What presidio's labels are that patterns can find, as our kinds.
FOUND_BY_PATTERN = {
    "CREDIT_CARD": {"card"},
    "PHONE_NUMBER": {"phone"},
    "EMAIL_ADDRESS": {"email"},
    "IBAN_CODE": {"iban"},
    "US_SSN": {"ssn"},
    "IP_ADDRESS": {"ip"},
}


class Beside(msgspec.Struct, frozen=True):
    """What stands beside a figure; `anchor`: what others reached, with its name."""

    floor: float
    goal: float
    anchor: str = ""


BESIDE = {
    "banking77_accuracy": Beside(0.912, 0.920, "MiniLM 0.933, bge-small with an SVM 0.931"),
    "banking77_10_per_class_accuracy": Beside(0.746, 0.78, "MiniLM 0.855"),
    "clinc150_in_scope_accuracy": Beside(0.876, 0.885, "MiniLM, nearest five: 0.895 at 0.869"),
    "clinc150_oos_recall": Beside(0.85, 0.85, "a trained class 0.178"),
    "airline_macro_f1": Beside(0.763, 0.775, "VADER 0.466, BERT about 0.80"),
    "tweets_es_macro_f1": Beside(0.56, 0.58, "fastText 0.501, XLM-Twitter 0.685"),
    "tweets_pt_macro_f1": Beside(0.60, 0.63, "fastText 0.551, XLM-Twitter 0.760"),
    "tweets_en_macro_f1": Beside(0.53, 0.57, "fastText 0.509, XLM-Twitter 0.669"),
    "emotion_macro_f1": Beside(0.686, 0.70, "SVM 0.647, RoBERTa 0.761"),
    "language_accuracy": Beside(0.974, 0.985, "lingua 0.974"),
    "language_three_words_accuracy": Beside(0.84, 0.88, "lingua 0.839"),
    "personal_recall": Beside(0.92, 0.97, "presidio 0.790"),
    "personal_precision": Beside(0.85, 0.85, "presidio 0.928"),
}


def measured(folder: Path) -> dict[str, Any]:  # Any: numbers and texts by key
    """Every set that the folder has, with floors, goals and anchors; a set that is missing is left out."""
    learner = Learner(Tone(model_files.table("polarity.toml")), Prior(model_files.prior()))
    figures: dict[str, Any] = {}
    begun = time.process_time()
    for part in (_banking, _clinc, _airline, _tweets, _emotion, _language, _personal):
        figures.update(part(learner, folder))
    out: dict[str, Any] = {}
    for key, value in figures.items():
        out[key] = value
        if beside := BESIDE.get(key):
            out |= {f"{key}_floor": beside.floor, f"{key}_goal": beside.goal, f"{key}_anchor": beside.anchor}
    return out | {"labelled_sets_cpu_s": round(time.process_time() - begun, 1)}


def _file(folder: Path, place: str, *names: str) -> Path | None:
    found = (folder / place / f"{name}.jsonl.gz" for name in names)
    return next((file for file in found if file.is_file()), None)


Rows = tuple[list[str], list[str]]


def _parts(folder: Path, place: str, head: str, prefix: str = "") -> Iterator[tuple[str, Rows, Rows]]:
    """Which part is asked, the rows to learn from, the rows asked; nothing where the set is not there."""
    train = _file(folder, place, f"{prefix}train")
    if train is None:
        return
    known = labelled(train, head)
    for name in ("test", "val", "dev"):
        if held := _file(folder, place, f"{prefix}{name}"):
            yield name, known, labelled(held, head)
            return
    pairs = list(zip(*known, strict=True))
    held_back = [pair for nth, pair in enumerate(pairs) if nth % 5 == 0]
    others = [pair for nth, pair in enumerate(pairs) if nth % 5]
    yield "every fifth", _columns(others), _columns(held_back)


def _columns(pairs: list[tuple[str, str]]) -> Rows:
    return [text for text, _ in pairs], [label for _, label in pairs]


def _banking(learner: Learner, folder: Path) -> dict[str, Any]:
    for part, known, held in _parts(folder, "open/banking77", "intent"):
        whole = goodness(learner, learner.learn("intent", *known), *held)
        drawn = np.random.RandomState(0)
        chosen = [
            place
            for name in sorted(set(known[1]))
            for place in drawn.choice([n for n, label in enumerate(known[1]) if label == name], SHOTS, replace=False)
        ]
        few = learner.learn("intent", [known[0][n] for n in chosen], [known[1][n] for n in chosen])
        return {
            "banking77_part": part,
            "banking77_accuracy": whole.accuracy,
            "banking77_10_per_class_accuracy": goodness(learner, few, *held).accuracy,
        }
    return {}


def _clinc(learner: Learner, folder: Path) -> dict[str, Any]:
    for part, known, held in _parts(folder, "open/clinc150", "intent"):
        strange = _file(folder, "open/clinc150", "oos_train")
        asked = _file(folder, "open/clinc150", f"oos_{part}")
        if strange is None:
            return {}
        more = labelled(strange, "intent")
        out = labelled(asked, "intent") if asked else ([], [])
        head = learner.learn("intent", known[0] + more[0], known[1] + more[1])
        good = goodness(learner, head, held[0] + out[0], held[1] + out[1])
        return {
            "clinc150_part": part,
            "clinc150_in_scope_accuracy": good.in_scope_accuracy,
            "clinc150_oos_recall": good.oos_recall,
        }
    return {}


def _airline(learner: Learner, folder: Path) -> dict[str, Any]:
    for part, known, held in _parts(folder, "nc/airline", "sentiment"):
        good = goodness(learner, learner.learn("sentiment", *known), *held)
        return {"airline_part": part, "airline_macro_f1": good.macro_f1}
    return {}


def _tweets(learner: Learner, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for tongue, code in TONGUES.items():
        for part, known, held in _parts(folder, "twitter_terms/xlmt_sentiment", "sentiment", f"{tongue}_"):
            good = goodness(learner, learner.learn("sentiment", *known), *held)
            found |= {f"tweets_{code}_part": part, f"tweets_{code}_macro_f1": good.macro_f1}
    return found


def _emotion(learner: Learner, folder: Path) -> dict[str, Any]:
    for part, known, held in _parts(folder, "twitter_terms/tweeteval_emotion", "emotion"):
        good = goodness(learner, learner.learn("emotion", *known), *held)
        return {"emotion_part": part, "emotion_macro_f1": good.macro_f1}
    return {}


def _language(learner: Learner, folder: Path) -> dict[str, Any]:
    known: list[tuple[str, str]] = []
    held: list[tuple[str, str]] = []
    asked = ""
    for tongue, code in TONGUES.items():
        for part, texts, others in _parts(folder, "twitter_terms/xlmt_sentiment", "sentiment", f"{tongue}_"):
            asked = part
            known += [(text, code) for text in texts[0]]
            held += [(text, code) for text in others[0]]
    if not held:
        return {}
    good = goodness(learner, learner.learn("language", *_columns(known)), *_columns(held))
    return {
        "language_part": asked,
        "language_accuracy": good.accuracy,
        "language_three_words_accuracy": good.first_words["3"],
    }


def _personal(learner: Learner, folder: Path) -> dict[str, Any]:
    file = _file(folder, "open/presidio_synth", "test", "dev")
    if file is None:
        return {}
    true = hit = named = right = 0
    for row in rows_in(file):
        spans = [span for span in row["spans"] if span["type"] in FOUND_BY_PATTERN]
        found = [one for one in personal_data.find(row["text"]) if one.kind != "ip" or spans]
        true += len(spans)
        named += len(found)
        hit += sum(any(one.start < span["end"] and span["start"] < one.end for one in found) for span in spans)
        right += sum(any(one.start < span["end"] and span["start"] < one.end for span in spans) for one in found)
    return {
        "personal_part": file.name.partition(".")[0],
        "personal_items": true,
        "personal_recall": round(hit / max(true, 1), 4),
        "personal_precision": round(right / max(named, 1), 4),
    }
