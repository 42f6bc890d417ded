"""A week's work is sampled, reviewed twice without either knowing, read by its agent, appealed and answered; all on record."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from journeys.test_from_message_to_answer import an_agent, hear, house, rows
from rapport.app.erasing import erasing
from rapport.app.stages import VIEWS
from rapport.audit.about import seq_at
from rapport.centre.reading import body_of_thing
from rapport.ledger.read import head_of
from rapport.ledger.rebuild import rebuild
from rapport.measures.quality import reading
from rapport.measures.quality.candidates import draw_of
from rapport.measures.quality.sampling import periods
from rapport.model.agent import Agent
from rapport.model.review import SamplingPlan
from rapport.model.reviewed import review_id, sample_id, version_of
from rapport.people.export import export

pytestmark = pytest.mark.anyio
__all__ = ["house"]
BOTH = {"en": "Said hello?", "es": "¿Saludó?"}
CARD = {
    "id": "service", "title": BOTH,
    "sections": [{"id": "talk", "title": BOTH}],
    "questions": [
        {"id": "hello", "section": "talk", "text": BOTH},
        {"id": "clear", "section": "talk", "text": BOTH, "kind": "scale", "weight": 3.0},
        {"id": "leak", "section": "talk", "text": BOTH, "kind": "fatal"},
    ],
}  # fmt: skip
PLAN = {"id": "weekly", "scorecard": "service", "per_agent": 1, "twice": 1.0}
GOOD = {"hello": "yes", "clear": "5", "leak": "no"}
FAIR = {"hello": "no", "clear": "3", "leak": "no"}


async def set_up(house, plan=PLAN):
    things = [("scorecard", "service", json.dumps(CARD).encode()), ("sampling", "weekly", json.dumps(plan).encode())]
    agents = [an_agent("rita", {}, role="reviewer", presence="offline"), an_agent("raul", {}, presence="offline")]
    await house.intake.set_things(house.tenant, things + agents)
    await house.settle()


async def work(house, key="m1", who="guest"):
    """Somebody writes and is answered; who did it, and the conversation."""
    await hear(house, key, "El wifi de la habitación 512 se cae", who=who)
    [offer] = [o for o in (await rows(house))["offer"] if o["state"] == "open"]
    conversation = bytes.fromhex(offer["conversation"].replace("-", ""))
    await do(house, offer["agent"], "accept", offer=bytes.fromhex(offer["id"].replace("-", "")))
    await do(house, offer["agent"], "wrap_up", conversation=conversation, argument="solved")
    return offer["agent"], conversation


async def do(house, agent, what, **asked):
    action = await house.intake.act(house.tenant, agent, what, **asked)
    await house.settle()
    return await house.intake.outcome(house.tenant, action, timeout=0)


async def draw(house, by="sue", agents=("ana", "ben", "eva")):
    """Draw the last week; what became of it."""
    async with house.within(house.tenant) as db:
        body = await body_of_thing(db, house.tenant, "sampling", "weekly")
        plan = msgspec.json.decode(body, type=SamplingPlan)
        [period] = periods(plan.every, house.clock.now(), ZoneInfo("UTC"), datetime.min.replace(tzinfo=UTC), most=1)
        last = await seq_at(db, house.tenant, period[1], await head_of(db, house.tenant)) - 1
        found = await draw_of(
            db, house.tenant, plan, {name: Agent(name) for name in agents}, period,
            version=version_of(body), last=last, said_low=lambda conversation: False,
        )  # fmt: skip
    argument = f"{sample_id('weekly', *period).hex()} {msgspec.json.encode(found).decode()}"
    return await do(house, by, "draw_sample", argument=argument)


async def give(house, reviewer, item, answers, **more):
    said = msgspec.json.encode({"answers": answers}).decode()
    return await do(
        house, reviewer, "give_review", conversation=item.conversation, argument=f"{item.id.hex()} {said}", **more
    )  # fmt: skip


async def waiting(house, reviewer):
    async with house.within(house.tenant) as db:
        return await reading.waiting_for(db, house.tenant, reviewer)


async def a_drawn_week(house):
    """The one conversation that was drawn of a week, and whose it is."""
    await set_up(house)
    agent, _ = await work(house)
    house.clock.move(timedelta(days=7))
    assert (await draw(house)).ok
    [item] = await waiting(house, "rita")
    return agent, item


async def test_a_review_goes_from_the_draw_to_the_answer_of_an_appeal_and_the_record_says_it_again(house):
    agent, item = await a_drawn_week(house)

    first = await give(house, "rita", item, GOOD, text="Buen saludo.", values={"hello": "con su nombre"})
    async with house.within(house.tenant) as db:
        before = await reading.of_agent(db, house.tenant, agent)
    second = await give(house, "raul", item, FAIR)
    third = await give(house, "sue", item, GOOD)
    async with house.within(house.tenant) as db:
        own = await reading.of_agent(db, house.tenant, agent)
    review = next(one for one in own if one.reviewer == "raul").id
    named = {"conversation": item.conversation, "text": "Sí saludé."}
    assert (await do(house, agent, "see_review", argument=review.hex())).ok
    assert not (await do(house, "eva", "appeal", argument=review.hex(), **named)).ok
    assert (await do(house, agent, "appeal", argument=review.hex(), **named)).ok
    own_answer = await do(house, "raul", "answer_appeal", argument=f"{review.hex()} kept", **named)
    answered = await do(house, "sue", "answer_appeal", argument=f"{review.hex()} withdrawn", **named)
    again = await do(house, agent, "appeal", argument=review.hex(), **named)

    assert (first.ok, second.ok, third.ok, own_answer.ok, answered.ok, again.ok) == (True, True, False, False, True, False)
    assert before == []  # the agent reads nothing before both have given theirs
    kept = {r["reviewer"]: r for r in (await rows(house))["review"]}
    assert kept["rita"]["score"] == 100.0
    assert kept["raul"]["score"] == 37.5  # a quarter of nothing and three of half
    assert (kept["rita"]["coaching"], kept["rita"]["notes"]) == ("Buen saludo.", {"hello": "con su nombre"})
    assert (kept["raul"]["counts"], kept["raul"]["verdict"], kept["raul"]["appeal"]) == (False, "withdrawn", "Sí saludé.")
    all_before = await rows(house)
    async with house.within(house.tenant) as db:
        await rebuild(db, house.house.keys, house.tenant, VIEWS, house.clock)
    assert {name for name, found in (await rows(house)).items() if found != all_before[name]} == set()


async def test_nobody_reviews_themselves_twice_or_what_two_have_finished(house):
    agent, item = await a_drawn_week(house)

    assert await waiting(house, agent) == []
    assert not (await give(house, agent, item, GOOD)).ok
    assert (await give(house, "rita", item, GOOD)).ok
    assert not (await give(house, "rita", item, FAIR)).ok
    assert await waiting(house, "rita") == []
    assert [one.id for one in await waiting(house, "raul")] == [item.id]


async def test_two_reviewers_at_once_are_two_reviews_and_a_third_is_refused(house):
    _, item = await a_drawn_week(house)
    said = f"{item.id.hex()} {msgspec.json.encode({'answers': GOOD}).decode()}"

    acts = [
        await house.intake.act(house.tenant, who, "give_review", conversation=item.conversation, argument=said)
        for who in ("rita", "raul", "sue")
    ]  # in one round of the worker
    await house.settle()
    outcomes = [await house.intake.outcome(house.tenant, act, timeout=0) for act in acts]

    assert sorted(one.ok for one in outcomes) == [False, True, True]
    assert len((await rows(house))["review"]) == 2


async def test_a_scorecard_that_changes_under_a_review_is_kept_as_it_was(house):
    _, item = await a_drawn_week(house)
    changed = CARD | {"questions": CARD["questions"][:1]}

    await house.intake.set_things(house.tenant, [("scorecard", "service", json.dumps(changed).encode())])
    await house.settle()
    short = await give(house, "rita", item, {"hello": "yes"})
    words = msgspec.json.encode({"answers": GOOD, "evidence": {"hello": ["zorzalino said so"]}}).decode()
    said = await do(
        house, "rita", "give_review", conversation=item.conversation, argument=f"{item.id.hex()} {words}"
    )  # fmt: skip
    whole = await give(house, "rita", item, GOOD)

    assert (short.ok, whole.ok) == (False, True)
    assert "'clear'" in short.reason
    assert "rests on messages" in said.reason  # words would stand in the open


async def test_a_period_is_drawn_once_and_never_by_a_plan_that_was_set_after_it(house):
    await set_up(house)
    await work(house)
    house.clock.move(timedelta(days=7))
    first, second = await draw(house), await draw(house, by="rita")
    house.clock.move(timedelta(days=7))
    await house.intake.set_things(house.tenant, [("sampling", "weekly", json.dumps(PLAN | {"per_agent": 2}).encode())])
    await house.settle()
    late = await draw(house)

    assert (first.ok, second.ok, late.ok) == (True, False, False)
    assert "drawn already" in second.reason
    assert "set after this period" in late.reason


async def test_an_agent_who_left_is_drawn_no_more_and_what_was_drawn_can_be_set_aside(house):
    agent, item = await a_drawn_week(house)
    house.clock.move(timedelta(hours=1))
    await work(house, "m2", "other")
    await house.intake.set_things(house.tenant, [], removed=[("agent", agent)])
    house.clock.move(timedelta(days=7))
    await house.settle()

    assert (await draw(house, agents=[name for name in ("ana", "ben", "eva") if name != agent])).ok
    others = [one for one in (await rows(house))["reviewable"] if one["id"].replace("-", "") != item.id.hex()]
    assert agent not in {one["agent"] for one in others}
    left = await do(house, "rita", "leave_review", conversation=item.conversation, argument=item.id.hex(), reason="se fue")
    assert left.ok
    assert item.id not in {one.id for one in await waiting(house, "raul")}


async def test_reviewers_of_a_session_see_it_closed_only_by_who_may_and_it_counts_for_nobody(house):
    await set_up(house)
    agent, conversation = await work(house)
    session = json.dumps({"scorecard": "service", "agent": agent})

    assert (await do(house, "sue", "calibrate", conversation=conversation, argument=session)).ok
    [item] = await waiting(house, "rita")
    for reviewer, answers in (("rita", GOOD), ("raul", FAIR), ("sue", GOOD)):
        assert (await give(house, reviewer, item, answers)).ok
    assert not (await do(house, "eva", "leave_review", conversation=conversation, argument=item.id.hex(), reason="no")).ok
    assert (await do(house, "sue", "close_calibration", argument=item.id.hex())).ok
    assert not (await give(house, "tom", item, GOOD)).ok

    async with house.within(house.tenant) as db:
        assert len(await reading.reviews_of(db, house.tenant, item.id)) == 3
        assert await reading.of_agent(db, house.tenant, agent) == []


async def test_what_was_given_before_it_was_set_aside_stands_and_is_appealed_and_answered_though_its_person_is_erased(house):
    agent, item = await a_drawn_week(house)
    review = review_id(item.id, "rita")
    named = {"conversation": item.conversation, "argument": item.id.hex(), "reason": "no se entiende"}
    assert (await give(house, "rita", item, FAIR)).ok
    own, others = await do(house, "rita", "leave_review", **named), await do(house, "raul", "leave_review", **named)
    async with house.within(house.tenant) as db:
        seen = await reading.of_agent(db, house.tenant, agent)
    appeal = {"conversation": item.conversation, "text": "Sí saludé."}
    appealed = await do(house, agent, "appeal", argument=review.hex(), **appeal)
    [person] = {bytes.fromhex(c["person"].replace("-", "")) for c in (await rows(house))["conversation"]}

    await erasing(house.house)(house.tenant, person, "ana")
    await house.advance.lease(house.tenant)
    await house.settle()
    answered = await do(house, "sue", "answer_appeal", argument=f"{review.hex()} withdrawn", **appeal)

    assert (own.ok, others.ok, appealed.ok, answered.ok) == (False, True, True, True)
    assert [one.id for one in seen] == [review]
    [kept] = (await rows(house))["review"]
    assert (kept["verdict"], kept["counts"], kept["answer"], kept["appeal"]) == ("withdrawn", False, "", "")


async def test_what_reviewers_wrote_is_erased_with_the_person_and_the_scores_stay(house):
    agent, item = await a_drawn_week(house)
    words = {"text": "zorzalino llamó enojado", "values": {"hello": "zorzalino"}}
    for reviewer in ("rita", "raul"):
        assert (await give(house, reviewer, item, GOOD, **words)).ok
    review = review_id(item.id, "rita")
    appeal = {"conversation": item.conversation, "text": "zorzalino mentía"}
    await do(house, agent, "appeal", argument=review.hex(), **appeal)
    await do(house, "sue", "answer_appeal", argument=f"{review.hex()} kept", **appeal)
    [person] = {bytes.fromhex(c["person"].replace("-", "")) for c in (await rows(house))["conversation"]}
    async with house.within(house.tenant) as db:
        told = await export(db, house.tenant, person, house.clock.now())
    assert [one.scorecard for one in told.reviewed] == ["service"]

    await erasing(house.house)(house.tenant, person, "ana")
    await house.advance.lease(house.tenant)
    await house.settle()
    cleared = await rows(house)
    async with house.within(house.tenant) as db:
        readable = await reading.is_readable(db, house.tenant, item.id)
        await rebuild(db, house.house.keys, house.tenant, VIEWS, house.clock)
    rebuilt = await rows(house)

    assert "zorzalino" not in json.dumps([cleared, rebuilt])
    assert not readable
    assert {r["score"] for r in cleared["review"]} == {100.0}
    assert [cleared[name] for name in ("review", "reviewable", "sample")] == [
        rebuilt[name] for name in ("review", "reviewable", "sample")
    ]
    assert await waiting(house, "tom") == []
