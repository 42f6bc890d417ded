"""Who may come in, and what is said to those who may not."""

import httpx
import pytest

from web.taskrouter.world import World, a_client, make_world

FAULT = {"code", "message", "more_info", "status"}


@pytest.fixture(scope="module")
def world(running):
    made = make_world(running)
    yield made
    made.client.close()


def ask(running, account, password, method="GET", path="/v1/Workspaces", **form):
    return httpx.request(method, running.url + path, auth=(account, password), data=form or None)


@pytest.mark.parametrize("account", ["AC" + "0" * 32, "SK" + "1" * 32, None])
def test_a_key_opens_its_own_account(running, account):
    assert ask(running, account or running.account, running.token).status_code == 200


@pytest.mark.parametrize("account", ["AC" + "f" * 32, "", "someone"])
def test_a_key_opens_no_other_account(running, account):
    answer = ask(running, account, running.token)

    assert (answer.status_code, set(answer.json()), answer.json()["code"]) == (401, FAULT, 20003)


@pytest.mark.parametrize("password", ["", "token", "rpt_1_wrong"])
def test_a_wrong_key_opens_nothing(running, password):
    assert ask(running, running.account, password).status_code == 401


def test_nobody_comes_in_without_a_key(running):
    answer = httpx.get(f"{running.url}/v1/Workspaces")

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")


def test_the_key_of_a_program_may_create_tasks_and_nothing_else(running, world):
    with a_client(running, running.a_token("service")) as client:
        made = client.post(f"{world.root}/Tasks", data={"Attributes": "{}"})
        queue = client.post(f"{world.root}/TaskQueues", data={"FriendlyName": "mine"})

    assert (made.status_code, queue.status_code, set(queue.json())) == (201, 403, FAULT)


def test_the_key_of_a_worker_answers_their_reservations_and_no_others(running, world):
    worker, reservation = world.sids["Workers"], world.sids["Tasks/Reservations"]
    path = f"{world.root}/Workers/{worker}/Reservations/{reservation}"

    with a_client(running, running.a_token("agent", "WK" + "0" * 32)) as other:
        refused = other.post(path, data={"ReservationStatus": "accepted"})
    with a_client(running, running.a_token("agent", worker)) as own:
        taken = own.post(path, data={"ReservationStatus": "accepted"})

    assert (refused.status_code, taken.json().get("reservation_status")) == (403, "accepted")


def test_a_basic_key_opens_nothing_else_of_the_house(running):
    assert ask(running, running.account, running.token, path="/api/presence").status_code == 401


def test_another_tenant_sees_none_of_it(running, world):
    from rapport.access.tokens import make_token
    from rapport.app.rehearsing import fresh_tenant

    tenant = running.run(fresh_tenant(running.house, "other"))
    token = running.run(make_token(running.house.store, tenant, name="o", role="administrator", now=running.house.clock.now()))

    with httpx.Client(base_url=running.url, auth=(f"AC{tenant:032x}", token)) as client:
        other = World(client, dict(world.sids))
        found = [other.get(path).status_code for path in (other.root, f"{other.root}/Workers", f"{other.root}/Tasks")]
        listed = client.get("/v1/Workspaces").json()["workspaces"]

    assert (found, listed) == ([404, 404, 404], [])


@pytest.mark.parametrize("body", [b"\xff\xfe=1", b"&" * 10 + b"a=1&" * 600])
def test_a_body_that_is_no_form_is_refused(running, body):
    answer = httpx.post(
        f"{running.url}/v1/Workspaces", content=body, auth=(running.account, running.token),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )  # fmt: skip

    assert (answer.status_code, set(answer.json())) == (400, FAULT)
