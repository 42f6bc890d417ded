"""Who looks at which conversation: they are told of it at once, everybody else within moments and one after the other.

What 200 desks fetch again because of one message would else come all together, before the one that is waited for.
Whoever was shown a conversation looks at it until they were shown a dozen others; being told at once of too much does no harm.
"""

from rapport.web.happenings import Happening
from rapport.web.office import Office
from rapport.web.security import Who

EACH = 12  # conversations of an agent, lately
MOST = 5_000  # agents
APART = 0.01  # seconds between two who are told later: at most a hundred desks fetch again in a second
LATEST = 2.0  # seconds: a round
SEVERAL = 10  # who listen: fewer are all told at once
OF_CONVERSATION = frozenset({"conversation", "typing", "playbook"})
OF_MANY = frozenset({"inbox", "wallboard", "presence", "person"})


class Looking:
    """What each agent of a tenant was shown lately, latest at the end."""

    def __init__(self) -> None:
        self._shown: dict[str, dict[str, None]] = {}

    def note(self, agent: str, conversation: bytes) -> None:
        """An agent is shown a conversation."""
        shown = self._shown.pop(agent, {})
        self._shown[agent] = shown
        shown.pop(conversation.hex(), None)
        shown[conversation.hex()] = None
        if len(shown) > EACH:
            del shown[next(iter(shown))]
        if len(self._shown) > MOST:
            del self._shown[next(iter(self._shown))]

    def waits_for(self, who: Who | None, happening: Happening) -> bool:
        """Whether somebody is to be told at once: a program and a visitor always are."""
        if who is None or not who.csrf or happening.agent or who.agent in happening.agents:
            return True
        kind, _, of = happening.name.partition(":")
        if kind in OF_CONVERSATION:
            return of in self._shown.get(who.agent, {})
        return kind not in OF_MANY


def looking_of(office: Office, tenant: int) -> Looking:
    """Of a tenant, in this process."""
    known: dict[int, Looking] = office.memory.setdefault("looking", {})
    return known.setdefault(tenant, Looking())


def later(listeners: int, turn: float, now: float) -> float:
    """In how many seconds somebody is told who does not look, where so many listen: once in each round, at their turn of it.

    `turn`: from 0 to 1; `now`: seconds of any clock.
    """
    whole = min(LATEST, listeners * APART)
    return 0.0 if listeners <= SEVERAL else (turn * whole - now) % whole
