"""Transcripts of calls, as they are handed in: speakers, times and text, in four shapes; in, plain lines out.

WebVTT (W3C, 2019) with voices `<v Ana>` or "Ana:" before the text; SubRip; JSON `[{"speaker", "start", "text"}]`; or lines
"00:12 Customer: the wifi is down". Speakers are ours where they are called as one of OURS or as the agent, else theirs.
"""

import re
from collections.abc import Iterable, Iterator

import msgspec

from rapport.errors import BadInput
from rapport.model.story import BY_THEM, BY_US

MOST_LINES, MOST_LETTERS, LONGEST = 400, 60_000, 2_000  # lines, letters of all, letters of one
MOST_GIVEN = 300_000  # letters of the whole text, times and marks among them
MOST_NAME = 80  # letters of a speaker that are read
LATEST = 86_400.0  # seconds
OURS = frozenset(
    {"agent", "us", "agente", "asesor", "asesora", "operator", "representative", "rep", "advisor", "bot", "nosotros"}
)
THEIRS = frozenset({"customer", "caller", "client", "cliente", "them", "person", "user", "guest", "persona", "ellos"})
_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2}(?:[.,]\d{1,3})?)"
_CUE = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}")
_VOICE = re.compile(r"<v(?:\.[^ <>]{0,80})? ([^<>]{1,80})>")
_TAG = re.compile(r"<[^<>]{0,200}>")
_SPEAKER = re.compile(r"\s*([^:\d\n][^:\n]{0,60}?)\s*:\s+(?=\S)")
_PLAIN = re.compile(rf"\s*\[?{_TIME}\]?\s*[-–]?\s*([^:\n]{{1,60}}?)\s*:\s*(.+)")
_BLANKS = re.compile(r"[^\S\n]+")
WAY = 'give WebVTT, SubRip, JSON [{"speaker", "start", "text"}], or lines such as "00:12 Customer: the wifi is down"'
_TOO_LONG = f"a transcript has at most {MOST_LINES} lines and {MOST_LETTERS} letters; hand in the call in parts"


class Spoken(msgspec.Struct, frozen=True):
    """One thing said in a call. `speaker` as it was written; `start`: seconds from the beginning."""

    speaker: str
    start: float
    text: str


def read_transcript(text: str) -> list[Spoken]:
    """What was said, in order. Raises BadInput where it cannot be read."""
    if len(text) > MOST_GIVEN:
        raise BadInput(_TOO_LONG)
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if text.lstrip()[:1] in ("[", "{"):
        found = _of_json(text)
    else:
        text = _BLANKS.sub(" ", text)  # many blanks in a row would be tried in every way
        found = list(_of_cues(text) if "-->" in text else _of_lines(text))
    found = [one for one in found if one.text.strip()]
    if not found:
        raise BadInput(f"the transcript has no line that can be read; {WAY}")
    strange = next((place for place, one in enumerate(found, 1) if not 0 <= one.start <= LATEST), 0)
    if strange:
        start = found[strange - 1].start
        raise BadInput(f"line {strange} of the transcript has no time that can be: {start}; give seconds from its beginning")
    if len(found) > MOST_LINES or sum(len(one.text) for one in found) > MOST_LETTERS:
        raise BadInput(_TOO_LONG)
    return sorted(found, key=lambda one: one.start)


def sides(found: Iterable[Spoken], agent: str = "") -> list[tuple[str, float, str]]:
    """Who of both said each line, when, and what. Raises BadInput where it cannot be told who is who."""
    spoken = list(found)
    ours = OURS | ({agent.casefold()} if agent else frozenset())
    by = {one.speaker: _side(one.speaker, ours) for one in spoken}
    known = set(by.values()) - {""}
    if known and "" in by.values() and len(known) == 1:  # one side is named: the others are the other one
        other = BY_US if known == {BY_THEM} else BY_THEM
        by = {speaker: side or other for speaker, side in by.items()}
    if "" in by.values():
        strange = next(speaker for speaker, side in by.items() if not side)
        raise BadInput(f"who {strange[:40]!r} is cannot be told; call speakers Agent and Customer, or name the agent")
    if set(by.values()) != {BY_THEM, BY_US}:
        raise BadInput("only one side speaks in the transcript; call speakers Agent and Customer")
    return [(by[one.speaker], round(one.start, 2), one.text[:LONGEST]) for one in spoken]


def _side(speaker: str, ours: frozenset[str]) -> str:
    plain = re.sub(r"[\W\d_]+$", "", speaker[:MOST_NAME].casefold()).strip()
    return BY_US if plain in ours or speaker.casefold() in ours else BY_THEM if plain in THEIRS else ""


def _of_json(text: str) -> list[Spoken]:
    try:
        return msgspec.json.decode(text, type=list[Spoken])
    except msgspec.DecodeError as wrong:
        raise BadInput(f"the transcript is no JSON that can be read: {wrong}; {WAY}") from None


def _of_cues(text: str) -> Iterator[Spoken]:
    """WebVTT and SubRip: cues with their times; a cue without a voice goes on in the voice of the one before."""
    speaker = ""
    for block in re.split(r"\n{2,}", text):
        lines = block.split("\n")
        place = next((n for n, line in enumerate(lines) if _CUE.match(line)), None)
        cue = _CUE.match(lines[place]) if place is not None else None
        if cue is None or place is None:
            continue
        said = " ".join(line.strip() for line in lines[place + 1 :])
        voice, named = _VOICE.search(said), _SPEAKER.match(_TAG.sub("", said))
        plain = _TAG.sub("", said)
        if voice:
            speaker = voice[1].strip()
        elif named:
            speaker, plain = named[1].strip(), plain[named.end() :]
        yield Spoken(speaker, _seconds(cue[1], cue[2], cue[3]), " ".join(plain.split()))


def _of_lines(text: str) -> Iterator[Spoken]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        found = _PLAIN.match(line)
        if found is None:
            raise BadInput(f"line {number} of the transcript cannot be read: {line.strip()[:60]!r}; {WAY}")
        yield Spoken(found[4].strip(), _seconds(found[1], found[2], found[3]), found[5].strip())


def _seconds(hours: str | None, minutes: str, seconds: str) -> float:
    return 3600 * int(hours or 0) + 60 * int(minutes) + float(seconds.replace(",", "."))
