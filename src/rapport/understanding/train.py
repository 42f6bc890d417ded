"""Train the heads from the examples in `seed/`: `python -m rapport.understanding.train [FILE]` writes the weights.

The same seeds give the same weights; nothing is drawn from chance but the windows of the language head, whose seed stands here.
`HEAT` and the thresholds of `intent` and `language` were found by cross-validation (three of five folds) of the examples, see
docs/understanding.md.
"""

import random
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from rapport.understanding import model_files, shown_training
from rapport.understanding.emotion import FEELINGS
from rapport.understanding.features import SPACE, Found, dictionary, found_in, matrix, rows_of
from rapport.understanding.linear import Floats, Head, fit
from rapport.understanding.shown import KINDS, own_columns
from rapport.understanding.words import prepare

SEED = 20261121
WORD_WEIGHT = 1.5  # of a whole word beside a piece of one
SEEN_AT_LEAST = 2  # examples that a feature must be in
FAINT = 3  # of 127: what weighs no more in any head of its own is not kept
STRENGTH = {"intent": 1e-5, "language": 1e-5, "emotion": 1e-4}
RARE = {"intent": 0.5, "language": 0.3, "emotion": 0.5}  # 1: rare answers weigh as much together as frequent ones
HEAT = {"intent": 0.6, "language": 0.625, "emotion": 1.0}
TONGUES = "tongues.toml"
WINDOWS = (1, 2, 3, 3, 4)  # words: what is short is met in training too
SPOKEN_BY_MANY = {"es": 0.4, "en": 0.4}  # how much likelier a customer's language is, in logarithms, than in the examples
VARIETIES = {"m": "es", "i": "es", "l": "es", "e": "en", "x": None}  # of Mexico, of Spain, of no place; English; mixed
LETTERS = {"n": "neutral", "a": "anger", "f": "fear", "j": "joy", "s": "sadness"}
_LINE = re.compile(r"([milex]) ([nafjs]) ([0-3]) (.+)")


class Example(msgspec.Struct, frozen=True):
    """A text and what it is: `intent` and `emotion` None where it says nothing of them."""

    text: str
    language: str | None  # None: both at once
    intent: str | None = None
    emotion: str | None = None
    is_key: bool = False  # a word or two that speak for an intent, not a sentence
    urgency: int | None = None  # 0: whenever; 1: soon; 2: today; 3: now


def examples() -> list[Example]:
    """Every hand-written example: the messages, then the shorter ones, in the order of the files."""
    made = list(messages())
    for file, table in model_files.seeds().items():
        if file == TONGUES:
            continue
        if file in ("other.toml", "language.toml"):
            meant = "" if file == "other.toml" else None
            made += [Example(text, tongue, meant) for tongue, texts in table.items() for text in texts]
            continue
        for name, tongues in table.items():
            for tongue, texts in tongues.items():
                made += [_example(file, name, tongue, text) for text in (texts.split("|") if isinstance(texts, str) else texts)]
    return made


def posts() -> list[Example]:
    """What only the head of languages learns from."""
    return [Example(text, tongue) for tongue, texts in model_files.seeds()[TONGUES].items() for text in texts]


def messages() -> Iterator[Example]:
    """The messages of `seed/messages`: a line has a variety, a feeling, an urgency and the text, under its intent in brackets.

    Raises ValueError, with the file and the line, where one cannot be read.
    """
    for file, body in model_files.messages().items():
        intent = ""
        for number, line in enumerate(body.splitlines(), 1):
            if line.startswith("[") and line.endswith("]"):
                intent = line[1:-1]
            elif line and not line.startswith("#"):
                said = _LINE.fullmatch(line)
                if said is None or not intent:
                    raise ValueError(f"{file}:{number}: a line is a variety (m i l e x), a feeling (n a f j s), 0 to 3, a text")
                yield Example(said[4], VARIETIES[said[1]], intent, LETTERS[said[2]], urgency=int(said[3]))


def _example(file: str, name: str, tongue: str, text: str) -> Example:
    if file == "emotion.toml":
        return Example(text, tongue, None, name)
    return Example(text, tongue, name, None, is_key=file == "keys.toml")


def train(known: list[Example] | None = None) -> dict[str, NDArray[Any]]:  # Any: each array has its own type
    """The arrays of a `Reader`, learnt from `known`, or from all hand-written examples."""
    known = examples() if known is None else known
    signals, further = shown_training.texts(), shown_training.more_texts()
    words = [prepare(example.text).words for example in known]
    more = [prepare(text).words for text, _ in signals]
    buckets, rarity = _dictionary(found_in(words + more))
    rows = rows_of(buckets)
    intent = _head(words, [e.intent for e in known], rows, rarity, "intent")
    emotion = _head(words, [e.emotion for e in known], rows, rarity, "emotion")
    abroad = posts()
    said = [prepare(post.text).words for post in abroad]
    more += [prepare(text).words for text, _ in further]
    buckets, rarity = _with_own(buckets, rarity, found_in(more), found_in(said))
    rows = rows_of(buckets)
    heads = {"intent": intent, "language": _tongues(known + abroad, words + said, rows, rarity), "emotion": emotion}
    sentences = [nth for nth, example in enumerate(known) if not example.is_key]
    taken = shown_training.taken([known[nth].text for nth in sentences])
    told = [({kind} - {""}, None) for _, kind in signals + further] + [
        (one, known[nth].intent) for one, nth in zip(taken, sentences, strict=True)
    ]
    texts, shows, intents = shown_training.with_runs(more + [words[nth] for nth in sentences], told)
    values = matrix(found_in(texts), rows, rarity).sparse(len(rarity))
    return _packed(buckets, rarity, heads, shown_training.learnt(values, shows, intents, len(more)))


def _dictionary(found: Found) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
    """The buckets that enough examples have, and the rarity of each row, where whole words weigh more than pieces."""
    buckets, rarity = dictionary(found, SEEN_AT_LEAST)
    rarity[1] *= WORD_WEIGHT
    rarity[2:][buckets >= SPACE // 2] *= WORD_WEIGHT
    return buckets, rarity.astype(np.float16).astype(np.float32)


def _with_own(
    buckets: NDArray[np.uint32], rarity: NDArray[np.float32], *further: Found
) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
    """The same with what only further texts have, as rare as what is unknown: to heads that read none of them it still is."""
    own = np.setdiff1d(np.concatenate([dictionary(found, SEEN_AT_LEAST)[0] for found in further]), buckets)
    return np.concatenate((buckets, own)), np.concatenate((rarity, rarity[(own >= SPACE // 2).astype(np.intp)]))


def _tongues(known: list[Example], words: list[list[str]], rows: NDArray[np.int32], rarity: NDArray[np.float32]) -> Head:
    """The head of languages, which leans towards those that customers speak."""
    spoken, tongues = _windows(known, words)
    head = _head(spoken, tongues, rows, rarity, "language")
    leaning = np.array([SPOKEN_BY_MANY.get(name, 0.0) for name in head.names], dtype=np.float32)
    return msgspec.structs.replace(head, bias=head.bias + leaning)


def _windows(known: list[Example], words: list[list[str]]) -> tuple[list[list[str]], list[str | None]]:
    """Each sentence, and runs of a few words of each longer one, with their languages."""
    chance = random.Random(SEED)
    sentences = [(example, said) for example, said in zip(known, words, strict=True) if not example.is_key]
    out = [said for _, said in sentences]
    tongues: list[str | None] = [example.language for example, _ in sentences]
    for example, said in sentences:
        for size in WINDOWS:
            for _ in range(1 + len(said) // 20):
                if len(said) <= size:
                    break
                start = chance.randrange(len(said) - size + 1)
                out.append(said[start : start + size])
                tongues.append(example.language)
    return out, tongues


def _head(
    words: list[list[str]],
    labels: list[str | None],
    rows: NDArray[np.int32],
    rarity: NDArray[np.float32],
    question: str,
) -> Head:
    """The head that answers `question`, from the examples that have an answer."""
    told = [place for place, label in enumerate(labels) if label is not None]
    answers = [labels[place] or "" for place in told]
    names = FEELINGS if question == "emotion" else tuple(sorted(set(answers)))
    values = matrix(found_in([words[place] for place in told]), rows, rarity).sparse(len(rarity))
    place_of = {name: place for place, name in enumerate(names)}
    truth = np.array([place_of[answer] for answer in answers], dtype=np.intp)
    often = np.bincount(truth, minlength=len(names)).astype(np.float32)
    head = fit(
        values, truth, names, strength=STRENGTH[question], weight=(1 / often[truth] ** RARE[question]).astype(np.float32)
    )
    return msgspec.structs.replace(head, heat=HEAT[question])


def _packed(
    buckets: NDArray[np.uint32],
    rarity: NDArray[np.float32],
    heads: dict[str, Head],
    shown: Mapping[str, tuple[Floats, float]],
) -> dict[str, NDArray[Any]]:
    """The heads side by side, then one column for each signal; each weight in one byte. `own`: see `shown.spread`."""
    shared = len(heads["intent"].weights)
    columns = [*(head.weights for head in heads.values()), *(shown[kind][0][:, None] for kind in KINDS)]
    whole = np.hstack([np.pad(one, ((0, len(rarity) - len(one)), (0, 0))) for one in columns])
    scale = np.maximum(np.abs(whole).max(axis=0), 1e-6) / 127
    weights = np.round(whole / scale).astype(np.int8)
    names = [f"{question}:{name}" for question, head in heads.items() for name in head.names]
    own = weights[shared:, own_columns(names, len(scale))]
    weighs = (np.abs(own) > FAINT).any(axis=1)  # the others stay unknown, which is as rare
    return {
        "buckets": buckets[np.concatenate((np.ones(shared - 2, dtype=np.bool_), weighs))],
        "rarity": rarity[:shared].astype(np.float16),
        "weights": weights[:shared],
        "own": own[weighs],
        "scale": scale.astype(np.float32),
        "bias": np.concatenate([head.bias for head in heads.values()]).astype(np.float32),
        "shown_bias": np.array([shown[kind][1] for kind in KINDS], dtype=np.float32),
        "names": np.array(names),
        "heat": np.array([head.heat for head in heads.values()], dtype=np.float32),
    }


def main(arguments: list[str]) -> None:
    """Train, and write the weights to the file that is named, or over those that ship."""
    path = arguments[0] if arguments else str(files("rapport.understanding") / model_files.WEIGHTS)
    np.savez_compressed(path, allow_pickle=False, **train())
    print(f"weights written to {path}")


if __name__ == "__main__":
    main(sys.argv[1:])
