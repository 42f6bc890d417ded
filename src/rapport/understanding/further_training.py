"""Training of the further heads: `python -m rapport.understanding.further_training FOLDER [FILE]` writes `further.npz`.

They learn from `seed/further`, from our messages, and from others' texts whose licences allow it, which FOLDER holds as
`open/goemotions`, `open/multidogo`, `open/banking77` and `open/clinc150` (docs/understanding.md names licences and sources).
"""

import random
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from rapport.understanding import model_files
from rapport.understanding.features import SPACE, dictionary, found_in, matrix, rows_of
from rapport.understanding.further import COLUMNS, SENTIMENTS, SHAPES, YES_OR_NO, joined, shapes_of
from rapport.understanding.labelled import rows_in
from rapport.understanding.linear import Floats, fit
from rapport.understanding.shown_training import spelt_out, texts as signal_texts
from rapport.understanding.tone import Tone
from rapport.understanding.train import examples, messages
from rapport.understanding.words import prepare

SEED, FOLDS = 6, 2
COMBINED = 12  # texts of a line of several choices, beside those that show each choice once
SEEN_AT_LEAST = 3
STRENGTH = 2e-5
OURS = 3.0  # weight of a text of ours beside one of others
HEATS = (0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.2, 1.5, 2.0)
MOST_OF_OTHERS = 4_000  # texts of one set and label
TROUBLES = frozenset({"broken-product", "complaint", "fraud", "lost-item", "refund", "safety", "technical-problem", "cancel"})
NOISE = frozenset({"thankyou", "closinggreeting"})
WORK = frozenset({"openinggreeting", "contentonly", "outofdomain", "confirmation", "rejection"})
FEELS = {
    "positive": "admiration amusement approval caring desire excitement gratitude joy love optimism pride relief",
    "negative": "anger annoyance disappointment disapproval disgust embarrassment fear grief nervousness remorse sadness",
    "neutral": "neutral",
}
_LINE = re.compile(r"([sex]) (\S.*)")
_CHOICE = re.compile(r"\{([^{}]*)\}")


class Told(msgspec.Struct, frozen=True):
    """A text and what it is; None: not told. `ours`: we wrote it."""

    text: str
    sentiment: str | None = None
    spam: bool | None = None
    noise: bool | None = None
    pressing: bool | None = None
    ours: bool = True


def seeds() -> Iterator[Told]:
    """The texts of `seed/further`. Raises ValueError, with file and line, where one cannot be read."""
    for file, body in model_files.further_seeds().items():
        kind = ""
        for number, line in enumerate(body.splitlines(), 1):
            if line.startswith("[") and line.endswith("]"):
                kind = line[1:-1]
            elif line and not line.startswith("#"):
                said = _LINE.fullmatch(line)
                if said is None or not kind:
                    raise ValueError(f"{file}:{number}: a line is a tongue (s e x) and a text, under what it is in brackets")
                yield from (_told(file.partition(".")[0], kind, text) for text in _combined(said[2]))


def _told(file: str, kind: str, text: str) -> Told:
    if file == "spam":
        return Told(text, spam=kind == "spam", noise=None if kind == "spam" else False)
    if file == "noise":
        return Told(text, spam=False, noise=kind == "noise")
    return Told(text, sentiment=kind, spam=False)


def _combined(line: str) -> list[str]:
    """Each choice once, and some more combinations of several."""
    texts = spelt_out(line)
    if line.count("{") > 1:
        chance = random.Random(line)
        drawn = (_CHOICE.sub(lambda part: chance.choice(part[1].split("|")), line) for _ in range(COMBINED))
        texts += [" ".join(one.split()) for one in drawn]
    return list(dict.fromkeys(texts))


def ours() -> Iterator[Told]:
    """Our messages: a feeling is a sentiment, and who tells of trouble speaks ill; what shows signals or nothing is no spam."""
    for one in messages():
        trouble = one.intent in TROUBLES or (one.urgency or 0) >= 1
        felt = {"joy": "positive", "neutral": "negative" if trouble else "neutral"}.get(one.emotion or "", "negative")
        spam = one.intent == "spam"
        noise = True if one.intent == "thanks" else None if one.intent in ("praise", "spam", "feedback", "greeting") else False
        yield Told(one.text, None if spam else felt, spam, noise, (one.urgency or 0) >= 2)
    plain = [one.text for one in examples() if not one.is_key and one.intent in (None, "")]
    yield from (Told(text, spam=False) for text in (*plain, *(text for text, _ in signal_texts())))
    for pleasant, words in _listed():
        yield from (Told(word, sentiment="positive" if pleasant else "negative") for word in words)


def _listed() -> Iterator[tuple[bool, list[str]]]:
    for tongue, lists in model_files.table("polarity.toml").items():
        if tongue in ("es", "en", "pt"):
            yield True, lists["pleasant"].split()
            yield False, lists["unpleasant"].split()


def others(folder: Path) -> Iterator[Told]:
    """Texts of others: feelings of GoEmotions, turns of MultiDoGO, questions of banking77 and CLINC150."""
    chance = random.Random(SEED)
    yield from _some(chance, _felt(folder))
    turns = [row for file in sorted((folder / "open/multidogo").glob("*_train.jsonl.gz")) for row in rows_in(file)]
    for name, noise in ((NOISE, True), (WORK, False)):
        found = [row["text"] for row in turns if row["intent"] in name and len(row["text"]) > 2]
        yield from _some(chance, [Told(text, spam=False, noise=noise, ours=False) for text in dict.fromkeys(found)])
    asked = [row["text"] for row in turns if row["intent"] not in NOISE | WORK]
    for place in ("open/banking77", "open/clinc150"):
        asked += [row["text"] for row in rows_in(folder / place / "train.jsonl.gz")]
    yield from _some(chance, [Told(text, spam=False, noise=False, ours=False) for text in dict.fromkeys(asked)])


def _felt(folder: Path) -> list[Told]:
    of = {label: name for name, labels in FEELS.items() for label in labels.split()}
    made: dict[str, list[Told]] = {name: [] for name in FEELS}
    for row in rows_in(folder / "open/goemotions/train.jsonl.gz"):
        names = {of.get(label, "") for label in row["labels"]}
        if len(names) == 1 and "" not in names:
            (name,) = names
            made[name].append(Told(row["text"], name, spam=False, ours=False))
    return [one for lists in made.values() for one in lists]


def _some(chance: random.Random, told: Sequence[Told]) -> list[Told]:
    by: dict[tuple[Any, ...], list[Told]] = {}
    for one in told:
        by.setdefault((one.sentiment, one.noise), []).append(one)
    return [one for lists in by.values() for one in chance.sample(lists, min(len(lists), MOST_OF_OTHERS))]


class Rows(msgspec.Struct):
    """Texts as rows: `values` (texts, features), then SHAPES; `weight` of each."""

    told: list[Told]
    values: csr_array
    weight: Floats


def learn(told: Iterable[Told]) -> dict[str, NDArray[Any]]:
    """The arrays of `further.npz`."""
    known = list(told)
    prepared = [prepare(one.text) for one in known]
    words = [one.words for one in prepared]
    first, _ = model_files.weights()
    buckets = _buckets(words, [one.ours for one in known])
    blank: dict[str, NDArray[Any]] = {
        "buckets": buckets,
        "weights": np.zeros((len(buckets), 0), np.int8),
        "scale": np.zeros(0, np.float32),
    }
    arrays = joined(first, blank)
    place = rows_of(arrays["buckets"])
    values = matrix(found_in(words), place, arrays["rarity"].astype(np.float32)).sparse(len(arrays["rarity"]))
    shapes = csr_array(shapes_of(prepared, Tone(model_files.table("polarity.toml"))))
    both = csr_array(hstack([values, shapes], format="csr"))
    rows = Rows(known, both, np.array([OURS if one.ours else 1.0 for one in known], dtype=np.float32))
    columns = [_head(rows, question) for question in ("sentiment", *YES_OR_NO)]
    weights = np.hstack([one[0] for one in columns])
    used = np.union1d(buckets, first["buckets"])
    kept = weights[place[used]]
    scale = np.maximum(np.abs(kept).max(axis=0), 1e-6) / 127
    return {
        "names": np.array(COLUMNS),
        "shape_names": np.array(SHAPES),
        "buckets": used.astype(np.uint32),
        "weights": np.round(kept / scale).astype(np.int8),
        "scale": scale.astype(np.float32),
        "bias": np.concatenate([one[1] for one in columns]).astype(np.float32),
        "shapes": weights[-len(SHAPES) :].astype(np.float32),
        "heat": np.concatenate([one[2] for one in columns]).astype(np.float32),
    }


def _buckets(words: Sequence[list[str]], ours: Sequence[bool]) -> NDArray[np.uint32]:
    """The features that enough texts have; of others' texts words alone, and of ten times as many."""
    mine, _ = dictionary(found_in([one for one, own in zip(words, ours, strict=True) if own]), SEEN_AT_LEAST)
    found = found_in([one for one, own in zip(words, ours, strict=True) if not own])
    theirs, _ = dictionary(found, 10 * SEEN_AT_LEAST)
    return np.union1d(mine, theirs[theirs >= SPACE // 2]).astype(np.uint32)


def _head(rows: Rows, question: str) -> tuple[Floats, Floats, Floats]:
    """Weights (features, columns), bias and heat (columns,) of one question."""
    names: tuple[Any, ...] = SENTIMENTS if question == "sentiment" else (False, True)
    kept = np.array([nth for nth, one in enumerate(rows.told) if getattr(one, question) is not None])
    truth = np.array([names.index(getattr(rows.told[nth], question)) for nth in kept], dtype=np.intp)
    values, weight = csr_array(rows.values[kept]), rows.weight[kept]
    often = np.bincount(truth, weights=weight, minlength=len(names))
    weight = (weight / np.sqrt(often[truth])).astype(np.float32)
    scores = np.zeros((len(kept), len(names)), dtype=np.float32)
    fold = np.random.default_rng(SEED).integers(0, FOLDS, len(kept))
    for part in range(FOLDS):
        seen, held = np.flatnonzero(fold != part), np.flatnonzero(fold == part)
        head = fit(csr_array(values[seen]), truth[seen], names, strength=STRENGTH, weight=weight[seen])
        scores[held] = values[held] @ head.weights + head.bias
    heat = min(HEATS, key=lambda one: _missed(scores / one, truth, weight))
    head = fit(values, truth, names, strength=STRENGTH, weight=weight)
    if question == "sentiment":
        return head.weights, head.bias, np.full(len(names), heat, dtype=np.float32)
    return (
        head.weights[:, 1:] - head.weights[:, :1],
        np.array([head.bias[1] - head.bias[0]], dtype=np.float32),
        np.array([heat], dtype=np.float32),
    )


def _missed(scores: Floats, truth: NDArray[np.intp], weight: Floats) -> float:
    """The weighed mean of -log of what the truth was given."""
    high = scores.max(axis=1)
    sums = np.log(np.exp(scores - high[:, None]).sum(axis=1)) + high
    return float(np.average(sums - scores[np.arange(len(truth)), truth], weights=weight))


def main(arguments: list[str]) -> None:
    """Learn, and write the file that is named, or the one that ships."""
    path = arguments[1] if len(arguments) > 1 else str(files("rapport.understanding") / model_files.FURTHER)
    told = [*seeds(), *ours(), *others(Path(arguments[0]))]
    np.savez_compressed(path, allow_pickle=False, **learn(told))
    print(f"the further heads are written to {path}")


if __name__ == "__main__":
    main(sys.argv[1:])
