"""Every route as every role: who may do what, exactly by the table of permissions."""

from collections.abc import Iterator

import pytest

from rapport.access.roles import PERMISSIONS, ROLES
from rapport.web.api.schema import methods_of
from rapport.web.languages import retell
from rapport.web.server import create
from web.officework import PAGE, a_browser, an_application, an_office, enter, sign_in

# The table again, as somebody who runs a centre would say it: one line for each permission.
WHO_MAY = {
    "self": {"agent", "approver", "supervisor", "reviewer", "planner", "auditor", "administrator"},
    "console.act": {"supervisor", "administrator"},
    "desk.read": {"agent", "approver", "supervisor", "reviewer", "auditor", "administrator"},
    "desk.write": {"agent", "approver", "supervisor", "administrator"},
    "approvals.decide": {"approver", "supervisor", "administrator"},
    "wallboard.read": {"agent", "approver", "supervisor", "reviewer", "planner", "auditor", "administrator"},
    "reports.read": {"supervisor", "planner", "auditor", "administrator"},
    "stories.read": {"supervisor", "auditor", "administrator"},
    "stories.share": {"supervisor", "administrator"},
    "polls.write": {"supervisor", "administrator"},
    "sensitive.see": {"supervisor", "administrator"},
    "links.open": {"supervisor", "administrator"},
    "quality.review": {"reviewer", "supervisor", "administrator"},
    "quality.decide": {"supervisor", "administrator"},
    "held.release": {"supervisor", "administrator"},
    "schedule.decide": {"planner", "supervisor", "administrator"},
    "channels.read": {"supervisor", "administrator"},
    "centre.read": {"supervisor", "planner", "auditor", "administrator"},
    "knowledge.write": {"supervisor", "administrator"},
    "centre.write": {"administrator"},
    "matching.decide": {"planner", "administrator"},
    "readings.decide": {"supervisor", "administrator"},
    "logins.manage": {"administrator"},
    "ledger.read": {"auditor", "administrator"},
    "messages.write": {"administrator"},
    "events.write": {"administrator"},
    "context.read": {"supervisor", "auditor", "administrator"},
    "people.rights": {"supervisor", "administrator"},
}
STREAMS = {"/live", "/chat/stream"}  # they never end


def addresses(office) -> Iterator[tuple[str, str, str]]:
    """Method, an address and what it needs, for every route."""
    with an_application(office) as app:
        routes = app.routes
    for route in routes:
        for handler in getattr(route, "route_handlers", None) or [route.route_handler]:
            path = route.path
            for part in ("{digest:str}", "{path:path}", "{kind:str}", "{part:str}", "{action:str}", "{do:str}", "{name:str}"):
                path = path.replace(part, "x")
            path = path.replace("{network:str}", "email").replace("{link:str}", "x.y")
            while "{" in path:
                path = path[: path.index("{")] + "0" * 32 + path[path.index("}") + 1 :]
            for method in methods_of(handler):
                yield method, path, handler.opt["needs"]


def test_the_table_names_every_permission_and_every_role():
    assert set(WHO_MAY) == set(PERMISSIONS)
    assert set.union(*WHO_MAY.values()) == set(ROLES)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "role", [role if role == "agent" else pytest.param(role, marks=pytest.mark.slow) for role in sorted(ROLES)]
)
async def test_a_role_is_let_in_exactly_where_the_table_says(store, tenant, role):
    office = an_office(store)
    wrong = []

    async with a_browser(office) as client:
        csrf = await sign_in(client, office, tenant, role)
        for method, path, need in addresses(office):
            if path in STREAMS or path in {"/sign-in", "/sign-out"}:
                continue
            answer = await client.request(method, path, headers=PAGE | {"x-csrf-token": csrf})
            if "rapport=" in answer.headers.get("set-cookie", ""):
                csrf = await enter(client, office, tenant, role)
            allowed = not need or role in WHO_MAY[need]
            if (answer.status_code in {401, 403}) == allowed and not path.startswith("/chat/"):
                wrong.append((method, path, need, answer.status_code))

    assert wrong == []


@pytest.mark.anyio
async def test_nobody_is_let_in_but_where_everyone_is(store):
    office = an_office(store)
    wrong = []

    async with a_browser(office) as client:
        for method, path, need in addresses(office):
            if path in STREAMS:
                continue
            answer = await client.request(method, path, headers=PAGE)
            if need and answer.status_code != 401:
                wrong.append((method, path, need, answer.status_code))

    assert wrong == []


@pytest.mark.anyio
async def test_a_route_that_does_not_say_what_it_needs_stops_the_start(store, monkeypatch):
    from litestar import get

    from rapport.errors import SetupError
    from rapport.web import health

    @get("/open-by-mistake")
    async def careless() -> str:
        return "everything"

    monkeypatch.setattr(health, "HANDLERS", [careless])

    with pytest.raises(SetupError, match="open-by-mistake"):
        create(an_office(store))


def test_what_each_permission_lets_do_is_said_in_spanish():
    assert [says for says in PERMISSIONS.values() if retell("es", says) == says] == []
