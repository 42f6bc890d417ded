"""A playbook, a rule, a target and a bot in one house: what they do is on record, and the record gives the same rows again."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from journeys.test_from_message_to_answer import do, rows
from rapport.app.rehearsing import rehearsal_house
from rapport.app.stages import VIEWS
from rapport.clock import FakeClock
from rapport.conversations.rules.trying import tried
from rapport.ledger.rebuild import rebuild
from rapport.ledger.views import TABLES
from rapport.matching.conditions import holds
from rapport.model.agent import Agent, Presence
from rapport.model.bot import Bot
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Incoming, Reach
from rapport.model.playbook import Deed, Field, Playbook, PlaybookStep, Rule
from rapport.model.target import Target
from rapport.settings import Settings

pytestmark = pytest.mark.anyio
START = datetime(2026, 3, 3, 16, tzinfo=UTC)
CHAT = Account("chat", "webchat")
THINGS = [
    ("agent", Agent("robi", bot=True, presence=Presence.AVAILABLE, slots={"chat": 9}, attributes={"languages": ["es"]})),
    ("agent", Agent("ana", presence=Presence.AVAILABLE, slots={"chat": 9}, attributes={"languages": ["es"]})),
    ("bot", Bot("robi", flow="order")),
    (
        "playbook",
        Playbook(
            "order",
            (
                PlaybookStep(
                    {}, True, "order", (Field("order", type="number", required=True),),
                    (Deed("reply", text={"es": "¿Cuál es su pedido?"}), Deed("task", text={"es": "Buscar {order}"})),
                ),
            ),
        ),
    ),
    ("rule", Rule("late", ("near", "missed"), (Deed("label", "late"),), enabled=True)),
    ("rule", Rule("idea", ("opened",), (Deed("label", "new"),), "kind == 'chat'")),
    ("target", Target("chat", first="10m", resolution="2h")),
]  # fmt: skip


@pytest.fixture
async def house(database_url):
    """A house with all four, after an hour in which somebody wrote twice."""
    async with rehearsal_house(Settings(), database_url) as open_one, open_one("itself", FakeClock(START)) as house:
        await house.intake.set_things(house.tenant, [(kind, one.id, msgspec.json.encode(one)) for kind, one in THINGS])
        await house.settle()
        for key, text in (("m1", "¿Dónde está mi paquete?"), ("m2", "Es el 4471")):
            incoming = Incoming(key, "webchat:uno", text, Reach.PRIVATE, house.clock.now(), name="Uno")
            await house.intake.hear(house.tenant, CHAT, ChannelKind.CHAT, [incoming])
            await house.settle()
            house.clock.move(timedelta(minutes=1))
        for _ in range(6):
            house.clock.move(timedelta(minutes=10))
            await house.settle()
        yield house


async def test_each_did_its_own_and_the_rebuilt_rows_are_the_same(house):
    kept = await rows(house)
    (conversation,) = kept["conversation"]
    (task,) = kept["task"]
    id = bytes.fromhex(conversation["id"].replace("-", ""))
    assert (await do(house, "ana", "do_task", conversation=id, argument=task["id"].replace("-", ""))).ok
    kept = await rows(house)

    async with house.within(house.tenant) as db:
        await rebuild(db, house.house.keys, house.tenant, VIEWS, house.clock)

    rebuilt = await rows(house)
    assert {name: (kept[name], rebuilt[name]) for name in TABLES if rebuilt[name] != kept[name]} == {}
    assert (task["text"], kept["run"][0]["values"], kept["service"][0]["late"]) == ("Buscar 4471", {"order": 4471.0}, True)
    assert [edition["id"] for edition in kept["edition"]] == ["playbook/order@1", "rule/idea@1", "rule/late@1"]
    assert "late" in conversation["labels"]
    assert not conversation["bot"]


async def test_a_rule_is_tried_on_the_record_and_nothing_is_written(house):
    rule = next(one for _, one in THINGS if one.id == "idea")
    before = await rows(house)

    async with house.within(house.tenant) as db:
        trial = await tried(db, house.house.keys, house.tenant, VIEWS, rule, holds, house.clock.now())

    assert (trial.events, trial.fired, trial.hits[0].says, trial.cut) == (1, 1, (("label", "new"),), False)
    assert await rows(house) == before
