"""Roles and logins, teams and pools: what each role may do is shown, changed on record and put back; who matches is counted."""

import json

import pytest

from rapport.access import changing, logins
from rapport.errors import Conflict
from rapport.model.agent import Agent
from rapport.model.fact import LoginChanged
from rapport.model.pool import Pool
from web.officework import NOW, a_browser, a_token, an_office, enter, sign_in
from web.test_pages import posted, words

pytestmark = pytest.mark.anyio
AGENTS = (
    Agent("ana", "Ana Peña", team="it", attributes={"languages": ["es"]}),
    Agent("eva", "Eva Ruiz", team="front desk", attributes={"languages": ["es", "en"]}),
)
POLICY = {"id": "quiet", "teams": ["it", "front desk"], "tiers": [{"roles": ["approver"]}, {"teams": ["it"]}]}
SAMPLING = {"id": "each", "scorecard": "care", "teams": ["it"]}
PLAN = {"id": "wide", "steps": [{"require": "team in ['it']", "seconds": 30}, {"require": "", "seconds": 0}]}


@pytest.fixture
async def admin(store, tenant):
    """An administrator's browser over a centre with two agents, one of whom logs in."""
    office = an_office(store)
    things = [("agent", one.id, json.dumps({"id": one.id, "name": one.name, "team": one.team} | {"attributes": one.attributes}))
              for one in AGENTS]  # fmt: skip
    things += [
        ("policy", "quiet", json.dumps(POLICY)),
        ("plan", "wide", json.dumps(PLAN)),
        ("sampling", "each", json.dumps(SAMPLING)),
    ]
    await office.intake.set_things(tenant, [(kind, name, body.encode()) for kind, name, body in things])
    async with a_browser(office) as client:
        client.csrf = await sign_in(client, office, tenant, "administrator", "root")
        await logins.add_login(
            store, tenant, "eva", email="eva@hotel.example", name="Eva Ruiz", role="agent", password="x" * 12
        )
        client.office, client.tenant = office, tenant
        yield client


async def thing(admin, id: str) -> dict:
    async with admin.office.store.within(admin.tenant) as db:
        return json.loads(await db.fetchval("select body from thing where tenant = $1 and id = $2", admin.tenant, id))


async def test_another_role_holds_at_once_for_the_login_and_the_agent_and_is_on_record(admin, store, tenant):
    async with a_browser(admin.office) as eva:
        await enter(eva, admin.office, tenant, "eva")
        answer = await posted(admin, "/agents/eva/role", role="supervisor")
        signed_out = await eva.get("/console")

    assert answer.headers["location"] == "/agents/access?said=role"
    assert (await logins.find_login(store, tenant, "eva")).role == "supervisor"
    assert (await thing(admin, "agent/eva"))["role"] == "supervisor"
    assert admin.office.intake.recorded == [LoginChanged("eva", "root", "supervisor", "agent")]
    assert signed_out.status_code in (302, 303, 401)


async def test_who_is_stopped_is_let_in_no_more_until_they_are_let_in_again(admin, store, tenant):
    await posted(admin, "/agents/eva/stop")
    stopped = (await logins.find_login(store, tenant, "eva")).disabled
    listed = words(await admin.get("/agents/access?lang=en"))
    await posted(admin, "/agents/eva/let-in")

    assert stopped
    assert "let in no more" in listed
    assert not (await logins.find_login(store, tenant, "eva")).disabled
    assert [(fact.stopped, fact.was_stopped) for fact in admin.office.intake.recorded] == [(True, False), (False, True)]
    assert [act["do"] for act in admin.office.intake.acts] == ["go_offline"]


@pytest.mark.parametrize(
    ("agent", "do", "role", "says"),
    [
        ("root", "stop", "", "nadie cambia su propio rol"),
        ("root", "role", "agent", "nadie cambia su propio rol"),
        ("eva", "role", "emperor", "emperor"),
        ("eva", "role", "", "No se cambió"),
    ],
)
async def test_what_may_not_be_changed_says_why_and_nothing_is_recorded(admin, agent, do, role, says):
    answer = await posted(admin, f"/agents/{agent}/{do}?lang=es", role=role)

    assert answer.status_code == 409
    assert says in words(answer)
    assert admin.office.intake.recorded == []


async def test_the_table_of_roles_is_read_by_who_sees_the_centre_and_logins_by_who_manages_them(admin, tenant):
    async with a_browser(admin.office) as other:
        other.csrf = await sign_in(other, admin.office, tenant, "auditor")
        page = words(await other.get("/agents/access?lang=es"))
        refused = await posted(other, "/agents/eva/role", role="administrator")

    assert "aprobar o devolver lo que escribió otra persona" in page
    assert "eva@hotel.example" not in page
    assert refused.status_code == 403


async def test_a_token_of_somebody_may_no_more_than_they_may_and_nothing_once_they_are_stopped(admin, store, tenant):
    await logins.change_login(store, tenant, "eva", role="supervisor")
    async with a_browser(admin.office) as program:
        token = await a_token(admin.office, tenant, "supervisor", agent="eva")
        seen = [(await program.get("/api/channels", headers=token)).status_code]
        for do, role in (("role", "agent"), ("stop", "")):
            await posted(admin, f"/agents/eva/{do}", role=role)
            seen.append((await program.get("/api/channels", headers=token)).status_code)

    assert seen == [200, 403, 401]


async def test_a_change_that_could_not_be_put_on_record_is_none_and_a_repeat_mends_it(admin, store, tenant, monkeypatch):
    async def lost(*given):
        raise OSError("the database is away")

    with monkeypatch.context() as broken:
        broken.setattr(admin.office.intake, "record", lost)
        answer = await posted(admin, "/agents/eva/stop")
    kept = (await logins.find_login(store, tenant, "eva")).disabled
    await logins.change_login(store, tenant, "eva", role="supervisor", disabled=admin.office.clock.now())
    await posted(admin, "/agents/eva/stop")

    assert answer.status_code >= 500
    assert not kept
    assert (await thing(admin, "agent/eva"))["role"] == "supervisor"
    assert [act["do"] for act in admin.office.intake.acts] == ["go_offline"]


async def test_who_may_manage_logins_no_more_changes_none(store, tenant):
    for agent in ("root", "eva"):
        await logins.add_login(store, tenant, agent, email=f"{agent}@hotel.example", name=agent, role="administrator")
    await logins.change_login(store, tenant, "root", role="agent")

    with pytest.raises(Conflict, match="you may manage logins no more"):
        await changing.change(store, tenant, "eva", by="root", now=NOW, told=None, stopped=True)


async def test_an_agent_moves_to_another_team_and_a_team_gets_another_name_wherever_it_is_listed(admin):
    await posted(admin, "/agents/teams", do="move", agent="eva", to="night")
    await posted(admin, "/agents/teams", do="rename", team="it", to="computers")

    assert (await thing(admin, "agent/eva"))["team"] == "night"
    assert (await thing(admin, "agent/ana"))["team"] == "computers"
    assert (await thing(admin, "policy/quiet"))["teams"] == ["computers", "front desk"]
    assert (await thing(admin, "policy/quiet"))["tiers"] == [{"roles": ["approver"]}, {"teams": ["computers"]}]
    assert (await thing(admin, "sampling/each"))["teams"] == ["computers"]
    page = words(await admin.get("/agents/teams?lang=en"))
    assert "computers" in page
    assert "Sampling plans · each" in page
    assert "Ana Peña" in page


async def test_a_pool_is_counted_and_says_what_names_it(admin):
    plan = {"id": "n", "steps": [{"require": "pools has 'night'", "seconds": 0}]}
    await admin.office.intake.set_things(admin.tenant, [("plan", "n", json.dumps(plan).encode())])
    await posted(admin, "/centre/pool/night", do="save", seen="", **{"field.who": "languages has 'en'"})

    assert Pool(**(await thing(admin, "pool/night"))).who == "languages has 'en'"
    page = words(await admin.get("/agents/teams?lang=en")).partition(" Pools ")[2]
    assert "Eva Ruiz" in page
    assert "Ana Peña" not in page
    assert "Plans · n" in page


@pytest.mark.parametrize(
    ("at", "typed", "says"),
    [
        (
            "plan/wide",
            {"field.steps": "1", "field.steps.0.require": "languages has 'en'"},
            "step 1 1 of 2 agents match, 0 of them",
        ),
        ("pool/new", {"field.who": "team in ['it', 'front desk']"}, "2 of 2 agents match"),
        ("pool/new", {"field.who": "team in ['it'"}, "Who matches cannot be said yet"),
        ("pool/new", {"field.who": ""}, "Say who"),
    ],
)
async def test_who_matches_is_counted_while_it_is_typed_and_nothing_is_saved(admin, at, typed, says):
    answer = await posted(admin, f"/centre/{at}/count?lang=en", **typed)

    assert answer.status_code == 200
    assert says in words(answer)
    assert "pools" not in await thing(admin, "plan/wide")


@pytest.mark.parametrize(
    ("who", "says"),
    [("need.language == 'es'", "looks at a need"), ("pools has 'x'", "looks at pools"), (" ", "says nobody")],
)
async def test_a_pool_that_cannot_be_known_is_refused_with_the_cure(admin, who, says):
    answer = await posted(admin, "/centre/pool/p?lang=en", do="save", seen="", **{"field.who": who})

    assert answer.status_code == 400
    assert says in words(answer)
