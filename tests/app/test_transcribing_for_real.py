"""Recordings heard by the real faster-whisper, with a model that is made here: what it will say is known."""

import numpy as np
import pytest

from app import tiny_whisper
from measures.stories.test_voices import a_voice, a_wav
from rapport.app.transcribing import open_hearer, transcript_of
from rapport.errors import BadInput, SetupError
from rapport.measures.stories.voices import RATE

pytest.importorskip("faster_whisper", reason="faster-whisper is not installed; it comes with rapport[whisper]")
SAID = [(0.0, "Hola, le atiende Ana.", 1.0), (1.0, "El wifi no funciona.", 2.0)]


@pytest.fixture
def folder(tmp_path):
    tiny_whisper.make(tmp_path, SAID)
    return tmp_path


def test_a_recording_of_two_voices_is_heard_by_a_model_from_a_folder(folder):
    two = np.concatenate([a_voice(210, 1.0), a_voice(110, 1.1, seed=1)])

    said = [(one.by, one.text) for one in transcript_of(open_hearer(folder), a_wav(two), "es")]

    assert said == [("us", "Hola, le atiende Ana."), ("them", "El wifi no funciona.")]


def test_where_nobody_speaks_nothing_is_heard(folder):
    silence = a_wav(np.zeros(2 * RATE, np.float32), np.zeros(2 * RATE, np.float32))

    assert transcript_of(open_hearer(folder), silence, "en") == []
    with pytest.raises(BadInput, match="two voices cannot be told apart"):
        transcript_of(open_hearer(folder), a_wav(np.zeros(2 * RATE, np.float32)), "en")


def test_a_model_that_was_cut_short_is_refused_with_its_folder(folder):
    whole = (folder / "model.bin").read_bytes()
    (folder / "model.bin").write_bytes(whole[: len(whole) // 2])

    with pytest.raises(SetupError, match="cannot be opened"):
        open_hearer(folder)
