"""What if: a day, as it was or as it is forecast, before who is there and before others; the same people come to both."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
import numpy as np
from numpy.typing import NDArray

from rapport.measures.arrivals import Met
from rapport.model.agent import Agent
from rapport.web.typed_form import WrongField
from rapport.web.workforce.twinning import POLICIES, Ran, Staff, run_day, told
from rapport.workforce.twin import Change, Drawn, Told, burst_added, compared, difference, drawn

Floats = NDArray[np.float64]
SEEDS, OTHER_SEEDS = (1, 2, 3, 4), (11, 12, 13, 14)
PATIENCE = 3600.0  # seconds, where nothing says how long people wait
OTHERS = ""  # the stream of every language that is not one of its own
MOST_LANGUAGES = 4
MOST_PATIENT, MOST_LOOKS = 4_000, 100_000  # needs of a day that patience is run on here, and how often a run may look again
BURST_LASTS = 5400.0  # seconds: a burst rises and falls as t exp(-t / this)


class Asked(msgspec.Struct, frozen=True):
    """So many more from an hour on, who speak `language` ("": every one); and by which policy it is matched, before and after.

    A policy "" is as the centre matches, before; and after, the same as before. `burst`: so many more who come, on both sides,
    from the hour `burst_at` on; `widen`: from `after` on everybody serves every language, as the plan for a burst does.
    """

    more: int
    after: int
    language: str = ""
    policy: str = ""
    other: str = ""
    burst: int = 0
    burst_at: int = 0
    widen: bool = False

    def __post_init__(self) -> None:
        """Raise BadInput where a policy is not known."""
        for field, name in (("policy", self.policy), ("other", self.other)):
            if name and name not in POLICIES:
                raise WrongField(f"policies are {', '.join(POLICIES)}, got {name[:40]!r}", field=field)


class Verdict(msgspec.Struct, frozen=True):
    """What it would change: each figure with its interval, and again with other seeds."""

    asked: Asked
    changes: tuple[Change, ...]
    again: tuple[Change, ...]
    streams: tuple[Change, ...] = ()  # the share in time of each of `languages` in which somebody comes
    languages: tuple[str, ...] = ()

    @property
    def confirmed(self) -> bool:
        """Whether both runs say that the share in time changes, and in the same direction."""
        first, second = self.changes[0], self.again[0]
        return first.sure and second.sure and (first.difference > 0) == (second.difference > 0)


class Present(msgspec.Struct, frozen=True):
    """Somebody there: seconds from the beginning of the day that is run; `able`: the streams that they can serve."""

    begins: float
    ends: float
    able: tuple[bool, ...]


def languages_of(found: Mapping[str, int]) -> tuple[str, ...]:
    """The languages that are streams of their own, the most spoken first, and one stream for all others."""
    named = sorted((name for name in found if name), key=lambda name: (-found[name], name))[:MOST_LANGUAGES]
    return (*named, OTHERS)


def able_of(agent: Agent, languages: Sequence[str]) -> tuple[bool, ...]:
    """Which streams an agent serves: their languages, and the stream of all others; who lists none serves every one."""
    spoken = agent.attributes.get("languages")
    listed = {str(one)[:2] for one in spoken} if isinstance(spoken, list | tuple) and spoken else None
    return tuple(name == OTHERS or listed is None or name[:2] in listed for name in languages)


def changed(base: Sequence[Present], asked: Asked, languages: Sequence[str], begin: float, end: float) -> list[Present]:
    """Who is there with so many more from `begin` on; fewer: so many of those who speak it end then."""
    if asked.more >= 0:
        able = tuple(asked.language in ("", name) or name == OTHERS for name in languages)
        return [*base, *[Present(begin, end, able)] * asked.more]
    index = languages.index(asked.language) if asked.language in languages else None
    left, found = -asked.more, []
    for one in base:
        if left and one.ends > begin and (index is None or one.able[index]):
            left -= 1
            found.append(msgspec.structs.replace(one, ends=max(one.begins, min(one.ends, begin))))
        else:
            found.append(one)
    return found


def widened(people: Sequence[Present], begin: float, done: Ran | None = None, day: Drawn | None = None) -> list[Present]:
    """The same people, who all serve every stream from `begin` on; who is busy then, as soon as they are done with that.

    Each is two, before `begin` and after it, in the same order. `done`: this very day run as if nobody were busy at `begin`:
    up to there it is what happens, so that it says when each is done. Not known yet: None.
    """
    every = (True,) * max((len(one.able) for one in people), default=0)
    free = np.full(len(people), begin)
    if done is not None and day is not None:
        took = np.flatnonzero((done.agent >= 0) & (done.agent < len(people)))
        np.maximum.at(free, done.agent[took], day.arrival[took] + done.waited[took] + day.handling[took])
    before = [msgspec.structs.replace(one, ends=max(one.begins, min(one.ends, begin))) for one in people]
    later = [
        Present(from_then, max(one.ends, from_then), every)
        for one, at in zip(people, free.tolist(), strict=True)
        for from_then in [max(one.begins, at)]
    ]
    return [*before, *later]


def with_burst(comes: Mapping[int, Drawn], asked: Asked, begins: float, ends: float, work: float) -> Mapping[int, Drawn]:
    """The days with the burst that is asked for, from so many seconds on; who would come after the day ends does not."""
    if not asked.burst:
        return comes
    return {
        seed: burst_added(day, asked.burst, begins, BURST_LASTS, work, PATIENCE, seed, ends=ends) for seed, day in comes.items()
    }


def check_burst(asked: Asked, opens: float, ends: float) -> None:
    """Raise BadInput where a burst would begin when the day is over, or an hour before it opens: seconds after midnight."""
    if asked.burst and not (opens - 3600.0 < asked.burst_at * 3600.0 < ends or not asked.burst_at):
        first, last = (f"{int(at) // 3600:02d}:{int(at) // 60 % 60:02d}" for at in (opens, ends))
        raise WrongField(f"a burst begins within the day, {first} to {last}, got the hour {asked.burst_at}", field="burst_at")


def as_matched(asked: Asked, matching: str, needs: int) -> Asked:
    """With both policies named: the centre's own where nothing is said, but patience on a long day, which takes minutes.

    Raises:
        BadInput: patience is asked for on so long a day.
    """
    if needs > MOST_PATIENT and "rapport" in (asked.policy, asked.other):
        raise WrongField(
            f"a day of {needs} conversations is too long to try with patience here, {MOST_PATIENT} are the most: "
            "match to the best who is free, or use `rapport twin`",
            field="other",
        )
    own = {"best": "greedy", "patient": "rapport" if needs <= MOST_PATIENT else "greedy"}.get(matching, "skills")
    before = asked.policy or own
    return msgspec.structs.replace(asked, policy=before, other=asked.other or before)


def verdict(
    comes: Mapping[int, Drawn],
    base: Sequence[Present],
    asked: Asked,
    languages: Sequence[str],
    *,
    begin: float,
    end: float,
    within: float,
) -> Verdict:
    """Both sides run with each seed: `comes` holds the day of every seed of `SEEDS` and `OTHER_SEEDS`. Raises BadInput."""
    if asked.language and asked.language not in languages:
        raise WrongField(
            f"the languages of this day are {', '.join(languages[:-1]) or 'not known'}, got {asked.language[:20]!r}",
            field="language",
        )
    added = changed(base, asked, languages, begin, end)
    runs: dict[tuple[bool, int], Told] = {}

    def under(people: Sequence[Present], policy: str, after: bool, seed: int) -> Told:
        day = comes[seed]
        if after and asked.widen:
            people = widened(people, begin, _ran(day, widened(people, begin), policy), day)
        done = _ran(day, people, policy)
        runs[after, seed] = told(done, day, len(languages), within)
        return runs[after, seed]

    first, second = (
        tuple(compared(lambda s: under(base, asked.policy, False, s), lambda s: under(added, asked.other, True, s), seeds))
        for seeds in (SEEDS, OTHER_SEEDS)
    )
    return Verdict(asked, first, second, _by_stream(runs, comes, languages), tuple(languages))


def _ran(day: Drawn, people: Sequence[Present], policy: str) -> Ran:
    staff = Staff(np.array([one.able for one in people], np.bool_), np.array([[one.begins, one.ends] for one in people]))
    return run_day(day, staff, policy, patience_seconds=PATIENCE, most_looks=MOST_LOOKS)


def _by_stream(
    runs: Mapping[tuple[bool, int], Told], comes: Mapping[int, Drawn], languages: Sequence[str]
) -> tuple[Change, ...]:
    found = []
    for n, name in enumerate(languages):
        if not any((comes[seed].stream == n).any() for seed in SEEDS):
            continue
        before, after = ([runs[side, seed].by_stream[n] for seed in SEEDS] for side in (False, True))
        found.append(difference(name, before, after))
    return tuple(found)


def forecast_days(rates: Floats, step: float, work: float) -> dict[int, Drawn]:
    """A day drawn from rates (streams, intervals), one for each seed."""
    each = [work] * len(rates)
    return {seed: drawn(rates, step, each, PATIENCE, seed) for seed in (*SEEDS, *OTHER_SEEDS)}


def days_as_it_was(
    met: Sequence[Met], languages: Sequence[str], start: datetime, work: float, places: float
) -> dict[int, Drawn]:
    """The day as it was: who came when and in which language, and the work that it was; by seed only what nobody saw.

    What nobody saw: how long each would have waited, and the work of what nobody ended.
    """
    place = {name: n for n, name in enumerate(languages)}
    arrival = np.array([(one.at - start).total_seconds() for one in met])
    stream = np.array([place.get(one.language, len(languages) - 1) for one in met], np.int64)
    known = np.array([one.seconds if one.seconds else np.nan for one in met], np.float64)
    found = {}
    for seed in (*SEEDS, *OTHER_SEEDS):
        rng = np.random.default_rng(seed)
        drawn_work = rng.exponential(work, len(met))
        handling = np.where(np.isnan(known), drawn_work, known) / max(places, 1.0)
        found[seed] = Drawn(
            arrival, stream, np.maximum(handling, 1.0), rng.exponential(PATIENCE, len(met)), rng.random(len(met))
        )
    return found
