"""A small world for the learning tests: pairs whose true chance is known, and logs whose probabilities are."""

import numpy as np

from rapport.matching.learning.model import Design
from rapport.matching.learning.offpolicy import Log

AGENTS = 12


def a_design(**changes):
    given = {
        "terms": ("base", "skill"),
        "centre": (0.0, 0.85),
        "spread": (0.75, 0.5),
        "outcomes": Design((), (), ()).outcomes[:1],
    }
    return Design(**(given | changes))


def chance(logit):
    return 1.0 / (1.0 + np.exp(-logit))


def two_logs(random, decisions, *, sharpness=4.0, target_sharpness=8.0, model_error=0.3):
    """The log of a soft policy, read for another and for itself, with the other's true mean: (new, current, truth).

    The other model is wrong by `model_error` logits, the one that acted by 0.3.
    """
    logits = random.normal(0.5, 0.8, (decisions, AGENTS))
    truth = chance(logits)
    believed = chance(logits + random.normal(0.0, model_error, logits.shape))
    seen = chance(logits + random.normal(0.0, 0.3, logits.shape))
    logged, target = soft(sharpness * seen), soft(target_sharpness * believed)
    chosen, reward = acted(random, logged, truth)
    new, current = (read_for(chances, logged, believed, chosen, reward) for chances in (target, logged))
    return new, current, float((target * truth).sum(axis=1).mean())


def acted(random, logged, truth):
    """Whom a policy of these chances chose, and what became of it: (decisions,) both."""
    chosen = (logged.cumsum(axis=1) > random.random((len(logged), 1))).argmax(axis=1)
    return chosen, (random.random(len(logged)) < truth[np.arange(len(logged)), chosen]).astype(float)


def read_for(target, logged, believed, chosen, reward):
    """The log of a policy of chances `logged`, read for one of chances `target` whose model believes `believed`."""
    rows = np.arange(len(chosen))
    expected = (target * believed).sum(axis=1)
    return Log(reward, logged[rows, chosen], target[rows, chosen], believed[rows, chosen], expected)


def a_log(random, decisions, **changes):
    """The log read for the other policy, and the other's true mean."""
    new, _, truth = two_logs(random, decisions, **changes)
    return new, truth


def soft(worth):
    """Chances that grow with the worth; -inf is never chosen."""
    odds = np.exp(worth - worth.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)
