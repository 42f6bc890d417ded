"""Agent and Presence: anyone in the enterprise who may answer, and whether they can now."""

from datetime import datetime
from enum import StrEnum

import msgspec

from rapport.model.attribute import Value


class Presence(StrEnum):
    """Whether an agent takes work now."""

    AVAILABLE = "available"
    BUSY = "busy"
    AWAY = "away"
    OFFLINE = "offline"


DEFAULT_SLOTS = {"voice": 1, "chat": 3, "social": 5, "email": 5, "sms": 5}


class Agent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Anyone who may answer, as the centre's files say. `slots`: how many conversations at once, by channel kind.

    What follows `attributes` bounds what they are given; 0 and empty: what the policies of their team say.
    """

    id: str
    name: str = ""
    email: str = ""
    team: str = ""
    role: str = "agent"
    bot: bool = False
    presence: Presence | None = None  # where they stand when first heard of; None: offline until they log in
    timezone: str = ""
    slots: dict[str, int] = {}
    attributes: dict[str, Value] = {}
    shift: tuple[str, ...] = ()  # when they work, as `mon-fri 09:00-18:00`, in their zone; empty: whenever they are present
    never: tuple[str, ...] = ()  # expressions: what holds of them and a need is never put to them
    angry_per_hour: int = 0  # angry conversations within an hour, at most
    max_occupancy: float = 0.0  # share of their places taken over the last hour, at most


class AgentNow(msgspec.Struct, frozen=True):
    """An agent's presence and what they hold now. `id` is the agent's."""

    id: str
    presence: Presence = Presence.OFFLINE
    since: datetime | None = None
    idle_since: datetime | None = None
    held: dict[str, int] = {}  # places taken by offers and interactions, by channel kind
    missed: int = 0  # offers that expired in a row
    angry: tuple[datetime, ...] = ()  # when angry conversations were put to them, as far as these stand; of the last hour
    occupancy: float = 0.0  # share of their places taken, over about an hour, as it was at `occupancy_at`
    occupancy_at: datetime | None = None
