"""The web application: routes behind one gate, errors with their cure, headers that keep browsers safe."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar
from litestar.datastructures import State
from litestar.types import Message, Scope

from rapport.web import errors, health
from rapport.web.drawn import forget_parts
from rapport.web.office import Office
from rapport.web.page import warm
from rapport.web.routes import routes
from rapport.web.security import add_headers, gate

LARGEST_JSON = 1024 * 1024  # bytes; uploads say their own limit


async def _count(message: Message, _: Scope) -> None:
    if message["type"] == "http.response.start":
        health.ANSWERS.labels(f"{message['status'] // 100}xx").inc()


@asynccontextmanager
async def _drawing(app: Litestar) -> AsyncIterator[None]:
    office: Office = app.state.office
    tasks = (
        asyncio.create_task(warm(), name="templates are compiled"),
        asyncio.create_task(forget_parts(office.clock), name="parts of pages are forgotten"),
    )
    yield
    for task in tasks:
        task.cancel()


def create(office: Office) -> Litestar:
    """The application that a server runs: `uvicorn.Config(create(office), access_log=False, server_header=False)`."""
    return Litestar(
        route_handlers=list(routes()),
        middleware=[gate],
        exception_handlers=errors.HANDLERS,
        lifespan=[_drawing],
        before_send=[add_headers, _count],
        request_max_body_size=LARGEST_JSON,
        openapi_config=None,
        logging_config=None,
        state=State({"office": office}),
        pdb_on_exception=False,
        debug=False,
    )
