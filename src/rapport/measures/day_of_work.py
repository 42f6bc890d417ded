"""A day as the twin takes it: who came when, about what, how long it took, who was there, and who has done such work. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rapport.measures.columns import NEVER
from rapport.measures.folding import Folded
from rapport.measures.picking import Asked, Index, picked
from rapport.measures.reckoning import NOT_ABANDONED

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
LOOKED_BACK = 28  # days from which it is told who has done such work
DONE_BEFORE = 3  # interactions with a subject from which on it counts as known
MOST_NEEDS, MOST_SEATS = 1_000, 120
FEWEST_NEEDS, FEWEST_AGENTS, FEWEST_ENDED = 30, 2, 20
MOST_PLACES = 4


@dataclass(frozen=True, slots=True)
class WorkDay:
    """Needs in their order and seats: an agent with two places is two. Times in seconds from the first moment of the day.

    `short`: why nothing can be said (needs, agents or ended); "" where it can. `cut`: how many of the day's needs are left out.
    """

    short: str
    arrival: Floats  # (needs,), rising
    handling: Floats  # (needs,)
    skilled: Bools  # (needs, seats): has done such work
    able: Bools  # (needs, seats): speaks the language
    shifts: Floats  # (seats, 2)
    needs: int
    agents: int
    cut: int
    until: float  # now


def work_day(folded: Folded, day: int, now: int, begins: int, places: Mapping[str, int]) -> WorkDay:
    """A day (an ordinal) up to `now`, from `begins`, both in milliseconds. `places`: conversations at once, by agent."""
    asked = Asked(day, day + 1, now)
    rows = picked(folded, "talks", asked)
    known = folded.labels["disposition"].known
    unneeded = np.isin(rows["disposition"], [known(word) for word in NOT_ABANDONED])
    rows = rows.only(~unneeded & ((rows["taken"] != NEVER) | (rows["resolved"] == NEVER)) & (rows["opened"] >= begins))
    order = np.argsort(rows["opened"], kind="stable")
    chosen = order[-MOST_NEEDS:]
    talks, cut = rows.rows[chosen], len(order) - len(chosen)
    seats, shifts = _seats(folded, day, now, begins, places)
    past = picked(folded, "works", Asked(day - LOOKED_BACK, day + 1, now))
    past = past.only((past["bot"] == 0) & (past["ended"] != NEVER))
    intent, language = (folded.talks[name][talks].astype(np.int64) for name in ("intent", "language"))
    skilled = _done(past.of("agent"), past.of("intent"), seats, intent, DONE_BEFORE)
    able = _done(past.of("agent"), past.of("language"), seats, language, 1)
    agents = len(set(seats.tolist()))
    short = (
        "needs" if len(order) < FEWEST_NEEDS
        else "agents" if agents < FEWEST_AGENTS
        else "ended" if len(past.rows) < FEWEST_ENDED
        else ""
    )  # fmt: skip
    arrival = (folded.talks["opened"][talks].astype(np.float64) - begins) / 1000.0
    handling = _handling(folded, talks, intent, past["ended"] - past["started"], past.of("intent"), past["talk"])
    return WorkDay(short, arrival, handling, skilled, able, shifts, len(order), agents, cut, (now - begins) / 1000.0)


def _seats(folded: Folded, day: int, now: int, begins: int, places: Mapping[str, int]) -> tuple[Index, Floats]:
    """The agents who were there on the day, each as often as they have places, and from when to when in seconds."""
    rows = picked(folded, "present", Asked(day - 1, day + 1, now))
    ended = np.where(rows["ended"] == NEVER, now, rows["ended"])
    rows, ended = rows.only(ended > begins), ended[ended > begins]
    words, agents = folded.labels["agent"].words, rows["agent"]
    seats: list[int] = []
    shifts: list[tuple[float, float]] = []
    for agent in dict.fromkeys(agents.tolist()):
        mine = agents == agent
        first = max(0.0, (int(rows["begun"][mine].min()) - begins) / 1000.0)
        last = (int(ended[mine].max()) - begins) / 1000.0
        for _ in range(min(max(places.get(words[agent], 1), 1), MOST_PLACES)):
            seats.append(agent)
            shifts.append((first, last))
    return np.array(seats[:MOST_SEATS], np.int64), np.array(shifts[:MOST_SEATS], np.float64).reshape(-1, 2)


def _done(agents: Index, words: Index, seats: Index, wanted: Index, often: int) -> Bools:
    """Who of the seats has done what is wanted so often: (needs, seats); all, of what nobody who is there has done."""
    found = np.zeros((len(wanted), len(seats)), np.bool_)
    for word in set(wanted.tolist()):
        who, counts = np.unique(agents[words == word], return_counts=True)
        have = np.isin(seats, who[counts >= often])
        found[wanted == word] = have if have.any() else True
    return found


def _handling(folded: Folded, talks: Index, intent: Index, spans: Index, words: Index, of: Index) -> Floats:
    """What each need takes, in seconds: what it took where that is known, else the mean of its subject, else of all."""
    whole = float(spans.mean()) if len(spans) else 300_000.0
    means = {word: float(spans[words == word].mean()) for word in set(words.tolist())}
    sums = np.bincount(of, weights=spans, minlength=folded.talks.size)
    took = sums[talks] if len(of) else np.zeros(len(talks))
    usual = np.array([means.get(word, whole) for word in intent.tolist()])
    return np.maximum(np.where(took > 0, took, usual), 1000.0) / 1000.0
