"""The way in, as the web sees it: what it may append, and nothing else of the ledger."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from rapport.ledger.journey import EventTold
from rapport.model.centre import Account
from rapport.model.fact import Fact
from rapport.model.message import ChannelKind, Incoming, Media, Unreadable
from rapport.model.news import News
from rapport.model.reply import Outcome


class Intake(Protocol):
    """The only way in: what the web appends (`ledger.intake.Intake`). Each is durable when it returns."""

    async def hear(
        self,
        tenant: int,
        account: Account,
        kind: ChannelKind,
        messages: Sequence[Incoming | Unreadable | News],
        position: bytes | None = None,
    ) -> list[bool]:
        """Take messages in; False where we already had one. Raises Overloaded."""
        ...

    async def event(
        self, tenant: int, handle: str, kind: str, source: str, source_id: str, at: datetime, data: Mapping[str, Any]
    ) -> bool:  # Any: a department's own plain JSON
        """Take a journey event in; False where we already had it. Raises Overloaded."""
        ...

    async def take_events(self, tenant: int, events: Sequence[EventTold]) -> list[bool]:
        """Take journey events in, all together; False for each that we already had. Raises Overloaded."""
        ...

    async def declare(
        self, tenant: int, handles: Sequence[str], name: str, attributes: Mapping[str, Any], source: str, source_id: str
    ) -> bool:  # Any: attribute values
        """Take in what is declared of a person; False where we already had it. Raises Overloaded."""
        ...

    async def act(
        self,
        tenant: int,
        agent: str,
        do: str,
        *,
        conversation: bytes | None = None,
        offer: bytes | None = None,
        draft: bytes | None = None,
        reach: str = "",
        argument: str = "",
        text: str = "",
        subject: str = "",
        reason: str = "",
        once: str = "",
        outgoing: bytes | None = None,
        message: bytes | None = None,
        values: Mapping[str, float | str | bool] | None = None,
        files: Sequence[Media] = (),
    ) -> bytes:
        """Append what somebody did at a desk; the action's id. `once`: the same key is the same action."""
        ...

    async def set_things(
        self, tenant: int, things: Sequence[tuple[str, str, bytes]], removed: Sequence[tuple[str, str]] = (), by: str = ""
    ) -> None:
        """Set and remove pieces of the centre: (kind, name, JSON body) and (kind, name)."""
        ...

    async def record(self, tenant: int, facts: Sequence[Fact]) -> None:
        """Record what is told of the centre and its people: facts without content."""
        ...

    async def tell_of(self, tenant: int, handle: bytes, fact: Fact, content: msgspec.Struct | None = None) -> bool:
        """Record what is told of a person whose handle it is; False where they were erased."""
        ...

    async def outcome(self, tenant: int, action: bytes, timeout: float = 3.0) -> Outcome | None:
        """What became of an action; None where no worker has said so in time."""
        ...
