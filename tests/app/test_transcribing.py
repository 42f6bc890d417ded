"""A model of one's own that hears recordings: opened from its folder as its library wants it, and who said what."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from measures.stories.test_voices import a_voice, a_wav
from rapport.app.transcribing import NEEDED, open_hearer, transcript_of
from rapport.errors import BadInput, SetupError
from rapport.measures.stories.voices import RATE


class WhisperModel:
    """What rapport uses of faster_whisper.WhisperModel 1.2: how it is opened, and what it answers."""

    def __init__(self, model_size_or_path, device="auto", compute_type="default", local_files_only=False):
        if "broken" in model_size_or_path:
            raise RuntimeError("Unsupported model binary version")
        self.opened = (device, compute_type, local_files_only)

    def transcribe(self, audio, language=None, vad_filter=False):
        stretches = [(0.0, 1.0, " Hola, le atiende Ana."), (1.0, 2.0, " El wifi  no funciona."), (2.0, 2.1, "  ")]
        told = (SimpleNamespace(start=start, end=end, text=text) for start, end, text in stretches if end <= len(audio) / RATE)
        return told, SimpleNamespace(language=language or "es")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "faster_whisper", SimpleNamespace(WhisperModel=WhisperModel))
    for name in NEEDED:
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def test_a_model_is_opened_from_its_folder_without_asking_anybody(folder):
    assert open_hearer(folder).opened == ("cpu", "int8", True)


def test_what_is_missing_is_said_with_the_cure(folder, tmp_path, monkeypatch):
    broken = tmp_path / "broken"
    broken.mkdir()
    with pytest.raises(SetupError, match=r"model\.bin is missing"):
        open_hearer(broken)
    for name in NEEDED:
        (broken / name).write_bytes(b"x")
    with pytest.raises(SetupError, match="Unsupported model binary version"):
        open_hearer(broken)
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(SetupError, match=r"install rapport\[whisper\]"):
        open_hearer(folder)


def test_on_one_channel_who_speaks_first_is_ours_and_one_voice_is_no_talk(folder):
    hearer = open_hearer(folder)
    two = np.concatenate([a_voice(210, 1.0), a_voice(110, 1.1, seed=1)])

    said = [(one.by, one.s, one.text) for one in transcript_of(hearer, a_wav(two), "es")]

    assert said == [("us", 0.0, "Hola, le atiende Ana."), ("them", 1.0, "El wifi no funciona.")]
    with pytest.raises(BadInput, match="two voices cannot be told apart"):
        transcript_of(hearer, a_wav(a_voice(120, 2.0)))
