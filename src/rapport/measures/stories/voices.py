"""Voices: a recording of a call as sound, and which of two voices speaks in each stretch of it. Pure; no model.

A recording of two channels says itself who speaks: the caller on the first, ours on the second. On one channel two voices are
told apart by pitch and colour (two means over the bands of each stretch); who speaks first is ours, as whoever takes a call
greets. That is a guess, and where both sound alike nothing is said.
"""

import io
import wave
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rapport.errors import BadInput

Sound = NDArray[np.float32]  # from -1 to 1, RATE a second
Span = tuple[float, float]  # seconds from the beginning
RATE = 16_000
LONGEST = 4 * 3600  # seconds
FRAME, HOP, BANDS = 512, 256, 20
LOWEST, HIGHEST = 70.0, 350.0  # pitch in hertz
APART, LEAST = 2.0, 0.6  # how far two voices are from each other at least: times their own stretches, and by itself
ROUNDS = 20


def read_wav(data: bytes) -> list[Sound]:
    """The channels of a WAV file of 8, 16 or 32 bits. Raises BadInput where it is none, or too long."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            channels, width, rate, frames = file.getnchannels(), file.getsampwidth(), file.getframerate(), file.getnframes()
            raw = file.readframes(frames)
    except (wave.Error, EOFError) as wrong:
        raise BadInput(f"the recording is no WAV file that can be read: {wrong}; record calls as wav") from None
    kind = {1: np.uint8, 2: np.int16, 4: np.int32}.get(width)
    if kind is None or not 1 <= channels <= 2 or not 4_000 <= rate <= 192_000 or frames > LONGEST * rate:
        raise BadInput(f"the recording has {channels} channels of {8 * width} bits at {rate} Hz; record calls as wav, 16 bits")
    read = np.frombuffer(raw[: len(raw) // (channels * width) * channels * width], kind).astype(np.float32)
    values: Sound = (read / 128 - 1 if width == 1 else read / 2 ** (8 * width - 1)).astype(np.float32)
    return [_at_rate(values[channel::channels], rate) for channel in range(channels)]


def _at_rate(sound: Sound, rate: int) -> Sound:
    """The same sound at RATE, by straight lines between its samples."""
    if rate == RATE or not len(sound):
        return sound
    places = np.arange(int(len(sound) * RATE / rate)) * (rate / RATE)
    values: Sound = np.interp(places, np.arange(len(sound)), sound).astype(np.float32)
    return values


def two_voices(sound: Sound, spans: Sequence[Span]) -> list[int] | None:
    """By stretch which voice speaks, 0 for the one that is heard first; None where two cannot be told apart."""
    heard = np.array([_colour(sound[int(begin * RATE) : int(end * RATE)]) for begin, end in spans])
    if len(heard) < 2:
        return None
    one = _farthest(heard, heard.mean(axis=0))
    centres = np.array([one, _farthest(heard, one)])
    whose = np.zeros(len(heard), np.int64)
    for _ in range(ROUNDS):
        whose = ((heard[:, None] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)
        if not 0 < whose.sum() < len(whose):
            return None
        centres = np.array([heard[whose == one].mean(axis=0) for one in (0, 1)])
    within = float(np.sqrt(((heard - centres[whose]) ** 2).sum(axis=1)).mean())
    if float(np.sqrt(((centres[0] - centres[1]) ** 2).sum())) < max(APART * within, LEAST):
        return None
    return [int(one != whose[0]) for one in whose]


def _farthest(heard: NDArray[np.float64], point: NDArray[np.float64]) -> NDArray[np.float64]:
    """The stretch that sounds least like a point."""
    far: NDArray[np.float64] = heard[((heard - point) ** 2).sum(axis=1).argmax()]
    return far


def _colour(sound: Sound) -> NDArray[np.float64]:
    """How a stretch sounds: the logarithm of its bands without its loudness, and its pitch in octaves."""
    sound = sound if len(sound) >= 2 * FRAME else np.pad(sound, (0, 2 * FRAME - len(sound)))
    frames = np.lib.stride_tricks.sliding_window_view(sound, FRAME)[::HOP] * np.hanning(FRAME)
    power = (np.abs(np.fft.rfft(frames, axis=1)) ** 2).mean(axis=0)
    edges = np.unique(np.geomspace(2, len(power) - 1, BANDS + 1).astype(int))
    bands = np.log(np.add.reduceat(power, edges[:-1]) + 1e-9)
    return np.append(0.3 * (bands - bands.mean()), 4.0 * np.log2(_pitch(sound)))


def _pitch(sound: Sound) -> float:
    """The pitch of a stretch in hertz: the middle of those of its loud frames, each by autocorrelation."""
    size = 1024
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(sound, (0, size)), size)[::size]
    loud = frames[np.square(frames).sum(axis=1) >= np.quantile(np.square(frames).sum(axis=1), 0.5)]
    spectrum = np.abs(np.fft.rfft(loud - loud.mean(axis=1, keepdims=True), 2 * size, axis=1)) ** 2
    alike = np.fft.irfft(spectrum, axis=1)[:, int(RATE / HIGHEST) : int(RATE / LOWEST)]
    return float(np.median(RATE / (alike.argmax(axis=1) + int(RATE / HIGHEST))))
