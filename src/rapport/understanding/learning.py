"""Learning: a head from labelled texts over the one pass of features, the tone and the prior; its answers; how good they are.

Heads are linear support vector machines, one against the rest; of emotion, and where labels are few, logistic regression over
all names, which found 2 points more with ten labels of each of banking77's intents. Few labels also learn from which words are
used alike in others' texts. "Don't know" is a threshold on the score of the best answer:
of texts that no answer fits (label `oos`), the asked share stays at or under it (Larson et al., EMNLP 2019).
"""

import re
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from rapport.errors import BadInput, SetupError
from rapport.understanding.features import Found, dictionary, found_in, rows_of
from rapport.understanding.linear import Floats
from rapport.understanding.prior import Prior
from rapport.understanding.tone import Tone
from rapport.understanding.words import MOST_CHARACTERS, Prepared, prepare

OUT_OF_SCOPE = "oos"
FEW = 20  # labels of a name, on average, up to which another recipe is learnt by
OF_FEW, ALIKE_OF_FEW = 40.0, 0.8  # its C beside the margin, and the weight of words that are used alike
RECALL = 0.89  # share of what no answer fits that shall stay unknown
KNOWN_FROM = 2  # the first row of a feature that training saw
_SIGN = re.compile(r"@\w+|[!?]+|\.\.+|[:;=]-?[()DPpO/]|<3|[\u2190-\u2bff\u3000-\u303f\U0001f000-\U0001faff]")
WINDOWS = (6, 3)  # first words of a text, at which a head of languages is tried too


class Recipe(msgspec.Struct, frozen=True):
    """How a head is learnt. `margin`: C of the machine; `even`: rare labels weigh as frequent ones; `tone`, `felt`: weights.

    `soft`: C of logistic regression over all names, which is learnt in place of the machine; 0: the machine.
    `mean`: how much the mean direction of a name's texts counts beside its plane. `alike`: of words that are used alike.
    """

    margin: float = 1.0
    soft: float = 0.0
    alike: float = 0.0
    even: bool = False
    tone: float = 0.0
    felt: float = 0.0
    mean: float = 0.0
    signs: bool = True  # faces, marks and mentions are words too
    runs: tuple[int, ...] = ()  # lengths of runs of words of each text that are learnt from as well


RECIPES: Mapping[str, Recipe] = {
    "intent": Recipe(mean=1.0),
    "sentiment": Recipe(0.4, even=True, tone=1.0, felt=1.0),
    "emotion": Recipe(0.3, soft=5.0, even=True, tone=1.0, felt=1.0),
    "spam": Recipe(tone=0.5),
    "language": Recipe(signs=False, runs=(2, 4)),
}


class Learnt(msgspec.Struct):
    """A head. `weights`: (features, then tones, then feelings; names). `threshold`: what scores no more is unknown."""

    recipe: Recipe
    names: tuple[str, ...]
    buckets: NDArray[np.uint32]
    rarity: Floats
    centre: Floats
    spread: Floats
    weights: Floats
    bias: Floats
    threshold: float | None = None


class Learner:
    """Learns heads and asks them; holds the lists of the tone, and the prior."""

    def __init__(self, tone: Tone, prior: Prior) -> None:
        self._tone, self._prior = tone, prior

    def learn(self, head: str, texts: Sequence[str], labels: Sequence[str]) -> Learnt:
        """The head that tells `labels` apart. Raises BadInput where it cannot be learnt, SetupError without scikit-learn."""
        recipe = RECIPES.get(head)
        if recipe is None:
            raise BadInput(f"there is no head {head!r}: one of {', '.join(RECIPES)}")
        apart = [text for text, label in zip(texts, labels, strict=True) if label == OUT_OF_SCOPE]
        known = [pair for pair in zip(texts, labels, strict=True) if pair[1] != OUT_OF_SCOPE]
        if len({label for _, label in known}) < 2:
            raise BadInput("a head needs rows of two labels and more")
        if len(known) < FEW * len({label for _, label in known}):
            recipe = replace(recipe, soft=OF_FEW * recipe.margin, mean=0.0, alike=ALIKE_OF_FEW)
        known += [(run, label) for text, label in known for run in _runs(text, recipe.runs)]
        learnt = self._learn(recipe, [text for text, _ in known], [label for _, label in known])
        if apart:
            learnt.threshold = float(np.quantile(best_scores(self.scores(learnt, apart)), RECALL))
        return learnt

    def _learn(self, recipe: Recipe, texts: Sequence[str], labels: Sequence[str]) -> Learnt:
        prepared = [prepare(text) for text in texts]
        buckets, rarity = dictionary(found_in(_said(recipe, texts, prepared)), 1)
        tone = self._tone.of(prepared)
        none = np.empty((0, 0), dtype=np.float32)
        blank = Learnt(recipe, (), buckets, rarity, tone.mean(axis=0), np.maximum(tone.std(axis=0), 0.05), none, none)
        blank.names, blank.weights, blank.bias = separate(self._values(blank, texts, prepared), labels, recipe)
        return blank

    def scores(self, head: Learnt, texts: Sequence[str]) -> Floats:
        """How far each text is on each name's side: (texts, names)."""
        prepared = [prepare(text) for text in texts]
        scores: Floats = self._values(head, texts, prepared) @ head.weights + head.bias
        return scores

    def answers(self, head: Learnt, texts: Sequence[str]) -> list[str]:
        """The name of each text; OUT_OF_SCOPE where it is not known."""
        scores = self.scores(head, texts)
        best = [head.names[place] for place in scores.argmax(axis=1)]
        least = head.threshold
        if least is None:
            return best
        return [name if one > least else OUT_OF_SCOPE for name, one in zip(best, best_scores(scores), strict=True)]

    def _values(self, head: Learnt, texts: Sequence[str], prepared: Sequence[Prepared]) -> csr_array:
        blocks = [damped(found_in(_said(head.recipe, texts, prepared)), rows_of(head.buckets), head.rarity)]
        if head.recipe.tone:
            tone = (self._tone.of(prepared) - head.centre) / head.spread / np.sqrt(len(head.centre)) * head.recipe.tone
            blocks.append(csr_array(tone.astype(np.float32)))
        if head.recipe.felt:
            felt = self._prior.of(found_in([one.words for one in prepared]))
            blocks.append(csr_array(felt * np.float32(head.recipe.felt)))
        if head.recipe.alike:
            alike = self._prior.alike(found_in([one.words for one in prepared]))
            blocks.append(csr_array(alike * np.float32(head.recipe.alike)))
        values = csr_array(hstack(blocks, format="csr"))
        values.sum_duplicates()
        values.indices, values.indptr = values.indices.astype(np.int32), values.indptr.astype(np.int32)
        return values


def _said(recipe: Recipe, texts: Sequence[str], prepared: Sequence[Prepared]) -> list[list[str]]:
    """The words of each text, and behind them its signs as words: faces, marks, and whom it mentions."""
    return [[*one.words, *(_signs(text) if recipe.signs else ())] for text, one in zip(texts, prepared, strict=True)]


def _signs(text: str) -> list[str]:
    found: list[str] = _SIGN.findall(text[:MOST_CHARACTERS])
    return [sign[0] * min(len(sign), 2) if sign[0] in "!?." else sign.lower() for sign in found]


def damped(found: Found, rows: NDArray[np.int32], rarity: Floats) -> csr_array:
    """What was found, weighted by (1 + ln of how often) * rarity, each text of length one: (texts, features)."""
    there = found.buckets >= 0
    owner = np.repeat(found.message, there.sum(axis=1))
    row = rows[found.buckets[there]]
    values = csr_array((np.ones(len(row), dtype=np.float32), (owner, row)), shape=(found.messages, len(rarity)))
    values.sum_duplicates()
    values.data = ((1 + np.log(values.data)) * rarity[values.indices]).astype(np.float32)
    owner = np.repeat(np.arange(found.messages), np.diff(values.indptr))
    length = np.sqrt(np.bincount(owner, values.data**2, found.messages))
    values.data /= np.maximum(length[owner], 1e-9).astype(np.float32)
    values.data[values.indices < KNOWN_FROM] = 0  # what training never saw counts in the length alone
    return values


def best_scores(scores: Floats) -> Floats:
    """How surely the best answer is one: the score of the best, (texts,)."""
    best: Floats = scores.max(axis=1)
    return best


def separate(values: csr_array, labels: Sequence[str], recipe: Recipe) -> tuple[tuple[str, ...], Floats, Floats]:
    """The planes between labels: names, (features, names) weights and (names,) bias. Raises SetupError without scikit-learn."""
    try:
        from sklearn.linear_model import LogisticRegression
        from sklearn.svm import LinearSVC
    except ImportError:
        raise SetupError("a head is learnt with scikit-learn, which is not installed: install rapport[train]") from None
    weight = "balanced" if recipe.even else None
    machine = (
        LogisticRegression(C=recipe.soft, class_weight=weight, max_iter=300)
        if recipe.soft
        else LinearSVC(C=recipe.margin, class_weight=weight, random_state=0)
    )
    machine.fit(values, list(labels))
    names = tuple(str(name) for name in machine.classes_)
    weights, bias = machine.coef_.T.astype(np.float32), machine.intercept_.astype(np.float32)
    if len(names) == 2:  # one plane between two
        weights, bias = np.hstack((-weights, weights)), np.concatenate((-bias, bias))
    if recipe.mean:
        weights = weights + np.float32(recipe.mean) * _means(values, labels, names)
    return names, weights, bias


def _means(values: csr_array, labels: Sequence[str], names: Sequence[str]) -> Floats:
    """The mean direction of each name's texts, of length one: (features, names)."""
    place = {name: nth for nth, name in enumerate(names)}
    owner = [place[label] for label in labels]
    told = csr_array((np.ones(len(owner), dtype=np.float32), (owner, np.arange(len(owner)))), shape=(len(names), len(owner)))
    summed = np.asarray((told @ values).todense(), dtype=np.float32)
    means: Floats = (summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-9)).T
    return means


def _runs(text: str, sizes: Sequence[int]) -> list[str]:
    """The first run of words of each size that is shorter than the text, and the last."""
    words = text.split()
    return [" ".join(part) for size in sizes if size < len(words) for part in (words[:size], words[-size:])]


class Goodness(msgspec.Struct, frozen=True, omit_defaults=True):
    """How good answers are: shares of rows; `macro_f1` over the names of the truth. None: the truth has nothing of the kind."""

    rows: int
    accuracy: float
    macro_f1: float
    in_scope_accuracy: float | None = None
    oos_recall: float | None = None
    threshold: float | None = None
    first_words: dict[str, float] = {}


def goodness(learner: Learner, head: Learnt, texts: Sequence[str], labels: Sequence[str]) -> Goodness:
    """What a head says of rows that it never saw, beside what they are."""
    said, truth = np.array(learner.answers(head, texts)), np.array(labels)
    inside = truth != OUT_OF_SCOPE
    strange = bool((~inside).any())
    return Goodness(
        rows=len(texts),
        accuracy=_share(said == truth),
        macro_f1=round(float(np.mean([_f1(said == name, truth == name) for name in sorted(set(labels))])), 4),
        in_scope_accuracy=_share((said == truth)[inside]) if strange else None,
        oos_recall=_share(said[~inside] == OUT_OF_SCOPE) if strange else None,
        threshold=None if head.threshold is None else round(head.threshold, 4),
        first_words={
            str(size): _share(np.array(learner.answers(head, [" ".join(text.split()[:size]) for text in texts])) == truth)
            for size in (WINDOWS if head.recipe.runs else ())
        },
    )


def _share(right: NDArray[np.bool_]) -> float:
    return round(float(np.mean(right)), 4)


def _f1(said: NDArray[np.bool_], true: NDArray[np.bool_]) -> float:
    """2 TP / (2 TP + FP + FN)."""
    return float(2 * (said & true).sum() / max(int(said.sum() + true.sum()), 1))
