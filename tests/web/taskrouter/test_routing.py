"""A workflow's JSON becomes plans: the first filter first, its targets as steps, the default queue for the rest."""

import json

import pytest

from rapport.errors import BadInput
from rapport.matching.plan import plan_for
from rapport.model.centre import Centre
from rapport.web.taskrouter.routing import Asks, plans_of, read_configuration

QUEUES = {"WQ1": Asks('worker["worker.level"] > 1', 3), "WQ2": Asks("1==1")}
FILTERS = [
    {
        "expression": "type == 'wifi'",
        "targets": [{"queue": "WQ1", "timeout": 30}, {"queue": "WQ2", "skip_if": "workers.available == 0"}],
    },
    {"expression": "type IN ['wifi', 'tv']", "targets": [{"queue": "WQ2"}, {"queue": "WQ1"}]},
]


def planned(filters=FILTERS, default=None, **levels):
    routing = {"filters": filters} | ({"default_filter": {"queue": default}} if default else {})
    return plans_of("WW1", "WS1", read_configuration(json.dumps({"task_routing": routing}), QUEUES), QUEUES, 45, **levels)


def chosen(task, found):
    """The id of the plan that the house gives a task."""
    need = {"person": {"taskrouter.workflow": "WW1"} | {f"task.{name}": value for name, value in task.items()}}
    return plan_for(Centre(plans={one.plan.id: one.plan for one in found}), need).id


def test_the_first_filter_that_matches_is_followed():
    found = planned(default="WQ2")

    assert [chosen({"type": type}, found) for type in ("wifi", "tv", "other")] == ["WW1-000", "WW1-001", "WW1-rest"]


def test_targets_are_steps_that_last_their_time_and_end_in_the_default_queue():
    [first, second, rest] = planned(default="WQ2")

    assert [(step.seconds, step.skip_if_nobody) for step in first.plan.steps] == [(30, False), (0, True), (0, False)]
    assert (first.queues, second.queues, rest.queues) == (("WQ1", "WQ2", "WQ2"), ("WQ2",), ("WQ2",))
    assert {one.plan.offer_seconds for one in (first, second, rest)} == {45}


def test_a_step_asks_for_workers_of_the_workspace_who_are_in_the_queue():
    require = planned()[0].plan.steps[0].require

    assert require == 'worker["worker.workspace_sid"] == \'WS1\' and (worker["worker.level"] > 1)'


def test_a_target_that_is_always_skipped_is_left_at_once():
    [first, _] = planned([{"expression": "1==1", "targets": [{"queue": "WQ1", "skip_if": "1 == 1"}, {"queue": "WQ2"}]}])

    assert [step.seconds for step in first.plan.steps] == [1, 0]


def test_a_task_is_put_to_as_many_at_once_as_its_queues_say():
    assert [one.plan.offers for one in planned(default="WQ2")] == [3, 1, 1]


def test_an_order_is_a_preference_for_each_number_that_is_reached():
    target = {"queue": "WQ2", "order_by": "worker.level DESC, calls"}
    [first, _] = planned(
        [{"expression": "1==1", "targets": [target]}], levels={"worker.level": {1.0, 3.0}, "worker.calls": {7.0}}
    )

    assert first.plan.steps[0].prefer == {
        'worker["worker.level"] >= 1.0': 5, 'worker["worker.level"] >= 3.0': 5, 'worker["worker.calls"] <= 7.0': 0.5,
    }  # fmt: skip


def test_an_order_of_many_numbers_knows_a_few_of_them():
    target = {"queue": "WQ2", "order_by": "level ASC"}
    [first, _] = planned([{"expression": "1==1", "targets": [target]}], levels={"worker.level": set(map(float, range(1000)))})

    assert 4 <= len(first.plan.steps[0].prefer) <= 8


@pytest.mark.parametrize(
    ("configuration", "named"),
    [
        ("", "Configuration"),
        ("[]", "Configuration"),
        ('{"task_routing": 5}', "task_routing"),
        ('{"task_routing": {"filters": [{"expression": "1 ==", "targets": [{"queue": "WQ1"}]}]}}', "filters[0].expression"),
        ('{"task_routing": {"filters": [{"expression": "1==1", "targets": []}]}}', "filters[0].targets"),
        ('{"task_routing": {"filters": [{"expression": "1==1", "targets": [{"queue": "WQ9"}]}]}}', "WQ9"),
        ('{"task_routing": {"filters": [{"expression": "1==1", "targets": [{"queue": "WQ1", "timeout": -1}]}]}}', "timeout"),
        (
            '{"task_routing": {"filters": [{"expression": "1==1", "targets": [{"queue": "WQ1", "order_by": "a b c"}]}]}}',
            "order_by",
        ),
        ('{"task_routing": {"filters": [], "default_filter": {"queue": "WQ9"}}}', "default_filter"),
    ],
)
def test_a_configuration_that_cannot_be_followed_is_refused_with_its_place(configuration, named):
    with pytest.raises(BadInput) as wrong:
        read_configuration(configuration, QUEUES)

    assert named in str(wrong.value)
