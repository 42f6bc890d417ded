"""A tenant's last needs as the simulator replays them: when they came, how long they took, who could have helped."""

import asyncpg
import numpy as np
from numpy.typing import NDArray

from rapport.ledger.tables import read_rows, read_where
from rapport.matching.patience import constants_of
from rapport.matching.roster import SKILLED, Roster
from rapport.matching.simulator.replay import Logged
from rapport.matching.value import add_wishes
from rapport.matching.valuing import Valuer, value
from rapport.matching.wants import ASKED_FROM, Wants, wants_of
from rapport.matching.wishes import WEIGHTS
from rapport.model.conversation import Conversation
from rapport.model.person import Person, PersonEvents

MOST_PAIRS = 10_000_000  # needs times agents that are looked at
AT_ONCE = 256  # needs that are valued together
LEAST_SECONDS = 1.0  # of work on a need

# The newest conversations that somebody, not a bot, has worked on; and how long the work on each took, together.
NEWEST = """id in (select c.id from conversation c where c.tenant = $1 and exists (
    select from interaction i where i.tenant = c.tenant and i.conversation = c.id and not i.bot and i.ended_at is not null)
    order by c.opened_at desc, c.id desc limit $2) order by opened_at, id"""
WORKED = """select conversation, sum(extract(epoch from ended_at - started_at))::float8 from interaction
    where tenant = $1 and conversation = any($2::uuid[]) and not bot and ended_at is not null group by conversation"""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


async def logged_needs(db: asyncpg.Connection, tenant: int, valuer: Valuer, most: int) -> Logged:
    """The last needs of a tenant against the agents of now, as the valuer sees them.

    Who answered somebody before is left out of it: what is on record now was not known then. An agent's places for a kind share
    their time. How soon people give up is the assumption of `patience.KINDS`.
    """
    roster = valuer.roster
    most = min(most, MOST_PAIRS // max(1, len(roster.agents)))
    conversations = await read_where(db, tenant, Conversation, NEWEST, most)
    people = {one.id: one for one in await read_rows(db, tenant, Person, {c.person for c in conversations})}
    events = {one.id: one for one in await read_rows(db, tenant, PersonEvents, {c.person for c in conversations})}
    worked = dict((await db.fetch(WORKED, tenant, [c.id for c in conversations])) or ())
    wants = [_unacquainted(wants_of(c, people.get(c.person), events.get(c.person), roster)) for c in conversations]
    able = np.array([_able(want, roster) for want in wants]).reshape(len(wants), len(roster.agents))
    skilled = np.array([_skilled(want, may, roster) for want, may in zip(wants, able, strict=True)]).reshape(able.shape)
    return Logged(
        arrival=np.array([c.opened_at.timestamp() for c in conversations]),
        handling=np.array([max(LEAST_SECONDS, worked[c.id] / _places(str(c.kind), roster)) for c in conversations]),
        values=_values(wants, able, valuer),
        able=able,
        skilled=skilled,
        patience_seconds=float(np.mean([1.0 / constants_of(str(c.kind)).hazard for c in conversations] or [1.0])),
    )


def _unacquainted(want: Wants) -> Wants:
    return want._replace(known={}, wish=want.wish._replace(known=()))


def _able(want: Wants, roster: Roster) -> Bools:
    """Who speaks the language and has a place for the channel; anybody with a place, where nobody speaks it."""
    places = (roster.places(str(want.conversation.kind), want.conversation.channel) >= 0) & ~roster.bots
    speaking = places & roster.speakers(want.language)
    return speaking if want.language and speaking.any() else places


def _skilled(want: Wants, able: Bools, roster: Roster) -> Bools:
    """Whom skills routing asks: who has the skill that the words speak of most, of those that somebody able has."""
    for found in (want.skills, want.topics):
        for weight, place in sorted((-strength, place) for place, (strength, _) in found.items()):
            has: Bools = roster.skills.levels[place] >= SKILLED
            if -weight >= ASKED_FROM and (has & able).any():
                return has
    return ~roster.nobody


def _places(kind: str, roster: Roster) -> float:
    """How many conversations of a kind an agent who takes them holds at once, on average."""
    if kind not in roster.slots:
        return 1.0
    column = roster.capacity[:, roster.slots.index(kind)]
    return float(column[column > 0].mean()) if (column > 0).any() else 1.0


def _values(wants: list[Wants], able: Bools, valuer: Valuer) -> Floats:
    """How likely each pair resolves the need: (needs, agents)."""
    roster, who = valuer.roster, np.arange(len(valuer.roster.agents))
    found = np.zeros(able.shape)
    for first in range(0, len(wants), AT_ONCE):
        some, may = wants[first : first + AT_ONCE], able[first : first + AT_ONCE]
        speaks = np.array([roster.speakers(want.language) if want.language else roster.nobody for want in some])
        worth = np.where(may, WEIGHTS["languages"] * speaks.reshape(may.shape), -np.inf)
        add_wishes(worth, some, roster, who)
        found[first : first + AT_ONCE] = value(worth, some, valuer, who).likely
    return found
