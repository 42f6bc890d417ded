"""Facts of the supervisor's console, numbers 110 to 113: what is said to an agent alone, and what is otherwise for today."""

from rapport.model.fact_kind import Fact, Words
from rapport.model.ids import Id


class AgentTold(Fact, frozen=True):
    """Something was said to an agent alone, beside a conversation. `what`: whisper, answer or taken."""

    number = 110
    content_type = Words
    telling: Id
    conversation: Id
    agent: str
    by: str
    what: str = "whisper"


class TellingSeen(Fact, frozen=True):
    """An agent has seen what was said to them alone."""

    number = 111
    conversation: Id
    agent: str
    tellings: tuple[Id, ...] = ()


class TodayChanged(Fact, frozen=True):
    """A piece of the centre is otherwise until a time. `name`: as `plan/by-skill`; `body`: JSON of `model.today.Today`."""

    number = 112
    name: str
    body: bytes


class TodayEnded(Fact, frozen=True):
    """The piece is as it was set. `by` "": its time had come; `body`: what held until now."""

    number = 113
    name: str
    body: bytes
    by: str = ""
