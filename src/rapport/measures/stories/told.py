"""What stories are made of, and what they are: lines of a talk, parts with their evidence, promises, what many tell."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

WELL, BADLY, OPEN = "well", "badly", "open"  # how a talk ended, as far as can be told
KEPT, BROKEN = "kept", "broken"  # a promise; OPEN: nobody can say yet
SITUATION, COMPLICATION, TRIED, TURN, ENDING = PARTS = ("situation", "complication", "tried", "turn", "ending")
RESCUE = "rescue"  # what we said just before it turned well; LOST: before it turned badly
LOST = "lost"
Words = tuple[str, ...]


class Line(msgspec.Struct, frozen=True):
    """One thing that was said, personal data masked. `at`: milliseconds; `mood`: -2 angry to 1 glad; `who`: the agent."""

    id: bytes
    theirs: bool
    at: int
    text: str
    mood: int = 0
    thanks: bool = False
    who: str = ""


class Talk(msgspec.Struct, frozen=True):
    """A conversation, or a call of which a transcript was handed in (`call`). Lines in order; `solved`: 1, 0, -1 not asked."""

    id: bytes
    person: bytes
    opened: int
    lines: tuple[Line, ...]
    channel: str = ""
    language: str = ""
    intent: str = ""
    agent: str = ""
    disposition: str = ""
    call: bool = False
    solved: int = -1
    satisfied: int = -1


class Part(msgspec.Struct, frozen=True):
    """A sentence of a story and the line that it stands in: its evidence. `which`: one of PARTS, RESCUE or LOST."""

    which: str
    text: str
    line: bytes
    theirs: bool
    at: int


class Promise(msgspec.Struct, frozen=True):
    """A sentence of ours that promises. `until`: milliseconds, None where it names no time; `by`: the line that settled it."""

    text: str
    line: bytes
    at: int
    state: str = OPEN
    until: int | None = None
    by: bytes | None = None
    settled: int | None = None


class Story(msgspec.Struct, frozen=True):
    """A talk as it is told. `because`: by what the outcome is known; `why`: what lifts its rank; `said`: all words, to find it.

    `id` names the talk. `cluster`: the number of its group in `Mined.clusters`, -1 for none. `alike`: how many began with the
    same words.
    """

    id: bytes
    person: bytes
    at: int
    channel: str
    intent: str
    language: str
    call: bool
    outcome: str
    because: str
    parts: tuple[Part, ...]
    promises: tuple[Promise, ...] = ()
    moods: tuple[int, ...] = ()
    rank: float = 0.0
    why: tuple[str, ...] = ()
    said: str = ""
    cluster: int = -1
    alike: int = 1

    def part(self, which: str) -> Part | None:
        """The first part of that kind."""
        return next((part for part in self.parts if part.which == which), None)

    @property
    def turned(self) -> bool:
        """Whether it turned well, and something that we said stands just before."""
        return self.part(RESCUE) is not None


class Quote(msgspec.Struct, frozen=True):
    """A sentence as an example, with the story and the line that it stands in."""

    text: str
    story: bytes
    line: bytes


class Rising(msgspec.Struct, frozen=True):
    """A phrase of customers that more talks have than before. `times`: ratio of the rates, None where there were none before.

    `low`, `high`: the 95 % interval of the ratio, `high` None without bound; `chance`: of so many by chance alone (one-sided).
    """

    phrase: str
    now: int
    before: int
    times: float | None
    low: float
    high: float | None
    chance: float
    quotes: tuple[Quote, ...] = ()


class Contrast(msgspec.Struct, frozen=True):
    """A phrase that sets talks that ended well apart from those that ended badly. `z`: above 0 it goes with the good."""

    phrase: str
    well: int
    badly: int
    z: float
    quotes: tuple[Quote, ...] = ()


class Cluster(msgspec.Struct, frozen=True):
    """Talks about one thing. `words`: what is said in them more than elsewhere; `stories`: the highest in rank first."""

    intent: str
    words: Words
    count: int
    well: int
    badly: int
    stories: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Mined:
    """What a period tells, set against the one before. `cut`: there were more talks than are read; the newest were."""

    start: int
    end: int
    talks: int
    talks_before: int
    cut: bool
    stories: tuple[Story, ...]
    clusters: tuple[Cluster, ...] = ()
    rising: tuple[Rising, ...] = ()
    openings: tuple[Contrast, ...] = ()
    answers: tuple[Contrast, ...] = ()
    by_id: dict[bytes, Story] = field(default_factory=dict)

    def count(self, outcome: str) -> int:
        """How many ended so."""
        return sum(story.outcome == outcome for story in self.stories)

    def promised(self, state: str) -> list[tuple[Story, Promise]]:
        """The promises in that state, newest first."""
        found = [(story, promise) for story in self.stories for promise in story.promises if promise.state == state]
        return sorted(found, key=lambda pair: (-pair[1].at, pair[0].id))


Find = Callable[[str], Iterable[tuple[str, int, int]]]


@dataclass(frozen=True, slots=True)
class Means:
    """What mining is handed, as rooms do not import each other.

    `fold`: a text's words made comparable; `promised`: the sentence of a text of ours that promises, "" for none; `due`: when
    such a sentence says that it is due, in a zone; `stops`: words that carry no meaning.
    """

    fold: Callable[[str], list[str]]
    promised: Callable[[str], str]
    due: Callable[[str, datetime, str], datetime | None]
    stops: frozenset[str]
    zone: str = "UTC"
