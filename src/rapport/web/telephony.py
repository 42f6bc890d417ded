"""Telephony: what the pages of the softphone are handed to log it in, to see its calls and to act on them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

DOINGS = (
    "hold",
    "resume",
    "transfer",
    "consult",
    "complete",
    "join",
    "part",
    "record",
    "stop_record",
    "hang_up",
)


class PhoneLogin(msgspec.Struct, frozen=True):
    """What a browser registers with, new at each login."""

    user: str
    password: str
    domain: str


class Party(msgspec.Struct, frozen=True):
    """Somebody in a call who is not oneself. `agent`: "" for who is none of ours."""

    id: str
    name: str
    agent: str = ""
    held: bool = False


class CallNow(msgspec.Struct, frozen=True):
    """A call of an agent as it stands.

    `conversation`: hexadecimal. `state`: ringing, talking, held, asking (a third is called), consulting or conference.
    `since`: when it was answered, or began to ring. `recording`: off, asked, agreed (nothing is recorded now), on or refused.
    `problem`: why what was asked last was not done, as a sentence in English.
    """

    id: str
    conversation: str
    name: str
    number: str
    state: str
    since: datetime
    recording: str = "off"
    parties: tuple[Party, ...] = ()
    problem: str = ""


class Phones(Protocol):
    """The telephone server, for agents. Each raises Unavailable where it is away."""

    async def url(self, tenant: int) -> str:
        """The server's SIP socket as this process reaches it. Raises NotFound where the tenant has no telephone."""
        ...

    async def login(self, tenant: int, agent: str, session: str) -> PhoneLogin:
        """New credentials for a session. Raises NotFound where the tenant has no telephone."""
        ...

    async def logout(self, tenant: int, agent: str, session: str) -> None:
        """Withdraw a session's credentials."""
        ...

    async def calls(self, tenant: int, agent: str) -> Sequence[CallNow]:
        """Their calls now."""
        ...

    async def act(self, tenant: int, agent: str, call: str, do: str, to: str = "") -> None:
        """Do one of DOINGS. `to`: `agent:ID`, `team:NAME`, a number or "". Raises NotFound, BadInput, Conflict."""
        ...
