"""Captions of a video: WebVTT (W3C, read 2026-11-22), looked at cue by cue before anybody depends on them."""

import re
from typing import NamedTuple

LONGEST = 200_000  # characters of a file
_TIME = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_CUE = re.compile(rf"{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t].*)?")


class Cue(NamedTuple):
    """One caption: from when to when, in seconds, and its words."""

    start: float
    end: float
    text: str


def _seconds(hours: str | None, minutes: str, seconds: str, thousandths: str) -> float:
    return 3600 * int(hours or 0) + 60 * int(minutes) + int(seconds) + int(thousandths) / 1000


def read_captions(text: str) -> list[Cue]:
    """The cues of a WebVTT file. Raises ValueError with the line at which it is none, or says nothing."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(text) > LONGEST:
        raise ValueError(f"captions have {len(text)} characters; at most {LONGEST}")
    if not re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]):
        raise ValueError("captions line 1: a WebVTT file begins with WEBVTT; save the captions as .vtt")
    cues: list[Cue] = []
    at = 1
    while at < len(lines):
        found = _CUE.fullmatch(lines[at].strip()) if "-->" in lines[at] else None
        if "-->" in lines[at] and found is None:
            raise ValueError(f"captions line {at + 1}: write the times as 00:01.000 --> 00:04.500")
        if found is None:
            at += 1
            continue
        start, end = _seconds(*found.groups()[:4]), _seconds(*found.groups()[4:])
        if end <= start or (cues and start < cues[-1].start):
            raise ValueError(f"captions line {at + 1}: a caption ends after it begins, and begins after the one before")
        words = at + 1
        while words < len(lines) and lines[words].strip():
            words += 1
        cues.append(Cue(start, end, "\n".join(lines[at + 1 : words])))
        at = words
    if not any(cue.text.strip() for cue in cues):
        raise ValueError("captions: no caption has words; write at least one")
    return cues
