"""Telling a workspace's EventCallbackUrl what happened: in order, at least once, and never at an address of our own network.

How far each workspace was told is kept beside it, so nothing is lost when we stop; one process at a time tells a workspace.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import httpx
import msgspec
import structlog
from msgspec.structs import replace

from rapport.errors import BadInput, RapportError
from rapport.ledger.read import head_of
from rapport.web.centre_now import tenants_now
from rapport.web.office import Office
from rapport.web.security import Who
from rapport.web.taskrouter import happenings, kept
from rapport.web.taskrouter.asked import Asked, account_sid
from rapport.web.taskrouter.door import BASES
from rapport.web.taskrouter.events import Told, describe, told_of, told_of_ledger
from rapport.web.taskrouter.kept import Kept, changed, keep
from rapport.web.taskrouter.overdue import cancel_overdue
from rapport.web.taskrouter.task_rows import around

log = structlog.get_logger()
PATIENCE = 15.0  # seconds that an answer may take
AT_ONCE = 100  # entries
LEASE = timedelta(seconds=120)
SETTLED = timedelta(seconds=0.5)  # after which nothing is noted with an earlier time
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=10)
LONGEST_TRY = timedelta(hours=24)  # after which an event that nobody takes is let go
LEASED = """update taskrouter set updated_at = $3 where tenant = $1 and sid = $2 and updated_at <= $4
returning sid, workspace, kind, name, body, created_at, updated_at, version"""


async def keep_telling(office: Office, http: httpx.AsyncClient, every: float = 1.0) -> None:
    """Tell every workspace of every tenant, and cancel what waited too long, for ever; a slow callback holds up no other."""
    running: set[asyncio.Task[int]] = set()
    try:
        while True:
            try:
                for tenant in await tenants_now(office):
                    await cancel_overdue(office, tenant.id)
                    running |= {asyncio.create_task(one) for one in await _untold(office, http, tenant.id)}
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, RapportError) as fault:
                log.warning("taskrouter.untold", error=type(fault).__name__)
            await asyncio.sleep(every)
            ended = {one for one in running if one.done()}
            for broken in (one.exception() for one in ended if not one.cancelled()):
                if broken is not None:
                    log.warning("taskrouter.untold", error=type(broken).__name__)
            running -= ended
    finally:
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _untold(office: Office, http: httpx.AsyncClient, tenant: int) -> list[Coroutine[Any, Any, int]]:
    """What tells the workspaces of a tenant that have something to be told to and that nobody else tells now."""
    async with office.store.within(tenant, readonly=True) as db:
        spaces = [one for one in await kept.workspaces(db, tenant) if one.says["event_callback_url"]]
    leased = [(one, await _lease(office, tenant, one)) for one in spaces]
    return [_tell(office, http, _asking(office, tenant, one), one, hook) for one, hook in leased if hook is not None]


def _asking(office: Office, tenant: int, workspace: Kept) -> Asked:
    who = Who(tenant, "taskrouter", "", "", "", frozenset())
    base = f"{office.public_url.rstrip('/')}{BASES[0]}"
    return Asked(office, who, base, "", {"workspace": workspace.sid}, {}, {})


async def _lease(office: Office, tenant: int, workspace: Kept) -> Kept | None:
    """How far the workspace was told, for us alone for a while; None where somebody else tells it, or it is not time yet."""
    now = office.clock.now()
    async with office.store.within(tenant) as db:
        hooks = await kept.all_of(db, tenant, workspace.sid, "hook")
        if not hooks:
            return None
        row = await db.fetchrow(LEASED, tenant, hooks[0].sid, now + LEASE, now)
    return kept.kept_of(row) if row else None


async def _tell(office: Office, http: httpx.AsyncClient, asked: Asked, workspace: Kept, hook: Kept) -> int:
    """Post what came after the hook's place, until one is not taken; keeps the place."""
    says = dict(hook.says)
    async with asked.within() as db:
        if not await _is_news(db, asked, workspace, says):
            await keep(db, asked.tenant, replace(hook, updated_at=office.clock.now()))
            return 0
        workers = kept.by_sid(await kept.all_of(db, asked.tenant, workspace.sid, "worker"))
        names = {sid: one.name for sid, one in workers.items()}
        found, upto = await happenings.after(db, asked.tenant, workspace.sid, names, says["seq"], AT_ONCE)
        told = await told_of_ledger(asked, db, found, workers, await around(asked, db))
        since = datetime.fromisoformat(says["at"])
        until = office.clock.now() - SETTLED
        noted = await kept.events_between(db, asked.tenant, workspace.sid, since, until, AT_ONCE)
    last = {one.seq: one.sid for one in found}  # after the last event of an entry, the entry is told
    lines = [("at", one.created_at.isoformat(), told_of(one)) for one in noted]
    numbers = [("seq", one.seq - (last[one.seq] != one.sid), event) for one, event in zip(found, told, strict=True)]
    count, taken, end = 0, True, asyncio.get_running_loop().time() + LEASE.total_seconds() / 2
    for key, place, event in sorted([*lines, *numbers], key=lambda line: line[2].at):
        if asyncio.get_running_loop().time() > end:
            break
        taken = not _wanted(workspace, event) or await _post(http, workspace, asked, event)
        if not taken:
            break
        says[key] = place
        count += 1
    else:
        says["seq"] = upto
    await _keep_place(office, asked, hook, says, taken=taken)
    return count


async def _is_news(db: asyncpg.Connection, asked: Asked, workspace: Kept, says: Mapping[str, Any]) -> bool:  # Any: JSON
    """Whether anything happened since the hook's place."""
    if await head_of(db, asked.tenant) > says["seq"]:
        return True
    since = datetime.fromisoformat(says["at"])
    return bool(await kept.events_between(db, asked.tenant, workspace.sid, since, asked.now - SETTLED, 1))


async def _keep_place(office: Office, asked: Asked, hook: Kept, says: dict[str, Any], *, taken: bool) -> None:  # Any: JSON
    """Keep how far we came, and when to try again."""
    now = office.clock.now()
    pause = timedelta(0)
    if taken:
        says["failed_since"] = ""
    else:
        since = datetime.fromisoformat(says["failed_since"]) if says["failed_since"] else now
        says["failed_since"] = since.isoformat()
        pause = min(max(FIRST_PAUSE, now - since), LONGEST_PAUSE)
        if now - since > LONGEST_TRY:
            says |= {"failed_since": "", "at": now.isoformat()}
            async with asked.within() as db:
                says["seq"] = await head_of(db, asked.tenant)
    async with asked.within() as db:
        await keep(db, asked.tenant, replace(changed(hook, now, **says), updated_at=now + pause))


def _wanted(workspace: Kept, event: Told) -> bool:
    """Whether the workspace's filter lets an event pass; an empty one lets all."""
    names = {name.strip() for name in workspace.says["events_filter"].split(",") if name.strip()}
    return not names or event.type in names


def fields_of(workspace: Kept, account: str, event: Told) -> Mapping[str, str]:
    """The form that a callback is posted."""
    fields: dict[str, Any] = {  # Any: as the event has them
        "EventType": event.type,
        "AccountSid": account,
        "WorkspaceSid": workspace.sid,
        "WorkspaceName": workspace.name,
        "EventDescription": describe(event),
        "ResourceType": event.resource,
        "ResourceSid": event.resource_sid,
        "Timestamp": str(int(event.at.timestamp())),
        "TimestampMs": str(int(event.at.timestamp() * 1000)),
        "Sid": event.sid,
    }
    more = {"".join(part.capitalize() for part in name.split("_")): value for name, value in event.data.items()}
    return {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in {**more, **fields}.items()
        if value is not None
    }


async def _post(http: httpx.AsyncClient, workspace: Kept, asked: Asked, event: Told) -> bool:
    """Whether the callback took it. What it never will take, because it is not to be asked, counts as taken."""
    fields = fields_of(workspace, account_sid(asked.tenant), event)
    try:
        answer = await http.post(workspace.says["event_callback_url"], data=fields, timeout=PATIENCE)
    except BadInput as refused:
        log.warning("taskrouter.callback-refused", workspace=workspace.sid, reason=str(refused)[:200])
        return True
    except (httpx.HTTPError, OSError) as fault:
        log.info("taskrouter.callback-away", workspace=workspace.sid, error=type(fault).__name__)
        return False
    if answer.status_code >= 400:
        log.info("taskrouter.callback-refuses", workspace=workspace.sid, status=answer.status_code)
    return answer.status_code < 500
