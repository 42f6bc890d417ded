"""Which features go before an attribute that agents confirmed far oftener than they are met in others; pure.

A rule is proposed where at least five confirmed people share it, and three in ten of all confirmed; where it is at least three
times as common in them as in others (the near ends of both 95 % intervals of Wilson, JASA 22, 1927); where chance would do the
same less than once in a hundred looks at so many features (Fisher's exact test, Bonferroni's correction); and where those of
whom agents denied it do not share it too.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from math import exp, lgamma, sqrt

import msgspec

from rapport.model.attribute import Value
from rapport.people.learnt.features import Feature
from rapport.people.lexicon import slug

LEAST, LEAST_SHARE, LEAST_LIFT, LEAST_OTHERS = 5, 0.3, 3.0, 20
SURE = 0.01
MOST_EACH = 3  # rules for one attribute
DENIED = 5  # so many times fewer of those of whom it was denied
NEAR = 1.96
Of = tuple[str, str]  # an attribute and what it holds, as words


class Case(msgspec.Struct, frozen=True):
    """What goes with an attribute: the features of whom agents confirmed it of, and of whom they denied it of."""

    value: Value
    confirmed: tuple[frozenset[Feature], ...] = ()
    denied: tuple[frozenset[Feature], ...] = ()


class Proposal(msgspec.Struct, frozen=True):
    """A rule that could be switched on. `had` of `of` confirmed people had it before, and so `denied` and `others`.

    `lift`: at least so many times as common in the confirmed as in others.
    """

    id: str
    attribute: str
    value: Value
    feature: Feature
    had: int
    of: int
    others: int
    others_of: int
    denied: int
    denied_of: int
    lift: float


def propose(cases: Mapping[Of, Case], others: Sequence[frozenset[Feature]]) -> list[Proposal]:
    """The rules that stand out, the surest first. `others`: the features of people taken by chance."""
    if len(others) < LEAST_OTHERS:
        return []
    common = Counter(feature for one in others for feature in one)
    return [found for name, case in sorted(cases.items()) for found in _of_case(name, case, common, len(others))]


def _of_case(name: Of, case: Case, common: Counter[Feature], others: int) -> list[Proposal]:
    of = len(case.confirmed)
    held = Counter(feature for one in case.confirmed for feature in one)
    refused = Counter(feature for one in case.denied for feature in one)
    looked = [(feature, had) for feature, had in held.items() if had >= LEAST]
    found: list[tuple[float, Proposal]] = []
    for feature, had in looked:
        lift = _interval(had, of)[0] / _interval(common[feature], others)[1]
        if had < LEAST_SHARE * of or lift < LEAST_LIFT or refused[feature] * DENIED > had:
            continue
        chance = by_chance(had, of, common[feature], others)
        if chance * len(looked) < SURE:
            rule = Proposal(
                id_of(name, feature), name[0], case.value, feature, had, of,
                common[feature], others, refused[feature], len(case.denied), round(lift, 1),
            )  # fmt: skip
            found.append((chance, rule))
    found.sort(key=lambda one: (one[0], one[1].denied, not one[1].feature.key, one[1].feature))
    kept: list[Proposal] = []
    for _, rule in found:
        if len(kept) < MOST_EACH and not any(_covers(other, rule) for other in kept):
            kept.append(rule)
    return kept


def _covers(one: Proposal, other: Proposal) -> bool:
    """Whether a rule of the same kind of event finds no fewer, and meets no more whom it should not."""
    same = one.feature.event == other.feature.event and not one.feature.word
    return same and one.had >= other.had and one.others <= other.others and one.denied <= other.denied


def id_of(name: Of, feature: Feature) -> str:
    """What a rule is called in the centre: the same whenever it is found."""
    said = "\n".join((*name, feature.event, feature.key, feature.value, feature.word))
    words = slug(" ".join((name[1] or name[0], feature.word or feature.value or feature.event)))
    return f"learnt-{words[:40]}-{sha256(said.encode()).hexdigest()[:6]}"


def by_chance(had: int, of: int, others: int, others_of: int) -> float:
    """How likely so many, or more, of the confirmed have it where it has nothing to do with them: one-sided Fisher."""
    with_it, all_of_them = had + others, of + others_of
    least_likely = _ways(all_of_them, with_it)
    upto = min(of, with_it)
    return min(1.0, sum(exp(_ways(of, k) + _ways(others_of, with_it - k) - least_likely) for k in range(had, upto + 1)))


def _ways(of: int, chosen: int) -> float:
    return lgamma(of + 1) - lgamma(chosen + 1) - lgamma(of - chosen + 1) if 0 <= chosen <= of else float("-inf")


def _interval(had: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson)."""
    if not of:
        return 0.0, 1.0
    share, z = had / of, NEAR * NEAR / of
    middle, half = share + z / 2, NEAR * sqrt(share * (1 - share) / of + z / of / 4)
    return max(0.0, (middle - half) / (1 + z)), (middle + half) / (1 + z)
