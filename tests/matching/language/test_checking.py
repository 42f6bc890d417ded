"""What is wrong with an expression beyond its grammar: each finding with its character and its cure."""

import pytest

from rapport.matching.expression import parse
from rapport.matching.language.checking import Schema, check
from rapport.model.attribute import AttributeType

SCHEMA = Schema(
    agent={
        "team": AttributeType.TEXT,
        "calls": AttributeType.NUMBER,
        "bot": AttributeType.FLAG,
        "languages": AttributeType.SET,
        "skills": AttributeType.LEVELS,
        "mixed": None,
    },
    need={"language": AttributeType.TEXT, "urgency": AttributeType.LEVEL, "person": None},
    person={"points": AttributeType.NUMBER},
    is_closed=True,
    always=frozenset({"team", "bot", "languages", "skills"}),
    forbidden=lambda name: "is not to be used" if name == "age" else "",
)


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("skils.wifi > 0.5", 0, "no agent has the attribute 'skils'; did you mean 'skills'?"),
        ("team == 'it' and need.langage == 'es'", 17, "a need has no 'langage'; did you mean 'language'?"),
        ("age > 3", 0, "'age' is not to be used"),
        ("person.age > 3", 0, "'person.age' is not to be used"),
        ("team == 3", 5, "a text is compared with a number"),
        ("calls > 'many'", 6, "a number is compared with a text"),
        ("bot > false", 4, "only numbers and texts are above or below something"),
        ("calls >= null", 6, "only numbers and texts are above or below something"),
        ("languages == 'es'", 10, "one side is a list; write `has` or `in`"),
        ("languages != 'es'", 10, "one side is a list; write `has` or `in`"),
        ("team has 'it'", 5, "a text is no list; write `==`"),
        ("team in 'it'", 5, "the right side must be a list"),
        ("languages in ['es']", 10, "a list is not one of its items"),
        ("calls contains 'x'", 6, "a number is no text"),
        ("skills.wifi >= 80", 15, "a level is from 0 to 1, got 80; write 0.8"),
        ("need.urgency > 2", 15, "a level is from 0 to 1, got 2; write 0.02"),
        ("person.points == 'many'", 14, "a number is compared with a text"),
        ("team", 0, "a bare value is true only if it is `true`, and this is a text; compare it with something"),
        ("not languages", 4, "a bare value is true only if it is `true`, and this is a list; say which"),
    ],
)
def test_what_can_never_be_meant_is_an_error_with_its_character_and_its_cure(text, at, said):
    (finding,) = check(parse(text).tree, SCHEMA)

    assert (finding.at, finding.is_error) == (at, True)
    assert said in finding.says


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("need.language not in mixed", "is false for everybody while the list is missing"),
        ("calls not in [1, 2]", "is false for who has no such attribute"),
        ("mixed != 'a'", "is true for who has no such attribute"),
    ],
)
def test_what_a_missing_attribute_turns_round_is_a_warning(text, said):
    (finding,) = check(parse(text).tree, SCHEMA)

    assert (said in finding.says, finding.is_error) == (True, False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "team != 'it' and languages has need.language and skills[need.language] >= 0.5",
        "mixed == 3 or mixed has 'a' or mixed",
        "bot or not (team in ['it']) and calls != null",
        "person.anything == 'gold' and skills has 'wifi' and need.urgency <= 1",
    ],
)
def test_what_is_meant_is_left_alone(text):
    assert check(parse(text).tree, SCHEMA) == []


def test_where_agents_are_not_known_any_attribute_may_be_named():
    assert check(parse("skils.wifi > 0.5").tree, Schema()) == []
