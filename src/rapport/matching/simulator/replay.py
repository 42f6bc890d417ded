"""What our policy may gain over skills routing for a tenant, from a replay of its own log, and whether that is worth a promise.

The logged needs are drawn anew in blocks of consecutive ones and run through the simulator under both policies. The mean of the
paired differences is the expected gain; their spread over the draws is the doubt of a log of this length.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rapport.errors import BadInput
from rapport.matching.simulator.figures import figures
from rapport.matching.simulator.loop import run
from rapport.matching.simulator.ours import rapport
from rapport.matching.simulator.policies import skills
from rapport.matching.simulator.world import Bools, Case, Floats

LEAST_CHOICES = 5.0  # agents with the skill whom half of the needs may choose among: with fewer there is little to gain
LEAST_NEEDS = 500
ROUNDS = 12
BLOCK = 50  # consecutive needs that stay together
NORMAL_95 = 1.96
CERTAIN = 1e-9

WORDS: Mapping[str, Mapping[str, str]] = {
    "es": {
        "gain": "Se esperan {gain:+.1f} puntos de resolución frente a solo habilidades (entre {low:+.1f} y {high:+.1f}).",
        "needs": "No se puede decir nada: hay {needs} casos en el registro y hacen falta {least_needs}.",
        "choices": "El grupo es demasiado pequeño para prometer una mejora: la mitad de los casos tiene {choices:.0f} agentes "
        "con la habilidad o menos, y hacen falta unos {least_choices:.0f} "
        "({gain:+.1f} puntos, entre {low:+.1f} y {high:+.1f}).",
        "unsure": "Podría no mejorar nada: {gain:+.1f} puntos, entre {low:+.1f} y {high:+.1f}.",
    },
    "en": {
        "gain": "Expected: {gain:+.1f} points of resolution over skills routing (between {low:+.1f} and {high:+.1f}).",
        "needs": "Nothing can be said: the log has {needs} needs, {least_needs} are needed.",
        "choices": "The pool is too small to promise a gain: half of the needs have {choices:.0f} agents with the skill "
        "or fewer, about {least_choices:.0f} are needed ({gain:+.1f} points, between {low:+.1f} and {high:+.1f}).",
        "unsure": "It may not gain anything: {gain:+.1f} points, between {low:+.1f} and {high:+.1f}.",
    },
}


@dataclass(frozen=True, slots=True)
class Logged:
    """A tenant's log. Pairs are (needs, agents), times are in seconds.

    `values`: the chance that the pair resolves the need, in [0, 1], as the model of now sees it.
    `reliability`: the correlation of its log odds with the true ones, 1 where they are already shrunk by it.
    """

    arrival: Floats  # (needs,), rising
    handling: Floats  # (needs,), what it took, or the mean
    values: Floats  # pairs
    able: Bools  # pairs: all that is required hard
    skilled: Bools  # pairs: whom skills routing asks
    patience_seconds: float
    reliability: float = 1.0


@dataclass(frozen=True, slots=True)
class Expected:
    """The expected gain in the share resolved, its 95 % interval, and whether it may be promised.

    `reason`: gain (it may), needs (the log is too short), choices (the pool is too small), unsure (the interval reaches 0).
    """

    reason: str
    gain: float
    low: float
    high: float
    plain: float  # share resolved under skills routing
    ours: float
    choices: float  # median over the needs
    needs: int

    def words(self, language: str) -> str:
        """One sentence, in "es" or "en", gains in points."""
        return WORDS[language][self.reason].format(
            gain=100 * self.gain,
            low=100 * self.low,
            high=100 * self.high,
            choices=self.choices,
            needs=self.needs,
            least_needs=LEAST_NEEDS,
            least_choices=LEAST_CHOICES,
        )


def expected_gain(
    logged: Logged, seed: int, rounds: int = ROUNDS, most: int = 5_000, told: Callable[[int], None] = lambda done: None
) -> Expected:
    """What may be gained. `rounds` draws of at most `most` needs each; 12 of 5,000 take about a minute.

    `told` is called after each draw with how many are done.

    Raises:
        BadInput: the arrays do not fit each other.
    """
    count = len(logged.arrival)
    if not logged.values.shape == logged.able.shape == logged.skilled.shape or len(logged.values) != count:
        raise BadInput(f"values, able and skilled must be ({count} needs, agents), got {logged.values.shape}")
    choices = float(np.median((logged.able & logged.skilled).sum(axis=1))) if count else 0.0
    if count < LEAST_NEEDS:
        return Expected("needs", 0.0, 0.0, 0.0, 0.0, 0.0, choices, count)
    truth = shrunk(logged.values, logged.able, logged.skilled, logged.reliability)
    rng = np.random.default_rng(seed)
    found = []
    for done in range(rounds):
        drawn = _case(logged, truth, _blocks(rng, count, min(count, most)), rng)
        found.append([figures(run(drawn, policy(drawn)))["fcr"] for policy in (skills, rapport)])
        told(done + 1)
    plain, ours = np.array(found).T
    gain, doubt = float((ours - plain).mean()), NORMAL_95 * float((ours - plain).std(ddof=1))
    reason = "choices" if choices < LEAST_CHOICES else "unsure" if gain - doubt <= 0.0 else "gain"
    return Expected(reason, gain, gain - doubt, gain + doubt, float(plain.mean()), float(ours.mean()), choices, count)


def shrunk(values: Floats, able: Bools, skilled: Bools, reliability: float) -> Floats:
    """What may be expected of pairs whose values are seen with error: (needs, agents).

    Log odds are drawn to the need's mean, that of the skilled and that of the others each to its own.
    """
    odds = np.log(np.clip(values, CERTAIN, 1 - CERTAIN) / np.clip(1 - values, CERTAIN, 1 - CERTAIN))
    for group in (able & skilled, able & ~skilled):
        mean = (odds * group).sum(axis=1) / np.maximum(1, group.sum(axis=1))
        odds = np.where(group, mean[:, None] + reliability**2 * (odds - mean[:, None]), odds)
    return np.asarray(1.0 / (1.0 + np.exp(-odds)), np.float64)


def _blocks(rng: np.random.Generator, count: int, wanted: int) -> NDArray[np.int64]:
    """Positions of needs in blocks of consecutive ones, the end followed by the beginning."""
    starts = rng.integers(0, count, -(-wanted // BLOCK))
    return np.asarray((starts[:, None] + np.arange(BLOCK)).ravel()[:wanted] % count, np.int64)


def _case(logged: Logged, truth: Floats, chosen: NDArray[np.int64], rng: np.random.Generator) -> Case:
    gaps = np.diff(logged.arrival, prepend=logged.arrival[0])
    gaps[0] = gaps.mean()
    able, agents = logged.able[chosen], logged.able.shape[1]
    mean = float(logged.handling.mean())
    return Case(
        arrival=np.cumsum(gaps[chosen]),
        patience=rng.exponential(logged.patience_seconds, len(chosen)),
        handling=logged.handling[chosen],
        luck=rng.random(len(chosen)),
        skilled=able & logged.skilled[chosen],
        able=able,
        truth=truth[chosen],
        values=np.where(able, truth[chosen], -np.inf),
        factor=np.ones(able.shape),
        customers=np.zeros((len(chosen), 0)),
        people=np.zeros((agents, 0)),
        handle_seconds=mean,
        patience_seconds=logged.patience_seconds,
        warm_up=0.1,
    )
