"""What is done at Asterisk for each order of a call. Each may be done twice: what is there or gone already is well."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import msgspec

from rapport.channels.voice.api import GONE, THERE_ALREADY, Ari
from rapport.channels.voice.naming import bridge_of, recording_name
from rapport.channels.voice.softphone import endpoint_of
from rapport.errors import Refused
from rapport.model.call import Order

TRIES_TO_ADD = 20
TRIES_TO_RING = 20  # a softphone that logs in this moment is registered the next
NUMBER = re.compile(r"\+?[0-9]{2,20}")
GONE_OR_THERE = (GONE, THERE_ALREADY)
OVER = "call-over: the caller is not on the line any more"
NO_SOFTPHONE = "no-softphone: the agent's softphone cannot be reached"
NO_ANSWER = "no-answer: nobody answered"


@dataclass(frozen=True, slots=True)
class House:
    """An Asterisk as an account sets it up. `prompts`: sound names by `greeting`, `consent`, `promise` and language."""

    ari: Ari
    dial: str
    music: str
    ring: int  # seconds that somebody's telephone rings
    softphone: int  # seconds in which a softphone, which answers by itself, must have answered
    prompts: Mapping[tuple[str, str], str]
    look: float = 0.1  # seconds between two looks whether somebody answered


async def carry_out(house: House, order: Order) -> None:
    """Do what an order says. Raises Refused with a rule's name first, Unavailable."""
    doing = DOINGS.get(order.do)
    if doing is None:
        raise Refused(f"the telephone server cannot {order.do!r}")
    await doing(house, order)


async def _greet(house: House, order: Order) -> None:
    """Answer; greeting, the question whether the call may be recorded, then music."""
    if (await house.ari.ask("POST", f"{_of(order.key)}/answer", okay=GONE_OR_THERE)).status_code == GONE:
        raise Refused(OVER)
    said = [house.prompts.get((what, order.language), "") for what in ("greeting", "consent")]
    await _play(house, order, said)
    await _music(house, order.key)


async def _promise(house: House, order: Order) -> None:
    """Say that they are called back, and hang up."""
    await _stop_prompts(house, order)
    await house.ari.ask("DELETE", f"{_of(order.key)}/moh", okay=GONE_OR_THERE)
    said = house.prompts.get(("promise", order.language), "")
    if said:
        await _play(house, order, [said], "-promise")
        await _played(house, f"pl-{order.call}-promise")
    await _drop(house, order.key)


async def _connect(house: House, order: Order) -> None:
    """Ring the agent's softphone; bring both together when it answers."""
    await _ring(house, order.leg, f"PJSIP/{endpoint_of(house.ari.app, order.agent)}", order, auto=not order.rings)
    seconds = house.ring if order.rings else house.softphone
    await _answered(house, order.leg, NO_SOFTPHONE, order.key, seconds)
    await _stop_prompts(house, order)
    try:
        await _together(house, order, order.leg)
        await _caller_in(house, order)
        if await house.ari.line(order.leg) is None:  # they hung up while the caller was brought in
            raise Refused(NO_SOFTPHONE)
    except Refused:
        await _drop(house, order.leg)
        if await house.ari.line(order.key) is None:
            raise
        await _caller_out(house, order)
        raise Refused(NO_SOFTPHONE) from None


async def _reconnect(house: House, order: Order) -> None:
    """The agent's softphone began anew: its old line goes, a new one takes its place; the caller stays where they are."""
    await _drop(house, order.to)
    await _ring(house, order.leg, f"PJSIP/{endpoint_of(house.ari.app, order.agent)}", order, auto=True)
    await _answered(house, order.leg, NO_SOFTPHONE, order.key, house.softphone)
    await _together(house, order, order.leg)


async def _call_back(house: House, order: Order) -> None:
    """Ring the agent, then the person, and bring them together; the person's line has a name of ours, so it rings once."""
    await _ring(house, order.leg, f"PJSIP/{endpoint_of(house.ari.app, order.agent)}", order, auto=True)
    await _answered(house, order.leg, NO_SOFTPHONE, seconds=house.softphone)
    await _together(house, order, order.leg)
    try:
        await _ring(house, order.key, _outside(house, order.to), order, outside=True)
        await _answered(house, order.key, NO_ANSWER, order.leg)
    except Refused:
        await _drop(house, order.leg)
        raise
    await _together(house, order, order.key)


async def _hold(house: House, order: Order) -> None:
    """The caller hears music; what is recorded pauses."""
    await _caller_out(house, order)


async def _resume(house: House, order: Order) -> None:
    """The caller is back, with whoever is in the call."""
    await _caller_in(house, order)


async def _consult(house: House, order: Order) -> None:
    """Hold the caller and call somebody else."""
    await _caller_out(house, order)
    inside = bool(order.agent)
    to = f"PJSIP/{endpoint_of(house.ari.app, order.agent)}" if inside else _outside(house, order.to)
    await _ring(house, order.guest, to, order, outside=not inside)
    await _answered(house, order.guest, NO_ANSWER, order.leg)
    await _together(house, order, order.guest)


async def _part(house: House, order: Order) -> None:
    """The third goes; agent and caller are together again."""
    await _drop(house, order.guest)
    await _caller_in(house, order)


async def _complete(house: House, order: Order) -> None:
    """The caller is with the third, the agent goes."""
    await _caller_in(house, order)
    await _drop(house, order.leg)


async def _pass_on(house: House, order: Order) -> None:
    """A number outside gets the caller, the agent goes when it answers."""
    await _consult(house, msgspec.structs.replace(order, agent=""))
    await _complete(house, order)


async def _park(house: House, order: Order) -> None:
    """Whoever was with the caller goes; the caller waits with music."""
    for line in (order.leg, order.guest):
        await _drop(house, line)
    await _caller_out(house, order)


async def _record(house: House, order: Order) -> None:
    """Record what is said where the lines meet; a name that is there records already."""
    path = f"/bridges/{bridge_of(order.call)}/record"
    await house.ari.ask(
        "POST", path, okay=(THERE_ALREADY,), name=_recording(house.ari.app, order), format="wav", ifExists="fail"
    )


async def _stop_record(house: House, order: Order) -> None:
    """End the recording; it is fetched from what is stored."""
    await house.ari.ask("POST", f"/recordings/live/{quote(_recording(house.ari.app, order))}/stop", okay=GONE_OR_THERE)


async def _hang_up(house: House, order: Order) -> None:
    """Everybody's line ends."""
    for line in (order.key, order.leg, order.guest):
        await _drop(house, line)
    await house.ari.ask("DELETE", f"/bridges/{bridge_of(order.call)}", okay=GONE_OR_THERE)


DOINGS: Mapping[str, Callable[[House, Order], Awaitable[None]]] = {
    "greet": _greet,
    "promise": _promise,
    "connect": _connect,
    "reconnect": _reconnect,
    "call_back": _call_back,
    "hold": _hold,
    "resume": _resume,
    "join": _resume,
    "consult": _consult,
    "part": _part,
    "complete": _complete,
    "pass_on": _pass_on,
    "park": _park,
    "record": _record,
    "stop_record": _stop_record,
    "hang_up": _hang_up,
}


def _of(line: str) -> str:
    return f"/channels/{quote(line)}"


def _outside(house: House, number: str) -> str:
    """How a number outside is dialled; what a caller says of themselves is never more than a number."""
    if not NUMBER.fullmatch(number):
        raise Refused(f"no-answer: {number[:40]!r} is no number that can be dialled")
    return house.dial.replace("{number}", number)


def _recording(app: str, order: Order) -> str:
    return recording_name(app, order.call, int(order.recording or 0), order.handle, order.key)


async def _drop(house: House, line: str) -> None:
    if line:
        await house.ari.ask("DELETE", _of(line), okay=GONE_OR_THERE)


async def _music(house: House, line: str) -> None:
    await house.ari.ask("POST", f"{_of(line)}/moh", okay=GONE_OR_THERE, **({"mohClass": house.music} if house.music else {}))


async def _play(house: House, order: Order, said: list[str], which: str = "") -> None:
    media = ",".join(name for name in said if name)
    if media:
        path = f"{_of(order.key)}/play/pl-{order.call}{which}"
        await house.ari.ask("POST", path, okay=GONE_OR_THERE, media=media)


async def _stop_prompts(house: House, order: Order) -> None:
    await house.ari.ask("DELETE", f"/playbacks/pl-{order.call}", okay=GONE_OR_THERE)


async def _played(house: House, playback: str) -> None:
    """Wait until it was said, or the caller is gone."""
    for _ in range(int(house.ring / house.look)):
        if (await house.ari.ask("GET", f"/playbacks/{playback}", okay=(GONE,))).status_code == GONE:
            return
        await asyncio.sleep(house.look)


async def _ring(house: House, line: str, endpoint: str, order: Order, *, auto: bool = False, outside: bool = False) -> None:
    """Begin a line; one of that name that is there already goes on. Headers tell a softphone of ours what it is about."""
    told = {"X-Rapport-Call": order.call, "X-Rapport-Conversation": order.conversation}
    told |= {"X-Rapport-Answer": "auto"} if auto else {"X-Rapport-From": order.asking or order.handle.partition(":")[2]}
    variables = {} if outside else {f"PJSIP_HEADER(add,{name})": value for name, value in told.items() if value}
    query = {"endpoint": endpoint, "app": house.ari.app, "appArgs": "leg", "timeout": str(int(house.ring))}
    path = f"/channels/{quote(line)}"
    for _ in range(1 if outside else TRIES_TO_RING):
        response = await house.ari.ask("POST", path, json={"variables": variables}, okay=(THERE_ALREADY, 400, 500), **query)
        if response.status_code not in (400, 500):  # `Allocation failed`: the endpoint is unknown, or nobody is registered
            return
        await asyncio.sleep(0 if outside else house.look)
    raise Refused(NO_SOFTPHONE if not outside else f"no-answer: {endpoint} cannot be dialled")


async def _answered(house: House, line: str, otherwise: str, needed: str = "", seconds: int = 0) -> None:
    """Wait until a line is up. Raises Refused where it ends first, or the line `needed` beside it does."""
    for _ in range(int((seconds or house.ring) / house.look)):
        found = await house.ari.line(line)
        if found is None:
            raise Refused(otherwise)
        if found.state == "Up":
            return
        if needed and await house.ari.line(needed) is None:
            await _drop(house, line)
            raise Refused(OVER)
        await asyncio.sleep(house.look)
    await _drop(house, line)
    raise Refused(otherwise)


async def _together(house: House, order: Order, line: str) -> None:
    """Put a line where the others are. One that was answered this moment is not with us yet, so it is tried again."""
    bridge = f"/bridges/{bridge_of(order.call)}"
    await house.ari.ask("POST", bridge, okay=(THERE_ALREADY,), type="mixing")
    for _ in range(TRIES_TO_ADD):
        response = await house.ari.ask("POST", f"{bridge}/addChannel", okay=(400, GONE, THERE_ALREADY, 422), channel=line)
        if response.is_success:
            return
        if response.status_code == 400:
            break
        await asyncio.sleep(house.look)
    raise Refused(OVER)


async def _caller_in(house: House, order: Order) -> None:
    await house.ari.ask("DELETE", f"{_of(order.key)}/moh", okay=GONE_OR_THERE)
    await _together(house, order, order.key)
    await _paused(house, order, "DELETE")


async def _caller_out(house: House, order: Order) -> None:
    await _paused(house, order, "POST")
    bridge = f"/bridges/{bridge_of(order.call)}"
    await house.ari.ask("POST", f"{bridge}/removeChannel", okay=(400, GONE, THERE_ALREADY, 422), channel=order.key)
    await _music(house, order.key)


async def _paused(house: House, order: Order, method: str) -> None:
    """What is said while the caller is not there is nobody's to record: they agreed, the third did not."""
    if order.recording:
        await house.ari.ask(method, f"/recordings/live/{quote(_recording(house.ari.app, order))}/pause", okay=GONE_OR_THERE)
