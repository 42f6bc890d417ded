"""Twilio's Message resource: send one, list what came and what was sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import msgspec

from rapport.channels.json_api import JsonApi, taken
from rapport.channels.smstwilio.parse import File, Resource

SERVER = "https://api.twilio.com"


class Account(msgspec.Struct, frozen=True):
    """Our account at Twilio."""

    sid: str
    friendly_name: str | None = ""
    status: str | None = ""


class _Listed(msgspec.Struct, frozen=True):
    messages: list[msgspec.Raw] = []
    next_page_uri: str | None = None


class _Files(msgspec.Struct, frozen=True):
    media_list: list[File] = []


@dataclass(frozen=True, slots=True)
class Twilio:
    """One account. `api.root` ends with `/Accounts/` and its SID."""

    api: JsonApi

    async def account(self) -> Account:
        """Who we are. Raises Unavailable, Refused."""
        found: Account = await self.api.read(".json", Account)
        return found

    async def send(self, form: Mapping[str, str]) -> Resource:
        """Create a Message. Raises Refused, Unavailable, OutcomeUnknown."""
        made: Resource = taken(await self.api.ask("POST", "/Messages.json", form=form), Resource)
        return made

    async def page(self, query: Mapping[str, str], token: str) -> tuple[list[msgspec.Raw], str]:
        """A page of messages, newest first, and the token of the next: its query. Raises Unavailable, Refused."""
        asked = dict(parse_qsl(token)) if token else dict(query)
        listed: _Listed = await self.api.read("/Messages.json", _Listed, asked)
        return listed.messages, urlsplit(listed.next_page_uri or "").query

    async def files(self, sid: str) -> tuple[File, ...]:
        """The files of a message. Raises Unavailable, Refused."""
        found: _Files = await self.api.read(f"/Messages/{sid}/Media.json", _Files)
        return tuple(found.media_list)


def stamp(at: datetime) -> str:
    """A time as Twilio's filters want it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
