"""Expressions: against a slow evaluator written from the table of the language, and the errors that people read."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.errors import BadInput
from rapport.matching.expression import parse

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

PATHS = ["team", "level", "languages", "absent", "flag"]
scalars = st.one_of(st.sampled_from(["es", "it", "e", ""]), st.integers(-2, 4).map(float), st.booleans(), st.none())
agents = st.fixed_dictionaries({}, optional={path: st.one_of(scalars, st.lists(scalars, max_size=3)) for path in PATHS})
values = st.one_of(
    st.sampled_from(PATHS).map(lambda p: ("path", p)),
    scalars.map(lambda v: ("constant", v)),
    st.lists(scalars, max_size=3).map(lambda v: ("constant", v)),
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
    kind, content = value
    return content if kind == "path" else constant_text(content)


def constant_text(value):
    if isinstance(value, list):
        return "[" + ", ".join(map(constant_text, value)) + "]"
    return {True: "true", False: "false", None: "null"}.get(value) if value is None or isinstance(value, bool) else repr(value)


def slow(tree, agent):
    """What the table of the language says of the tree, case by case."""
    match tree:
        case ("bare", value):
            return found(value, agent) is True
        case ("not", inner):
            return not slow(inner, agent)
        case ("and", left, right):
            return slow(left, agent) and slow(right, agent)
        case ("or", left, right):
            return slow(left, agent) or slow(right, agent)
        case (name, left, right):
            return compared(name, found(left, agent), found(right, agent))


def found(value, agent):
    kind, content = value
    return agent.get(content) if kind == "path" else content


def compared(name, left, right):
    many = isinstance(left, list), isinstance(right, list)
    if name in ("has", "in", "not in"):
        array, one = (left, right) if name == "has" else (right, left)
        if not isinstance(array, list) or isinstance(one, list) or one is None:
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


@settings(deadline=None)
@given(trees, agents)
def test_means_what_the_table_of_the_language_says(tree, agent):
    assert parse(written(tree))(agent) == slow(tree, agent)


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
