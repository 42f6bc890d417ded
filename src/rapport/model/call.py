"""Call: a telephone call of a conversation, and the orders that a telephone server is given for it."""

from datetime import datetime
from enum import StrEnum

import msgspec

from rapport.model.ids import Id, derived_id, read_id

CALL = "call"  # the operation of an order, as the outbox names it
ALIVE = frozenset({"waiting", "connecting", "talking", "held", "consulting", "conference"})
TALK = frozenset({"talking", "held", "consulting", "conference"})


class CallState(StrEnum):
    """Where a call stands. From `talking` to `conference` an agent is in it."""

    WAITING = "waiting"  # the caller hears music
    CONNECTING = "connecting"  # the agent's softphone rings
    TALKING = "talking"
    HELD = "held"
    CONSULTING = "consulting"  # the caller is held, the agent talks to somebody else
    CONFERENCE = "conference"
    PROMISED = "promised"  # the caller hung up; they are called back in their turn
    CALLING = "calling"  # they are being called back
    OVER = "over"


class Call(msgspec.Struct, frozen=True):
    """A call. `key`, `leg` and `guest` are what the telephone server calls the lines of the caller, the agent and a third.

    `asked`: an order that is under way. `talked`: seconds with agents so far; `joined_at` None: nobody talks now.
    """

    id: Id
    account: str
    channel: str
    key: str
    conversation: Id
    handle: Id
    started_at: datetime
    state: CallState = CallState.WAITING
    message: Id | None = None
    agent: str = ""
    leg: str = ""
    guest: str = ""
    guest_name: str = ""
    asked: str = ""
    agreed: bool = False  # to be recorded
    interaction: Id | None = None
    recording: str = ""  # its number, while it runs
    recordings: int = 0
    calls_back: int = 0  # how often they were called back
    joined_at: datetime | None = None
    talked: float = 0.0
    ended_at: datetime | None = None
    reason: str = ""
    problem: str = ""  # the rule by which the last order was refused: no-answer, no-softphone; "" where it was done


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a telephone server is to do with a call: content, as it may name whom to dial.

    `do`: greet, promise, connect, reconnect, call_back, hold, resume, consult, join, part, complete, pass_on, park, record,
    stop_record, hang_up. `key`, `leg`, `guest`: the lines of caller, agent and third; `to`: an agent's id or a number.
    `asking`: who asks, as the telephone that rings shows it. `rings`: the agent has not said yes to this call.
    """

    do: str
    call: str
    key: str
    leg: str = ""
    guest: str = ""
    agent: str = ""
    to: str = ""
    language: str = ""
    conversation: str = ""
    recording: str = ""
    handle: str = ""
    asking: str = ""
    rings: bool = False


def call_id(account: str, of: str) -> bytes:
    """The id of a call by what the network calls it: hexadecimal where the line is one that we made, else its own name."""
    return (read_id(of) if len(of) == 32 else None) or derived_id(bytes(16), "call", account, of)
