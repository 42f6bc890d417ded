"""Linear: multinomial logistic regression on sparse features, and the scores of several heads at once.

Loss: mean cross-entropy + strength / 2 * sum of squared weights (Bishop, Pattern Recognition and Machine Learning, section
4.3.4), found by L-BFGS from zero, so the same rows give the same weights.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = NDArray[np.float32]


class Head(msgspec.Struct):
    """One question: `names` of its answers, (features, names) `weights`, (names,) `bias`; `heat` flattens its probabilities."""

    names: tuple[str, ...]
    weights: Floats
    bias: Floats
    heat: float = 1.0


def softmax(scores: Floats) -> Floats:
    """Probabilities along the last axis: (messages, names)."""
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)  # type: ignore[no-any-return]  # numpy's stubs lose the dtype


def fit(
    values: "csr_array",
    labels: NDArray[np.intp],
    names: Sequence[str],
    *,
    strength: float,
    weight: Floats | None = None,
    rounds: int = 40,
    offset: Floats | None = None,
) -> Head:
    """The head that tells `names` apart. `values`: (rows, features); `labels`: (rows,) places in `names`.

    `offset`: (rows, names) log-odds that stand already, to which the head adds; None: nothing stands.
    """
    from scipy.optimize import minimize  # only who learns needs it: half a second and 40 MB of each process that starts

    rows, features = values.shape
    classes = len(names)
    truth = np.zeros((rows, classes), dtype=np.float32)
    truth[np.arange(rows), labels] = 1.0
    share = np.ones(rows, dtype=np.float32) if weight is None else weight
    share = (share / share.sum())[:, None]
    turned = values.T.tocsr()

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        guess = flat.reshape(features + 1, classes).astype(np.float32)
        scores = values @ guess[:-1] + guess[-1]
        likely = softmax(scores if offset is None else scores + offset)
        missed = -float(np.sum(share * truth * np.log(likely + 1e-12)))
        slope = share * (likely - truth)
        step = np.empty((features + 1, classes))
        step[:-1] = turned @ slope + strength * guess[:-1]
        step[-1] = slope.sum(axis=0)
        return missed + strength / 2 * float(np.sum(guess[:-1] ** 2)), step.ravel()

    start = np.zeros((features + 1) * classes)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": rounds, "maxcor": 6})
    best = found.x.reshape(features + 1, classes).astype(np.float32)
    return Head(tuple(names), best[:-1], best[-1])


def fit_yes(
    values: "csr_array", truth: NDArray[np.intp], weight: Floats, *, strength: float, rounds: int = 60
) -> tuple[Floats, float]:
    """Of one question with yes or no its weights, (features,), and its bias, in half the time of `fit`.

    `values`: (rows, features); `truth`: (rows,) 1 for yes; `weight`: (rows,). The loss is that of the module.
    """
    from scipy.optimize import minimize  # only who learns needs it

    share = weight / weight.sum()
    turned, sign = values.T.tocsr(), np.where(truth > 0, -1, 1).astype(np.float32)

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        guess = flat.astype(np.float32)
        wrong = sign * (values @ guess[:-1] + guess[-1])
        slope = share * sign / (1 + np.exp(-np.clip(wrong, -30, 30)))
        step = np.append(turned @ slope + strength * guess[:-1], slope.sum()).astype(np.float64)
        return float(share @ np.logaddexp(0, wrong)) + strength / 2 * float(guess[:-1] @ guess[:-1]), step

    start = np.zeros(values.shape[1] + 1)
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": rounds, "maxcor": 10}).x
    return best[:-1].astype(np.float32), float(best[-1])
