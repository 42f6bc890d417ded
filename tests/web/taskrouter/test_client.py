"""The vendor's own client, unmodified but for its address, drives whole days over the running house."""

import json
import time

import pytest

from web.taskrouter.harness import Running

rest = pytest.importorskip("twilio.rest", reason="the twilio client is not installed")


@pytest.fixture(params=["", "/taskrouter"], ids=["at the root", "below /taskrouter"])
def router(running: Running, request):
    client = rest.Client(running.account, running.token)
    client.taskrouter.base_url = running.url + request.param
    return client.taskrouter.v1


@pytest.fixture
def space(running: Running):
    """A fresh workspace with an activity `available`."""
    client = rest.Client(running.account, running.token)
    client.taskrouter.base_url = running.url
    workspace = client.taskrouter.v1.workspaces.create(friendly_name="Support")
    return client.taskrouter.v1.workspaces(workspace.sid)


def until(what, seconds=30.0):
    """What it gives as soon as it gives something."""
    end = time.monotonic() + seconds
    while not (found := what()) and time.monotonic() < end:
        time.sleep(0.02)
    assert found
    return found


def activity(space, name="Available"):
    return next(one.sid for one in space.activities.list() if one.friendly_name == name)


def a_worker(space, name, **attributes):
    return space.workers.create(name, attributes=json.dumps(attributes), activity_sid=activity(space))


def a_workflow(space, *filters, default=None, **more):
    routing = {"filters": list(filters)} | ({"default_filter": {"queue": default.sid}} if default else {})
    return space.workflows.create("routing", configuration=json.dumps({"task_routing": routing}), **more)


def a_task(space, **attributes):
    return space.tasks.create(attributes=json.dumps(attributes))


def offered(space, task):
    """The reservation of a task that waits for an answer."""
    return until(lambda: next(iter(space.tasks(task.sid).reservations.list(reservation_status="pending")), None))


def status(space, task):
    return space.tasks(task.sid).fetch().assignment_status


def test_a_task_goes_from_a_new_workspace_to_its_end(router):
    workspace = router.workspaces.create(friendly_name="Support")
    space = router.workspaces(workspace.sid)
    alice = a_worker(space, "alice", skills=["wifi"], level=3)
    a_worker(space, "bob", skills=["billing"])
    queue = space.task_queues.create("Wi-Fi", target_workers="skills HAS 'wifi'")
    workflow = a_workflow(space, {"expression": "type == 'wifi'", "targets": [{"queue": queue.sid}]})

    task = space.tasks.create(attributes=json.dumps({"type": "wifi", "room": 512}), workflow_sid=workflow.sid)
    reservation = offered(space, task)
    assert reservation.worker_sid == alice.sid
    assert status(space, task) == "reserved"

    accepted = space.tasks(task.sid).reservations(reservation.sid).update(reservation_status="accepted")
    assert accepted.reservation_status == "accepted"
    assert status(space, task) == "assigned"

    done = space.tasks(task.sid).reservations(reservation.sid).update(reservation_status="completed")
    assert done.reservation_status == "completed"
    ended = space.tasks(task.sid).fetch()
    assert (ended.assignment_status, ended.task_queue_sid, ended.workflow_sid) == ("completed", queue.sid, workflow.sid)
    assert json.loads(ended.attributes) == {"type": "wifi", "room": 512}


def test_every_path_answers_the_client(space):
    alice, queue = a_worker(space, "alice"), space.task_queues.create("all")
    workflow = a_workflow(space, default=queue)
    task = a_task(space, type="wifi")
    reservation = offered(space, task)
    worker = space.workers(alice.sid)
    channel = worker.worker_channels.list()[0]
    event = space.events.list(limit=1)[0]

    read = [
        space.fetch(),
        space.activities(activity(space)).fetch(),
        worker.fetch(),
        worker.worker_channels(channel.sid).fetch(),
        worker.reservations(reservation.sid).fetch(),
        space.task_channels("voice").fetch(),
        space.task_queues(queue.sid).fetch(),
        space.workflows(workflow.sid).fetch(),
        space.tasks(task.sid).fetch(),
        space.tasks(task.sid).reservations(reservation.sid).fetch(),
        space.events(event.sid).fetch(),
    ]
    lists = [
        space.activities, space.workers, worker.worker_channels, worker.reservations, space.task_channels,
        space.task_queues, space.workflows, space.tasks, space.tasks(task.sid).reservations, space.events,
    ]  # fmt: skip

    assert all(one.workspace_sid == space.fetch().sid for one in read[1:])
    assert all(one.list() for one in lists)


def test_what_is_changed_is_changed(space):
    alice, queue = a_worker(space, "alice"), space.task_queues.create("all")
    workflow, lunch = a_workflow(space, default=queue), space.activities.create("Lunch")
    letters = space.task_channels.create("Letters", "letters")
    task = a_task(space, type="wifi")

    assert space.update(friendly_name="Care").friendly_name == "Care"
    assert space.activities(lunch.sid).update(friendly_name="Break").friendly_name == "Break"
    assert space.workers(alice.sid).update(attributes='{"level": 4}').attributes == '{"level": 4}'
    assert space.workers(alice.sid).worker_channels("letters").update(capacity=4).configured_capacity == 4
    assert space.task_channels(letters.sid).update(friendly_name="Post").friendly_name == "Post"
    assert space.task_queues(queue.sid).update(target_workers="level > 3").target_workers == "level > 3"
    assert space.workflows(workflow.sid).update(task_reservation_timeout=60).task_reservation_timeout == 60
    assert space.tasks(task.sid).update(attributes='{"type": "bill"}', priority=5).priority == 5
    assert json.loads(space.tasks(task.sid).fetch().attributes) == {"type": "bill"}


def test_what_is_deleted_is_gone(space):
    alice, queue = a_worker(space, "alice"), space.task_queues.create("all")
    workflow, lunch = a_workflow(space, default=queue), space.activities.create("Lunch")
    letters, task = space.task_channels.create("Letters", "letters"), a_task(space)

    assert space.tasks(task.sid).delete()
    assert space.workflows(workflow.sid).delete()
    assert space.task_queues(queue.sid).delete()
    assert space.workers(alice.sid).delete()
    assert space.activities(lunch.sid).delete()
    assert space.task_channels(letters.sid).delete()
    assert [space.tasks.list(), space.workflows.list(), space.task_queues.list(), space.workers.list()] == [[]] * 4
    assert space.delete()


def test_who_rejects_is_passed_over_and_the_next_is_asked(space):
    workers = {a_worker(space, name).sid for name in ("alice", "bob")}
    a_workflow(space, default=space.task_queues.create("all"))
    task = a_task(space)

    first = offered(space, task)
    space.workers(first.worker_sid).reservations(first.sid).update(reservation_status="rejected")
    second = offered(space, task)

    assert {first.worker_sid, second.worker_sid} == workers
    assert space.tasks(task.sid).reservations(first.sid).fetch().reservation_status == "rejected"


def test_a_reservation_that_nobody_answers_times_out(space):
    a_worker(space, "alice")
    a_workflow(space, default=space.task_queues.create("all"), task_reservation_timeout=1)
    task = a_task(space)

    first = offered(space, task)
    lapsed = space.tasks(task.sid).reservations(first.sid)

    assert until(lambda: lapsed.fetch().reservation_status == "timeout")
    assert status(space, task) in ("pending", "reserved")


def test_nobody_has_more_tasks_of_a_channel_than_places(space):
    alice = a_worker(space, "alice")
    a_workflow(space, default=space.task_queues.create("all"))
    space.workers(alice.sid).worker_channels("chat").update(capacity=2)
    tasks = [space.tasks.create(task_channel="chat") for _ in range(3)]

    until(lambda: len(space.workers(alice.sid).reservations.list()) == 2)
    taken = space.workers(alice.sid).worker_channels("chat").fetch()

    assert (taken.assigned_tasks, taken.available_capacity_percentage) == (2, 0)
    assert sorted(status(space, task) for task in tasks) == ["pending", "reserved", "reserved"]


def test_the_first_filter_that_matches_sends_the_task_and_the_next_target_takes_over_in_time(space):
    far = a_worker(space, "near", level=5)
    space.workers(far.sid).update(activity_sid=activity(space, "Unavailable"))
    helper = a_worker(space, "helper", level=1)
    best = space.task_queues.create("best", target_workers="level >= 5")
    all_of_them = space.task_queues.create("all", target_workers="worker.level > 0")
    targets = [{"queue": best.sid, "timeout": 1}, {"queue": all_of_them.sid}]
    a_workflow(
        space, {"expression": "type IN ['wifi', 'phone']", "targets": targets},
        {"expression": "type == 'wifi'", "targets": [{"queue": best.sid}]},
    )  # fmt: skip

    task = a_task(space, type="wifi")
    assert (status(space, task), task.task_queue_sid) == ("pending", best.sid)
    reservation = offered(space, task)

    assert reservation.worker_sid == helper.sid
    assert space.tasks(task.sid).fetch().task_queue_sid == all_of_them.sid


def test_a_known_worker_is_asked_and_nobody_else(space):
    workers = [a_worker(space, name) for name in ("alice", "bob", "carol")]
    queue = space.task_queues.create("all")
    a_workflow(space, {"expression": "1==1", "targets": [{"queue": queue.sid, "known_worker_sid": "task.agent"}]})

    asked = [offered(space, a_task(space, agent=one.sid)).worker_sid for one in workers]

    assert asked == [one.sid for one in workers]


def test_a_task_that_no_filter_takes_is_canceled(space):
    a_worker(space, "alice")
    queue = space.task_queues.create("all")
    a_workflow(space, {"expression": "type == 'wifi'", "targets": [{"queue": queue.sid}]})

    task = a_task(space, type="other")

    assert (task.assignment_status, space.tasks(task.sid).reservations.list()) == ("canceled", [])


def test_workers_of_another_workspace_are_never_asked(router, space):
    elsewhere = router.workspaces(router.workspaces.create(friendly_name="Elsewhere").sid)
    a_worker(elsewhere, "mallory")
    a_workflow(space, default=space.task_queues.create("all"))

    task = a_task(space)
    time.sleep(0.3)

    assert (status(space, task), elsewhere.tasks.list()) == ("pending", [])


def test_a_task_waits_until_somebody_comes(space):
    alice = space.workers.create("alice")
    a_workflow(space, default=space.task_queues.create("all"))
    task = a_task(space)
    assert (alice.available, status(space, task)) == (False, "pending")

    space.workers(alice.sid).update(activity_sid=activity(space))

    assert offered(space, task).worker_sid == alice.sid
    assert space.workers(alice.sid).fetch().activity_name == "Available"


def test_a_worker_wraps_up_before_the_task_is_complete(space):
    alice = a_worker(space, "alice")
    a_workflow(space, default=space.task_queues.create("all"))
    task = a_task(space)
    mine = space.workers(alice.sid).reservations(offered(space, task).sid)

    seen = [mine.update(reservation_status=to).reservation_status for to in ("accepted", "wrapping")]

    assert (seen, status(space, task)) == (["accepted", "wrapping"], "wrapping")
    assert space.tasks(task.sid).update(assignment_status="completed", reason="done").assignment_status == "completed"
    assert (mine.fetch().reservation_status, space.tasks(task.sid).fetch().reason) == ("completed", "done")


def test_a_task_that_is_canceled_takes_its_reservation_back(space):
    a_worker(space, "alice")
    a_workflow(space, default=space.task_queues.create("all"))
    task = a_task(space)
    reservation = offered(space, task)

    assert space.tasks(task.sid).update(assignment_status="canceled", reason="left").assignment_status == "canceled"
    assert space.tasks(task.sid).reservations(reservation.sid).fetch().reservation_status == "canceled"


def test_a_task_that_waits_longer_than_its_time_is_canceled(space):
    a_workflow(space, default=space.task_queues.create("all"))

    task = space.tasks.create(timeout=1)

    assert until(lambda: status(space, task) == "canceled")


def test_the_more_important_task_goes_first(space):
    alice = space.workers.create("alice")
    a_workflow(space, default=space.task_queues.create("all"))
    space.tasks.create(priority=0)
    important = space.tasks.create(priority=50)

    space.workers(alice.sid).update(activity_sid=activity(space))

    [reservation] = until(space.workers(alice.sid).reservations.list)
    assert reservation.task_sid == important.sid


def test_two_who_accept_one_reservation_are_one_who_has_it(space):
    a_worker(space, "alice")
    a_workflow(space, default=space.task_queues.create("all"))
    task = a_task(space)
    reservation = space.tasks(task.sid).reservations(offered(space, task).sid)

    reservation.update(reservation_status="accepted")
    with pytest.raises(Exception, match="cannot follow|accepted already"):
        reservation.update(reservation_status="rejected")

    assert status(space, task) == "assigned"


def test_a_change_to_another_version_than_was_read_is_refused(space):
    alice = a_worker(space, "alice")

    with pytest.raises(Exception, match="If-Match") as refused:
        space.workers(alice.sid).update(friendly_name="eve", if_match='"0"')

    assert refused.value.status == 412


def test_a_list_is_read_page_by_page(space):
    for number in range(7):
        space.task_queues.create(f"queue {number}")

    pages = [[one.friendly_name for one in space.task_queues.list(page_size=size)] for size in (2, 3, 50)]

    assert pages[0] == pages[1] == pages[2] == [f"queue {number}" for number in reversed(range(7))]


def test_workers_are_found_by_what_they_are(space):
    alice, bob = a_worker(space, "alice", level=3), a_worker(space, "bob", level=1)
    queue = space.task_queues.create("high", target_workers="level > 2")

    assert [one.sid for one in space.workers.list(target_workers_expression="level < 2")] == [bob.sid]
    assert [one.sid for one in space.workers.list(task_queue_sid=queue.sid)] == [alice.sid]
    assert [one.sid for one in space.workers.list(friendly_name="bob", available="true")] == [bob.sid]
    assert space.workers.list(activity_name="Offline") == []


def test_tasks_are_found_by_what_they_are(space):
    a_workflow(space, default=space.task_queues.create("all"))
    wifi, bill = a_task(space, type="wifi", room=5), a_task(space, type="bill")

    assert [one.sid for one in space.tasks.list(evaluate_task_attributes="type == 'wifi' AND room > 4")] == [wifi.sid]
    assert [one.sid for one in space.tasks.list(assignment_status=["pending"])] == [bill.sid, wifi.sid]
    assert space.tasks.list(assignment_status=["completed"]) == []


def test_what_happened_can_be_read_as_events(space):
    alice = a_worker(space, "alice")
    a_workflow(space, default=space.task_queues.create("all"))
    task = a_task(space)
    space.tasks(task.sid).reservations(offered(space, task).sid).update(reservation_status="accepted")
    space.tasks(task.sid).update(assignment_status="completed")

    of_task = [one.event_type for one in reversed(space.events.list(task_sid=task.sid))]
    everything = {one.event_type for one in space.events.list()}

    assert [one for one in of_task if one.startswith(("task.", "reservation."))] == [
        "task.created", "reservation.created", "reservation.accepted", "reservation.completed", "task.completed",
    ]  # fmt: skip
    assert {"workspace.created", "worker.created", "workflow.created", "task-queue.created"} <= everything
    assert {one.event_type for one in space.events.list(worker_sid=alice.sid)} >= {"reservation.created"}


def test_a_task_may_name_its_queue_or_its_worker_itself(space):
    alice, bob = a_worker(space, "alice", level=1), a_worker(space, "bob", level=2)
    high = space.task_queues.create("high", target_workers="level > 1")

    to_worker = space.tasks.create(routing_target=alice.sid)
    to_queue = space.tasks.create(task_queue_sid=high.sid)

    assert [offered(space, task).worker_sid for task in (to_worker, to_queue)] == [alice.sid, bob.sid]
    assert space.tasks(to_queue.sid).fetch().task_queue_sid == high.sid


def test_a_workspace_that_is_deleted_cancels_its_tasks_and_nobody_gets_them(running: Running, space):
    a_workflow(space, default=space.task_queues.create("all"))
    task = a_task(space)

    space.delete()

    async def state():
        async with running.house.within(running.tenant) as db:
            query = "select state, disposition from conversation where tenant = $1 and id = $2"
            return tuple(await db.fetchrow(query, running.tenant, bytes.fromhex(task.sid[2:])))

    assert running.run(state()) == ("resolved", "canceled")


def test_a_worker_who_becomes_unavailable_keeps_what_they_accepted(space):
    alice = a_worker(space, "alice")
    a_workflow(space, default=space.task_queues.create("all"))
    task = a_task(space)
    space.tasks(task.sid).reservations(offered(space, task).sid).update(reservation_status="accepted")

    space.workers(alice.sid).update(activity_sid=activity(space, "Offline"))

    assert (status(space, task), space.workers(alice.sid).fetch().activity_name) == ("assigned", "Offline")


def test_the_worker_who_is_first_in_the_order_is_asked_first(space):
    for name, level in (("alice", 1), ("bob", 9), ("carol", 5)):
        a_worker(space, name, level=level)
    queue = space.task_queues.create("all")
    a_workflow(space, {"expression": "1==1", "targets": [{"queue": queue.sid, "order_by": "worker.level DESC"}]})

    asked = [offered(space, a_task(space)).worker_name for _ in range(3)]

    assert asked == ["bob", "carol", "alice"]


def test_of_several_who_are_asked_at_once_the_first_has_it_and_the_others_are_released(space):
    workers = [a_worker(space, name) for name in ("alice", "bob", "carol")]
    a_workflow(space, default=space.task_queues.create("all", max_reserved_workers=2))
    task = a_task(space)
    first, second = until(lambda: len(found := space.tasks(task.sid).reservations.list()) == 2 and found)

    space.tasks(task.sid).reservations(first.sid).update(reservation_status="accepted")

    assert {first.worker_sid, second.worker_sid} < {one.sid for one in workers}
    assert space.tasks(task.sid).reservations(second.sid).fetch().reservation_status == "rescinded"
    assert status(space, task) == "assigned"


def test_a_task_that_says_something_else_is_routed_anew(space):
    wifi = a_worker(space, "alice", skill="wifi")
    queue = space.task_queues.create("wifi", target_workers="skill == 'wifi'")
    nobody = space.task_queues.create("nobody", target_workers="skill == 'nothing'")
    a_workflow(space, {"expression": "type == 'wifi'", "targets": [{"queue": queue.sid}]}, default=nobody)
    task = a_task(space, type="other")
    assert status(space, task) == "pending"

    space.tasks(task.sid).update(attributes='{"type": "wifi"}')

    assert offered(space, task).worker_sid == wifi.sid


def test_a_workflow_that_changes_routes_anew_what_waits_when_it_is_asked_to(space):
    alice = a_worker(space, "alice")
    empty, full = (space.task_queues.create(name, target_workers=rule) for name, rule in (("no", "1==2"), ("all", "1==1")))
    workflow = a_workflow(space, default=empty)
    task = a_task(space)
    assert status(space, task) == "pending"

    routing = {"task_routing": {"filters": [], "default_filter": {"queue": full.sid}}}
    space.workflows(workflow.sid).update(configuration=json.dumps(routing), re_evaluate_tasks="true")

    assert offered(space, task).worker_sid == alice.sid
