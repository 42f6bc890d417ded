"""Every address of the facade, with what it needs and what answers it; the same below /taskrouter/v1 and below /v1.

Programs come with Basic authentication: an AccountSid, or any name that begins with SK, and an API token of ours.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from litestar import Response, route
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.types import Method

from rapport.web.security import AnyRequest, current, needs, office_of
from rapport.web.taskrouter import (
    activities,
    channels,
    events,
    new_task,
    queues,
    reservations,
    tasks,
    worker_channels,
    workers,
    workflows,
    workspaces,
)
from rapport.web.taskrouter.asked import Asked
from rapport.web.taskrouter.faults import answer_fault
from rapport.web.taskrouter.form import parse_form

Answers = Callable[[Asked], Awaitable[Response[bytes]]]
BASES = ("/taskrouter/v1", "/v1")
READ, SET, TELL, WORK = "desk.read", "centre.write", "messages.write", "desk.write"
_PARAMETER = re.compile(r"{(\w+)}")

# address below /Workspaces: method, what it needs, what answers
ROUTES: Mapping[str, tuple[tuple[Method, str, Answers], ...]] = {
    "": (
        ("GET", READ, workspaces.list_workspaces),
        ("POST", SET, workspaces.create_workspace),
    ),
    "/{workspace}": (
        ("GET", READ, workspaces.fetch_workspace),
        ("POST", SET, workspaces.update_workspace),
        ("DELETE", SET, workspaces.delete_workspace),
    ),
    "/{workspace}/Activities": (
        ("GET", READ, activities.list_activities),
        ("POST", SET, activities.create_activity),
    ),
    "/{workspace}/Activities/{sid}": (
        ("GET", READ, activities.fetch_activity),
        ("POST", SET, activities.update_activity),
        ("DELETE", SET, activities.delete_activity),
    ),
    "/{workspace}/Workers": (
        ("GET", READ, workers.list_workers),
        ("POST", SET, workers.create_worker),
    ),
    "/{workspace}/Workers/{sid}": (
        ("GET", READ, workers.fetch_worker),
        ("POST", SET, workers.update_worker),
        ("DELETE", SET, workers.delete_worker),
    ),
    "/{workspace}/Workers/{worker}/Channels": (("GET", READ, worker_channels.list_worker_channels),),
    "/{workspace}/Workers/{worker}/Channels/{sid}": (
        ("GET", READ, worker_channels.fetch_worker_channel),
        ("POST", SET, worker_channels.update_worker_channel),
    ),
    "/{workspace}/Workers/{worker}/Reservations": (("GET", READ, reservations.list_reservations),),
    "/{workspace}/Workers/{worker}/Reservations/{sid}": (
        ("GET", READ, reservations.fetch_reservation),
        ("POST", WORK, reservations.update_reservation),
    ),
    "/{workspace}/TaskChannels": (
        ("GET", READ, channels.list_channels),
        ("POST", SET, channels.create_channel),
    ),
    "/{workspace}/TaskChannels/{sid}": (
        ("GET", READ, channels.fetch_channel),
        ("POST", SET, channels.update_channel),
        ("DELETE", SET, channels.delete_channel),
    ),
    "/{workspace}/TaskQueues": (
        ("GET", READ, queues.list_queues),
        ("POST", SET, queues.create_queue),
    ),
    "/{workspace}/TaskQueues/{sid}": (
        ("GET", READ, queues.fetch_queue),
        ("POST", SET, queues.update_queue),
        ("DELETE", SET, queues.delete_queue),
    ),
    "/{workspace}/Workflows": (
        ("GET", READ, workflows.list_workflows),
        ("POST", SET, workflows.create_workflow),
    ),
    "/{workspace}/Workflows/{sid}": (
        ("GET", READ, workflows.fetch_workflow),
        ("POST", SET, workflows.update_workflow),
        ("DELETE", SET, workflows.delete_workflow),
    ),
    "/{workspace}/Tasks": (
        ("GET", READ, tasks.list_tasks),
        ("POST", TELL, new_task.create_task),
    ),
    "/{workspace}/Tasks/{sid}": (
        ("GET", READ, tasks.fetch_task),
        ("POST", TELL, tasks.update_task),
        ("DELETE", TELL, tasks.delete_task),
    ),
    "/{workspace}/Tasks/{task}/Reservations": (("GET", READ, reservations.list_reservations),),
    "/{workspace}/Tasks/{task}/Reservations/{sid}": (
        ("GET", READ, reservations.fetch_reservation),
        ("POST", WORK, reservations.update_reservation),
    ),
    "/{workspace}/Events": (("GET", READ, events.list_events),),
    "/{workspace}/Events/{sid}": (("GET", READ, events.fetch_event),),
}


def _handler(path: str, method: Method, need: str, answers: Answers) -> HTTPRouteHandler:
    """The handler of an address below each base."""

    async def handle(request: AnyRequest) -> Response[Any]:
        return await answers(await asked_by(request))

    typed = _PARAMETER.sub(r"{\1:str}", path)
    addresses = [f"{base}/Workspaces{typed}" for base in BASES]
    made = route(
        addresses,
        http_method=method,
        opt=needs(need) | {"basic": True},
        include_in_schema=False,
        status_code=200,
        exception_handlers={HTTPException: answer_fault, Exception: answer_fault},
    )
    return made(handle)


async def asked_by(request: AnyRequest) -> Asked:
    """What a request asks. Raises BadInput where its form cannot be read."""
    office = office_of(request)
    path = request.scope["path"]
    base = next(base for base in BASES if path.startswith(f"{base}/"))
    query = parse_qs(request.scope.get("query_string", b"").decode("ascii", "replace"), keep_blank_values=True)
    form = parse_form(await request.body()) if request.method == "POST" else {}
    return Asked(
        office,
        current(request),
        f"{office.public_url.rstrip('/')}{base}",
        path[len(base) :],
        dict(request.path_params),
        query,
        form,
        request.headers.get("if-match", ""),
    )


HANDLERS = [_handler(path, *row) for path, rows in ROUTES.items() for row in rows]
