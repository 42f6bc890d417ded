"""Occupancy: which share of the time that agents are present they work on anything, from what they did when. Pure.

Two interactions at once count once, and one that never ended counts while its agent is present, for a week at most.
"""

import numpy as np

from rapport.measures.columns import NEVER
from rapport.measures.folding import Folded
from rapport.measures.picking import Index, Picked

DAY = 86_400_000
EPOCH = 719_163  # the ordinal of 1 January 1970
LONGEST = 7 * DAY  # of what began, no more than this counts, whether or not it ended
LOOK_BACK = 9  # days: what began longer ago counts no more, by whatever clock
OWNED = ("agent", "team", "site")
WORK, END = 2, 1  # what a moment is: bits below the time in a key
TIME = 42  # bits of a key below its agent
MOMENT = (1 << (TIME - 2)) - 1  # 34 years


def occupied(folded: Folded, since: int, until: int) -> tuple[Index, Index]:
    """By agent's number: their milliseconds present within [since, until), and those of them at work; (agents,) each.

    What two stretches of time that follow one another give adds up to what both together give.
    """
    first, last = EPOCH + since // DAY - LOOK_BACK, EPOCH + until // DAY + 2
    present = Picked(folded, "present", folded.present.between(first, last))
    works = Picked(folded, "works", folded.works.between(first, last))
    works = works.only((works["bot"] == 0) & ((works["ended"] == NEVER) | (works["ended"] > since)))
    keys = np.concatenate(
        (_keys(present["agent"], present["begun"], present["ended"], 0, since, until),
         _keys(works["agent"], works["started"], works["ended"], WORK, since, until))
    )  # fmt: skip
    keys.sort()
    agent, moments, what = keys >> TIME, (keys >> 2) & MOMENT, keys & 3
    lasts = np.diff(moments, append=moments[-1:])
    lasts[np.diff(agent, append=-1) != 0] = 0
    change = 1 - 2 * (what & END)
    here = np.cumsum(np.where(what & WORK, 0, change)) > 0
    busy = np.cumsum(np.where(what & WORK, change, 0)) > 0
    agents = len(folded.labels["agent"].words)
    return _summed(agent, lasts * here, agents), _summed(agent, lasts * (here & busy), agents)


def places(folded: Folded, since: int, until: int) -> dict[str, Index]:
    """By agent's number: the agent, and the team and site with which they were present last in [since, until)."""
    first, last = EPOCH + since // DAY - LOOK_BACK, EPOCH + until // DAY + 2
    present = Picked(folded, "present", folded.present.between(first, last))
    return {name: _place(present, name, folded) for name in OWNED}


def _summed(agent: Index, times: Index, agents: int) -> Index:
    return np.rint(np.bincount(agent, weights=times.astype(np.float64), minlength=agents)).astype(np.int64)


def _keys(agent: Index, begun: Index, ended: Index, what: int, since: int, until: int) -> Index:
    """Each beginning and end as one number that sorts by agent and time."""
    ended = np.minimum(np.where(ended == NEVER, until, ended), begun + LONGEST)
    begun, ended = np.clip(begun, since, until) - since, np.clip(ended, since, until) - since
    keep = ended > begun
    agent, begun, ended = agent[keep] << TIME, begun[keep], ended[keep]
    return np.concatenate((agent | begun << 2 | what, agent | ended << 2 | what | END))


def _place(present: Picked, name: str, folded: Folded) -> Index:
    """An agent's own number, or that of their team or site, by the agent's number."""
    agents = len(folded.labels["agent"].words)
    if name == "agent":
        return np.arange(agents, dtype=np.int64)
    place = np.zeros(agents, np.int64)
    place[present["agent"]] = present[name]
    return place
