"""A worker's channels: how many tasks of each sort they take at once, and how many they have."""

import asyncpg
from litestar import Response

from rapport.errors import NotFound
from rapport.ledger.tables import read_rows
from rapport.model.agent import AgentNow
from rapport.model.ids import derived_id
from rapport.web.taskrouter import kept
from rapport.web.taskrouter.agents import CAPACITY, set_agents, slot_of
from rapport.web.taskrouter.asked import Asked, Shown, cut, listed, paging_of, shown, when, workspace_of
from rapport.web.taskrouter.form import Field, flag, number
from rapport.web.taskrouter.happened import note
from rapport.web.taskrouter.kept import Kept, changed, keep

MOST_PLACES = 50
FIELDS = {"Capacity": Field(number(0, MOST_PLACES)), "Available": Field(flag)}


def channel_sid(worker: str, channel: str) -> str:
    """The Sid of a worker's channel."""
    return "WC" + derived_id(bytes.fromhex(worker[2:]), channel).hex()


def show_worker_channel(asked: Asked, worker: Kept, channel: Kept, now: AgentNow | None) -> Shown:
    """A worker's channel."""
    said = worker.says["channels"].get(channel.name, {})
    capacity = int(said.get("capacity", CAPACITY))
    taken = now.held.get(slot_of(channel.name), 0) if now else 0
    sid = channel_sid(worker.sid, channel.name)
    url = f"{asked.root}/Workers/{worker.sid}/Channels/{sid}"
    return {
        "account_sid": asked.account,
        "assigned_tasks": taken,
        "available": said.get("available", True),
        "available_capacity_percentage": round(100 * max(0, capacity - taken) / capacity) if capacity else 0,
        "configured_capacity": capacity,
        "date_created": when(max(worker.created_at, channel.created_at)),
        "date_updated": said.get("updated", when(max(worker.created_at, channel.created_at))),
        "sid": sid,
        "task_channel_sid": channel.sid,
        "task_channel_unique_name": channel.name,
        "worker_sid": worker.sid,
        "workspace_sid": worker.workspace,
        "url": url,
    }


async def _of(asked: Asked, db: asyncpg.Connection) -> tuple[Kept, list[Kept], AgentNow | None]:
    """The worker of the address, the channels of the workspace, and how the worker stands."""
    await workspace_of(asked, db)
    worker = await kept.find(db, asked.tenant, asked.workspace, "worker", asked.sids["worker"])
    channels = await kept.all_of(db, asked.tenant, asked.workspace, "channel")
    now = await read_rows(db, asked.tenant, AgentNow, [worker.sid])
    return worker, channels, now[0] if now else None


def _one(asked: Asked, worker: Kept, channels: list[Kept]) -> Kept:
    """The channel that the address means: by the worker's channel, by the channel, or by its name. Raises NotFound."""
    wanted = asked.sids["sid"]
    for channel in channels:
        if wanted in (channel_sid(worker.sid, channel.name), channel.sid, channel.name):
            return channel
    raise NotFound(f"no channel {wanted[:40]} of this worker is here")


async def list_worker_channels(asked: Asked) -> Response[bytes]:
    """A page of a worker's channels."""
    paging = paging_of(asked)
    async with asked.within() as db:
        worker, channels, now = await _of(asked, db)
    page = [show_worker_channel(asked, worker, channel, now) for channel in cut(channels, paging)]
    return listed(asked, "channels", page, paging)


async def fetch_worker_channel(asked: Asked) -> Response[bytes]:
    """One channel of a worker."""
    async with asked.within() as db:
        worker, channels, now = await _of(asked, db)
    return shown(show_worker_channel(asked, worker, _one(asked, worker, channels), now))


async def update_worker_channel(asked: Asked) -> Response[bytes]:
    """Set how many tasks of a channel a worker takes at once."""
    sent = asked.reads(FIELDS, required=False)
    async with asked.within() as db:
        before, channels, now = await _of(asked, db)
        channel = _one(asked, before, channels)
        said = {**before.says["channels"].get(channel.name, {}), "updated": when(asked.now)}
        said |= {"capacity": sent["Capacity"]} if "Capacity" in sent else {}
        said |= {"available": sent["Available"]} if "Available" in sent else {}
        worker = changed(before, asked.now, channels={**before.says["channels"], channel.name: said})
        await keep(db, asked.tenant, worker)
        what = show_worker_channel(asked, worker, channel, now)
        workspace = await workspace_of(asked, db)
        for field, type in (("Capacity", "worker.capacity.update"), ("Available", "worker.channel.availability.update")):
            if field in sent:
                await note(db, asked, workspace, type, "worker", worker.sid, what)
    await set_agents(asked, worker.sid)
    return shown(what)
