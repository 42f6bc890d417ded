"""Why nobody has a need yet: who may be asked for it now, whom each filter took out, and how many of them have a place free."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec
import numpy as np

from rapport.matching.plan import plan_called
from rapport.matching.seating import eligible, place_of, seat
from rapport.matching.standing import make_standing
from rapport.matching.wants import wants_of
from rapport.model.agent import AgentNow
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation
from rapport.model.need import Need
from rapport.model.person import Person, PersonEvents


class Look(msgspec.Struct, frozen=True):
    """`step` of `steps`, from 0; `may`: who may be asked; `free`: how many of them have a place; `removed`: by filter."""

    step: int
    steps: int
    may: tuple[str, ...]
    free: int
    removed: Mapping[str, int]


def look(
    centre: Centre,
    now: Iterable[AgentNow],
    needs: Iterable[tuple[Need, Conversation]],
    people: Mapping[bytes, Person],
    events: Mapping[bytes, PersonEvents],
    at: datetime,
) -> dict[bytes, Look]:
    """What a round would see of these needs, by their ids; nothing is decided."""
    standing = make_standing(centre, now)
    standing.tick(at)
    free, found = standing.free(), {}
    for need, conversation in needs:
        wants = wants_of(conversation, people.get(conversation.person), events.get(conversation.person), standing.roster)
        step, ask = seat(need, wants, standing)
        mask = eligible(ask, wants, standing)
        places = standing.open_at(place_of(ask), free)
        who = np.flatnonzero(mask.mask).tolist()
        steps = len(plan_called(centre, need.plan, need.slot).steps)
        names = tuple(standing.roster.agents[place].id for place in who)
        found[need.id] = Look(step, steps, names, int(np.count_nonzero(places[who] > 0)), mask.removed)
    return found
