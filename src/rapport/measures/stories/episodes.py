"""Episodes: the parts of one talk. How it began, what went wrong, what was tried, where it turned, and how it ended.

A line of theirs is bad where its feeling is (`mood` below 0) or it complains; good where it is glad or thanks, and names no
trouble. A talk turned well at the first good line after its last bad one; badly at the bad lines with which it ends, where one
before was not bad. It ended well where people say so when asked, or with a good line; badly likewise. Everything else is open.
"""

from collections.abc import Sequence

from rapport.measures.stories.sentences import Sentence, does, sentences, troubles
from rapport.measures.stories.told import (
    BADLY,
    COMPLICATION,
    ENDING,
    LOST,
    OPEN,
    RESCUE,
    SITUATION,
    TRIED,
    TURN,
    WELL,
    Line,
    Means,
    Part,
    Story,
    Talk,
)

MOST_TRIED = 3
MOST_LINES = 400  # of a talk are read
FROM_TROUBLE = 1.0  # what a sentence must show to be what went wrong
FROM_DOING = 1.0  # what a sentence of ours must show to be something that was done
SHORT, LONG = 14, 8  # words: joy in many words is often irony; thanks with a "but" in more than a few is none
BUT = frozenset({"but", "however", "unfortunately", "except", "pero", "aunque", "lamentablemente", "desgraciadamente"})
SOLD, NOT_SOLD = "sold", "not-sold"


class Read:
    """A talk with the sentences of each line, and -1, 0 or 1 for how each line of theirs feels."""

    def __init__(self, talk: Talk, means: Means) -> None:
        self.talk = talk
        self.lines = talk.lines[:MOST_LINES]
        self.said = {line.id: sentences(line, means.fold) for line in self.lines}
        self.feels = {line.id: self._feels(line) for line in self.lines if line.theirs}

    def _feels(self, line: Line) -> int:
        said = self.said[line.id]
        complains, trouble = (sum(one.of(kind) for one in said) for kind in ("complaint", "trouble"))
        if line.mood < 0 or (complains and line.mood <= 0):
            return -1
        words = [word for one in said for word in one.words]
        thanks = (line.thanks or any(one.of("thanks") for one in said)) and not (len(words) > LONG and BUT & set(words))
        glad = thanks or (line.mood > 0 and "?" not in line.text and len(words) <= SHORT)
        both = any(one.of("thanks") and one.of("trouble") for one in said)  # "6 hours late, thanks for the water"
        return 1 if glad and not both and not complains and trouble <= (thanks and line.mood > 0) else 0

    def of(self, lines: Sequence[Line], *, theirs: bool) -> list[Sentence]:
        """The sentences of one side, in order."""
        return [one for line in lines if line.theirs is theirs for one in self.said[line.id]]


def story_of(read: Read) -> Story | None:
    """The story of a talk; None where nobody but one side speaks, or nothing is said."""
    theirs = [line for line in read.lines if line.theirs]
    begun = next((one for one in read.of(read.lines, theirs=True) if one.says), None)
    if begun is None or len(read.lines) < 2 or len(theirs) == len(read.lines):
        return None
    outcome, because = _outcome(read, theirs)
    good, bad = _turns(read, theirs)
    parts = [_part(SITUATION, begun)]
    parts += _complication(read, begun, until=good or bad)
    before = _before(read, good or bad)
    turning = good if outcome == WELL else bad if outcome == BADLY else None
    spoken = _best(before) if turning is not None else None
    parts += _tried(read, until=turning, but=spoken)
    if spoken is not None:
        parts.append(_part(RESCUE if outcome == WELL else LOST, spoken))
    if turning is not None:
        parts += _said_in(read, turning, TURN)
    parts += _ending(read, turning)
    talk = read.talk
    moods = tuple(-2 if line.mood < -1 else read.feels[line.id] for line in theirs)
    said = " ".join(word for line in read.lines for one in read.said[line.id] for word in one.words)
    return Story(
        talk.id, talk.person, talk.opened, talk.channel, talk.intent, talk.language, talk.call, outcome, because, tuple(parts),
        moods=moods, said=said,
    )  # fmt: skip


def _outcome(read: Read, theirs: Sequence[Line]) -> tuple[str, str]:
    talk = read.talk
    if talk.solved >= 0 or talk.satisfied >= 0:
        good = talk.solved == 1 or talk.satisfied >= 4
        bad = talk.solved == 0 or 0 <= talk.satisfied <= 2
        if good != bad:
            return (WELL if good else BADLY), "asked"
    if talk.disposition in (SOLD, NOT_SOLD):
        return (WELL if talk.disposition == SOLD else BADLY), "sale"
    last = read.feels[theirs[-1].id]
    if len(theirs) < 2 or last == 0:
        return OPEN, ""
    return (WELL, "thanks") if last > 0 else (BADLY, "mood")


def _turns(read: Read, theirs: Sequence[Line]) -> tuple[Line | None, Line | None]:
    """The line at which it turned well, and the one at which it turned badly; None where it did not."""
    feels = [read.feels[line.id] for line in theirs]
    bad = [place for place, feel in enumerate(feels) if feel < 0]
    if not bad:
        return None, None
    after = next((place for place in range(bad[-1] + 1, len(theirs)) if feels[place] > 0), None)
    if after is not None:
        return theirs[after], None
    first = len(theirs)
    while first and feels[first - 1] < 0:
        first -= 1
    return None, theirs[first] if 0 < first < len(theirs) else None


def _before(read: Read, turning: Line | None) -> list[Sentence]:
    """What we said between the last line of theirs that was not yet turned and the one at which it turned."""
    if turning is None:
        return []
    place = read.lines.index(turning)
    first = place
    while first and (not read.lines[first - 1].theirs or read.feels[read.lines[first - 1].id] == 0):
        first -= 1
    return read.of(read.lines[first:place], theirs=False)


def _best(said: Sequence[Sentence]) -> Sentence | None:
    """The sentence that does most, of those that say something the later where two do as much."""
    found = (one for one in said if one.says and one.of("doing") and does(one) > FROM_DOING)
    return max(found, key=lambda one: (round(does(one), 6), one.line.at), default=None)


def _complication(read: Read, begun: Sentence, until: Line | None) -> list[Part]:
    upto = read.lines[: read.lines.index(until)] if until is not None else read.lines
    found = [one for one in read.of(upto, theirs=True) if one is not begun and troubles(one) >= FROM_TROUBLE]
    worst = max(found, key=lambda one: (round(troubles(one), 6), -one.line.at), default=None)
    return [_part(COMPLICATION, worst)] if worst is not None else []


def _tried(read: Read, until: Line | None, but: Sentence | None) -> list[Part]:
    upto = read.lines[: read.lines.index(until)] if until is not None else read.lines
    does_so = [
        one for one in read.of(upto, theirs=False) if one is not but and one.says and one.of("doing") and does(one) > FROM_DOING
    ]
    best = sorted(does_so, key=lambda one: -round(does(one), 6))[:MOST_TRIED]
    return [_part(TRIED, one) for one in does_so if one in best]


def _said_in(read: Read, line: Line, which: str) -> list[Part]:
    """The sentence of a line that shows most of what the line is: glad or unhappy; else the longest."""
    glad = read.feels.get(line.id, 0) > 0

    def much(one: Sentence) -> tuple[int, bool, int]:
        trouble = one.of("complaint") + one.of("trouble")
        return (one.of("thanks") - trouble if glad else trouble, one.says, len(one.words))

    best = max(read.said[line.id], key=much, default=None)
    return [_part(which, best)] if best is not None else []


def _ending(read: Read, turning: Line | None) -> list[Part]:
    """The last line of theirs; where it turned in that one, the last of ours after it."""
    theirs = [line for line in read.lines if line.theirs and read.said[line.id]]
    if len(theirs) > 1 and theirs[-1] is not turning:
        return _said_in(read, theirs[-1], ENDING)
    later = read.lines[read.lines.index(theirs[-1]) + 1 :]
    ours = [line for line in later if read.said[line.id]]
    return _said_in(read, ours[-1], ENDING) if ours else []


def _part(which: str, sentence: Sentence) -> Part:
    return Part(which, sentence.text, sentence.line.id, sentence.line.theirs, sentence.line.at)
