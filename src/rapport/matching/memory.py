"""What matching works out from the rows of a tenant and keeps while they do not change: agents in columns, wants of needs.

Nothing here is a decision: it could be made anew from the rows in every round, only slower.
"""

from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from rapport.ledger.views import Rows
from rapport.matching.board import Board, board_over
from rapport.matching.crowd import Crowd
from rapport.matching.patience import Prices
from rapport.matching.seating import Ask, Place, asks_time
from rapport.matching.standing import Standing, make_standing
from rapport.matching.valuing import Valuer, valuer_of
from rapport.matching.wants import Wants, wants_of
from rapport.model.agent import AgentNow
from rapport.model.conversation import Conversation
from rapport.model.need import Need
from rapport.model.person import Person, PersonEvents


@dataclass(slots=True)
class Memory:
    """Of one tenant's rows. `wants` by need."""

    board: Board
    standing: Standing
    wants: dict[bytes, Wants] = field(default_factory=dict)
    prices: Prices = field(default_factory=Prices)
    valuer: Valuer | None = None  # made when it is first needed
    held_until: dict[bytes, float] = field(default_factory=dict)  # Unix seconds at which a need that is held is looked at again
    crowds: dict[Place, Crowd] = field(default_factory=dict)  # where many wait
    seen: int = -1  # the turn of the standing at which lines where nobody could come were last looked through

    def valuer_now(self) -> Valuer:
        """What pairs are valued with, by the centre as it is."""
        if self.valuer is None:
            self.valuer = valuer_of(self.standing.roster)
        return self.valuer

    def wants_of(self, need: Need, rows: Rows) -> Wants | None:
        """What a need wants; None where its conversation is not in memory."""
        conversation = rows.get(Conversation, need.id)
        if conversation is None:
            return None
        person, events = rows.get(Person, conversation.person), rows.get(PersonEvents, conversation.person)
        known = self.wants.get(need.id)
        if known is None or not known.are_of(conversation, person, events, self.standing.roster):
            known = self.wants[need.id] = wants_of(conversation, person, events, self.standing.roster)
        return known


_memories: "WeakKeyDictionary[Rows, Memory]" = WeakKeyDictionary()


def remember(rows: Rows) -> Memory:
    """What is known of these rows, in step with them."""
    board = board_over(rows)
    memory = _memories.get(rows)
    if memory is None or memory.board is not board or memory.standing.roster.centre is not rows.centre:
        standing = make_standing(rows.centre, rows.all(AgentNow))
        board.dirty.clear()
        for need in list(board.seats):
            board.need_changed(need)
        board.lines.clear()
        prices = (memory.prices if memory is not None else Prices()).over([agent.id for agent in standing.roster.agents])
        memory = _memories[rows] = Memory(board, standing, prices=prices)
    for agent in board.dirty:
        memory.standing.renew(agent, rows.get(AgentNow, agent))
    board.dirty.clear()
    if memory.standing.tick(rows.now):
        for ask in [ask for ask in board.lines if isinstance(ask, Ask) and asks_time(ask)]:
            for _, waiting in board.take(ask, len(board.lines[ask])):
                board.need_changed(waiting)
    if len(memory.wants) > 2 * rows.count(Need) + 1000:
        memory.wants = {id: wants for id, wants in memory.wants.items() if rows.knows(Need, id)}
        memory.held_until = {id: until for id, until in memory.held_until.items() if rows.knows(Need, id)}
        memory.prices.seen = {id for id in memory.prices.seen if rows.knows(Need, id)}
    return memory
