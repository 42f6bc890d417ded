"""What the page of patterns shows of the workforce: a burst that runs and one that is over, shifts asked for, adherence."""

from datetime import datetime, timedelta

import msgspec

from rapport.model.burst import BURST_STEPS, Burst, BurstTaken
from rapport.web.workforce.adherence import Adherence
from rapport.web.workforce.burst_card import BurstCard, StepShown
from rapport.web.workforce.shifts_reading import AskShown

STATES = (("asked", ("agree", "decline")), ("agreed", ("approve", "refuse")), ("done", ()), ("refused", ()), ("over", ()))
NAME = "María Fernanda Echeverría-Goikoetxea"


class WorkforcePatterns(msgspec.Struct, frozen=True):
    """A card of each kind, an ask in each state, and shifts with and without their agent."""

    bursts: tuple[BurstCard, ...]
    asks: tuple[AskShown, ...]
    adherence: tuple[Adherence, ...]


def workforce_patterns(now: datetime) -> WorkforcePatterns:
    """The components with values as long as they come."""
    since = now - timedelta(minutes=50)
    taken = BurstTaken("widen", "", now, ("by-skill", "complaints"))
    real = Burst(bytes(16), since, now, "real", 4.0, 4000, 3880, 2500, 5400.0, 0, 3712, 17, 1500.0, taken=(taken,))
    brigade = msgspec.structs.replace(real, kind="brigade", held=3511, people=1, taken=())
    over = msgspec.structs.replace(real, ended_at=now)
    cards = []
    for burst in (real, brigade, over):
        steps = tuple(StepShown(step, burst.took(step), "", taken.names if burst.took(step) else ()) for step in BURST_STEPS)
        cards.append(BurstCard(burst, since, steps, "crowd"))
    asks = tuple(
        AskShown("0" * 32, "swap", NAME, "Noor Baptiste-Oyelaran", now.date(), "09:00–17:00", state, now, can=can)
        for state, can in STATES
    )
    rows = (
        Adherence("a", NAME, "09:00–17:00", 0.62, 180, True, ((0.0, 80.0), (110.0, 40.0)), 190.0),
        Adherence("b", "Noor Baptiste-Oyelaran", "14:00–22:00", None, 0),
    )
    return WorkforcePatterns(tuple(cards), asks, rows)
