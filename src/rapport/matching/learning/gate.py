"""Whether a new model may serve: it must be shown, from the log of the one that serves, to be no worse."""

from collections.abc import Mapping

import msgspec

from rapport.matching.learning.offpolicy import LEAST_SAMPLE, Estimate, Log, difference, doubly_robust, ips, snips


class Rule(msgspec.Struct, frozen=True):
    """What is asked of a new model. Shares of needs resolved: 0.005 is half a point."""

    may_lose: float = 0.005  # the low end of the interval may be this far below the present model
    must_gain: float = 0.0  # and the estimate itself must be above this


class Verdict(msgspec.Struct, frozen=True):
    """What the gate found.

    `reason`: better, worse (or no better), unsure (the interval is too wide), sample or coverage (nothing can be said).
    All figures are of the new model but `current`, by the doubly robust estimate; `gain` is new less current, from the same
    decisions, with its 95 % interval from `low` to `high`.
    """

    serves: bool
    reason: str
    decisions: int
    sample: float
    cut: float
    covered: float
    ips: float
    snips: float
    robust: float
    current: float
    gain: float
    low: float
    high: float


WORDS: Mapping[str, Mapping[str, str]] = {
    "es": {
        "better": "Puede servir: resuelve {gain:+.1f} puntos frente al modelo actual (entre {low:+.1f} y {high:+.1f}).",
        "worse": "No sirve: resuelve {gain:+.1f} puntos frente al modelo actual (entre {low:+.1f} y {high:+.1f}).",
        "unsure": "Aún no: {gain:+.1f} puntos, pero podrían ser de {low:+.1f} a {high:+.1f}. Hacen falta más resultados.",
        "sample": "Aún no se puede decir nada: cuentan {sample:.0f} decisiones y hacen falta {least:.0f}.",
        "coverage": "No se puede decir nada: el registro no cubre lo que este modelo haría (peso medio {covered:.2f}, no 1).",
    },
    "en": {
        "better": "May serve: resolves {gain:+.1f} points against the present model (between {low:+.1f} and {high:+.1f}).",
        "worse": "May not serve: resolves {gain:+.1f} points against the present model (between {low:+.1f} and {high:+.1f}).",
        "unsure": "Not yet: {gain:+.1f} points, but it could be {low:+.1f} to {high:+.1f}. More outcomes are needed.",
        "sample": "Nothing can be said yet: {sample:.0f} decisions count, {least:.0f} are needed.",
        "coverage": "Nothing can be said: the log does not cover what this model would do (mean weight {covered:.2f}, not 1).",
    },
}


def judge(new: Log, current: Log, rule: Rule | None = None) -> Verdict:
    """The verdict on a new model, from the decisions that the present one made and what became of them."""
    rule = rule or Rule()
    robust, gain = doubly_robust(new), difference(new, current)
    reason = _reason(robust, gain, rule)
    return Verdict(
        serves=reason == "better",
        reason=reason,
        decisions=robust.decisions,
        sample=robust.sample,
        cut=robust.cut,
        covered=robust.covered,
        ips=ips(new).value,
        snips=snips(new).value,
        robust=robust.value,
        current=doubly_robust(current).value,
        gain=gain.value,
        low=gain.low,
        high=gain.high,
    )


def _reason(robust: Estimate, gain: Estimate, rule: Rule) -> str:
    """The reason of a verdict; a refusal to estimate goes before any figure."""
    if robust.refusal:
        return robust.refusal
    if gain.high <= rule.must_gain:
        return "worse"
    return "better" if gain.low >= -rule.may_lose and gain.value > rule.must_gain else "unsure"


def in_words(verdict: Verdict, language: str) -> str:
    """The verdict as one sentence or two; `language`: es, any other reads English. Points are hundredths."""
    words = WORDS["es" if language == "es" else "en"][verdict.reason]
    points = {name: 100.0 * getattr(verdict, name) for name in ("gain", "low", "high")}
    return words.format(sample=verdict.sample, least=LEAST_SAMPLE, covered=verdict.covered, **points)
