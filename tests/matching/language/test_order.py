"""Orders of agents: by several keys, each in its direction; who has no number comes last in both."""

import pytest

from rapport.errors import BadInput
from rapport.matching.language.columns import Columns
from rapport.matching.language.order import read_order

AGENTS = Columns([{"level": 1.0, "x": 2.0}, {"level": 3.0, "x": 1.0}, {"x": 5.0}, {"level": 3.0}, {"level": "9"}])


@pytest.mark.parametrize(
    ("text", "ranked"),
    [
        ("worker.level DESC, worker.x ASC", [1, 3, 0, 2, 4]),
        ("level asc", [0, 1, 3, 2, 4]),
        ("level DESC", [1, 3, 0, 2, 4]),
        ("", [0, 1, 2, 3, 4]),
    ],
)
def test_the_first_key_decides_and_who_has_none_is_last(text, ranked):
    assert read_order(text).ranked(AGENTS).tolist() == ranked


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("level DOWN", "character 1: expected an attribute of agents, then ASC or DESC, got 'level DOWN'"),
        ("level DESC, task.x", "character 13: expected an attribute of agents"),
        ("level,,x", "character 7: expected an attribute of agents, then ASC or DESC, got 'nothing'"),
        (",".join(["x"] * 11), "an order has at most 10 keys, this one has 11"),
    ],
)
def test_an_order_that_cannot_be_read_is_refused_with_its_character(text, said):
    with pytest.raises(BadInput) as refused:
        read_order(text)

    assert said in str(refused.value)
