"""What Asterisk's events say, as news of calls. Pure and total: what is of no use is left out."""

from datetime import datetime

import msgspec

from rapport.channels.voice.api import Line, moment
from rapport.channels.voice.naming import OURS, handle_of
from rapport.model.message import Incoming, Reach, Unreadable
from rapport.model.news import Called, CallStep

HUNG_UP, BROKEN, VANISHED = "hung-up", "broken", "vanished"
NORMAL = frozenset({0, 16, 31})  # causes of Q.850 where somebody hung up; 0: it does not say
BY_ORDER = 32  # what a soft hang-up that somebody asked for has instead of a cause
ENDS = frozenset({"ChannelHangupRequest", "ChannelDestroyed", "StasisEnd"})
CALLS = "call"  # the first argument with which the dialplan gives us a call


class AriEvent(msgspec.Struct, frozen=True):
    """What is read of an event."""

    type: str = ""
    timestamp: str = ""
    channel: Line | None = None
    args: list[str] = []
    digit: str = ""
    cause: int = 0
    soft: bool = False


Told = Incoming | Unreadable | Called
_decoder = msgspec.json.Decoder(AriEvent)


def told(raw: bytes, now: datetime) -> list[Told]:
    """What an event says."""
    try:
        event = _decoder.decode(raw)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return []
    line, at = event.channel, moment(event.timestamp, now)
    if line is None:
        return []
    if event.type == "StasisStart" and event.args[:1] == [CALLS]:
        return started(line, (event.args[1:2] or [""])[0], at)
    if event.type == "ChannelDtmfReceived" and not line.id.startswith(("ag-", "gu-")):
        of, who = name_of(line)
        return [Called(f"{line.id}/key/{at.isoformat()}", of, who, CallStep.KEYED, at, event.digit[:1])]
    if event.type in ENDS:
        meant = event.cause == BY_ORDER if event.soft else event.cause in NORMAL
        reason = HUNG_UP if meant else BROKEN
        return [ended(line.id, line.caller.number, at, reason)]
    return []


def started(line: Line, dialled: str, now: datetime) -> list[Told]:
    """A call that came, as a message and as a call."""
    at, who = moment(line.creationtime, now), handle_of(line.caller.number, line.id)
    shown = line.caller.number or "?"
    message = Incoming(line.id, who, f"\N{BLACK TELEPHONE} {shown}", Reach.PRIVATE, at, line.caller.name, thread=line.id)
    return [message, Called(f"{line.id}/started", line.id, who, CallStep.STARTED, at, dialled[:60])]


def ended(id: str, number: str, at: datetime, reason: str) -> Called:
    """The end of a line: of the caller's, or of one that we made."""
    ours = OURS.fullmatch(id)
    if ours is not None and ours[1] != "cb":
        return Called(f"{id}/ended", ours[2], "voice:lines", CallStep.LEG_ENDED, at, id, reason)
    of = ours[2] if ours else id
    return Called(f"{id}/ended", of, handle_of(number, id) if not ours else "voice:lines", CallStep.ENDED, at, id, reason)


def name_of(line: Line) -> tuple[str, str]:
    """(what the call is known by, the handle of who is on the line)."""
    ours = OURS.fullmatch(line.id)
    return (ours[2], "voice:lines") if ours else (line.id, handle_of(line.caller.number, line.id))
