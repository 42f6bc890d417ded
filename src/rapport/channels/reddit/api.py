"""Reddit's API. It answers 200 also to what it refuses, and says why in the body."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

import msgspec

from rapport.channels.budget import Lane
from rapport.channels.json_api import Cost, JsonApi, taken
from rapport.channels.limits import limits_of
from rapport.channels.reddit.parse import Data, Thing
from rapport.errors import Refused, Unavailable

ROOT = "https://oauth.reddit.com"
TOKENS = "https://www.reddit.com/api/v1/access_token"
PAGE = limits_of(__package__).lengths["page"]
READ, REPLY = Cost("requests"), Cost("requests", Lane.REPLY)


class Me(msgspec.Struct, frozen=True):
    """Who we are."""

    name: str
    is_suspended: bool = False


class _Children(msgspec.Struct, frozen=True):
    children: list[msgspec.Raw] = []
    after: str | None = ""


class _Listing(msgspec.Struct, frozen=True):
    data: _Children


class _Things(msgspec.Struct, frozen=True):
    things: list[Thing] = []


class _Json(msgspec.Struct, frozen=True):
    errors: list[list[str | None]] = []
    ratelimit: float = 0.0
    data: _Things = _Things()


class _Made(msgspec.Struct, frozen=True):
    json: _Json


@dataclass(frozen=True, slots=True)
class Reddit:
    """One user."""

    api: JsonApi

    async def me(self) -> Me:
        """Who we are. Raises Unavailable, Refused."""
        found: Me = await self.api.read("/api/v1/me", Me, {"raw_json": "1"}, REPLY)
        return found

    async def listed(self, path: str, token: str, cost: Cost = READ) -> tuple[list[bytes], str]:
        """A page of a list, newest first, and what the next begins after. Raises Unavailable, Refused."""
        query = {"limit": str(PAGE), "raw_json": "1"} | ({"after": token} if token else {})
        found: _Listing = await self.api.read(path, _Listing, query, cost)
        return [bytes(raw) for raw in found.data.children], found.data.after or ""

    async def comment(self, thing: str, text: str) -> Data | None:
        """Answer a post, a comment or a private message. Raises Refused, Unavailable, OutcomeUnknown."""
        return await self._make("/api/comment", {"thing_id": thing, "text": text})

    async def compose(self, to: str, subject: str, text: str) -> None:
        """Write a private message; Reddit does not say what it is called. Raises as `comment`."""
        await self._make("/api/compose", {"to": to, "subject": subject, "text": text})

    async def edit(self, thing: str, text: str) -> None:
        """Change what we wrote. Raises as `comment`."""
        await self._make("/api/editusertext", {"thing_id": thing, "text": text})

    async def do(self, path: str, form: Mapping[str, str]) -> None:
        """Something that may be done twice: delete, remove, approve, mark as read. Raises as `comment`."""
        await self.api.ask("POST", path, form=form, cost=REPLY)

    async def _make(self, path: str, form: dict[str, str]) -> Data | None:
        response = await self.api.ask("POST", path, form=form | {"api_type": "json", "raw_json": "1"}, cost=REPLY)
        made: _Made = taken(response, _Made)
        if made.json.errors:
            code, *words = [part or "" for part in made.json.errors[0]] or [""]
            said = f"{code}: {words[0]}" if words else code
            if code == "RATELIMIT":
                wait = timedelta(seconds=min(made.json.ratelimit, 86_400)) if made.json.ratelimit > 0 else None
                raise Unavailable(f"Reddit asks for patience ({said})", wait)
            raise Refused(f"Reddit refuses it ({said})")
        return made.json.data.things[0].data if made.json.data.things else None


def of_user(name: str, what: str) -> str:
    """The path of a user's list."""
    return f"/user/{quote(name, safe='')}/{what}"
