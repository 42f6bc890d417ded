"""Expressions: against a slow evaluator written from the table of the language, and the errors that people read."""

import contextlib

import pytest
from hypothesis import given, settings, strategies as st

from rapport.errors import BadInput
from rapport.matching.expression import parse
from rapport.matching.language.columns import Columns
from rapport.matching.language.tree import NEED as NEED_SIDE

ANA = {"languages": ["es", "en"], "skills": {"wifi": 0.9, "money-management": 0.7}, "team": "it", "level": 3.0, "bot": False}
NEED = {"language": "es", "kind": "chat", "person": {"loyalty": "gold"}, "skill": "wifi"}


@pytest.mark.parametrize(
    "text",
    [
        'languages has "es" and skills.wifi >= 0.5 and not team == "night"',
        "LANGUAGES HAS 'es'".replace("LANGUAGES", "languages"),
        "need.language == '' or languages has need.language",
        "skills[need.skill] >= 0.5",
        "skills.money-management > 0.5",
        'skills["money-management"] > 0.5',
        "skills has 'wifi'",
        'team in ["it", "ops"] and person.loyalty == "gold"',
        'worker.team == "it" and task.kind == "chat"',
        "team contains 'i'",
        "level not in [1, 2]",
        "languages[0] == 'es'",
        "NOT bot AND (level = 3 OR level > 10)",
        "nothing == null and nothing != 3",
        "",
    ],
)
def test_holds_of_ana(text):
    assert parse(text)(ANA, NEED)


@pytest.mark.parametrize(
    "text",
    [
        "languages == 'es'",  # a scalar operator on an array is false
        "languages != 'fr'",
        "team has 'it'",  # an array operator on two scalars is false
        "team > 3",  # of different types
        "level == true",
        "nothing < 3",
        "nothing in ['a']",
        "nothing not in ['a']",
        "level in nothing",
        "level contains 3",
        "team",  # a bare path is true only if it is true
        "bot",
        "a or b and c",
    ],
)
def test_does_not_hold_of_ana(text):
    assert not parse(text)(ANA, NEED)


def test_and_binds_more_than_or():
    assert parse("level == 3 or level == 3 and bot")(ANA)


# ---- against a slow evaluator

KEYS = ["team", "level", "languages", "absent", "flag", "skills"]
AGENTS_PATHS = [*KEYS, "skills.wifi", "skills['it']", "languages[0]", "skills[need.skill]", "skills[team]", "worker.level"]
NEEDS_PATHS = ["need.language", "task.skill", "need.many", "need.many[1]", "person.level", "need.levels[team]"]
texts = st.sampled_from(["es", "it", "e", "", "wifi"])
scalars = st.one_of(texts, st.integers(-2, 4).map(float), st.booleans(), st.none())
anything = st.one_of(scalars, st.lists(scalars, max_size=3), st.dictionaries(texts, st.integers(0, 2).map(float), max_size=2))
agents = st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, anything))
needs = st.fixed_dictionaries(
    {}, optional={"language": scalars, "skill": scalars, "many": anything, "levels": anything, "person": agents}
)
values = st.one_of(
    st.sampled_from([*AGENTS_PATHS, *NEEDS_PATHS]).map(lambda path: ("path", path)),
    scalars.map(lambda value: ("constant", value)),
    st.lists(scalars, max_size=3).map(lambda value: ("constant", value)),
    st.lists(st.sampled_from(["team", "need.language", "level"]), min_size=1, max_size=2).map(lambda paths: ("listed", paths)),
)
OPERATORS = ["==", "=", "!=", "<", "<=", ">", ">=", "has", "in", "not in", "contains"]
comparisons = st.one_of(values.map(lambda v: ("bare", v)), st.tuples(st.sampled_from(OPERATORS), values, values))
trees = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(["and", "or"]), inner, inner),
    ),
    max_leaves=6,
)


def written(tree):
    """The tree as text, every part in brackets."""
    match tree:
        case ("bare", value):
            return value_text(value)
        case ("not", inner):
            return f"NOT ({written(inner)})"
        case ("and" | "or" as name, left, right):
            return f"({written(left)}) {name} ({written(right)})"
        case (name, left, right):
            return f"{value_text(left)} {name} {value_text(right)}"


def value_text(value):
    match value:
        case ("path", content):
            return content
        case ("listed", content):
            return f"[{', '.join(content)}]"
        case (_, content):
            return constant_text(content)


def constant_text(value):
    if isinstance(value, list):
        return "[" + ", ".join(map(constant_text, value)) + "]"
    return {True: "true", False: "false", None: "null"}.get(value) if value is None or isinstance(value, bool) else repr(value)


def slow(tree, agent, need):
    """What the table of the language says of the tree, case by case."""
    match tree:
        case ("bare", value):
            return found(value, agent, need) is True
        case ("not", inner):
            return not slow(inner, agent, need)
        case ("and", left, right):
            return slow(left, agent, need) and slow(right, agent, need)
        case ("or", left, right):
            return slow(left, agent, need) or slow(right, agent, need)
        case (name, left, right):
            return compared(name, found(left, agent, need), found(right, agent, need))


def found(value, agent, need):
    match value:
        case ("path", path):
            return WALKS[path](agent, need)
        case ("listed", paths):
            return [WALKS[path](agent, need) for path in paths]
        case (_, content):
            return content


def under(mapping, key):
    return mapping.get(key) if isinstance(mapping, dict) and isinstance(key, str) else None


def nth(many, place):
    return many[place] if isinstance(many, list) and len(many) > place else None


WALKS = {
    **{key: lambda agent, need, key=key: agent.get(key) for key in KEYS},
    "skills.wifi": lambda agent, need: under(agent.get("skills"), "wifi"),
    "skills['it']": lambda agent, need: under(agent.get("skills"), "it"),
    "languages[0]": lambda agent, need: nth(agent.get("languages"), 0),
    "skills[need.skill]": lambda agent, need: under(agent.get("skills"), need.get("skill")),
    "skills[team]": lambda agent, need: under(agent.get("skills"), agent.get("team")),
    "worker.level": lambda agent, need: agent.get("level"),
    "need.language": lambda agent, need: need.get("language"),
    "task.skill": lambda agent, need: need.get("skill"),
    "need.many": lambda agent, need: need.get("many"),
    "need.many[1]": lambda agent, need: nth(need.get("many"), 1),
    "person.level": lambda agent, need: under(need.get("person"), "level"),
    "need.levels[team]": lambda agent, need: under(need.get("levels"), agent.get("team")),
}


def compared(name, left, right):
    many = isinstance(left, list | dict), isinstance(right, list | dict)
    if name in ("has", "in", "not in"):
        array, one = (left, right) if name == "has" else (right, left)
        if not isinstance(array, list | dict) or isinstance(one, list | dict) or one is None:
            return False
        among = any(type(item) is type(one) and item == one for item in array)
        return among != (name == "not in")
    if any(many):
        return False
    same = type(left) is type(right) and left == right
    if name in ("==", "=", "!="):
        return same != (name == "!=")
    if name == "contains":
        return isinstance(left, str) and isinstance(right, str) and right in left
    if type(left) is not type(right) or isinstance(left, bool) or left is None:
        return False
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[name]


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(trees, st.lists(agents, min_size=1, max_size=6), st.lists(needs, min_size=1, max_size=3))
def test_one_and_many_mean_what_the_table_of_the_language_says(tree, agents, needs):
    rule, columns = parse(written(tree)), Columns(agents)

    expected = [[slow(tree, agent, need) for agent in agents] for need in needs]
    assert [[rule(agent, need) for agent in agents] for need in needs] == expected
    assert [rule.mask(columns, need).tolist() for need in needs] == expected


def test_a_long_list_of_numbers_means_the_same_of_many():
    rule = parse(f"level in {list(range(20))}")

    assert rule.mask(Columns([{"level": 3.0}, {"level": 30.0}, {"level": "3"}, {}])).tolist() == [True, False, False, False]


def test_of_nobody_the_mask_is_empty():
    assert parse("team == 'it' or true").mask(Columns([])).tolist() == []


def test_a_path_without_a_side_is_the_needs_where_that_is_said():
    assert parse("kind == 'chat' and worker.team == 'it'", NEED_SIDE)(ANA, NEED)


# ---- errors


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("team ==", "character 8: expected a name or a value, got 'the end'"),
        ("team & level", "character 6: expected a name, a value or an operator, got '& level'"),
        ("(team == 'a'", "character 13: expected ')', got 'the end'"),
        ("team in ['a' 'b']", "character 14: expected ',', got \"'b'\""),
        ("team level", "character 6: expected AND, OR or the end, got 'level'"),
        ("team == 'a", "character 9: expected a name, a value or an operator"),
        ("not " * 40 + "bot", "at most 32 levels of brackets and NOT"),
        ("(" * 40 + "bot" + ")" * 40, "at most 32 levels of brackets and NOT"),
        ("team in [" + "1," * 1001 + "1]", "at most 1000 items in a list"),
        ("skills[true] > 0", "character 8: expected a number, a text or a name in '[ ]', got 'true'"),
        ("x in " + "[" * 40 + "]" * 40, "at most 32 levels of brackets and NOT"),
        ("x" * 9000, "at most 8192 characters, this one has 9000"),
    ],
)
def test_an_error_names_the_place_and_what_was_expected(text, said):
    with pytest.raises(BadInput) as error:
        parse(text)

    assert said in str(error.value)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_no_text_does_anything_but_parse_or_be_refused(text):
    with contextlib.suppress(BadInput):
        assert parse(text)(ANA, NEED) in (True, False)
