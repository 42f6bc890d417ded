"""What came of learning, as people and as programs read it: plain words with figures, and JSON that holds numbers alone."""

import json

from matching.test_teaching import TEAMS, UNLIKE, a_log
from rapport.app.learning import Learnt, as_json, in_words
from rapport.matching.teaching import teach


def learnt(count, *, promoted=False):
    decided = a_log(UNLIKE, count)
    return Learnt("hotel", "1", count, sum(one.good for one in decided), teach(decided, TEAMS, "1"), promoted)


def test_a_model_that_serves_is_told_with_its_figures():
    found = learnt(3000, promoted=True)

    said = in_words(found)

    assert said.endswith(f"model {found.lesson.thing.version} serves from now on")
    assert all(word in said for word in ("3000 decisions", "May serve", "IPS", "SNIPS", "doubly robust", "95 %"))


def test_a_model_that_was_refused_leaves_the_present_one():
    said = in_words(learnt(30))

    assert "Nothing can be said yet" in said
    assert said.endswith("does not serve; 1 stays")


def test_what_cannot_be_said_is_null_in_json():
    said = json.loads(json.dumps(as_json(learnt(3)), allow_nan=False))

    assert (said["promoted"], said["decisions"], said["verdict"]["low"], said["verdict"]["reason"]) == (
        False,
        3,
        None,
        "sample",
    )
