"""Protected attributes: found by their names in both languages, and never looked at in any way of matching."""

import pytest

from matching.matchwork import Matchwork, an_agent
from rapport.errors import BadInput
from rapport.matching.plan import check_plan, is_sound
from rapport.matching.protected import PROTECTED, category_of, usable
from rapport.matching.sound import check_expression
from rapport.model.centre import Profile
from rapport.model.need import Plan, Step


@pytest.mark.parametrize(
    ("category", "names"),
    [
        ("ethnicity", "ethnicity race skinColor etnia raza nacionalidad color_de_piel"),
        ("religion", "religion faith religión credo"),
        ("health", "health_status disability pregnant salud discapacidad embarazada diagnóstico"),
        ("orientation", "sexual_orientation orientación_sexual"),
        ("politics", "political_party politics partido_político ideología"),
        ("union", "union_member trade-union sindicato afiliación_sindical"),
        ("age", "age ageGroup birthDate date_of_birth edad fecha_de_nacimiento cumpleaños"),
        ("gender", "gender sex género sexo pronouns"),
        ("family", "marital_status estado_civil"),
    ],
)
def test_a_name_in_either_language_and_any_spelling_is_known(category, names):
    assert {name: category_of(name) for name in names.split()} == dict.fromkeys(names.split(), category)


@pytest.mark.parametrize(
    "name", ["language", "page", "package", "team", "average", "loyalty", "stage", "hotel", "trainee", "skills", "interests"]
)
def test_other_names_are_free(name):
    assert category_of(name) == ""


def test_a_tenant_protects_further_names():
    assert category_of("Postal Code", ("postal_code",)) == "own"


def test_every_category_has_names_in_both_languages():
    assert {category: len(phrases.split(", ")) >= 4 for category, phrases in PROTECTED.items()} == dict.fromkeys(
        PROTECTED, True
    )


@pytest.mark.parametrize("text", ["person.age > 60", "gender == 'f'", "need.language == 'es' and agent.religión != null"])
def test_an_expression_that_looks_at_one_is_refused_with_its_character(text):
    with pytest.raises(BadInput, match=r"character \d+: .* may never be used for matching"):
        check_expression(text)


def test_a_skill_of_that_name_is_what_somebody_can_do():
    assert check_expression("skills.health >= 0.5 and skills['union-law'] > 0") is None


@pytest.mark.parametrize("step", [Step(require="person.age > 60"), Step(prefer={"sexo == 'f'": 2.0})])
def test_a_plan_that_looks_at_one_is_as_if_it_were_not_there(step):
    plan = Plan("p", (step,))

    assert not is_sound(plan)
    with pytest.raises(BadInput, match="never be used"):
        check_plan(plan)


def test_interests_that_say_one_are_not_compared():
    assert usable(["running", "church", "race", "5k-race", "Política"]) == ["running", "race", "5k-race"]


def test_a_protected_attribute_is_missing_to_expressions_and_adds_no_worth():
    work = Matchwork(an_agent("ann", skills={"wifi": 0.9}, chess="x"), an_agent("ben", faith="x", interests=["church"]))
    work.set("centre", "centre", Profile(protected=("chess",)))
    steps = (Step(require="chess == 'x'", seconds=5), Step(require="chess == null and person.chess == null"))
    work.set("plan", "p", Plan("p", steps))
    work.declare("mastodon:@guest@example.social", chess="wifi", religion="wifi", interests=["church"])

    post = work.write("Hello")

    assert work.offer_of(post).why.step == 1
    assert {"wifi", "church", "interests", "topics"} & work.because(post) == set()
