"""Learn the prior: `python -m rapport.understanding.prior_training FOLDER [FILE]` writes `prior.npz`.

FOLDER holds public sets as `open/goemotions`, from whose labels the feelings are learnt, and `open/multidogo`, `open/clinc150`
and `open/nlupp`. From the words of all four, without any label, is learnt which are used alike: how much more often two words
stand within five of each other than chance has it, made small (Levy and Goldberg, NIPS 2014; contexts to the power 0.75).
"""

import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_array
from scipy.sparse.linalg import svds

from rapport.understanding import model_files
from rapport.understanding.features import PIECES, SPACE, dictionary, found_in, matrix, rows_of
from rapport.understanding.labelled import rows_in
from rapport.understanding.words import prepare

SEEN_AT_LEAST = 3  # messages that a word or pair must be in
STRENGTH, ROUNDS = 1e-5, 80
PLACED_FROM = 5  # times that a word is used, to have a place among words
PLACES = 96
NEAR = 5  # words before and behind a word; each counts the less the further off
EVENED = 0.75

Floats = NDArray[np.float32]


def learn(folder: Path) -> dict[str, NDArray[Any]]:  # Any: each array has its own type
    """The arrays of a `Prior`."""
    return {**_feelings(folder / "open/goemotions"), **_alike(_texts(folder / "open"))}


def _feelings(folder: Path) -> dict[str, NDArray[Any]]:
    rows = [row for part in ("train", "dev") for row in rows_in(folder / f"{part}.jsonl.gz")]
    names = sorted({name for row in rows for name in row["labels"]})
    found = found_in([prepare(row["text"]).words for row in rows])
    found.buckets[:, :-2] = -1  # words and pairs, no pieces
    buckets, rarity = dictionary(found, SEEN_AT_LEAST)
    values = matrix(found, rows_of(buckets), rarity).sparse(len(rarity))
    weights, bias = _fit_each(values, np.array([[name in row["labels"] for name in names] for row in rows], dtype=np.float32))
    scores = values @ weights + bias
    scale = np.maximum(np.abs(weights).max(axis=0), 1e-6) / 127
    return {
        "names": np.array(names),
        "buckets": buckets,
        "rarity": rarity.astype(np.float16),
        "weights": np.round(weights / scale).astype(np.int8),
        "scale": scale.astype(np.float32),
        "bias": bias.astype(np.float32),
        "centre": scores.mean(axis=0).astype(np.float32),
        "spread": scores.std(axis=0).astype(np.float32),
    }


def _texts(folder: Path) -> list[str]:
    """Each text of the sets once, in the order of the files; only the parts to learn from."""
    files = [folder / "goemotions/train.jsonl.gz", *sorted((folder / "multidogo").glob("*_train.jsonl.gz"))]
    files += [folder / "clinc150/train.jsonl.gz", *sorted((folder / "nlupp").glob("*.jsonl.gz"))]
    return list(dict.fromkeys(row["text"] for file in files for row in rows_in(file)))


def _alike(texts: Sequence[str]) -> dict[str, NDArray[Any]]:
    """The places of words: `placed` (words,) buckets, `places` (words, PLACES) that weigh as much as the word is rare."""
    found = found_in([prepare(text).words for text in texts])
    begins = found.buckets[:, len(PIECES)] >= 0
    bucket, message = found.buckets[begins, len(PIECES)], found.message[begins]
    often = np.bincount(bucket, minlength=SPACE)
    placed = np.flatnonzero(often >= PLACED_FROM)
    number = np.full(SPACE, -1, dtype=np.intp)
    number[placed] = np.arange(len(placed))
    nearness = _nearness(number[bucket], message, len(placed))
    left, size, _ = svds(nearness, k=PLACES, random_state=np.random.default_rng(1))
    rarity = np.log((1 + len(texts)) / (1 + often[placed])) + 1
    places = left * np.sqrt(size) * rarity[:, None]
    scale = np.maximum(np.abs(places).max(axis=0), 1e-6) / 127
    return {
        "placed": placed.astype(np.uint32),
        "places": np.round(places / scale).astype(np.int8),
        "places_scale": scale.astype(np.float32),
    }


def _nearness(words: NDArray[np.intp], message: NDArray[np.intp], count: int) -> csr_array:
    """ln of how much more often two words are near each other than by chance, where that is above nothing: (words, words)."""
    near = csr_array((count, count), dtype=np.float64)
    for far in range(1, NEAR + 1):
        first, second = words[:-far], words[far:]
        together = (message[:-far] == message[far:]) & (first >= 0) & (second >= 0)
        near += csr_array((np.full(int(together.sum()), 1 / far), (first[together], second[together])), shape=(count, count))
    both = (near + near.T).tocoo()
    told, context = np.bincount(both.row, both.data, count), np.bincount(both.col, both.data, count) ** EVENED
    gain = np.log(both.data / (told[both.row] * (context / context.sum())[both.col]))
    more = gain > 0
    return csr_array((gain[more], (both.row[more], both.col[more])), shape=(count, count), dtype=np.float32)


def _fit_each(values: csr_array, truth: Floats) -> tuple[Floats, Floats]:
    """Logistic regression, one against the rest, for `truth` (rows, names): weights (features, names) and bias."""
    turned = csr_array(values.T)
    rows, features = values.shape
    names = truth.shape[1]

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        guess = flat.reshape(features + 1, names).astype(np.float32)
        scores = values @ guess[:-1] + guess[-1]
        missed = float(np.sum(np.logaddexp(0, scores) - truth * scores)) / rows
        slope = (1 / (1 + np.exp(-scores)) - truth) / np.float32(rows)
        step = np.empty((features + 1, names))
        step[:-1] = turned @ slope + STRENGTH * guess[:-1]
        step[-1] = slope.sum(axis=0)
        return missed + STRENGTH / 2 * float(np.sum(guess[:-1] ** 2)), step.ravel()

    start = np.zeros((features + 1) * names)
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS, "maxcor": 6}).x
    both = best.reshape(features + 1, names).astype(np.float32)
    return both[:-1], both[-1]


def main(arguments: list[str]) -> None:
    """Learn, and write the file that is named, or the one that ships."""
    path = arguments[1] if len(arguments) > 1 else str(files("rapport.understanding") / model_files.PRIOR)
    np.savez_compressed(path, allow_pickle=False, **learn(Path(arguments[0])))
    print(f"the prior is written to {path}")


if __name__ == "__main__":
    main(sys.argv[1:])
