"""Decisions and their outcomes are read back from the record, a model is taught and judged, and serves or does not."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from journeys.test_from_message_to_answer import an_agent, do, hear, rows
from matching.test_teaching import UNLIKE, a_log
from matching.test_valuing import a_model
from rapport.app.learning import Wish, learn_in
from rapport.app.rehearsing import rehearsal_house
from rapport.app.stages import VIEWS
from rapport.clock import FakeClock
from rapport.errors import NotFound
from rapport.ledger.rebuild import rebuild
from rapport.ledger.tables import write_rows
from rapport.ledger.views import TABLES
from rapport.matching.outcomes import decisions_of
from rapport.matching.replaying import logged_needs
from rapport.matching.roster import make_roster
from rapport.matching.simulator.replay import expected_gain
from rapport.matching.valuing import valuer_of
from rapport.model.centre import Thing, read_centre
from rapport.model.conversation import Conversation, State
from rapport.model.ids import derived_id
from rapport.model.interaction import Interaction
from rapport.model.message import ChannelKind, Reach
from rapport.model.need import Explanation, Offer, OfferState
from rapport.settings import Settings

pytestmark = pytest.mark.anyio
START = datetime(2026, 3, 3, 16, tzinfo=UTC)
WEEK = timedelta(days=7)
PROFILE = ("centre", "centre", b'{"id":"centre","matching":"patient","explored":0.05}')


@pytest.fixture
async def house(database_url):
    """A patient house of one tenant with three agents, under a clock that stands still until it is moved."""
    async with rehearsal_house(Settings(), database_url) as open_one, open_one("learning", FakeClock(START)) as house:
        agents = [an_agent(one, {"wifi": 0.9}, slots={"social": 9}) for one in ("ana", "ben", "eva")]
        await house.intake.set_things(house.tenant, [PROFILE, *agents])
        await house.settle()
        yield house


async def answered(house, key, who):
    """Somebody writes, whoever is asked accepts, and wraps up."""
    await hear(house, key, "El wifi se cae", who)
    [offer] = [one for one in (await rows(house))["offer"] if one["state"] == "open"]
    conversation, id = (bytes.fromhex(offer[name].replace("-", "")) for name in ("conversation", "id"))
    await do(house, offer["agent"], "accept", offer=id)
    house.clock.move(timedelta(minutes=3))
    assert (await do(house, offer["agent"], "wrap_up", conversation=conversation, argument="solved")).ok


async def decided(house, days=7.0):
    async with house.within(house.tenant) as db:
        return await decisions_of(db, house.tenant, house.clock.now(), days)


async def learnt(house, **wish):
    return await learn_in(house.house, house.tenant, "learning", Wish(**wish), lambda line: None)


async def test_who_came_back_within_a_week_was_not_resolved_at_first_contact(house):
    for nth, who in enumerate(("ana", "bo", "cy")):
        await answered(house, f"m{nth}", who)
    house.clock.move(timedelta(days=6))
    await answered(house, "m9", "bo")
    house.clock.move(timedelta(days=2))

    found = await decided(house)

    assert [one.good for one in found] == [True, False, True]
    assert all(one.options and one.version == "1" and 0.0 < one.propensity <= 1.0 for one in found)


async def test_an_outcome_younger_than_a_week_is_not_known_yet(house):
    await answered(house, "m1", "bo")

    assert (await decided(house), len(await decided(house, days=0))) == ([], 1)
    with pytest.raises(NotFound, match="fewer --days"):
        await learnt(house)


async def test_a_short_log_promotes_nobody(house):
    for nth in range(4):
        await answered(house, f"m{nth}", f"guest{nth}")
    house.clock.move(WEEK)

    found = await learnt(house)

    assert (found.promoted, found.lesson.verdict.reason, found.decisions, found.good) == (False, "sample", 4, 4)
    assert [one for one in (await rows(house))["thing"] if one["id"].startswith("model/")] == []


@pytest.mark.slow
async def test_a_model_that_serves_is_set_and_the_next_offer_carries_its_version(house):
    await a_long_log(house, 3000)
    house.clock.move(timedelta(days=30))

    pretended, found = await learnt(house, pretend=True), await learnt(house)
    await house.settle()
    await hear(house, "m1", "El wifi se cae")

    [offer] = [one for one in (await rows(house))["offer"] if one["state"] == "open"]
    assert (pretended.promoted, found.promoted, found.lesson.verdict.reason) == (False, True, "better")
    assert (offer["agent"], offer["why"]["version"]) == ("ana", found.lesson.thing.version)
    assert (await learnt(house)).present == found.lesson.thing.version


async def test_a_centre_with_a_model_rebuilt_from_zero_is_the_centre_that_was_kept(house):
    model = a_model("eva", agents=("ana", "ben", "eva"))
    await house.intake.set_things(house.tenant, [("model", "matching", msgspec.json.encode(model))])
    await house.settle()
    await answered(house, "m1", "bo")
    kept = await rows(house)

    async with house.within(house.tenant) as db:
        await rebuild(db, house.house.keys, house.tenant, VIEWS, house.clock)

    rebuilt = await rows(house)
    assert {name: rebuilt[name] for name in TABLES if rebuilt[name] != kept[name]} == {}
    assert rebuilt["offer"][0]["why"]["version"] == model.version


async def test_a_replay_of_a_short_log_says_that_it_is_too_short(house):
    await answered(house, "m1", "bo")
    async with house.within(house.tenant) as db:
        things = [Thing(one["id"], bytes(one["body"]), START) for one in await db.fetch("select id, body from thing")]
        logged = await logged_needs(db, house.tenant, valuer_of(make_roster(read_centre(things))), 100)

    assert (logged.values.shape, logged.skilled.all(), logged.able.all()) == ((1, 3), True, True)
    assert logged.handling.tolist() == [pytest.approx(180.0 / 9)]
    assert expected_gain(logged, 1).reason == "needs"


async def a_long_log(house, count):
    """What thousands of decisions would have left in the tables, written there."""
    changed = {Offer: {}, Interaction: {}, Conversation: {}}
    for nth, one in enumerate(a_log(UNLIKE, count)):
        offer, conversation, person = (derived_id(bytes(16), what, nth) for what in ("offer", "conversation", "person"))
        at, agent = one.at + timedelta(seconds=1), one.options[0].agent
        end = at + timedelta(minutes=1)
        why = Explanation(version=one.version, mode="patient", propensity=one.propensity, options=one.options)
        changed[Offer][offer] = Offer(offer, conversation, agent, "social", one.at, end, OfferState.ACCEPTED, at, why)
        interaction = derived_id(offer, "interaction")
        changed[Interaction][interaction] = Interaction(interaction, conversation, agent, "social", at, ended_at=end)
        changed[Conversation][conversation] = Conversation(
            conversation, person, person, State.RESOLVED, ChannelKind.SOCIAL, "wall", "mastodon", Reach.PUBLIC, one.at, end,
            resolved_at=end if one.good else end + timedelta(hours=1),
        )  # fmt: skip
    async with house.within(house.tenant) as db:
        await write_rows(db, house.tenant, changed)
