"""Holding replies of a burst in the measures: whoever was only told how long it takes waits for their answer."""

from msgspec.structs import replace

from measures.measured import an_id, at, folded, opened, replied
from rapport.model.burst import holding_draft
from rapport.model.fact import BurstAnswered


def test_a_holding_reply_ends_no_wait_and_the_answer_after_it_does():
    burst, told = an_id("burst"), an_id("talk", "a")
    holding = replace(replied("a", 1), draft=holding_draft(burst, told))
    rows = folded((0, opened("a", 0)), (5, BurstAnswered(burst, "holding", "", ("crowd",))), (6, holding), (60, replied("a")))

    assert rows.waits["until"].tolist() == [at(60)]
    assert rows.talks["answered"].tolist() == [at(60)]
