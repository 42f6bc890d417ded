"""Reading back what webhooks should have told: where a reading ended, and the conversations since then."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from rapport.channels.budget import Lane
from rapport.channels.channel import Event
from rapport.channels.graph_api import GraphApi
from rapport.channels.graph_webhook import at
from rapport.model.message import Incoming

OVERLAP = timedelta(minutes=10)  # what appears late is still found: so far back each reading looks again
MOST_PAGES = 20
PAGE = 25
MESSAGES = "messages.limit(20){id,message,from,created_time,attachments}"  # Graph shows the last 20 of a conversation


class Place(msgspec.Struct, frozen=True):
    """Where a reading ended: the time of the newest, in seconds of Unix time, and what was read of the last minutes."""

    at: float = 0.0
    seen: dict[str, float] = {}


def place_in(cursor: bytes | None, now: datetime, back: timedelta) -> Place:
    """Where to go on; without a cursor, or with one that is none, so far back."""
    try:
        if cursor:
            return msgspec.json.decode(cursor, type=Place)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        pass
    return Place((now - back + OVERLAP).timestamp())


def since(place: Place) -> datetime:
    """From when on is read."""
    return datetime.fromtimestamp(place.at, UTC) - OVERLAP


def new_of(place: Place, events: Iterable[Event]) -> list[Event]:
    """What was not read before, oldest first. `events` as Graph lists them, the newest first."""
    early = place.at - OVERLAP.total_seconds()
    unread = {
        e.key: e for e in events if e.key not in place.seen and (not isinstance(e, Incoming) or e.at.timestamp() >= early)
    }
    from_the_oldest = list(unread.values())[::-1]
    return sorted(from_the_oldest, key=lambda event: event.at)


def after(place: Place, events: Iterable[Event]) -> bytes:
    """The cursor behind these events."""
    times = {event.key: event.at.timestamp() for event in events}
    end = max([place.at, *times.values()])
    seen = {key: when for key, when in (place.seen | times).items() if when >= end - OVERLAP.total_seconds()}
    return msgspec.json.encode(Place(end, seen))


class _Messages(msgspec.Struct, frozen=True):
    data: list[msgspec.Raw] = []


class Conversation(msgspec.Struct, frozen=True):
    """A conversation with its last messages, as they came."""

    id: str
    updated_time: str | None = None
    messages: _Messages = _Messages()


class _Paging(msgspec.Struct, frozen=True):
    cursors: dict[str, str] = {}
    next: str | None = None


class Conversations(msgspec.Struct, frozen=True):
    """A page of conversations, those that changed last before the others."""

    data: list[Conversation] = []
    paging: _Paging | None = None


async def conversations(api: GraphApi, page: str, platform: str, start: datetime, now: datetime) -> list[bytes]:
    """The messages of every conversation that changed since `start`. Raises Unavailable, Refused."""
    found: list[bytes] = []
    query: dict[str, str | int] = {"platform": platform, "fields": f"id,updated_time,{MESSAGES}", "limit": PAGE}
    for _ in range(MOST_PAGES):
        told: Conversations = await api.get(f"/{page}/conversations", Conversations, query)
        changed = [one for one in told.data if at(one.updated_time, now) >= start]
        found += [bytes(raw) for one in changed for raw in one.messages.data]
        behind = told.paging.cursors.get("after") if told.paging and told.paging.next else None
        if len(changed) < len(told.data) or not behind:
            break
        query["after"] = behind
    return found


async def with_person(api: GraphApi, page: str, platform: str, person: str) -> list[bytes]:
    """The last messages with one person. Raises Unavailable, Refused."""
    query = {"platform": platform, "user_id": person, "fields": f"id,updated_time,{MESSAGES}"}
    told: Conversations = await api.get(f"/{page}/conversations", Conversations, query, Lane.REPLY)
    return [bytes(raw) for one in told.data for raw in one.messages.data]
