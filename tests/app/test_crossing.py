"""The way between two centres: what crosses the wall, and that nobody else's agreement, name or number opens it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from rapport.app.crossing import CrossingChannel, Crossings
from rapport.channels.channel import Op, Part
from rapport.clock import FakeClock
from rapport.errors import Refused
from rapport.ledger.tables import write_rows
from rapport.ledger.tenants import make_tenant
from rapport.model.agreement import CROSSING, Agreement
from rapport.model.centre import Thing
from rapport.model.ids import derived_id
from rapport.model.message import Reach
from rapport.model.reply import Outgoing

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 3, 3, 16, tzinfo=UTC)
CARRIED = {"words": "My line is down", "note": "angry", "intent": "internet", "name": "Marta", "reference": {"order": "R-1"}}
FIELDS = ("words", "intent", "reference")


@dataclass
class Told:
    """Keeps what it is told."""

    heard: list[tuple[int, str, Any]] = field(default_factory=list)
    events: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)
    acts: list[tuple[int, str, str, dict[str, Any]]] = field(default_factory=list)

    async def hear(self, tenant, account, kind, messages, position=None):
        self.heard += [(tenant, account.id, message) for message in messages]
        return [True]

    async def event(self, tenant, handle, kind, source, source_id, at, data):
        self.events.append((tenant, handle, data))
        return True

    async def act(self, tenant, agent, do, **asked):
        self.acts.append((tenant, agent, do, asked))
        return bytes(16)


def id_of(tenant: int) -> bytes:
    return derived_id(bytes(16), "crossing", tenant)


@pytest.fixture
async def way(store, tenant):
    """Three centres in one database: agency and telco agreed, other has an agreement of the same name with the agency."""
    names = {"agency": tenant, "telco": tenant + 500_000, "other": tenant + 500_001}
    said = {
        "agency": Agreement("second", "telco", gives=True, fields=("words", "intent", "note", "reference")),
        "telco": Agreement("second", "agency", takes=True, fields=(*FIELDS, "name")),
        "other": Agreement("second", "agency", gives=True, takes=True, fields=(*FIELDS, "name", "note")),
    }
    for name, number in names.items():
        part = Outgoing(
            id_of(number), id_of(number), id_of(number), "second", CROSSING, Reach.PRIVATE, NOW, op="cross", target="second"
        )
        async with store.within(number) as db:
            await make_tenant(db, number, f"{name}-{number}")
            thing = Thing("agreement/second", msgspec.json.encode(said[name]), NOW)
            await write_rows(db, number, {Thing: {thing.id: thing}, Outgoing: {part.id: part}})

    async def directory():
        return names

    return Crossings(None, Told(), store.within, FakeClock(NOW), directory), names


async def cross(way, names, sender):
    text = msgspec.json.encode({"fields": CARRIED}).decode()
    await CrossingChannel(way, names[sender], "second").moderate(Op.CROSS, "second", text, id_of(names[sender]).hex())


async def test_what_both_sides_name_crosses_and_nothing_else(way):
    crossings, names = way
    await cross(crossings, names, "agency")

    ((tenant, account, message),) = crossings.intake.heard
    assert (tenant, account, message.key) == (names["telco"], "second", id_of(names["agency"]).hex())
    assert (message.text, message.name, message.handle) == ("My line is down", "", f"crossing:{message.key}")
    assert crossings.intake.events[0][2] == {"intent": "internet", "order": "R-1"}
    assert not {"angry", "Marta"} & set(str(crossings.intake).replace("'", " ").split())


async def test_an_answer_goes_back_to_the_conversation_that_it_came_from(way):
    crossings, names = way
    part = Part("Port 14 was down", "", Reach.PRIVATE, thread=id_of(names["agency"]).hex())
    await CrossingChannel(crossings, names["telco"], "second").deliver(part, "once")

    ((tenant, agent, do, asked),) = crossings.intake.acts
    assert (tenant, agent, do) == (names["agency"], "agreement:second", "answer_back")
    assert (asked["outgoing"], asked["text"], asked["once"]) == (id_of(names["agency"]), "Port 14 was down", "once")


@pytest.mark.parametrize("sender", ["telco", "other"])
async def test_a_centre_with_which_nothing_was_agreed_can_hand_nothing_over(way, sender):
    crossings, names = way

    with pytest.raises(Refused):
        await cross(crossings, names, sender)
    assert crossings.intake == Told()


@pytest.mark.parametrize(
    ("sender", "crossing"), [("other", "agency"), ("agency", "agency"), ("telco", "telco"), ("telco", "other")]
)
async def test_an_answer_of_a_swapped_tenant_or_under_a_strange_number_goes_nowhere(way, sender, crossing):
    crossings, names = way
    part = Part("hello", "", Reach.PRIVATE, thread=id_of(names[crossing]).hex())

    with pytest.raises(Refused):
        await CrossingChannel(crossings, names[sender], "second").deliver(part, "once")
    assert crossings.intake == Told()
