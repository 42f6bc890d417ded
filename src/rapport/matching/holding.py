"""What an agent holds, folded: places taken and freed, angry conversations, occupancy, and when a limit of theirs eases."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from weakref import WeakKeyDictionary

from msgspec.structs import replace

from rapport.ledger.views import Rows
from rapport.matching.board import board_of
from rapport.matching.strain import ANGRY, Limits, eases_at, limits_of, noted, with_angry, without_angry
from rapport.model.agent import Agent, AgentNow
from rapport.model.centre import Centre, Thing, read_centre, thing_today
from rapport.model.conversation import Conversation
from rapport.model.ids import derived_id
from rapport.model.need import Offer
from rapport.model.reply import Reminder
from rapport.model.today import TODAY, read_today

EASE = "ease"  # the reminder that a limit of an agent's eases: who waits is looked at then


def change_now(rows: Rows, agent: str, **fields: object) -> None:
    """Change how an agent stands, if they are known."""
    if rows.change(AgentNow, agent, **fields) is not None:
        dirty(rows, agent)


def dirty(rows: Rows, agent: str) -> None:
    """Let the board look anew at an agent."""
    board = board_of(rows)
    if board is not None:
        board.dirty.add(agent)


def hold(rows: Rows, agent: str, slot: str, change: int, at: datetime) -> None:
    """Take or free a place of an agent; who holds none is idle from then on."""
    now = rows.get(AgentNow, agent)
    if now is None:
        return
    limits = _limits(rows, agent)
    if limits.occupancy:
        now = noted(now, limits.places, at)
    held = {**now.held, slot: max(0, now.held.get(slot, 0) + change)}
    held = {name: count for name, count in held.items() if count}
    idle_since = None if held else (now.idle_since if now.idle_since and not now.held else at)
    rows.put(replace(now, held=held, idle_since=idle_since))
    dirty(rows, agent)
    wake(rows, agent, at)


@dataclass(slots=True)
class _Bounds:
    """What bounds agents, as far as it was asked for. `centre`: its profile and policies alone."""

    centre: Centre
    of: dict[str, Limits] = field(default_factory=dict)


_bounds: "WeakKeyDictionary[Rows, _Bounds]" = WeakKeyDictionary()


def bounds_changed(rows: Rows, thing: str, name: str) -> None:
    """A thing of the centre was set or removed: what it bounds is worked out anew when it is next asked for."""
    if thing in ("policy", "centre"):
        _bounds.pop(rows, None)
    elif thing == "agent" and rows in _bounds:
        _bounds[rows].of.pop(name, None)


def _limits(rows: Rows, agent: str) -> Limits:
    """The limits of an agent, without reading the whole centre: while it is set, that would be once for each agent."""
    bounds = _bounds.get(rows)
    if bounds is None:
        kinds = ("policy/", "centre/", "today/policy/")
        things = [thing for thing in rows.all(Thing) if thing.id.startswith(kinds)]
        bounds = _bounds[rows] = _Bounds(read_centre(things))
    found = bounds.of.get(agent)
    if found is None:
        thing, today = rows.get(Thing, f"agent/{agent}"), rows.get(Thing, f"{TODAY}/agent/{agent}")
        read = thing_today("agent", thing.body, read_today(today.body) if today else None) if thing else None
        known = cast("Agent | None", read)
        found = bounds.of[agent] = limits_of(known, bounds.centre) if known else Limits()
    return found


def note_angry(rows: Rows, offer: Offer) -> None:
    """An angry conversation is put to an agent, or they took it."""
    now, conversation = rows.get(AgentNow, offer.agent), rows.get(Conversation, offer.conversation)
    if now is not None and conversation is not None and conversation.emotion == ANGRY:
        rows.put(with_angry(now, offer.made_at))


def forget_angry(rows: Rows, offer: Offer) -> None:
    """An offer came to nothing: an angry conversation counts no more."""
    now = rows.get(AgentNow, offer.agent)
    if now is not None and offer.made_at in now.angry:
        rows.put(without_angry(now, offer.made_at))


def _ease_id(agent: str) -> bytes:
    return derived_id(bytes(16), EASE, agent)


def wake(rows: Rows, agent: str, at: datetime) -> None:
    """Remind when a limit that stands in the way of an agent eases; no more where none does."""
    now, limits = rows.get(AgentNow, agent), _limits(rows, agent)
    if not limits:
        return
    eases, id = eases_at(now, limits, at) if now is not None else None, _ease_id(agent)
    if eases is not None:
        rows.put(Reminder(id, eases, EASE, id))
    else:
        rows.drop(Reminder, id)


def wake_of(rows: Rows, reminder: bytes, at: datetime) -> None:
    """A limit has eased: remind of the agent's next."""
    for agent in rows.centre.agents:
        if _ease_id(agent) == reminder:
            wake(rows, agent, at)
