"""Facts of the workforce, numbers 173 to 178: bursts and what is done about them, shifts asked for and shifts that change."""

from datetime import datetime

from rapport.model.fact_kind import Fact
from rapport.model.ids import Id


class BurstBegan(Fact, frozen=True):
    """Many more than usual come. The figures are those of `model.burst.Burst`, as they stood."""

    number = 173
    burst: Id
    since: datetime
    kind: str
    usual: float
    came: int
    above: int
    to_come: int
    lasts: float
    held: int
    voices: int
    people: int
    waits: float


class BurstFollowed(Fact, frozen=True):
    """How a burst goes on, or, `ended`, that it is over."""

    number = 174
    burst: Id
    kind: str
    came: int
    above: int
    to_come: int
    lasts: float
    held: int
    voices: int
    people: int
    waits: float
    ended: bool = False


class BurstAnswered(Fact, frozen=True):
    """A step of the plan for a burst was taken. `by` "": by itself, as the centre says; `names`: plans, agents or a reply."""

    number = 175
    burst: Id
    step: str
    by: str
    names: tuple[str, ...] = ()


class ShiftAsked(Fact, frozen=True):
    """Somebody is asked to work at another time. `kind`: swap or call_in.

    A swap: `agent` would give their work of `day` (ISO) from `begin` to `end`, minutes from midnight by their own clock, to
    `to` ("": to anybody who agrees), and have that of `to` on `back_day` instead ("": nothing). A call in: `to` would come.
    After `until` it is too late.
    """

    number = 176
    ask: Id
    kind: str
    agent: str
    to: str
    day: str
    begin: int
    end: int
    until: datetime
    back_day: str = ""
    back_begin: int = 0
    back_end: int = 0
    burst: Id | None = None


class ShiftAnswered(Fact, frozen=True):
    """What became of it: agreed, declined, withdrawn, done, refused or over. `by`: who said so; `why`: a planner's word.

    `by` "": the rules. `to`: who takes it, where anybody could.
    """

    number = 177
    ask: Id
    state: str
    by: str
    to: str = ""
    why: str = ""


class ShiftsSet(Fact, frozen=True):
    """An agent works at these times from now on: what stands at the agent as `shift`."""

    number = 178
    agent: str
    shift: tuple[str, ...]
    by: str = ""
