"""Which state of a conversation may follow which, and what brings it there: a table, and nothing else.

       message, reopen, wake, take
OPEN <──────────────────────────── SNOOZED, RESOLVED
OPEN ──> PENDING   a bot has it;  PENDING ──> OPEN   it passed it on, or a person took it
OPEN, PENDING ──> SNOOZED         it sleeps until a time, or until its person writes
OPEN, PENDING, SNOOZED ──> RESOLVED
"""

from rapport.model.conversation import State

FOLLOWS: dict[State, frozenset[State]] = {
    State.OPEN: frozenset({State.PENDING, State.SNOOZED, State.RESOLVED}),
    State.PENDING: frozenset({State.OPEN, State.SNOOZED, State.RESOLVED}),
    State.SNOOZED: frozenset({State.OPEN, State.PENDING, State.RESOLVED}),
    State.RESOLVED: frozenset({State.OPEN, State.PENDING}),
}


def may_follow(state: State, after: State) -> bool:
    """Whether a conversation that is `after` may become `state`. To stay as it is, is always allowed."""
    return state is after or state in FOLLOWS[after]


def moved(before: State, to: State) -> State:
    """Where a conversation stands when something would bring it `to` a state: there if it may, else where it was."""
    return to if may_follow(to, before) else before
