"""What matching works out from the rows of a tenant and keeps while they do not change: agents in columns, wants of needs.

Nothing here is a decision: it could be made anew from the rows in every round, only slower.
"""

from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from rapport.ledger.views import Rows
from rapport.matching.board import Board, board_over
from rapport.matching.standing import Standing, make_standing
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
    seen: int = -1  # the turn of the standing at which lines where nobody could come were last looked through

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
        memory = _memories[rows] = Memory(board, standing)
    for agent in board.dirty:
        memory.standing.renew(agent, rows.get(AgentNow, agent))
    board.dirty.clear()
    if len(memory.wants) > 2 * rows.count(Need) + 1000:
        memory.wants = {id: wants for id, wants in memory.wants.items() if rows.knows(Need, id)}
    return memory
