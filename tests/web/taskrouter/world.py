"""A workspace with one of everything, made by plain requests."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:  # the whole application
    from web.taskrouter.harness import Running

KINDS = {"Activities": "WA", "Workers": "WK", "TaskChannels": "TC", "TaskQueues": "WQ", "Workflows": "WW"}


@dataclass
class World:
    """A client, and the Sids of what is in the workspace, by the path's last collection; `Workspaces` is its own."""

    client: httpx.Client
    sids: dict[str, str] = field(default_factory=dict)

    def address(self, path: str, last: str = "") -> str:
        """A path of the description with our Sids in it; `last` in place of the last one."""
        parts = path.split("/")
        for place, part in enumerate(parts):
            if part.startswith("{"):
                collection = parts[place - 1]
                under = f"{parts[place - 3]}/" if collection in ("Channels", "Reservations") and place > 4 else ""
                is_last = place == len(parts) - 1
                parts[place] = last if last and is_last else self.sids[f"{under}{collection}" if under else collection]
        return "/".join(re.sub(r"/Reservations$", "/Reservations", part) for part in parts)

    def get(self, path: str, **query) -> httpx.Response:
        """Ask."""
        return self.client.get(path, params=query)

    def post(self, path: str, **form) -> httpx.Response:
        """Send a form."""
        return self.client.post(path, data=form)

    def made(self, path: str, **form) -> dict:
        """Make something that must come to be."""
        answer = self.post(path, **form)
        assert answer.status_code == 201, answer.text
        return answer.json()

    @property
    def root(self) -> str:
        """The workspace's path."""
        return f"/v1/Workspaces/{self.sids['Workspaces']}"

    def until_reserved(self, task: str) -> dict:
        """The first reservation of a task."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            answer = self.get(f"{self.root}/Tasks/{task}/Reservations")
            assert answer.status_code == 200, answer.text
            found = answer.json()["reservations"]
            if found:
                return found[0]
            time.sleep(0.02)
        raise AssertionError(f"nobody was asked to take {task}")


def a_client(running: Running, token: str = "", base: str = "") -> httpx.Client:
    """A program with a token: an administrator's where none is given."""
    return httpx.Client(base_url=running.url + base, auth=(running.account, token or running.token), timeout=30)


def make_world(running: Running) -> World:
    """A workspace with one of everything; its task lies before its worker."""
    world = World(a_client(running))
    world.sids["Workspaces"] = world.made("/v1/Workspaces", FriendlyName="world")["sid"]
    root = world.root
    available = next(one for one in world.get(f"{root}/Activities").json()["activities"] if one["available"])
    world.sids["Activities"] = world.made(f"{root}/Activities", FriendlyName="Lunch")["sid"]
    attributes = json.dumps({"languages": ["es", "en"], "level": 3})
    worker = world.made(f"{root}/Workers", FriendlyName="alice", Attributes=attributes, ActivitySid=available["sid"])
    queue = world.made(f"{root}/TaskQueues", FriendlyName="everybody")
    world.sids |= {"Workers": worker["sid"], "TaskQueues": queue["sid"]}
    routing = json.dumps({"task_routing": {"filters": [], "default_filter": {"queue": queue["sid"]}}})
    workflow = world.made(f"{root}/Workflows", FriendlyName="all", Configuration=routing)
    world.sids["Workflows"] = workflow["sid"]
    world.sids["TaskChannels"] = world.made(f"{root}/TaskChannels", FriendlyName="Letters", UniqueName="letters")["sid"]
    task = world.made(f"{root}/Tasks", Attributes='{"type": "wifi"}', WorkflowSid=workflow["sid"])
    reservation = world.until_reserved(task["sid"])
    world.sids |= {"Tasks": task["sid"], "Tasks/Reservations": reservation["sid"]}
    world.sids["Workers/Reservations"] = reservation["sid"]
    channels = world.get(f"{root}/Workers/{worker['sid']}/Channels").json()["channels"]
    world.sids["Workers/Channels"] = channels[0]["sid"]
    world.sids["Events"] = world.get(f"{root}/Events").json()["events"][0]["sid"]
    return world
