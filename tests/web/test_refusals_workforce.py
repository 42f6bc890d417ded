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
