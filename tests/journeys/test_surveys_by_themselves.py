"""Surveys that send themselves, on the real pipeline: after a restart, after an erasure, and again from zero."""

import json
from datetime import timedelta
from uuid import UUID

import pytest

from journeys.test_from_message_to_answer import do, house, rows
from rapport.app.erasing import erasing
from rapport.app.stages import VIEWS
from rapport.ledger.rebuild import rebuild
from rapport.ledger.views import TABLES
from rapport.measures.columns import NEVER
from rapport.measures.following import Following
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Incoming, Reach

pytestmark = pytest.mark.anyio
__all__ = ["house"]
CHAT = Account("chat", "webchat")
CANARY = "canario-7731"


async def ended(house, name=CANARY, **survey):
    """A chat that ana answered and ended; its conversation."""
    after = json.dumps({"id": "after", "hours": {}, **survey}).encode()
    await house.intake.set_things(house.tenant, [("survey", "after", after)])
    said = Incoming("m1", f"webchat:{name}", "El wifi no funciona", Reach.PRIVATE, house.clock.now(), name=name)
    await house.intake.hear(house.tenant, CHAT, ChannelKind.CHAT, [said])
    await house.settle()
    [offer] = [one for one in (await rows(house))["offer"] if one["state"] == "open"]
    conversation = bytes.fromhex(offer["conversation"].replace("-", ""))
    id = bytes.fromhex(offer["id"].replace("-", ""))
    assert (await do(house, offer["agent"], "accept", offer=id)).ok
    assert (await do(house, offer["agent"], "reply", conversation=conversation, text="Vamos.", reach="private")).ok
    assert (await do(house, offer["agent"], "wrap_up", conversation=conversation, argument="solved")).ok
    return conversation


async def an_hour_later(house):
    house.clock.move(timedelta(minutes=61))
    await house.settle()


async def test_a_worker_that_starts_anew_asks_once_and_a_rebuild_says_the_same(house):
    await ended(house)
    house.advance.tenants.clear()  # what a restart leaves: the tables alone
    await house.advance.lease(house.tenant)
    await an_hour_later(house)
    kept = await rows(house)
    async with house.within(house.tenant) as db:
        await rebuild(db, house.house.keys, house.tenant, VIEWS, house.clock)
    rebuilt = await rows(house)
    await an_hour_later(house)

    asked = [one for one in kept["outgoing"] if "/survey/" in one["text"]]
    assert [one["state"] for one in asked] == ["sent"]
    assert len(kept["asked"]) == 1
    assert {name: rebuilt[name] for name in TABLES if rebuilt[name] != kept[name]} == {}
    assert len((await rows(house))["outgoing"]) == len(kept["outgoing"])


async def test_who_was_erased_before_the_hour_is_over_is_not_asked_and_nothing_names_them(house):
    conversation = await ended(house)
    [person] = [one["person"] for one in (await rows(house))["conversation"]]
    before = len((await rows(house))["outgoing"])

    await erasing(house.house)(house.tenant, bytes.fromhex(person.replace("-", "")), "sue")
    house.advance.tenants.clear()  # an erasure takes the lease away, so that no worker keeps anything in memory
    await house.advance.lease(house.tenant)
    await an_hour_later(house)
    found = await rows(house)

    assert conversation.hex() in {one["id"].replace("-", "") for one in found["conversation"]}
    assert len(found["outgoing"]) == before
    assert found["asked"] == []
    assert {name: row for name in found for row in found[name] if CANARY in json.dumps(row)} == {}


async def test_what_is_written_back_is_an_answer_after_a_restart_too_and_counts_in_the_measures(house):
    conversation = await ended(house, question="recommends")
    await an_hour_later(house)
    house.advance.tenants.clear()
    await house.advance.lease(house.tenant)
    said = Incoming("m2", f"webchat:{CANARY}", "un 9, gracias", Reach.PRIVATE, house.clock.now(), name=CANARY)
    await house.intake.hear(house.tenant, CHAT, ChannelKind.CHAT, [said])
    await house.settle()
    kept = await rows(house)
    async with house.within(house.tenant) as db:
        await rebuild(db, house.house.keys, house.tenant, VIEWS, house.clock)
        measured = await Following().catch_up(db, house.tenant)
    rebuilt = await rows(house)

    assert [(one["state"], one["messages"]) for one in kept["conversation"]] == [("resolved", 4)]
    assert [one["conversation"] for one in kept["message"] if one["text"] == "un 9, gracias"] == [str(UUID(bytes=conversation))]
    assert kept["asked_here"] == kept["need"] == []
    assert (measured.talks["recommends"].tolist(), measured.talks["satisfied"].tolist()) == ([9], [NEVER])
    assert {name: rebuilt[name] for name in TABLES if rebuilt[name] != kept[name]} == {}
