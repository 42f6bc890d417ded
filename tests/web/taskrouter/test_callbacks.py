"""A workspace's callback is told what happens: once each, in order, again when it was away, and never an address of our own."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from web.taskrouter.world import World, a_client


class Hook:
    """A page that keeps what it is posted. `down`: it answers 503."""

    def __init__(self) -> None:
        self.told: list[dict[str, str]] = []
        self.down = False
        self.missed = threading.Event()
        hook = self

        class Page(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                self.send_response(503 if hook.down else 204)
                self.end_headers()
                if hook.down:
                    hook.missed.set()
                else:
                    hook.told.append({name: values[-1] for name, values in parse_qs(body).items()})

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever)

    def types(self) -> list[str]:
        """What was told."""
        return [one["EventType"] for one in self.told]

    def until(self, type: str, seconds: float = 30) -> None:
        """Wait until an event was told."""
        end = time.monotonic() + seconds
        while type not in self.types() and time.monotonic() < end:
            time.sleep(0.02)
        assert type in self.types()


@pytest.fixture
def hook():
    made = Hook()
    made.thread.start()
    yield made
    made.server.shutdown()
    made.thread.join()
    made.server.server_close()


@pytest.fixture
def world(running, hook):
    with a_client(running) as client:
        made = World(client)
        made.sids["Workspaces"] = made.made("/v1/Workspaces", FriendlyName="told", EventCallbackUrl=hook.url)["sid"]
        yield made
        made.post(made.root, EventCallbackUrl="")


def a_task(world) -> dict:
    available = next(one for one in world.get(f"{world.root}/Activities").json()["activities"] if one["available"])
    world.made(f"{world.root}/Workers", FriendlyName="alice", ActivitySid=available["sid"])
    queue = world.made(f"{world.root}/TaskQueues", FriendlyName="all")["sid"]
    routing = json.dumps({"task_routing": {"filters": [], "default_filter": {"queue": queue}}})
    world.made(f"{world.root}/Workflows", FriendlyName="all", Configuration=routing)
    return world.made(f"{world.root}/Tasks", Attributes='{"type": "wifi"}')


def test_the_life_of_a_task_is_told_in_order(world, hook, running):
    task = a_task(world)
    reservation = world.until_reserved(task["sid"])
    for status in ("accepted", "completed"):
        world.post(f"{world.root}/Tasks/{task['sid']}/Reservations/{reservation['sid']}", ReservationStatus=status)
    hook.until("task.completed")

    of_task = [one for one in hook.told if one["EventType"].partition(".")[0] in ("task", "reservation")]
    assert [one["EventType"] for one in of_task] == [
        "task.created", "reservation.created", "reservation.accepted", "reservation.completed", "task.completed",
    ]  # fmt: skip
    assert len({one["Sid"] for one in hook.told}) == len(hook.told)
    assert {one["AccountSid"] for one in hook.told} == {running.account}
    created = of_task[1]
    assert (created["ResourceSid"], created["TaskSid"], created["WorkspaceName"]) == (reservation["sid"], task["sid"], "told")
    assert json.loads(created["TaskAttributes"]) == {"type": "wifi"}


@pytest.mark.slow
def test_what_a_callback_missed_is_told_when_it_is_back(world, hook):
    hook.down = True
    task = a_task(world)
    world.until_reserved(task["sid"])
    assert hook.missed.wait(30)
    hook.down = False
    hook.until("reservation.created")

    assert hook.types().count("task.created") == 1


def test_only_the_events_that_are_asked_for_are_told(world, hook):
    world.post(world.root, EventsFilter="reservation.created")
    task = a_task(world)
    world.until_reserved(task["sid"])
    hook.until("reservation.created")

    assert {one["EventType"] for one in hook.told if one.get("TaskSid") == task["sid"]} == {"reservation.created"}
