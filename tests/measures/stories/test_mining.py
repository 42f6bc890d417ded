"""Mining many talks: the same in any order, grouped, ranked, with examples that lead to where they stand."""

import random

from measures.stories.told_talks import BAG, HOUR, MEANS, START, WIFI, a_talk
from rapport.measures.stories.mining import mine
from rapport.measures.stories.told import Mined

END = START + 700 * HOUR
COLD = ("them", "The pool heater broke down and the water is cold.", -1)


def many() -> list:
    """A hundred talks: wifi that turns well, bags that turn badly; in the later half the pool is cold."""
    talks = [
        a_talk(*(WIFI if n % 2 else BAG), n=n, at=START + n * HOUR, intent="wifi" if n % 2 else "lost-item")
        for n in range(1, 101)
    ]
    return talks + [a_talk(COLD, *BAG[1:], n=n, at=START + n * HOUR, intent="pool") for n in range(500, 540)]


def mined(talks) -> Mined:
    return mine(talks, START + 400 * HOUR, END, START, END, MEANS)


def test_the_same_talks_tell_the_same_in_whatever_order_they_come():
    talks = many()
    shuffled = random.Random(1).sample(talks, len(talks))

    assert mined(talks) == mined(shuffled)


def test_what_rises_leads_to_a_sentence_that_says_it():
    found = mined(many())

    first = found.rising[0]
    texts = {line.id: line.text for talk in many() for line in talk.lines}
    assert (first.now, first.before, first.times) == (40, 0, None)
    assert all(quote.text in texts[quote.line] and quote.story in found.by_id for quote in first.quotes)
    assert len({quote.story for quote in first.quotes}) == 3
    assert "heater" in " ".join(one.phrase for one in found.rising)


def test_stories_are_grouped_by_subject_and_ranked_with_what_lifts_them():
    found = mine(many(), START, END, START - 700 * HOUR, END, MEANS)

    assert {cluster.intent for cluster in found.clusters} == {"wifi", "lost-item", "pool"}
    assert sum(cluster.count for cluster in found.clusters) <= len(found.stories) == 140
    assert found.stories[0].why[0] == "rescued"
    assert [story.rank for story in found.stories] == sorted((story.rank for story in found.stories), reverse=True)
    assert all(found.clusters[story.cluster].intent == story.intent for story in found.stories if story.cluster >= 0)
    assert found.stories[0].alike == 50


def test_an_empty_period_tells_nothing():
    found = mine([], START, END, START - HOUR, END, MEANS)

    assert (found.talks, found.stories, found.rising, found.clusters) == (0, (), (), ())
