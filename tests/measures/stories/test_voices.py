"""Recordings as sound, and who speaks when: by their channels, or by how two voices sound."""

import io
import wave

import numpy as np
import pytest

from rapport.errors import BadInput
from rapport.measures.stories.voices import RATE, read_wav, two_voices

pytestmark = pytest.mark.pure


def a_voice(pitch: float, seconds: float, *, rate: int = RATE, seed: int = 0) -> np.ndarray:
    """Something like a vowel: the overtones of a pitch that wavers, and a little noise."""
    at = np.arange(int(seconds * rate)) / rate
    wavers = pitch * (1 + 0.02 * np.sin(2 * np.pi * 5 * at))
    phase = 2 * np.pi * np.cumsum(wavers) / rate
    tones = sum(np.sin(n * phase) / n for n in range(1, 12))
    return (0.2 * tones + 0.01 * np.random.default_rng(seed).normal(size=len(at))).astype(np.float32)


def a_wav(*channels: np.ndarray, rate: int = RATE) -> bytes:
    """Channels as a file of 16 bits."""
    kept = io.BytesIO()
    with wave.open(kept, "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.stack(channels, axis=1) * 32_767).astype("<i2").tobytes())
    return kept.getvalue()


def test_the_channels_of_a_file_are_read_at_one_rate():
    left, right = read_wav(a_wav(a_voice(120, 1.0, rate=8_000), np.zeros(8_000, np.float32), rate=8_000))

    assert (len(left), len(right), float(np.abs(right).max())) == (RATE, RATE, 0.0)
    assert 0.1 < float(np.abs(left).max()) <= 1.0


@pytest.mark.parametrize("data", [b"", b"RIFF no wave", a_wav(*(np.zeros(9, np.float32),) * 3)], ids=["empty", "odd", "three"])
def test_what_cannot_be_read_as_a_recording_is_refused(data):
    with pytest.raises(BadInput, match="record calls as wav"):
        read_wav(data)


def test_two_voices_are_told_apart_by_how_they_sound_and_one_voice_is_not_called_two():
    said = [(110, 1.2), (210, 0.9), (112, 1.5), (205, 1.1), (109, 0.8)]
    pieces = [a_voice(pitch, seconds, seed=n) for n, (pitch, seconds) in enumerate(said)]
    ends = np.cumsum([len(piece) for piece in pieces]) / RATE
    spans = list(zip([0.0, *ends[:-1]], ends, strict=True))
    alone = np.concatenate([a_voice(120, 1.0, seed=n) for n in range(4)])

    assert two_voices(np.concatenate(pieces), spans) == [0, 1, 0, 1, 0]
    assert two_voices(alone, [(n, n + 1.0) for n in range(4)]) is None
    assert two_voices(alone, [(0.0, 1.0)]) is None
