"""A centre that has learnt values pairs by its model, says so in words, and goes back when the model is taken away."""

import msgspec
import numpy as np
import pytest

from matching.matchwork import Matchwork, an_agent
from rapport.errors import BadInput
from rapport.matching.explain import in_words
from rapport.matching.learning.features import NAMES, design, names_of
from rapport.matching.learning.keeping import to_bytes, version
from rapport.matching.learning.model import learn, new_model
from rapport.matching.memory import remember
from rapport.matching.patience import likelihood
from rapport.matching.sound import refuse_unsound
from rapport.matching.value import VERSION
from rapport.matching.valuing import pairs_of, value
from rapport.model.centre import LearntModel, Profile
from rapport.model.fact import CentreRemoved
from rapport.model.need import Need

WIFI = "The wifi in my room drops"
AGENTS = ("ann", "ben", "eve")


def a_model(good="", *, off=(), calming=0, agents=AGENTS):
    """A model that has seen `good` resolve forty needs that the others did not; `calming` outcomes by who calms."""
    model = new_model(design(), agents, ["desk"] * len(agents))
    terms = np.zeros(len(NAMES))
    terms[NAMES.index("base")] = 1.0
    for _ in range(40 if good else 0):
        for place, agent in enumerate(agents):
            learn(model, terms, np.zeros(0), np.zeros(0), place, agent == good)
    terms[NAMES.index("calming")] = 1.0
    for _ in range(calming):
        learn(model, terms, np.zeros(0), np.zeros(0), 0, True)
    return LearntModel("matching", to_bytes(model), version(model), tuple(off))


def a_centre(*, model=None, matching="patient", agents=None, **profile):
    work = Matchwork(*(agents or [an_agent(one, team="desk", slots={"social": 9}, languages=["en"]) for one in AGENTS]))
    work.set("centre", "centre", Profile(name="Hotel", matching=matching, **profile))
    if model:
        work.set("model", "matching", model)
    return work


def test_an_offer_goes_to_who_resolves_more_and_names_the_model():
    model = a_model("eve")
    work = a_centre(model=model)
    post = work.write("Hello")

    why = work.offer_of(post).why
    assert (work.asked(post), why.version) == ("eve", model.version)
    assert "resolves more than most" in in_words(why, "en")
    assert "resuelve más que la mayoría" in in_words(why, "es")
    assert why.options[0].agent == "eve"
    assert why.options[0].likely > max(option.likely for option in why.options[1:])


def test_without_the_model_the_built_in_likelihood_serves_again():
    work = a_centre(model=a_model("eve"))
    work.tell(CentreRemoved("model", "matching", "admin"))
    post = work.write("Hello")

    assert work.offer_of(post).why.version == VERSION


@pytest.mark.parametrize("matching", ["best", "plain"])
def test_other_modes_are_untouched_by_a_model(matching):
    posts = []
    for model in (None, a_model("eve")):
        work = a_centre(model=model, matching=matching)
        posts.append(work.offer_of(work.write(WIFI)).why)

    assert posts[0] == posts[1]
    assert (posts[0].version, posts[0].options) == (VERSION, ())


def test_what_the_model_does_not_look_at_is_no_reason():
    agents = [an_agent("ann", slots={"social": 9}, languages=["en"], skills={"wifi": 1.0})]
    with_skill = a_centre(model=a_model(agents=("ann",)), agents=agents)
    without = a_centre(model=a_model(agents=("ann",), off=("skill",)), agents=agents)

    assert "good at wifi" in in_words(with_skill.offer_of(with_skill.write(WIFI)).why, "en")
    assert "wifi" not in in_words(without.offer_of(without.write(WIFI)).why, "en")


def test_who_is_known_to_calm_is_said_in_both_languages():
    agents = [an_agent("ann", slots={"social": 9}, languages=["en"], calms={"anger": 0.9})]
    work = a_centre(model=a_model(agents=("ann",), calming=20), agents=agents)
    why = work.offer_of(work.write("Hello", emotion="anger")).why

    assert why.options[0].terms["calming"] == 0.9
    assert ("known to calm: anger" in in_words(why, "en"), "sabe calmar: enojo" in in_words(why, "es")) == (True, True)


def test_what_is_protected_is_never_seen():
    agents = [
        an_agent("ann", languages=["en"], interests={"womens health": 1.0, "running": 1.0}, calms={"race": 1.0}),
    ]
    work = a_centre(agents=agents, protected=("running",))
    memory = remember(work.rows)
    wants = _wants(work, "Hello")
    everything = dict.fromkeys(range(len(memory.standing.roster.interests.names)), (1.0, "said"))
    wants.interests.update(everything)

    names = names_of(pairs_of([wants], memory.valuer_now(), np.arange(1)))

    assert not {"womens health", "running", "race"} & set(names)


def test_pairs_without_a_model_have_the_built_in_likelihood():
    work = a_centre()
    wants = _wants(work, WIFI)
    worth = np.array([[1.0, 4.0, -np.inf]])

    found = value(worth, [wants], remember(work.rows).valuer_now(), np.arange(3))

    assert found.likely.tolist() == likelihood(worth).tolist()


def test_what_a_plan_prefers_still_counts_beside_the_model():
    work = a_centre(model=a_model())
    wants = _wants(work, "Hello")

    found = value(np.array([[3.0, 1.0, -np.inf]]), [wants], remember(work.rows).valuer_now(), np.arange(3)).likely[0]

    assert found[0] > found[1] > found[2] == 0.0


def test_who_is_new_begins_as_their_team():
    agents = [an_agent(one, team="desk", slots={"social": 9}, languages=["en"]) for one in (*AGENTS, "zoe")]
    work = a_centre(model=a_model("eve"), agents=agents)
    options = work.offer_of(work.write("Hello")).why.options
    likely = {option.agent: option.likely for option in options}

    assert likely["ann"] < likely["zoe"] < likely["eve"]


@pytest.mark.parametrize(
    ("changes", "says"), [({"version": "0"}, "called 0"), ({"off": ("base",)}, "no feature that can be switched off")]
)
def test_a_model_that_is_not_what_it_says_is_refused(changes, says):
    with pytest.raises(BadInput, match=says):
        refuse_unsound("model", msgspec.structs.replace(a_model(), **changes), a_centre().rows.centre)


def test_a_model_that_cannot_be_read_is_refused_and_never_used():
    broken = LearntModel("matching", b"no model", "0")
    work = a_centre(model=broken)

    with pytest.raises(BadInput, match="train anew"):
        refuse_unsound("model", broken, work.rows.centre)
    assert work.offer_of(work.write("Hello")).why.version == VERSION


def _wants(work, text):
    memory = remember(work.rows)
    work.write(text, by="mastodon:@other@example.social")
    need = next(iter(work.rows.all(Need)))
    found = memory.wants_of(need, work.rows)
    assert found is not None
    return found


def test_who_writes_as_they_do_is_said():
    agents = [an_agent("ann", slots={"social": 9}, languages=["en"], style={"brevity": 1.0, "other": 1.0})]
    work = a_centre(model=a_model(agents=("ann",)), agents=agents)
    work.declare("mastodon:@guest@example.social", style={"brevity": 0.8})

    why = work.offer_of(work.write("Hello")).why

    assert why.options[0].terms == {"brevity": 0.8}
    assert "writes as briefly as they do" in in_words(why, "en")
    assert "escribe igual de breve" in in_words(why, "es")


def test_what_is_kept_of_a_decision_stays_small_and_does_not_depend_on_who_was_drawn():
    agents = [an_agent(f"agent-{n:02}", slots={"social": 9}, languages=["en"], skills={"wifi": 1.0}) for n in range(12)]
    work = a_centre(agents=agents, explored=0.05)
    seen = [work.offer_of(work.write(WIFI, by=f"mastodon:@guest{n}@example.social")).why for n in range(60)]

    assert max(len(msgspec.json.encode(why)) for why in seen) < 1024
    assert {len(why.options) for why in seen} <= {5, 6}
    assert all(why.options[0].agent not in {one.agent for one in why.options[1:]} for why in seen)
    assert any(why.drawn for why in seen)
