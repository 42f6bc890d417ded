"""Two persons made one and two again: on the real pipeline, on record, and from the record once more."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from rapport.app.rehearsing import rehearsal_house
from rapport.app.stages import VIEWS
from rapport.clock import FakeClock
from rapport.ledger.rebuild import rebuild
from rapport.ledger.tables import read_where
from rapport.ledger.views import TABLES
from rapport.model.centre import Account
from rapport.model.conversation import Conversation
from rapport.model.message import ChannelKind, Incoming, Reach
from rapport.model.person import Alike, Apart, Person, PersonEvents
from rapport.people import reading
from rapport.settings import Settings

pytestmark = pytest.mark.anyio
START = datetime(2026, 3, 3, 16, tzinfo=UTC)
KINDS = {"email": ChannelKind.EMAIL, "sms": ChannelKind.SMS, "whatsapp": ChannelKind.SOCIAL, "mastodon": ChannelKind.SOCIAL}


class Centre:
    """A house with one tenant: people write and agents decide."""

    def __init__(self, house) -> None:
        self.house, self.tenant, self.count = house, house.tenant, 0

    async def hear(self, handle: str, text: str = "Tengo una duda con mi factura de hoy", name: str = "") -> bytes:
        """Who wrote: their person as it is on record."""
        self.count += 1
        channel = handle.partition(":")[0]
        said = Incoming(
            f"m{self.count}", handle, text, Reach.PRIVATE, self.house.clock.now(), name=name, subject=f"s{self.count}"
        )
        await self.house.intake.hear(self.tenant, Account(f"our-{channel}", channel), KINDS[channel], [said])
        await self.house.settle()
        self.house.clock.move(timedelta(minutes=1))
        return await self.person(handle)

    async def event(self, handle: str, kind: str, *, source: str = "crm", **data) -> None:
        self.count += 1
        await self.house.intake.event(self.tenant, handle, kind, source, f"e{self.count}", self.house.clock.now(), data)
        await self.house.settle()

    async def do(self, what: str, *persons: bytes, agent: str = "ana"):
        action = await self.house.intake.act(self.tenant, agent, what, argument=" ".join(p.hex() for p in persons))
        await self.house.settle()
        return await self.house.intake.outcome(self.tenant, action, timeout=0)

    async def person(self, handle: str) -> bytes:
        async with self.house.within(self.tenant) as db:
            return await reading.person_named(db, self.tenant, handle)

    async def rows(self, row, where: str = "true order by id"):
        async with self.house.within(self.tenant) as db:
            return await read_where(db, self.tenant, row, where)

    async def journey(self, person: bytes) -> list[str]:
        async with self.house.within(self.tenant) as db:
            known = await reading.person(db, self.tenant, person)
            found = await reading.milestones(db, self.tenant, known.ids, limit=50)
        return sorted(m.event.kind if m.event else m.conversation.subject for m in found)

    async def known(self) -> dict[str, tuple]:
        """What is known of each person, without what a merge leaves."""
        events = {row.id: row.events for row in await self.rows(PersonEvents)}
        return {p.id: (p, events.get(p.id, ())) for p in await self.rows(Person)}

    async def everything(self) -> dict[str, list]:
        found = {}
        async with self.house.within(self.tenant) as db:
            for name in TABLES:
                sql = f"select to_jsonb(t) - 'tenant' from \"{name}\" t where tenant = $1 order by id"
                found[name] = [json.loads(row) for (row,) in await db.fetch(sql, self.tenant)]
        return found


@pytest.fixture
async def centre(database_url):
    async with rehearsal_house(Settings(), database_url) as open_one, open_one("people", FakeClock(START)) as house:
        yield Centre(house)


async def test_a_merge_shows_both_journeys_and_taking_it_apart_loses_nothing(centre):
    ana = await centre.hear("email:ana@example.org", name="Ana López")
    shop = await centre.hear("mastodon:@anita@example.social", name="Anita")
    await centre.event("mastodon:@anita@example.social", "shop.visited", item="traje de gala")
    await centre.event("email:ana@example.org", "bank.question", topic="spending")
    before, journeys = await centre.known(), (await centre.journey(ana), await centre.journey(shop))

    assert (await centre.do("merge_person", shop, ana)).ok
    together = await centre.journey(ana)
    merged = (await centre.known())[ana][0]
    assert together == await centre.journey(shop) == sorted(journeys[0] + journeys[1])
    assert (merged.messages, {a.name for a in merged.attributes}) == (2, {"topics"})
    assert set(next(a.value for a in merged.attributes)) >= {"money-management", "formal-wear"}

    assert (await centre.do("unmerge_person", shop)).ok
    assert await centre.known() == before
    assert (await centre.journey(ana), await centre.journey(shop)) == journeys
    assert await centre.rows(Apart) == []


async def test_what_comes_while_two_are_one_goes_back_to_whose_handle_it_came_by(centre):
    ana, shop = await centre.hear("email:ana@example.org"), await centre.hear("mastodon:@anita@example.social")
    await centre.do("merge_person", shop, ana)
    await centre.event("mastodon:@anita@example.social", "care.visit", text="knee surgery")
    await centre.hear("mastodon:@anita@example.social", "¿Me pueden llamar?")

    await centre.do("unmerge_person", shop)

    known = await centre.known()
    assert (known[shop][0].messages, known[ana][0].messages) == (2, 1)
    assert [e.kind for e in known[shop][1]] == ["care.visit"]
    assert known[ana][1] == ()


async def test_a_chain_of_merges_comes_apart_link_by_link_and_the_record_says_the_same(centre):
    a, b, c = [await centre.hear(f"mastodon:@{name}@example.social", name=name) for name in "abc"]
    alone = await centre.known()
    await centre.do("merge_person", a, b)
    pair = await centre.known()
    await centre.do("merge_person", b, c)
    whole = await centre.known()
    assert {whole[id][0].messages for id in (a, b, c)} == {3}
    await centre.do("unmerge_person", b)
    assert (await centre.known())[a] == pair[a]
    assert (await centre.known())[c] == alone[c]
    await centre.do("merge_person", b, c)
    await centre.do("unmerge_person", a)  # the first link, while the second holds
    known = await centre.known()
    assert known[a] == alone[a]
    assert set(known[b][0].family) == set(known[c][0].family) == {b, c}

    before = await centre.everything()
    async with centre.house.within(centre.tenant) as db:
        await rebuild(db, centre.house.house.keys, centre.tenant, VIEWS, centre.house.clock)
    assert await centre.everything() == before


async def test_a_circle_and_the_slower_of_two_agents_are_refused_with_the_reason(centre):
    a, b = await centre.hear("mastodon:@a@example.social"), await centre.hear("mastodon:@b@example.social")
    one, two = [
        await centre.house.intake.act(centre.tenant, who, "merge_person", argument=f"{x.hex()} {y.hex()}")
        for who, x, y in (("ana", a, b), ("ben", b, a))
    ]
    await centre.house.settle()

    outcomes = [await centre.house.intake.outcome(centre.tenant, action, timeout=0) for action in (one, two)]
    assert [(o.ok, o.reason) for o in outcomes] == [(True, ""), (False, "These two are one person already.")]
    assert (await centre.do("unmerge_person", b)).reason == "This person was not merged into another one."
    assert not (await centre.do("merge_person", a, bytes(16))).ok


async def test_the_same_number_and_name_on_another_network_is_the_same_person_at_once(centre):
    sms = await centre.hear("sms:+5215512345678", name="Renata Quintero")
    await centre.hear("whatsapp:525512345678", "Sigo sin respuesta de ustedes", name="Renata Quintero")

    known = (await centre.known())[sms][0]
    assert (known.messages, len(known.family)) == (2, 2)


async def test_who_shares_a_number_without_a_name_is_only_suggested_and_a_no_is_kept(centre):
    sms = await centre.hear("sms:+5215512345678", name="Renata Quintero")
    other = await centre.hear("whatsapp:525512345678")

    [pair] = await centre.rows(Alike)
    assert ({pair.one, pair.other}, pair.state) == ({sms, other}, "open")
    assert (await centre.do("keep_apart", pair.one, pair.other)).ok
    await centre.house.intake.declare(centre.tenant, ["whatsapp:525512345678"], "R. Quintero", {}, "crm", "d1")
    await centre.house.settle()
    assert [p.state for p in await centre.rows(Alike)] == ["apart"]
    assert (await centre.known())[sms][0].family == ()


async def test_an_open_issue_goes_on_when_its_person_writes_from_a_merged_handle(centre):
    ana, other = await centre.hear("mastodon:@ana@example.social"), await centre.hear("mastodon:@anita@example.social")
    await centre.do("merge_person", other, ana)
    count = len(await centre.rows(Conversation))

    await centre.hear("mastodon:@ana@example.social", "¿Alguna novedad de mi factura?")

    assert len(await centre.rows(Conversation)) == count
