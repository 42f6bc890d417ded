"""Mining: talks in, what they tell out. Pure, and the same talks always tell the same, in whatever order they come."""

from collections import defaultdict
from collections.abc import Callable, Sequence

import msgspec

from rapport.measures.stories.clusters import clusters_of
from rapport.measures.stories.episodes import MOST_LINES, Read, story_of
from rapport.measures.stories.masking import bare
from rapport.measures.stories.phrases import Found, contrast, rising
from rapport.measures.stories.promises import promises_of, timelines
from rapport.measures.stories.quoting import quoted
from rapport.measures.stories.sentences import pieces
from rapport.measures.stories.told import BADLY, BROKEN, KEPT, LOST, WELL, Line, Means, Mined, Story, Talk

AT_ONCE = 500  # talks between two words of how far it is
# What lifts a story's rank, and by how much; each is told beside it.
RANKS = {
    "rescued": 4.0,
    "broken": 3.5,
    "lost": 3.0,
    "badly": 1.5,
    "well": 1.0,
    "complication": 1.0,
    "tried": 0.5,
    "asked": 0.5,
    "kept": 0.5,
    "angry": 0.5,
}
Progress = Callable[[int, int], None]


def nobody_asks(done: int, whole: int) -> None:
    """Where nobody is told how far it is."""


def mine(
    talks: Sequence[Talk],
    start: int,
    end: int,
    before: int,
    now: int,
    means: Means,
    *,
    cut: bool = False,
    told: Progress = nobody_asks,
) -> Mined:
    """What the talks that began in [start, end) tell, against those in [before, start); milliseconds.

    Talks of later are taken for what they say of promises alone. `now`: the moment up to which all that was said is among them.
    """
    ordered = sorted(talks, key=lambda talk: (talk.opened, talk.id))
    ours = [talk for talk in ordered if start <= talk.opened < end]
    earlier = [talk for talk in ordered if before <= talk.opened < start]
    lines = timelines(ordered)
    reads: list[Read] = []
    stories: list[Story] = []
    whole = len(ours) + len(earlier)
    for done, talk in enumerate(ours):
        read = Read(talk, means)
        reads.append(read)
        story = with_promises(read, story_of(read), lines.get(talk.person, []), now, means)
        if story is not None:
            stories.append(_ranked(story))
        if done % AT_ONCE == 0:
            told(done, whole)
    said_before = []
    for done, talk in enumerate(earlier):
        said_before.append(_words(talk, means))
        if done % AT_ONCE == 0:
            told(len(ours) + done, whole)
    told(whole, whole)
    return _together(stories, reads, said_before, (start, end, len(earlier), cut), means)


def one(talk: Talk, beside: Sequence[Talk], now: int, means: Means) -> Story | None:
    """The story of one talk alone; `beside`: other talks of its person, for what became of promises."""
    read = Read(talk, means)
    story = with_promises(read, story_of(read), timelines([talk, *beside]).get(talk.person, []), now, means)
    return _ranked(story) if story is not None else None


def with_promises(read: Read, story: Story | None, said: list[tuple[int, Line]], now: int, means: Means) -> Story | None:
    """The story with its promises."""
    if story is None:
        return None
    return msgspec.structs.replace(story, promises=promises_of(read, said, now, means, lambda line: _feels(read, line)))


def _feels(read: Read, line: Line) -> int:
    return read.feels.get(line.id, -1 if line.mood < 0 else 1 if line.mood > 0 or line.thanks else 0)


def _theirs(read: Read) -> list[tuple[str, ...]]:
    return [sentence.words for sentence in read.of(read.lines, theirs=True)]


def _words(talk: Talk, means: Means) -> list[tuple[str, ...]]:
    """The same of a talk of which nothing else is asked."""
    theirs = (line for line in talk.lines[:MOST_LINES] if line.theirs)
    return [tuple(words) for line in theirs for text in pieces(line.text) if (words := means.fold(bare(text)))]


def _found(said: Sequence[Sequence[tuple[str, ...]]], talks: Sequence[Talk], means: Means) -> Found:
    return Found(said, [talk.person for talk in talks], means.stops)


def _ranked(story: Story) -> Story:
    """The story with its rank and what lifts it."""
    states = {promise.state for promise in story.promises}
    holds = {
        "rescued": story.turned,
        "broken": BROKEN in states,
        "kept": KEPT in states,
        "lost": story.part(LOST) is not None,
        "badly": story.outcome == BADLY,
        "well": story.outcome == WELL,
        "complication": story.part("complication") is not None,
        "tried": story.part("tried") is not None,
        "asked": story.because == "asked",
        "angry": -2 in story.moods,
    }
    why = tuple(name for name in RANKS if holds[name])
    rank = sum(RANKS[name] for name in why) + 0.1 * min(10, len(story.moods))  # a longer talk tells more
    return msgspec.structs.replace(story, rank=rank, why=why)


def _together(
    stories: list[Story], reads: list[Read], before: list[list[tuple[str, ...]]], of: tuple[int, int, int, bool], means: Means
) -> Mined:  # `of`: start, end, talks before, cut
    talks = [read.talk for read in reads]
    everything = _found([_theirs(read) for read in reads], talks, means)
    places = {talk.id: place for place, talk in enumerate(talks)}
    of_story = [reads[places[story.id]] for story in stories]
    told = [read.talk for read in of_story]
    began = [[one.words for one in read.of([line for line in read.lines if line.theirs][:1], theirs=True)] for read in of_story]
    answered = [[one.words for one in read.of(read.lines, theirs=False)] for read in of_story]
    well, badly = ([story.outcome == outcome for story in stories] for outcome in (WELL, BADLY))
    openings = contrast(_found(began, told, means), well, badly)
    answers = contrast(_found(answered, told, means), well, badly)
    clusters, cluster_of = clusters_of(stories, _found([_theirs(read) for read in of_story], told, means))
    alike = _alike(began)
    ranked = [
        msgspec.structs.replace(story, cluster=cluster_of.get(n, -1), alike=alike[n]) for n, story in enumerate(stories)
    ]  # fmt: skip
    ranked.sort(key=lambda story: (-story.rank, -story.at, story.id))
    return Mined(
        of[0],
        of[1],
        len(reads),
        of[2],
        of[3],
        tuple(ranked),
        clusters,
        quoted(rising(everything, before), reads, theirs=True),
        quoted(openings, of_story, theirs=True),
        quoted(answers, of_story, theirs=False),
        {story.id: story for story in ranked},
    )


def _alike(began: Sequence[Sequence[tuple[str, ...]]]) -> list[int]:
    """How many begin with the same words as each, itself among them."""
    counted: dict[tuple[tuple[str, ...], ...], int] = defaultdict(int)
    keys = [tuple(said) for said in began]
    for key in keys:
        counted[key] += 1
    return [counted[key] for key in keys]
