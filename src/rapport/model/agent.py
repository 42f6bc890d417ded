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
    """Anyone who may answer, as the centre's files say. `slots`: how many conversations at once, by channel kind."""

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


class AgentNow(msgspec.Struct, frozen=True):
    """An agent's presence and what they hold now. `id` is the agent's."""

    id: str
    presence: Presence = Presence.OFFLINE
    since: datetime | None = None
    idle_since: datetime | None = None
    held: dict[str, int] = {}  # places taken by offers and interactions, by channel kind
    missed: int = 0  # offers that expired in a row
