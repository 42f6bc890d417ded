"""Why nobody has a need yet, as a round of matching would see it."""

import pytest

from matching.matchwork import Matchwork, an_agent
from rapport.matching.looking import Look, look
from rapport.model.agent import AgentNow
from rapport.model.conversation import Conversation
from rapport.model.need import Need

pytestmark = pytest.mark.pure


def looked(work: Matchwork, message) -> Look:
    need = work.row(Need, work.conversation_of(message).id)
    pairs = [(need, work.row(Conversation, need.id))]
    return look(work.rows.centre, work.rows.all(AgentNow), pairs, {}, {}, work.now)[need.id]


def test_where_everybody_is_away_the_filter_that_took_them_out_is_named():
    work = Matchwork(an_agent("ana", presence="away"), an_agent("ben", presence="offline"))
    seen = looked(work, work.chat("Hello"))

    assert (seen.may, seen.free, dict(seen.removed)) == ((), 0, {"presence": 2})


def test_where_every_place_is_taken_it_says_how_many_could_and_that_none_is_free():
    work = Matchwork(an_agent("ana", slots={"chat": 1}), an_agent("ben", presence="busy", slots={"chat": 1}))
    first = work.chat("Hello", by="webchat:first")
    work.do("ana", "accept", first)
    seen = looked(work, work.chat("Hello"))

    assert (seen.may, seen.free) == (("ana", "ben"), 0)
