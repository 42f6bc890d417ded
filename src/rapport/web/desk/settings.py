"""My desk: a sound and a notice when an offer comes, and a calendar that says when one is busy. Each agent sets their own."""

import asyncio
from typing import Annotated, Any

import asyncpg
import msgspec
from litestar import MediaType, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from rapport.errors import BadInput
from rapport.matching.calendar_feeds import Feed, calendar_secret, feed_of, forget_feed, keep_feed
from rapport.model.calendar_address import calendar_address, calendar_place
from rapport.web.desk.busy_times import Busy, read_busy, times_text
from rapport.web.going import go
from rapport.web.office import Office
from rapport.web.page import render
from rapport.web.security import EVERYONE, AnyRequest, Who, current, needs, office_of
from rapport.web.static_files import static_body, static_url

Upload = Annotated[dict[str, Any], Body(media_type=RequestEncodingType.MULTI_PART)]  # Any: a text or a file
LARGEST = 1024 * 1024  # bytes of a calendar
_READ = "select sound, notify, busy from desk_setting where tenant = $1 and agent = $2"
_KEEP = """insert into desk_setting(tenant, agent, sound, notify) values ($1, $2, $3, $4)
on conflict (tenant, agent) do update set sound = excluded.sound, notify = excluded.notify, at = now()"""
_BUSY = """insert into desk_setting(tenant, agent, busy) values ($1, $2, $3)
on conflict (tenant, agent) do update set busy = excluded.busy, at = now()"""


class Settings(msgspec.Struct, frozen=True):
    """How somebody likes their desk. `busy`: the times of their calendar that are still to come; `feed`: where it is read."""

    sound: bool = False
    notify: bool = False
    busy: tuple[Busy, ...] = ()
    feed: Feed | None = None


async def read_settings(db: asyncpg.Connection, who: Who) -> Settings:
    """One's own settings."""
    row = await db.fetchrow(_READ, who.tenant, who.agent)
    return Settings(row["sound"], row["notify"], times_text(row["busy"])) if row else Settings()


@get("/me", opt=needs("self"), include_in_schema=False)
async def my_desk(request: AnyRequest) -> Response[str]:
    """My desk."""
    office, who = office_of(request), current(request)
    async with office.store.within(who.tenant, readonly=True) as db:
        found = await read_settings(db, who)
        feed = await feed_of(db, who.tenant, who.agent)
    now = office.clock.now()
    ahead = tuple(busy for busy in found.busy if busy.until > now)[:20]
    return await render(request, "my_desk.html", msgspec.structs.replace(found, busy=ahead, feed=feed))


@get("/me/notices", opt=needs("self"), include_in_schema=False)
async def notices(request: AnyRequest) -> Response[bytes]:
    """What a page must know to make a sound or show a notice."""
    office, who = office_of(request), current(request)
    async with office.store.within(who.tenant, readonly=True) as db:
        found = await read_settings(db, who)
    said = msgspec.json.encode({"sound": found.sound, "notify": found.notify})
    return Response(said, media_type=MediaType.JSON, headers={"cache-control": "no-store"})


@post("/me/desk", opt=needs("self"), include_in_schema=False)
async def keep_settings(request: AnyRequest, data: Upload) -> Response[Any]:
    """Keep sound and notice, and the calendar where one is given: an address, or a file in the iCalendar format."""
    office, who = office_of(request), current(request)
    address = str(data.get("address") or "").strip()
    sealed = _sealed(office, who, calendar_address(address)) if address else b""
    async with office.store.within(who.tenant) as db:
        await db.execute(_KEEP, who.tenant, who.agent, data.get("sound") == "1", data.get("notify") == "1")
        if data.get("forget"):
            await db.execute(_BUSY, who.tenant, who.agent, "")
            await forget_feed(db, who.tenant, who.agent)
        if sealed:
            at = calendar_place(calendar_address(address))
            await keep_feed(db, who.tenant, who.agent, sealed, at, office.clock.now())
    file = data.get("calendar")
    content = await file.read() if file is not None and hasattr(file, "read") else b""
    if len(content) > LARGEST:
        raise BadInput("a calendar may have 1 MiB; export a shorter time of it")
    if content:
        now = office.clock.now()
        busy = await asyncio.to_thread(read_busy, content, now)  # a large one takes a second
        async with office.store.within(who.tenant) as db:
            await forget_feed(db, who.tenant, who.agent)  # else it would be written over within minutes
            await db.execute(_BUSY, who.tenant, who.agent, msgspec.json.encode(busy).decode())
    return go("/me?kept=1")


def _sealed(office: Office, who: Who, address: str) -> bytes:
    """The address of a calendar as it is kept: it is often a secret in itself."""
    if office.attaching is None:
        raise BadInput("no address can be kept by this process; choose a file instead")
    return office.attaching.keys.wrap_secret(who.tenant, calendar_secret(who.agent), address.encode())


@get("/manifest.webmanifest", opt=EVERYONE, include_in_schema=False, sync_to_thread=False)
def manifest() -> Response[bytes]:
    """What makes it installable on a phone."""
    said = {
        "name": "Rapport",
        "short_name": "Rapport",
        "start_url": "/offer",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f6f5f2",
        "theme_color": "#2b4fc4",
        "icons": [{"src": static_url("mark.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any maskable"}],
    }
    return Response(msgspec.json.encode(said), media_type="application/manifest+json")


@get("/offline.js", opt=EVERYONE, include_in_schema=False, sync_to_thread=False)
def offline_worker() -> Response[bytes]:
    """The service worker: it keeps one page, which says that there is no connection, and nothing else."""
    headers = {"cache-control": "no-cache", "service-worker-allowed": "/"}
    return Response(static_body("offline.js"), media_type="text/javascript; charset=utf-8", headers=headers)


@get("/offline", opt=EVERYONE, include_in_schema=False)
async def offline_page(request: AnyRequest) -> Response[str]:
    """What a phone shows where there is no connection."""
    return await render(request, "offline.html")


HANDLERS = [my_desk, notices, keep_settings, manifest, offline_worker, offline_page]
