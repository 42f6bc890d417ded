"""Schooling: a head of intents trained on a tenant's labels over the shipped one, and whether it is better on labels held back.

What is trained is what must be added to the log-odds of the shipped head: logistic regression with these as its offset, so that
what the labels do not speak of stays as it was. The shipped messages are learnt from as well, as a guard against forgetting.
A twin of the head never sees the labels of the newest persons, a quarter of all, and is asked them; so is the present reader,
with what the corrections of the other persons had changed at once. The head itself learns from all labels.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from rapport.errors import BadInput
from rapport.model.correction import Correction, Figures, IntentFigures
from rapport.understanding.adapting import Adapted, Taught
from rapport.understanding.features import SPACE, dictionary, found_in
from rapport.understanding.keeping import from_bytes, to_bytes, version_of
from rapport.understanding.linear import Floats, fit
from rapport.understanding.reader import Reader
from rapport.understanding.words import prepare

HELD_SHARE = 0.25
LEAST_HELD = 30  # labels: with fewer nothing is said
LEAST_TAUGHT = 20
MAY_LOSE = 0.02  # in the share that is told wrongly
MOST_FEATURES = 8_192
SEEN_AT_LEAST = 2  # texts that a feature must be in, so that no word of one person alone is kept
STRENGTH = 1e-6  # of 1e-6 to 1e-4 on banking77's development part, see docs/understanding.md
ROUNDS = 60
DRAWN, SEED = 1_000, 1


class Label(msgspec.Struct, frozen=True):
    """A text and its intent, "" for none of those known; who wrote it, and when."""

    text: str
    intent: str
    person: str
    at: datetime


class Lesson(msgspec.Struct, frozen=True):
    """A head, as bytes, and its figures."""

    kept: bytes
    figures: Figures


def apart(labels: Sequence[Label]) -> tuple[list[Label], list[Label]]:
    """Labels to teach with, and those held back: of the newest persons, by their first label; nobody is on both sides."""
    first: dict[str, datetime] = {}
    for one in sorted(labels, key=lambda one: one.at):
        first.setdefault(one.person, one.at)
    newest = sorted(first, key=lambda person: (first[person], person), reverse=True)
    counts = Counter(one.person for one in labels)
    chosen: set[str] = set()
    held = 0
    for person in newest:
        if held >= HELD_SHARE * len(labels):
            break
        chosen.add(person)
        held += counts[person]
    return [one for one in labels if one.person not in chosen], [one for one in labels if one.person in chosen]


def school(
    reader: Reader, labels: Sequence[Label], present: Taught | None, corrections: Sequence[Correction], guard: Sequence[Label]
) -> Lesson:
    """The head that labels teach, compared with the present one. Raises BadInput where there are too few labels.

    `corrections`: those that change readings now; `guard`: shipped examples.
    """
    taught_on, held = apart(labels)
    if len(taught_on) < LEAST_TAUGHT or len({one.intent for one in taught_on}) < 2:
        raise BadInput(
            f"{len(labels)} labels are too few to train with: {LEAST_TAUGHT} beside those held back are needed, of two intents"
        )
    twin = from_bytes(_trained(reader, taught_on, guard))
    held_ids = {one.person for one in held}
    learnt = [one for one in corrections if one.handle is None or one.handle.hex() not in held_ids]
    before = _answers(reader, reader.adapted(learnt, present), held)
    after = _answers(reader, reader.adapted((), twin), held)
    kept = _trained(reader, labels, guard)
    return Lesson(
        kept, judged(before, after, held, version_of(kept), present.version if present else reader.version, len(taught_on))
    )


def _answers(reader: Reader, adapted: Adapted, labels: Sequence[Label]) -> list[str]:
    """The intent of each text by the head alone; "" where it is not known."""
    return [one.intent for one in reader.read([label.text for label in labels], adapted)] if labels else []


def _trained(reader: Reader, labels: Sequence[Label], guard: Sequence[Label]) -> bytes:
    rows = [*labels, *guard]
    words = [prepare(one.text).words for one in rows]
    own = dict.fromkeys(one.intent for one in labels if one.intent not in reader.intents)
    names = (*reader.intents, *own)
    buckets = _buckets(words)
    place = np.full(SPACE, -1, dtype=np.int32)
    place[buckets] = np.arange(len(buckets), dtype=np.int32)
    found = found_in(words)
    there = found.buckets >= 0
    owner = np.repeat(found.message, there.sum(axis=1))
    values = reader.weigh.values(owner, found.buckets[there], len(rows), place, len(buckets))
    blank = Taught("", names, np.zeros(0, np.int32), np.zeros((0, len(names)), np.float32), np.zeros(len(names), np.float32))
    truth = np.array([names.index(one.intent) for one in rows], dtype=np.intp)
    often = np.bincount(truth, minlength=len(names)).astype(np.float32)
    head = fit(
        values,
        truth,
        names,
        strength=STRENGTH,
        weight=(1 / np.sqrt(often[truth])).astype(np.float32),
        rounds=ROUNDS,
        offset=_offset(reader, reader.adapted((), blank), words),
    )
    most = np.sort(np.argsort(-np.abs(head.weights).max(axis=1), kind="stable")[:MOST_FEATURES])
    return to_bytes(names, buckets[most], head.weights[most], head.bias)


def _buckets(words: Sequence[Sequence[str]]) -> NDArray[np.int32]:
    return dictionary(found_in(words), SEEN_AT_LEAST)[0].astype(np.int32)


def _offset(reader: Reader, adapted: Adapted, words: Sequence[Sequence[str]]) -> Floats:
    parts = [
        adapted.standing(words[start : start + 256], reader.likely_intents(words[start : start + 256]))[0]
        for start in range(0, len(words), 256)
    ]
    return np.concatenate(parts)


def judged(
    before: Sequence[str], after: Sequence[str], held: Sequence[Label], version: str, present: str, taught_on: int
) -> Figures:
    """The figures of two readers' answers to labels held back."""
    truth = np.array([one.intent for one in held], dtype=object)
    old, new = np.array(before, dtype=object), np.array(after, dtype=object)
    right = (old == truth, new == truth)
    wrong = ((old != truth) & (old != ""), (new != truth) & (new != ""))
    persons = sorted({one.person for one in held})
    gains = np.zeros((len(persons), 2))  # of each person: labels gained, labels
    for place, one in enumerate(held):
        gains[persons.index(one.person)] += (float(right[1][place]) - float(right[0][place]), 1)
    low, high = _interval(gains)
    shares = (_share(right[0]), _share(right[1]), _share(wrong[0]), _share(wrong[1]))
    figures = Figures(
        version,
        present,
        taught_on,
        len(held),
        len(persons),
        *shares,
        low,
        high,
        False,
        "sample",
        _by_intent(held, right),
    )
    reason = _reason(figures)
    return replace(figures, serves=reason == "better", reason=reason)


def _share(part: NDArray[np.bool_]) -> float:
    return round(float(part.mean()), 4) if len(part) else 0.0


def _reason(figures: Figures) -> str:
    if figures.held < LEAST_HELD:
        return "sample"
    if figures.wrong_after > figures.wrong_before + MAY_LOSE:
        return "wrong"
    if figures.low > 0:
        return "better"
    return "worse" if figures.right_after <= figures.right_before else "unsure"


def _interval(gains: NDArray[np.float64]) -> tuple[float, float]:
    """95 % of the gain in the share right, persons drawn anew with their labels (Efron, bootstrap percentiles)."""
    if not len(gains):
        return 0.0, 0.0
    drawn = np.random.default_rng(SEED).integers(0, len(gains), (DRAWN, len(gains)))
    sums = gains[drawn].sum(axis=1)
    low, high = np.quantile(sums[:, 0] / sums[:, 1], (0.025, 0.975))
    return round(float(low), 4), round(float(high), 4)


def _by_intent(held: Sequence[Label], right: tuple[NDArray[np.bool_], NDArray[np.bool_]]) -> tuple[IntentFigures, ...]:
    found: dict[str, list[int]] = {}
    for place, one in enumerate(held):
        counts = found.setdefault(one.intent, [0, 0, 0])
        counts[0] += 1
        counts[1] += int(right[0][place])
        counts[2] += int(right[1][place])
    ranked = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))
    return tuple(IntentFigures(name, *counts) for name, counts in ranked)
