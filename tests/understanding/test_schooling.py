"""Schooling: a head trained on a tenant's labels; who judges it, by which figures, and when it may not serve."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from rapport.errors import BadInput
from rapport.understanding.keeping import from_bytes, version_of
from rapport.understanding.reader import shipped
from rapport.understanding.schooling import Label, apart, judged, school

START = datetime(2026, 3, 3, tzinfo=UTC)
BOXES = ("blinks red", "is dark", "hums loudly", "went off", "shows amber", "restarts itself", "is hot", "has no light")
POOLS = ("is too cold", "closes early", "smells odd", "has no towels", "is crowded", "looks green", "opens late", "is closed")
LABELS = [
    Label(text, intent, f"p{n}", START + timedelta(hours=n))
    for n, (text, intent) in enumerate(
        pair
        for k in range(8)
        for box, pool in zip(BOXES, POOLS, strict=True)
        for pair in ((f"fibre box {k} {box}", "fibre-down"), (f"the pool {k} {pool}", "pool"))
    )
]


@pytest.fixture(scope="module")
def reader():
    return shipped()


def test_the_newest_persons_judge_and_nobody_is_on_both_sides():
    both = [Label("x", "pool", "p0", START + timedelta(days=9))]
    taught, held = apart([*LABELS, *both])

    assert {one.person for one in taught}.isdisjoint({one.person for one in held})
    assert max(one.at for one in taught if one.person != "p0") < min(one.at for one in held)
    assert len(held) >= len(LABELS) / 4


def test_a_head_that_learnt_the_tenants_own_intents_serves_and_its_bytes_read_the_same(reader):
    lesson = school(reader, LABELS, None, (), ())
    figures = lesson.figures
    taught = from_bytes(lesson.kept)

    assert (figures.serves, figures.reason, figures.right_before) == (True, "better", 0.0)
    assert figures.right_after > 0.9
    assert figures.low > 0
    assert Counter(one.intent for one in figures.intents) == {"fibre-down": 1, "pool": 1}
    assert figures.version == taught.version == version_of(lesson.kept)
    assert reader.read(["the fibre box is dark again"], reader.adapted((), taught))[0].intent == "fibre-down"


@pytest.mark.parametrize(
    ("before", "after", "count", "reason"),
    [
        (["pool"] * 40, ["pool"] * 40, 40, "worse"),
        ([""] * 40, ["pool"] * 40, 40, "better"),
        ([""] * 20, ["pool"] * 20, 20, "sample"),
        ([""] * 40, ["pool"] * 20 + ["wifi"] * 20, 40, "wrong"),
        (["pool"] * 20 + [""] * 20, [""] * 19 + ["pool"] * 21, 40, "unsure"),
    ],
)
def test_what_is_no_better_or_tells_more_wrongly_or_cannot_be_told_is_refused(before, after, count, reason):
    held = [Label("x", "pool", f"p{n}", START) for n in range(count)]

    figures = judged(before, after, held, "own-1", "seeds-1", 90)

    assert (figures.reason, figures.serves) == (reason, reason == "better")


def test_too_few_labels_are_refused_with_how_many_are_needed(reader):
    with pytest.raises(BadInput, match="4 labels are too few to train with: 20 beside those held back are needed"):
        school(reader, LABELS[:4], None, (), ())


def test_bytes_that_hold_no_head_are_refused():
    with pytest.raises(BadInput, match="these bytes are no trained reader"):
        from_bytes(b"nonsense")
