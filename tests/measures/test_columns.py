"""Tables that grow: what is new has not happened, what was there stays, and a large one is not copied."""

import numpy as np
import pytest

from rapport.measures import columns
from rapport.measures.columns import NEVER, TALKS, Columns, Labels
from rapport.model.message import ChannelKind


def of_so_many(count: int) -> Columns:
    """A table whose rows are numbered from one on, one by one."""
    table = Columns(TALKS)
    for number in range(1, count + 1):
        row = table.add()
        table.cells["account"][row] = number
    return table


@pytest.mark.parametrize(("room", "further", "block"), [(2, 2, 4), (3, 4, 2), (2, 1 << 45, 4)])
def test_a_table_that_is_full_has_room_for_more_and_keeps_what_it_had(monkeypatch, room, further, block):
    for name, value in (("FIRST_ROOM", room), ("FURTHER", further), ("BLOCK", block)):
        monkeypatch.setattr(columns, name, value)

    table = of_so_many(50)

    assert table["account"].tolist() == list(range(1, 51))
    assert set(table["resolved"].tolist()) == {NEVER}
    assert set(table["transfers"].tolist()) == {0}


def test_a_large_table_is_not_copied_when_more_comes():
    table = Columns(TALKS)
    table.hold({"account": np.arange(1, 20_001), "resolved": 7}, 20_000)
    before = table.arrays["account"]

    added = [table.add() for _ in range(10_000)]

    assert table.arrays["account"] is before
    assert added == list(range(20_000, 30_000))
    assert table["account"][:20_000].tolist() == list(range(1, 20_001))
    assert set(table["resolved"][20_000:].tolist()) == {NEVER}
    assert set(table["resolved"][:20_000].tolist()) == {7}


def test_a_word_of_an_enumeration_is_kept_as_a_plain_word():
    labels = Labels()

    assert labels.code(ChannelKind.CHAT) == labels.code("chat") == labels.known("chat") == 1
    assert [type(word) for word in labels.words] == [str, str]
    assert labels.known("voice") == -1
