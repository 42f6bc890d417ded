"""Every answer is as the vendor's published description says, whatever is sent; what cannot be read is said by its field."""

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from web.taskrouter.contract import DOCUMENT, answer_of, document, fields_of, operations, required_of, wrong
from web.taskrouter.world import a_client, make_world

MISSING = "the description of the interface is not beside this checkout"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not DOCUMENT.exists(), reason=MISSING)]
OPERATIONS = operations()
READS = [path for method, path in OPERATIONS if method == "get"]
WRITES = [path for method, path in OPERATIONS if method == "post"]
FAULT = {"code", "message", "more_info", "status"}
# Fields that only a telephone has a use for: let pass and left alone.
OURS = {"ReservationStatus", "WorkerActivitySid", "Instruction"}


@pytest.fixture(scope="module")
def world(running):
    made = make_world(running)
    yield made
    made.client.close()


def our_fields(path):
    fields = fields_of("post", path)
    return {name: fields[name] for name in fields if "Reservations" not in path or name in OURS}


def test_the_description_has_as_many_paths_as_we_answer():
    assert len({path for _, path in OPERATIONS}) == 22


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("base", ["", "/taskrouter"])
def test_what_is_read_is_as_the_description_says(world, running, path, base):
    with a_client(running, base=base) as client:
        answer = client.get(world.address(path))

    status, schema = answer_of("get", path)
    assert answer.status_code == status, answer.text
    assert wrong(answer.json(), schema) == []


@pytest.mark.parametrize("path", [path for path in READS if path.endswith("}")])
def test_what_is_not_there_is_not_found(world, path):
    for last in ("0" * 32, f"{world.address(path).rpartition('/')[2][:2]}{'0' * 32}", "%00", "..%2f"):
        answer = world.get(world.address(path, last))

        assert answer.status_code == 404, (last, answer.text)


@pytest.mark.parametrize("path", READS)
def test_another_workspace_has_none_of_it(world, path):
    if path != "/v1/Workspaces":
        answer = world.get(world.address(path).replace(world.sids["Workspaces"], f"WS{'0' * 32}"))

        assert (answer.status_code, set(answer.json()), answer.json()["code"]) == (404, FAULT, 20404)


def bad_value(schema):
    """A value that a field of this schema cannot have; None where any text will do."""
    schema = schema | document()["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], {})
    if schema.get("type") in ("integer", "boolean"):
        return "perhaps"
    if "enum" in schema or "pattern" in schema or schema.get("format") in ("uri", "date-time"):
        return "no such"
    return None


BAD = [
    (path, name, value)
    for path in WRITES
    for name, schema in our_fields(path).items()
    if (value := bad_value(schema)) is not None
]


@pytest.mark.parametrize(("path", "name", "value"), BAD)
def test_a_field_that_cannot_be_read_is_named(world, path, name, value):
    form = dict.fromkeys(required_of("post", path), "x") if not path.endswith("}") else {}

    answer = world.post(world.address(path), **(form | {name: value}))

    assert (answer.status_code, set(answer.json())) == (400, FAULT)
    assert name in answer.json()["message"]


@pytest.mark.parametrize("path", [path for path in WRITES if not path.endswith("}")])
def test_a_field_that_is_missing_is_named(world, path):
    for name in required_of("post", path):
        form = {field: "x" for field in required_of("post", path) if field != name}
        answer = world.post(world.address(path), **form)

        assert answer.status_code == 400
        assert name in answer.json()["message"]


SOME = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["{}", "[]", '{"a": [1, {"b": null}]}', "true", "0", "-1", "2026-03-03T10:00:00Z", "1==1", "http://x", "FIFO"]
    ),
    st.sampled_from(["accepted", "canceled", "completed", "wrapping", "pending", "default", "1 ==", "99999999999999999999"]),
)


@pytest.mark.parametrize("path", WRITES)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_sent_is_answered_as_described_or_refused(world, path, data):
    form = {name: data.draw(SOME, name) for name in our_fields(path) if data.draw(st.booleans(), f"with {name}")}
    form |= (
        {name: data.draw(SOME, name) for name in required_of("post", path) if name not in form}
        if data.draw(st.booleans())
        else {}
    )
    form.pop("EventCallbackUrl", None)

    answer = world.post(world.address(path), **form)

    status, schema = answer_of("post", path)
    if answer.status_code == status:
        assert wrong(answer.json(), schema) == []
    else:
        assert answer.status_code in (400, 409)
        assert (set(answer.json()), answer.json()["status"]) == (FAULT, answer.status_code)
        assert answer.status_code == 409 or any(name in answer.json()["message"] for name in our_fields(path))


@pytest.mark.parametrize("path", [path for method, path in OPERATIONS if method == "delete"])
def test_what_is_deleted_is_gone(running, path):
    world = make_world(running)
    if not path.endswith("Tasks/{Sid}"):
        world.client.delete(f"{world.root}/Tasks/{world.sids['Tasks']}")
    if "TaskQueues" in path:
        world.client.delete(f"{world.root}/Workflows/{world.sids['Workflows']}")
    address = world.address(path)

    first, second = world.client.delete(address), world.client.delete(address)

    assert (first.status_code, second.status_code) == (204, 404)
    assert world.get(address).status_code == 404


@pytest.mark.parametrize("collection", ["TaskQueues", "Workflows"])
def test_what_unfinished_tasks_go_by_cannot_be_deleted(world, collection):
    answer = world.client.delete(f"{world.root}/{collection}/{world.sids[collection]}")

    assert (answer.status_code, set(answer.json())) == (409, FAULT)
