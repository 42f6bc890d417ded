"""The board: who waits, in the order of their turn, and which offers are open; an index over the rows of one tenant in memory.

It holds nothing that the rows do not say: it is made from them when first asked for and kept in step by the folds that change
them. Needs that ask for the same stand together, so a round looks at none for whom nobody could come.
"""

import heapq
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from rapport.ledger.views import Rows
from rapport.model.need import Need, Offer, OfferState

URGENT = 900.0  # seconds of waiting that full urgency is worth when it is whose turn
Turn = tuple[float, bytes]


@dataclass(slots=True)
class Board:
    """`fresh`: needs to be seated. `seats`: where each other one stands, and its turn. `lines`: who stands there, a heap."""

    fresh: dict[bytes, None] = field(default_factory=dict)
    seats: dict[bytes, tuple[Hashable, float]] = field(default_factory=dict)
    lines: dict[Hashable, list[Turn]] = field(default_factory=dict)
    offered: dict[bytes, dict[bytes, str]] = field(default_factory=dict)  # by conversation: its open offers and their agents
    offers_of: dict[str, dict[bytes, None]] = field(default_factory=dict)  # by agent: the offers that are open, in order
    dirty: set[str] = field(default_factory=set)
    came: dict[bytes, None] = field(default_factory=dict)  # needs that were seated since a crowd was last gathered
    decided: int = 0

    def need_changed(self, need: bytes) -> None:
        """A need waits, or waits for something else now."""
        self.seats.pop(need, None)
        self.fresh[need] = None

    def need_dropped(self, need: bytes) -> None:
        """A need waits no more."""
        self.seats.pop(need, None)
        self.fresh.pop(need, None)

    def offer_opened(self, offer: Offer) -> None:
        """A need was put to somebody: it is not looked at until that has ended."""
        self.offered.setdefault(offer.conversation, {})[offer.id] = offer.agent
        self.offers_of.setdefault(offer.agent, {})[offer.id] = None
        self.need_dropped(offer.conversation)

    def offer_closed(self, offer: Offer, waits: bool) -> None:
        """An offer ended; its need `waits` again or not. It is looked at when no other offer of it is open."""
        others = self.offered.get(offer.conversation, {})
        others.pop(offer.id, None)
        if not others:
            self.offered.pop(offer.conversation, None)
        self.offers_of.get(offer.agent, {}).pop(offer.id, None)
        if waits and not others:
            self.need_changed(offer.conversation)

    def open_offers(self, agent: str, rows: Rows) -> list[Offer]:
        """The offers that an agent is asked to take now, in the order in which they were made."""
        found = [rows.get(Offer, id) for id in self.offers_of.get(agent, ())]
        return [offer for offer in found if offer is not None and offer.state is OfferState.OPEN]

    def offer_to(self, conversation: bytes | None, agent: str) -> bytes | None:
        """The open offer of a conversation that this agent has, or else the first that somebody has."""
        if conversation is None:
            return None
        found = self.offered.get(conversation, {})
        return next((id for id, one in found.items() if one == agent), next(iter(found), None))

    def seat(self, need: Need, key: Hashable) -> None:
        """Let a need stand with those that ask for the same."""
        turn = need.since.timestamp() - URGENT * need.urgency
        self.fresh.pop(need.id, None)
        self.seats[need.id] = (key, turn)
        self.came[need.id] = None
        heapq.heappush(self.lines.setdefault(key, []), (turn, need.id))

    def take(self, key: Hashable, most: int) -> list[Turn]:
        """The first needs of a line, at most `most`; they stand nowhere until they are put back."""
        line = self.lines[key]
        found: list[Turn] = []
        while line and len(found) < most:
            turn, need = heapq.heappop(line)
            if self.seats.get(need) == (key, turn):
                found.append((turn, need))
                del self.seats[need]
        if not line:
            del self.lines[key]
        return found

    def put_back(self, key: Hashable, turns: Iterable[Turn]) -> None:
        """Let needs stand again where they were taken from."""
        for turn, need in turns:
            self.seats[need] = (key, turn)
            self.came[need] = None
            heapq.heappush(self.lines.setdefault(key, []), (turn, need))


_boards: "WeakKeyDictionary[Rows, Board]" = WeakKeyDictionary()


def board_of(rows: Rows) -> Board | None:
    """The board over these rows, if somebody has asked for it yet: what a fold keeps in step."""
    return _boards.get(rows)


def next_decision(rows: Rows) -> int:
    """A number for a decision, unlike that of any other at one time: a need can be put to an agent twice in an instant."""
    board = _boards.get(rows) or board_over(rows)
    board.decided += 1
    return board.decided


def board_over(rows: Rows) -> Board:
    """The board over these rows; made from them where there is none, or where it has not seen every need."""
    board = _boards.get(rows)
    if board is None or len(board.seats) + len(board.fresh) + len(board.offered) < rows.count(Need):
        board = _boards[rows] = Board(decided=board.decided if board else 0)
        for offer in rows.all(Offer):
            if offer.state == OfferState.OPEN:
                board.offer_opened(offer)
        for need in rows.all(Need):
            if need.id not in board.offered:
                board.fresh[need.id] = None
    return board
