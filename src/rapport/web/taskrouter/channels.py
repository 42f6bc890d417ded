"""Task channels: sorts of tasks; of each, a worker has so many places."""

from litestar import Response

from rapport.errors import Conflict, NotFound
from rapport.web.taskrouter import kept
from rapport.web.taskrouter.agents import set_agents
from rapport.web.taskrouter.asked import Asked, Shown, cut, gone, listed, made, paging_of, shown, when, workspace_of
from rapport.web.taskrouter.form import Field, a_name, flag
from rapport.web.taskrouter.happened import note
from rapport.web.taskrouter.kept import Kept, changed, keep, new_kept
from rapport.web.taskrouter.workspaces import CHANNELS

FIELDS = {
    "FriendlyName": Field(a_name, required=True),
    "UniqueName": Field(a_name, required=True),
    "ChannelOptimizedRouting": Field(flag),
}


def show_channel(asked: Asked, channel: Kept) -> Shown:
    """A task channel."""
    url = f"{asked.root}/TaskChannels/{channel.sid}"
    return {
        "account_sid": asked.account,
        "date_created": when(channel.created_at),
        "date_updated": when(channel.updated_at),
        "friendly_name": channel.says["friendly_name"],
        "sid": channel.sid,
        "unique_name": channel.name,
        "workspace_sid": channel.workspace,
        "channel_optimized_routing": channel.says["channel_optimized_routing"],
        "url": url,
        "links": {"workspace": asked.root},
    }


def channel_called(channels: list[Kept], name: str) -> Kept | None:
    """The channel of this Sid or unique name, or None."""
    return next((one for one in channels if name in (one.sid, one.name)), None)


async def list_channels(asked: Asked) -> Response[bytes]:
    """A page of task channels."""
    paging = paging_of(asked)
    async with asked.within() as db:
        await workspace_of(asked, db)
        found = await kept.all_of(db, asked.tenant, asked.workspace, "channel")
    return listed(asked, "channels", [show_channel(asked, one) for one in cut(found, paging)], paging)


async def create_channel(asked: Asked) -> Response[bytes]:
    """A new task channel: every worker has one place of it, until they are given others."""
    sent = asked.reads(FIELDS)
    async with asked.within() as db:
        workspace = await workspace_of(asked, db)
        says = {
            "friendly_name": sent["FriendlyName"],
            "channel_optimized_routing": sent.get("ChannelOptimizedRouting", False),
        }
        channel = new_kept("channel", workspace.sid, sent["UniqueName"], says, asked.now)
        await keep(db, asked.tenant, channel)
        what = show_channel(asked, channel)
        await note(db, asked, workspace, "task-channel.created", "task-channel", channel.sid, what)
    await set_agents(asked)
    return made(what)


async def _found(asked: Asked) -> Kept:
    """The channel of the address, by Sid or unique name. Raises NotFound."""
    async with asked.within() as db:
        await workspace_of(asked, db)
        found = channel_called(await kept.all_of(db, asked.tenant, asked.workspace, "channel"), asked.sids["sid"])
    if found is None:
        raise NotFound(f"no task channel {asked.sids['sid'][:40]} is here")
    return found


async def fetch_channel(asked: Asked) -> Response[bytes]:
    """One task channel."""
    return shown(show_channel(asked, await _found(asked)))


async def update_channel(asked: Asked) -> Response[bytes]:
    """Change a task channel; its unique name stays."""
    sent = asked.reads({name: FIELDS[name] for name in ("FriendlyName", "ChannelOptimizedRouting")}, required=False)
    before = await _found(asked)
    names = {"FriendlyName": "friendly_name", "ChannelOptimizedRouting": "channel_optimized_routing"}
    channel = changed(before, asked.now, **{ours: sent[theirs] for theirs, ours in names.items() if theirs in sent})
    async with asked.within() as db:
        await keep(db, asked.tenant, channel)
        what = show_channel(asked, channel)
        await note(db, asked, await workspace_of(asked, db), "task-channel.updated", "task-channel", channel.sid, what)
    return shown(what)


async def delete_channel(asked: Asked) -> Response[bytes]:
    """Take a task channel away. Raises Conflict for one that every workspace has."""
    channel = await _found(asked)
    if channel.name in {name for _, name in CHANNELS}:
        raise Conflict(f"the task channel {channel.name} belongs to every workspace")
    async with asked.within() as db:
        await kept.drop(db, asked.tenant, channel.sid)
        what = show_channel(asked, channel)
        await note(db, asked, await workspace_of(asked, db), "task-channel.deleted", "task-channel", channel.sid, what)
    return gone()
