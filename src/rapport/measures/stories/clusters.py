"""Clusters: stories of one subject that speak of one thing, each named by what is said in it more than elsewhere.

Within each subject the phrase that weighs most (`phrases.distinctive`) takes the stories that have it, then
the next takes of those that are left, and so on: as simple as it is, the same stories always give the same clusters.
"""

from collections import defaultdict
from collections.abc import Sequence

from rapport.measures.stories.phrases import Found, distinctive
from rapport.measures.stories.sentences import vague
from rapport.measures.stories.told import BADLY, WELL, Cluster, Story

FEWEST = 5  # stories of a cluster
MOST_EACH = 8  # clusters of one subject
MOST = 60
NAMED_BY = 3  # phrases


def clusters_of(stories: Sequence[Story], found: Found) -> tuple[tuple[Cluster, ...], dict[int, int]]:
    """The clusters, the largest first, and by a story's number which it is in. `found`: phrases of these stories, by number."""
    by_intent: dict[str, list[int]] = defaultdict(list)
    for number, story in enumerate(stories):
        by_intent[story.intent].append(number)
    weights = distinctive(found, by_intent)
    talks = {phrase: set(numbers) for phrase, numbers in found.talks.items()}
    grouped: list[tuple[str, tuple[str, ...], list[int]]] = []
    for intent in sorted(by_intent):
        free = set(by_intent[intent])
        of_intent = [(phrase, weight) for phrase, weight in weights.get(intent, {}).items() if phrase not in vague()]
        ranked = sorted(of_intent, key=lambda pair: (-pair[1], pair[0]))
        for phrase, _ in ranked[: 20 * MOST_EACH]:
            mine = sorted(talks[phrase] & free)
            if len(mine) >= FEWEST:
                free -= set(mine)
                grouped.append((intent, _named(phrase, mine, [p for p, _ in ranked[:200]], talks), mine))
            if sum(name == intent for name, _, _ in grouped) == MOST_EACH:
                break
    grouped.sort(key=lambda group: (-len(group[2]), group[0], group[1]))
    grouped = grouped[:MOST]
    of = {number: place for place, (_, _, numbers) in enumerate(grouped) for number in numbers}
    return tuple(_cluster(stories, *group) for group in grouped), of


def _named(phrase: str, mine: Sequence[int], ranked: Sequence[str], talks: dict[str, set[int]]) -> tuple[str, ...]:
    """The phrase and those that its stories say most beside it, none of which has a word of another."""
    members, named, words = set(mine), [phrase], set(phrase.split())
    beside = sorted(((len(talks[other] & members) / len(talks[other]) ** 0.5, other) for other in ranked), reverse=True)
    for _, other in beside:
        if len(named) < NAMED_BY and not words & set(other.split()) and len(talks[other] & members) >= FEWEST:
            named.append(other)
            words |= set(other.split())
    return tuple(named)


def _cluster(stories: Sequence[Story], intent: str, words: tuple[str, ...], numbers: Sequence[int]) -> Cluster:
    mine = sorted((stories[n] for n in numbers), key=lambda story: (-story.rank, -story.at, story.id))
    well, badly = (sum(story.outcome == outcome for story in mine) for outcome in (WELL, BADLY))
    return Cluster(intent, words, len(mine), well, badly, tuple(story.id for story in mine))
