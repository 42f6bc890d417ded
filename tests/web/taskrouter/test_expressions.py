"""TaskRouter's expressions mean in our words what they mean in theirs."""

import msgspec
import pytest
from hypothesis import given, strategies as st

from rapport.errors import BadInput
from rapport.matching.expression import parse
from rapport.web.taskrouter.expressions import compiled, flat, of_the_house, translate

WORKER = {
    "level": 3, "name": "ana", "languages": ["es-MX", "en"], "skills": {"wifi": 4, "billing": 1, "since": "May"},
    "team": "night", "contact": {"phone": {"area": "55"}}, "trained": True, "gone": None, "role": "lead", "codes": [5, 7],
}  # fmt: skip
TASK = {"type": "wifi", "priority": 5, "language": "es-MX", "wants": ["wifi", "tv"], "who": {"tier": "gold"}}
# expression -> what the vendor's page on expressions says of it for these two
MEANT = {
    "level > 2": True,
    "worker.level == 3": True,
    "worker.level = 3 AND worker.name != 'eve'": True,
    "languages HAS 'es-MX'": True,
    "worker.languages HAS task.language": True,
    "'es-MX' IN worker.languages": True,
    "'fr' NOT IN worker.languages": True,
    "task.language IN ['es-MX', 'es']": True,
    "worker.skills.wifi >= 4": True,
    "worker.skills.wifi > worker.skills.billing": True,
    "skills.nothing > 0": False,
    "worker.skills HAS 'wifi'": True,
    "worker.skills.since == 'May'": True,
    "worker.contact.phone.area == '55'": True,
    "worker.name CONTAINS 'an'": True,
    "worker.trained == true": True,
    "worker.gone == null": True,
    "worker.team == 'night' OR 1 == 2": True,
    "(worker.role == 'lead') AND (task.who.tier == 'gold')": True,
    "worker.languages[0] == 'es-MX'": True,
    "task.wants HAS 'tv'": True,
    "task.priority > worker.level": True,
    "worker.name == 'task.type'": False,
    'worker.name == "ana"': True,
    "1==1": True,
    "1==2": False,
}


def holds(text, worker=WORKER, task=TASK, bare="worker"):
    rule = parse(translate(text, bare=bare))
    return rule(of_the_house(worker) | flat(worker, "worker"), {"person": flat(task, "task")})


@pytest.mark.parametrize(("text", "meant"), MEANT.items())
def test_an_expression_means_what_it_means_there(text, meant):
    assert holds(text) is meant


def test_a_filter_speaks_of_the_task_where_it_names_nobody():
    assert holds("type == 'wifi' AND priority > 4", bare="task")


@given(st.text(st.characters(exclude_characters="'\\"), max_size=30))
def test_what_stands_in_quotation_marks_stays_as_it_is(text):
    assert holds(f"name == '{text}'", {"name": text})


@given(st.dictionaries(st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True), st.integers(-100, 100), min_size=1))
def test_every_name_is_found_whatever_our_own_names_are(worker):
    reserved = {"and", "or", "not", "has", "in", "contains", "true", "false", "null", "worker", "task"}
    name = sorted(worker)[0]

    assert name in reserved or holds(f"worker.{name} == {worker[name]}", worker)


@given(st.text(max_size=60))
def test_whatever_is_written_is_understood_or_refused_with_the_field(text):
    refusals: list[str] = []
    try:
        compiled(text, field="TargetWorkers")
    except BadInput as wrong:
        refusals.append(str(wrong))

    assert all(one.startswith("TargetWorkers: ") for one in refusals)


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_attributes_of_any_shape_become_values_that_an_agent_can_have(value):
    from rapport.model.attribute import Value

    said = flat({"a": value}, "worker")

    assert msgspec.convert(msgspec.json.decode(msgspec.json.encode(said)), dict[str, Value]) == said


@pytest.mark.parametrize("text", ["worker.gender == 'f'", "age > 30", "task.customer.religion == 'x'"])
def test_what_is_protected_may_not_be_asked(text):
    with pytest.raises(BadInput, match="matching may never use"):
        compiled(text, field="TargetWorkers")


def test_a_skill_may_have_the_name_of_what_is_protected():
    compiled("worker.skills.health > 3", field="TargetWorkers")

    assert holds("worker.skills.health > 3", {"skills": {"health": 4}})


def test_levels_on_any_scale_become_levels_from_0_to_1():
    assert of_the_house({"skills": {"wifi": 4, "tv": 10}, "language": "es"}) == {
        "skills": {"wifi": 0.4, "tv": 1.0}, "languages": ["es"],
    }  # fmt: skip
