"""Approvers who are not at their desk: who is told, who is left in peace, and that each is told once."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from rapport.access.logins import add_login, change_login
from rapport.clock import FakeClock
from rapport.conversations.stage import stage as conversations
from rapport.errors import Unavailable
from rapport.ledger.tables import write_rows
from rapport.model.agent import Agent, AgentNow, Presence
from rapport.model.fact import ActionDone, ActionRefused, ApproverTold
from rapport.model.message import Reach
from rapport.model.reply import Draft, DraftState, Seen, Tier
from rapport.people.stage import stage as people
from rapport.pipeline.calls import Calls
from rapport.replies.calling import MOST_AT_ONCE, Around, asked_by, chosen, claim_calls, mark_told
from rapport.replies.stage import stage
from replies.test_check import find
from replies.test_replies_stage import fit
from replies.test_tiers import draft_of, held as held, policy
from stagework import START as NOW, Stagework, an_id

SMS = {"offers_to": "sms:+525512345678"}


@pytest.fixture
def work() -> Stagework:
    work = Stagework(people(), conversations(), stage(fit, find))
    work.agents(Agent("bob", team="it"), Agent("eva", role="approver"), Agent("sue", role="supervisor"))
    return work


def a_draft(*tiers, **fields) -> Draft:
    made = {"id": an_id("d"), "conversation": an_id("c"), "agent": "bob", "at": NOW, "reach": Reach.PUBLIC} | fields
    return Draft(state=DraftState.ASKED, tiers=tiers, **made)


def around(id, *, here=False, presence=Presence.AVAILABLE, attributes=SMS, role="approver", **fields) -> Around:
    return Around(Agent(id, role=role, attributes=attributes, **fields), here, presence)


def told(draft, *people, after=0.0):
    return [agent.id for agent in chosen(draft, people, NOW + timedelta(seconds=after))]


def test_who_is_at_the_desk_has_two_minutes_before_others_are_told():
    here, away = around("eva", here=True), around("sue")

    assert told(a_draft(), here, away) == []
    assert told(a_draft(), here, away, after=120) == ["sue"]
    assert told(a_draft(), away) == ["sue"]


def test_told_are_those_who_may_give_the_tier_and_are_at_work_the_free_ones_first():
    crowd = (
        around("away", presence=Presence.AWAY), around("busy", presence=Presence.BUSY), around("free"),
        around("off", presence=Presence.OFFLINE), around("agent", role="agent"), around("mute", attributes={}),
        around("bob", role="supervisor"), around("free-2"),
    )  # fmt: skip

    assert told(a_draft(), *crowd) == ["free", "free-2", "busy"]
    assert told(a_draft(Tier(agents=("away",))), *crowd) == ["away"]
    assert told(a_draft(seen=(Seen("free", NOW, 0),)), *crowd) == ["free-2", "busy", "away"]


def test_who_is_asked_instead_is_told_anew():
    first, instead = a_draft(Tier(roles=("approver",))), a_draft(Tier(agents=("sue",)))

    assert asked_by(first) != asked_by(instead)


def test_that_an_approver_was_told_is_on_record_while_the_draft_waits(work, held):
    policy(work)
    draft = draft_of(work, held)

    assert isinstance(work.act("eva", "tell_approver", draft=draft.id, conversation=held.id, argument="sms"), ActionDone)
    assert work.all(ApproverTold) == [ApproverTold(draft.id, held.id, "eva", "sms")]
    work.act("eva", "approve", draft=draft.id)
    assert isinstance(work.act("sue", "tell_approver", draft=draft.id), ActionRefused)


@pytest.mark.anyio
async def test_each_approver_is_given_once_though_two_workers_look(store, tenant):
    body = msgspec.json.encode(Agent("eva", role="approver", attributes=SMS))
    draft = a_draft(id=an_id("told once"))
    async with store.within(tenant) as db:
        await db.execute("insert into thing(tenant, id, body, at) values ($1, 'agent/eva', $2, $3)", tenant, body, NOW)
        await write_rows(db, tenant, {Draft: {draft.id: draft}, AgentNow: {"eva": AgentNow("eva", Presence.AWAY)}})
    given = []
    for _ in range(2):
        async with store.within(tenant) as db:
            given.append([one.agent.id for one in await claim_calls(db, tenant, NOW)])

    assert given == [["eva"], []]


async def seat(db, tenant, *people, drafts=()):
    for id in people:
        body = msgspec.json.encode(Agent(id, role="approver", attributes=SMS))
        await db.execute("insert into thing(tenant, id, body, at) values ($1, $2, $3, $4)", tenant, f"agent/{id}", body, NOW)
    present = {id: AgentNow(id, Presence.AVAILABLE) for id in people}
    await write_rows(db, tenant, {Draft: {draft.id: draft for draft in drafts}, AgentNow: present})


@pytest.mark.anyio
async def test_who_could_not_be_told_silences_nobody_and_is_tried_again_later(store, tenant):
    crowd, draft = ("ann", "ben", "cat", "dan"), a_draft(Tier(roles=("approver",), teams=("it", "front")), id=an_id("lost"))
    given = []
    async with store.within(tenant) as db:
        await seat(db, tenant, *crowd, drafts=[draft])
        for minutes in (0, 0.5, 2, 6):
            found = await claim_calls(db, tenant, NOW + timedelta(minutes=minutes))
            given.append([one.agent.id for one in found])
        await mark_told(db, tenant, found[0], NOW)
        again = await claim_calls(db, tenant, NOW + timedelta(hours=1))

    assert given == [["ann", "ben", "cat"], [], ["dan"], ["ann", "ben", "cat"]]
    assert (again, found[0].asked) == ([], asked_by(draft))


@pytest.mark.anyio
async def test_many_drafts_that_were_told_keep_no_new_one_back(store, tenant):
    tier = Tier(roles=("approver",), agents=("ann",))
    old = [a_draft(tier, id=an_id(f"old {nth}"), at=NOW - timedelta(hours=1)) for nth in range(MOST_AT_ONCE)]
    async with store.within(tenant) as db:
        await seat(db, tenant, "ann", drafts=old)
        for one in await claim_calls(db, tenant, NOW):
            await mark_told(db, tenant, one, NOW)
        await write_rows(db, tenant, {Draft: {an_id("new"): a_draft(id=an_id("new"))}})
        found = await claim_calls(db, tenant, NOW)

    assert [one.draft for one in found] == [an_id("new")]


@pytest.mark.anyio
async def test_who_may_not_log_in_any_more_or_only_as_an_agent_is_not_told(store, tenant):
    for id, role in (("ann", "approver"), ("ben", "agent"), ("cat", "supervisor")):
        await add_login(store, tenant, id, email=f"{id}@hotel.example", name=id, role=role)
    await change_login(store, tenant, "ann", disabled=NOW)
    async with store.within(tenant) as db:
        await seat(db, tenant, "ann", "ben", "cat", drafts=[a_draft(id=an_id("asked of few"))])
        found = await claim_calls(db, tenant, NOW)

    assert [one.agent.id for one in found] == ["cat"]


@pytest.mark.anyio
async def test_a_call_that_crashes_or_hangs_holds_up_no_other_and_only_who_was_told_is_on_record(store, tenant):
    begun, recorded = asyncio.Barrier(3), []

    async def call(tenant, one):
        await begun.wait()
        if one.agent.id == "ann":
            raise Unavailable("away")
        return "" if one.agent.id == "ben" else "sms"

    class Intake:
        async def act(self, tenant, agent, do, **named):
            recorded.append((agent, do))

    async with store.within(tenant) as db:
        await seat(db, tenant, "ann", "ben", "cat", drafts=[a_draft(id=an_id("three at once"))])
    told = await Calls(store.within, FakeClock(NOW), Intake(), call).round(tenant)
    async with store.within(tenant, readonly=True) as db:
        sent = await db.fetch("select agent from approver_told where tenant = $1 and sent_at is not null", tenant)

    assert (told, recorded, [row[0] for row in sent]) == (1, [("cat", "tell_approver")], ["cat"])
