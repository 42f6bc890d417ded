"""Asking for a person: must never be missed, in either language; expected values by hand."""

from pathlib import Path

import pytest

from rapport.understanding import model_files
from rapport.understanding.person import Person
from rapport.understanding.words import prepare

HERE = Path(__file__).parent
ASKED = (HERE / "asked.txt").read_text("utf-8").splitlines()
NOT_ASKED = (HERE / "not_asked.txt").read_text("utf-8").splitlines()


@pytest.fixture(scope="module")
def person() -> Person:
    return Person(model_files.table("person.toml"))


@pytest.mark.parametrize("text", ASKED)
def test_who_asks_for_a_person_is_heard(person, text):
    assert person.asked(prepare(text).words)


@pytest.mark.parametrize("text", NOT_ASKED)
def test_who_does_not_ask_for_a_person_is_not_taken_to(person, text):
    assert not person.asked(prepare(text).words)


@pytest.mark.parametrize("text", ASKED[::5])
def test_asking_is_heard_inside_a_longer_message(person, text):
    longer = f"Hola buenas tardes, tengo un problema con mi pedido de ayer. {text}. Gracias, my order is 4471"

    assert person.asked(prepare(longer).words)
