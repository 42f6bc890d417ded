"""Transcripts in each shape that is taken, and what is refused, with its line."""

import pytest

from rapport.errors import BadInput
from rapport.measures.stories.transcripts import read_transcript, sides

VTT = """WEBVTT

1
00:01.500 --> 00:04.000
<v Agent>Hello, how can I help?</v>

01:00:05.500 --> 01:00:09.000
<v Customer 1>The wifi: it is down
again
"""
SRT = """1
00:00:01,500 --> 00:00:04,000
Agente: Hola

2
00:00:05,000 --> 00:00:06,000
buenas tardes

3
00:00:07,000 --> 00:00:09,000
Cliente: No hay wifi
"""
TURNED = '[{"speaker":"Customer","start":9,"text":"Hi"},{"speaker":"Ana","start":1,"text":"Hello"}]'
EARLY = '[{"speaker":"Agent","start":-1,"text":"a"},{"speaker":"Customer","start":1,"text":"b"}]'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (VTT, [("us", 1.5, "Hello, how can I help?"), ("them", 3605.5, "The wifi: it is down again")]),
        (SRT, [("us", 1.5, "Hola"), ("us", 5.0, "buenas tardes"), ("them", 7.0, "No hay wifi")]),
        (TURNED, [("us", 1.0, "Hello"), ("them", 9.0, "Hi")]),
        ("00:12 Cliente: no hay wifi\n\n[00:15] Agente - x: voy\n00:20 Agent: ok", None),
        ("00:12 Customer: no wifi\n01:02:03 Agent: sorry", [("them", 12.0, "no wifi"), ("us", 3723.0, "sorry")]),
    ],
    ids=["webvtt", "subrip", "json", "three speakers", "lines"],
)  # fmt: skip
def test_a_transcript_is_read_in_each_shape(text, said):
    if said is None:
        with pytest.raises(BadInput, match="cannot be told"):
            sides(read_transcript(text))
        return
    assert sides(read_transcript(text)) == said


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no line that can be read"),
        ("00:12 Customer: hi\nand on", "line 2 of the transcript cannot be read: 'and on'"),
        ('[{"speaker": "Agent"}]', "no JSON that can be read"),
        (EARLY, "line 1 of the transcript has no time"),
        ('[{"speaker":"Agent","start":1e300,"text":"a"}]', "no time that can be"),
        ("00:01 Agent: a\n00:02 Agent: b", "only one side"),
        ("00:01 Zed: a\n00:02 Yan: b", "who 'Zed' is cannot be told"),
        ("\n".join(f"00:01 Agent: {n}" for n in range(401)), "at most 400 lines"),
    ],
    ids=["empty", "no time", "fields", "negative", "too late", "one side", "strangers", "too long"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_line_and_the_cure(text, why):
    with pytest.raises(BadInput, match=why):
        sides(read_transcript(text))


def test_whoever_the_agent_is_called_is_ours():
    found = read_transcript("00:01 Ana Quiroz: hola\n00:02 Zed: no hay wifi")

    assert [by for by, _, _ in sides(found, "Ana Quiroz")] == ["us", "them"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("00:12" + " " * 20_000 + "x", "line 1 of the transcript cannot be read"),
        ("00:12 Agent: " + "a " * 200_000, "at most 400 lines"),
        ("1\n00:01 --> 00:02\n" + "<v " * 60_000, "no line that can be read|cannot be told|only one side|at most"),
        ('[{"speaker":"' + "-" * 100_000 + 'a","start":1,"text":"b"}]', "cannot be told"),
    ],
    ids=["blanks", "long", "marks", "speaker"],
)
def test_what_is_made_to_be_slow_is_refused_at_once(text, wrong):
    with pytest.raises(BadInput, match=wrong):
        sides(read_transcript(text))
