"""Captions are read cue by cue, and what is wrong with them is told by its line."""

import pytest

from rapport.model.captions import Cue, read_captions

FILE = """WEBVTT - the pool

NOTE nobody sees this

1
00:01.000 --> 00:04.500 align:start
Abre a las ocho.
Cierra a las diez.

01:00:00.000 --> 01:00:01.250
Adiós
"""


def test_a_file_is_its_cues_with_times_in_seconds():
    assert read_captions(FILE.replace("\n", "\r\n")) == [
        Cue(1.0, 4.5, "Abre a las ocho.\nCierra a las diez."),
        Cue(3600.0, 3601.25, "Adiós"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1\n00:01.000 --> 00:02.000\nHola", "line 1: a WebVTT file begins with WEBVTT"),
        ("WEBVTT\n\n00:01 --> 00:02\nHola", "line 3: write the times"),
        ("WEBVTT\n\n00:02.000 --> 00:01.000\nHola", "line 3: a caption ends after it begins"),
        ("WEBVTT\n\n00:05.000 --> 00:06.000\nHola\n\n00:01.000 --> 00:02.000\nAntes", "line 6: a caption ends"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n\n", "no caption has words"),
    ],
)
def test_what_is_wrong_is_told_by_its_line(text, said):
    with pytest.raises(ValueError, match=said):
        read_captions(text)
