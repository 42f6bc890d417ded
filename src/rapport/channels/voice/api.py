"""Asking Asterisk: the few calls of ARI that the channel needs, and what each answer means."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from rapport.errors import Refused, Unavailable

TIMEOUT = 5.0  # seconds
GONE = 404
THERE_ALREADY = 409


class Caller(msgspec.Struct, frozen=True):
    """Who calls, as the telephone network says."""

    name: str = ""
    number: str = ""


class Dialplan(msgspec.Struct, frozen=True):
    """What a channel does."""

    app_name: str = ""
    app_data: str = ""


class Line(msgspec.Struct, frozen=True):
    """A channel, as Asterisk calls one telephone line."""

    id: str
    creationtime: str = ""
    state: str = ""
    name: str = ""
    caller: Caller = Caller()
    dialplan: Dialplan = Dialplan()


class Stored(msgspec.Struct, frozen=True):
    """A recording that is complete."""

    name: str
    format: str = "wav"


class System(msgspec.Struct, frozen=True):
    """What Asterisk says of itself."""

    version: str = ""


class About(msgspec.Struct, frozen=True):
    """The answer to `/asterisk/info`."""

    system: System = System()


def moment(text: str, now: datetime) -> datetime:
    """A time as Asterisk writes it, `now` where it writes none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return now
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ari:
    """One Asterisk. `root`: with `/ari`; `app`: the name of our Stasis application there."""

    http: httpx.AsyncClient
    root: str
    app: str
    user: str
    password: str

    async def ask(
        self, method: str, path: str, *, json: Any = None, okay: tuple[int, ...] = (), **query: str
    ) -> httpx.Response:
        """The answer, where it is a success or one of `okay`. `json`: whatever becomes JSON. Asked twice is asked once.

        Raises:
            Unavailable: it cannot be reached, or is not ready.
            Refused: it refuses, in its words.
        """
        try:
            response = await self.http.request(
                method,
                self.root + path,
                params=query or None,
                content=msgspec.json.encode(json) if json is not None else None,
                headers={"content-type": "application/json"} if json is not None else None,
                auth=(self.user, self.password),
                timeout=TIMEOUT,
            )
        except httpx.HTTPError as error:
            raise Unavailable(f"the telephone server cannot be reached: {type(error).__name__}") from error
        if response.is_success or response.status_code in okay:
            return response
        words = f"the telephone server answers {response.status_code} {response.text[:200]}"
        if response.status_code in (408, 429, 502, 503, 504):
            raise Unavailable(words)
        raise Refused(words)

    async def lines(self) -> list[Line]:
        """Every channel that there is, of whatever application."""
        found: list[Line] = _read(await self.ask("GET", "/channels"), list[Line])
        return found

    async def line(self, id: str) -> Line | None:
        """A channel; None where it ended."""
        response = await self.ask("GET", f"/channels/{quote(id)}", okay=(GONE,))
        return None if response.status_code == GONE else _read(response, Line)

    async def stored(self) -> list[Stored]:
        """The recordings that are complete."""
        found: list[Stored] = _read(await self.ask("GET", "/recordings/stored"), list[Stored])
        return found

    async def is_live(self, recording: str) -> bool:
        """Whether it is still being recorded: what is stored holds that too."""
        return (await self.ask("GET", f"/recordings/live/{quote(recording)}", okay=(GONE,))).status_code != GONE

    async def about(self) -> About:
        """What it is."""
        found: About = _read(await self.ask("GET", "/asterisk/info"), About)
        return found


def _read(response: httpx.Response, kind: type[Any]) -> Any:  # Any: a value of `kind`
    try:
        return msgspec.json.decode(response.content, type=kind)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise Unavailable(f"the telephone server answers something else than ARI says: {error}") from error
