"""A reply that waits, decided on a phone by its link: for that approver and draft alone, and by what was read."""

from datetime import timedelta

import msgspec
import pytest

from browser.filled import NOW, an_id
from rapport.access.approval_links import approval_link, read_approval_link
from rapport.access.logins import add_login, change_login
from rapport.errors import BadInput
from rapport.model.agent import Agent
from rapport.web.centre_now import centre_now
from web.officework import PAGE
from web.test_pages import own_desk as desk, words

pytestmark = pytest.mark.anyio
__all__ = ["desk"]
DRAFT = an_id("d", "desayuno")


def link_of(desk, agent="eva", **until):
    return approval_link(desk.tenant, agent, DRAFT, NOW + timedelta(**(until or {"hours": 1})), key=desk.office.key)


@pytest.fixture
async def phone(desk):
    """A browser that nobody is signed in with; eva may approve, irene wrote it."""
    body = msgspec.json.encode(Agent("eva", "Eva", role="approver"))
    await desk.office.intake.set_things(desk.tenant, [("agent", "eva", body)])
    await centre_now(desk.office, desk.tenant, fresh=True)
    await add_login(desk.office.store, desk.tenant, "eva", email="eva@hotel.example", name="Eva", role="approver")
    desk.cookies.clear()
    desk.office.intake.acts.clear()
    return desk


async def test_an_approver_reads_and_approves_on_the_phone_without_signing_in(phone):
    page = await phone.get(f"/approvals/link/{link_of(phone)}?lang=en")
    seen = page.text.split('name="seen" value="')[1].split('"')[0]

    assert "Gracias" in words(page)
    assert page.headers["referrer-policy"] == "no-referrer"
    assert phone.office.intake.acts == []
    answer = await phone.post(f"/approvals/link/{link_of(phone)}?lang=en", data={"do": "approve", "seen": seen}, headers=PAGE)
    assert "Approved" in words(answer)
    assert [(act["agent"], act["do"], act["draft"], act["argument"]) for act in phone.office.intake.acts] == [
        ("eva", "approve", DRAFT, seen)
    ]


async def test_a_return_by_link_needs_a_reason_and_an_approval_names_the_text_that_was_read(phone):
    address = f"/approvals/link/{link_of(phone)}?lang=en"

    assert "Say why" in words(await phone.post(address, data={"do": "return", "reason": " "}, headers=PAGE))
    assert phone.office.intake.acts == []
    await phone.post(address, data={"do": "return", "reason": "Sin la habitación"}, headers=PAGE)
    await phone.post(address, data={"do": "approve"}, headers=PAGE)
    assert [(act["do"], act["reason"], act["argument"]) for act in phone.office.intake.acts] == [
        ("return", "Sin la habitación", ""), ("approve", "", "-"),
    ]  # fmt: skip


async def test_the_link_of_an_author_of_somebody_unknown_or_of_who_may_not_decide_opens_nothing(phone):
    author = words(await phone.get(f"/approvals/link/{link_of(phone, 'irene')}?lang=en"))
    await phone.post(f"/approvals/link/{link_of(phone, 'nobody')}", data={"do": "approve"}, headers=PAGE)
    tampered = await phone.get(f"/approvals/link/{link_of(phone)[:-1]}x")
    over = await phone.get(f"/approvals/link/{link_of(phone, seconds=-1)}")

    assert "Nothing waits for you here" in author
    assert (tampered.status_code, over.status_code) == (400, 400)
    assert phone.office.intake.acts == []


async def test_who_is_signed_in_no_more_decides_no_more_by_an_old_link(phone):
    await change_login(phone.office.store, phone.tenant, "eva", disabled=NOW)

    assert (await phone.get(f"/approvals/link/{link_of(phone)}")).status_code == 400


async def test_a_decided_draft_says_so_and_shows_no_word_of_it(phone):
    async with phone.office.store.within(phone.tenant) as db:
        await db.execute("update draft set state = 'approved', approver = 'sue' where tenant = $1", phone.tenant)
    page = words(await phone.get(f"/approvals/link/{link_of(phone)}?lang=en"))

    assert "Nothing waits for you here" in page
    assert "Gracias" not in page


def test_a_link_to_a_draft_is_signed_for_one_approver_and_ends():
    link = approval_link(7, "ana.q", bytes(16), NOW, key=b"k")

    assert read_approval_link(link, key=b"k", now=NOW - timedelta(seconds=1)) == (7, "ana.q", bytes(16))
    for key, now, asked in ((b"k", NOW, link), (b"other", NOW - timedelta(seconds=1), link)):
        with pytest.raises(BadInput):
            read_approval_link(asked, key=key, now=now)
