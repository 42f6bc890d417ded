"""Learn the prior from GoEmotions: `python -m rapport.understanding.prior_training FOLDER [FILE]` writes `prior.npz`.

FOLDER holds `train.jsonl.gz` and `dev.jsonl.gz`, each line an object with `text` and `labels`.
"""

import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_array

from rapport.understanding import model_files
from rapport.understanding.features import dictionary, found_in, matrix, rows_of
from rapport.understanding.labelled import rows_in
from rapport.understanding.words import prepare

SEEN_AT_LEAST = 3  # messages that a word or pair must be in
STRENGTH, ROUNDS = 1e-5, 80

Floats = NDArray[np.float32]


def learn(folder: Path) -> dict[str, NDArray[Any]]:  # Any: each array has its own type
    """The arrays of a `Prior`."""
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
