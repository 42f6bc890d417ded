"""The demonstration's page: take a seat, be a customer, and the three buttons. It exists only while `rapport demo` runs."""

from secrets import token_urlsafe
from typing import Annotated, Any, Protocol

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from rapport.access import logins
from rapport.errors import NotFound
from rapport.web.desk.actions import go
from rapport.web.office import Office
from rapport.web.page import fragment, render
from rapport.web.security import AnyRequest, current, needs, office_of
from rapport.web.sign_in import enter

SEE = needs("wallboard.read")
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


class Directs(Protocol):
    """Who lets simulated customers come and plays the agents (`demo.director.Director`)."""

    def viral_day(self) -> int:
        """Many people write about one matter; how many."""
        ...

    def brigade(self) -> int:
        """Many new handles write nearly the same; how many."""
        ...

    async def goes_home(self, agent: str) -> None:
        """An agent passes on what they have and goes. Raises BadInput where there is no such agent."""
        ...

    async def comes_back(self, agent: str) -> None:
        """The agent is there again."""
        ...

    def take_seat(self, agent: str) -> None:
        """From now on a person plays this agent."""
        ...

    def state(self) -> dict[str, Any]:  # Any: plain values
        """Whether it runs, who is simulated, who has gone, how many are still to come."""
        ...


class Simulated(msgspec.Struct, frozen=True):
    """An agent whom the demonstration plays."""

    id: str
    name: str
    is_here: bool


class DemoPage(msgspec.Struct, frozen=True):
    """What the page shows. `said`: what a button has just done, "" for nothing; `count` with it."""

    is_running: bool
    rate: float
    coming: int
    told: int
    agents: tuple[Simulated, ...]
    said: str = ""
    count: int = 0


def _director(office: Office) -> Directs:
    director: Directs | None = office.memory.get("director")
    if director is None:
        raise NotFound("no demonstration runs here; start one with `rapport demo`")
    return director


def _page(office: Office, said: str = "", count: int = 0) -> DemoPage:
    state = _director(office).state()
    agents = tuple(msgspec.convert(agent, Simulated) for agent in state["agents"])
    return DemoPage(state["is_running"], state["rate"], state["coming"], state["told"], agents, said, count)


@get("/demo", opt=SEE, include_in_schema=False)
async def demo(request: AnyRequest) -> Response[str]:
    """The demonstration."""
    return await render(request, "demo.html", _page(office_of(request)))


@get("/demo/part/now", opt=SEE, include_in_schema=False)
async def demo_again(request: AnyRequest) -> Response[str]:
    """The page's content again."""
    return await fragment(request, "demo_now.html", _page(office_of(request)))


@post("/demo/viral-day", opt=SEE, include_in_schema=False)
async def viral_day(request: AnyRequest) -> Response[str]:
    """Let many people write about one matter."""
    office = office_of(request)
    return await render(request, "demo.html", _page(office, "viral", _director(office).viral_day()))


@post("/demo/brigade", opt=SEE, include_in_schema=False)
async def brigade(request: AnyRequest) -> Response[str]:
    """Let many new handles write nearly the same."""
    office = office_of(request)
    return await render(request, "demo.html", _page(office, "brigade", _director(office).brigade()))


@post("/demo/presence", opt=SEE, include_in_schema=False)
async def presence(request: AnyRequest, data: Form) -> Response[Any]:
    """Send an agent home, or call them back."""
    director = _director(office_of(request))
    if data.get("do") == "back":
        await director.comes_back(data.get("agent", ""))
    else:
        await director.goes_home(data.get("agent", ""))
    return go("/demo")


@post("/demo/seat", opt=SEE, include_in_schema=False)
async def seat(request: AnyRequest, data: Form) -> Response[Any]:
    """Sit at an agent's desk: from now on a person plays them."""
    office, who, agent = office_of(request), current(request), data.get("agent", "")
    director = _director(office)
    known = {one["id"]: one["name"] for one in director.state()["agents"]}
    if agent not in known:
        raise NotFound(f"no simulated agent is called {agent!r}; choose one of the list")
    director.take_seat(agent)
    try:
        login = await logins.find_login(office.store, who.tenant, agent)
    except NotFound:
        login = await logins.add_login(
            office.store,
            who.tenant,
            agent,
            email=f"{agent}@demo.invalid",
            name=known[agent],
            role="supervisor",
            language=who.language,
            password=token_urlsafe(24),
        )
    await office.intake.act(who.tenant, agent, "go_online")
    return await enter(office, request, login, "/desk")


HANDLERS = [demo, demo_again, viral_day, brigade, presence, seat]
