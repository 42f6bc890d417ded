"""Signals: what a message shows, in both languages; expected values by hand (`held_signals.toml`)."""

import tomllib
from pathlib import Path

import pytest

from rapport.model.signal import Shown
from rapport.understanding.patterns import Patterns

HELD = tomllib.loads((Path(__file__).parent / "held_signals.toml").read_text("utf-8"))
FALSE = {"wants-person": 1}  # "hablé con un asesor": without its accent it is asked for
MISSED = {"vulnerable": 1}  # "acabo de enviudar"


def shows(reader, kind: str, text: str) -> bool:
    """Whether a text shows a kind of signal; a promise is of ours."""
    return bool(reader.promised(text)) if kind == "promise" else any(s.kind == kind for s in reader.read([text])[0].signals)


@pytest.mark.pure
@pytest.mark.parametrize("kind", HELD)
def test_who_shows_a_signal_is_seen_and_who_does_not_is_left_alone(reader, kind):
    right = [text for name, texts in HELD[kind].items() if not name.startswith("not_") for text in texts]
    wrong = [text for name, texts in HELD[kind].items() if name.startswith("not_") for text in texts]

    missed = [text for text in right if not shows(reader, kind, text)]
    false = [text for text in wrong if shows(reader, kind, text)]
    assert (len(missed), len(false)) == (MISSED.get(kind, 0), FALSE.get(kind, 0)), (missed, false)


@pytest.mark.pure
def test_a_signal_quotes_the_words_as_they_were_written(reader):
    (reading,) = reader.read(["Hola. Huele mucho a gas en la cocina ¿Qué hago?"])

    assert reading.signals == (Shown("safety", "huele mucho a gas"), Shown("question", "¿Qué hago?"))


@pytest.mark.pure
def test_a_pattern_is_found_with_and_without_what_may_be_left_out():
    patterns = Patterns([("{want|need} to {|really} leave", "leaving"), ("want to leave a note", "")])

    assert [hit.size for hit in patterns.found(["i", "need", "to", "really", "leave"])] == [4]
    assert [hit.meaning for hit in patterns.found(["i", "want", "to", "leave", "a", "note"])] == [""]
    assert patterns.found(["want", "to"]) == []


@pytest.mark.pure
def test_a_pattern_that_needs_no_word_is_refused():
    with pytest.raises(ValueError, match="may not be left out"):
        Patterns([("{|a} {|b}", "nothing")])
