"""PresenceWas: how an agent stood from a time on, until the next time that they changed; what adherence is reckoned from."""

from datetime import datetime

import msgspec

from rapport.model.ids import Id


class PresenceWas(msgspec.Struct, frozen=True):
    """An agent's presence from `since` on."""

    id: Id
    agent: str
    presence: str
    since: datetime
