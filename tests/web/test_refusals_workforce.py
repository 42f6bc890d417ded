"""What bursts and swaps refuse is told in Spanish: every sentence that is raised or gathered in their stages."""

import ast

import pytest

from rapport.web.languages import retell
from web.refusalwork import SOURCE, texts

ROOMS = [
    "matching/bursting/plan",
    "matching/bursting/answering",
    "matching/duty/legal",
    "matching/duty/swapping",
    "matching/duty/rostering",
]


def refusals() -> set[str]:
    found = set()
    for name in ROOMS:
        for node in ast.walk(ast.parse((SOURCE / f"{name}.py").read_text())):
            names = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("missing[")
            if isinstance(node, ast.Raise) or names:
                found |= {text for text in texts(node) if text.endswith((".", "?"))}
    words = (
        "ana would work 32 hours in week 10 of 2026; 20 are the most.",
        "ana would rest 8 hours before 2026-03-06; 11 are needed.",
        "ana would work twice at the same time on 2026-03-06.",
        "ana would work 7 days in a row up to 2026-03-08; 6 are the most.",
    )
    return found | set(words)


@pytest.mark.parametrize("told", sorted(refusals()))
def test_every_refusal_is_told_in_spanish(told):
    assert retell("es", told) != told


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("the hour must be a whole number up to 23, got '99'", "la hora: un número entero de hasta 23, y se recibió '99'"),
        (
            "shrinkage is a number from 0 to 90, got '95'",
            "tiempo pagado fuera del puesto: un número de 0 a 90, y se recibió '95'",
        ),
    ],
)
def test_a_field_of_a_form_is_named_in_the_language_of_who_filled_it(told, said):
    assert retell("es", told) == said
