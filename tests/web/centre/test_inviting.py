"""Inviting: a link that works once and for a week, by e-mail where a mailbox is connected, on record, and taken back."""

import asyncio
import base64
import re
from datetime import timedelta

import pytest

from rapport.errors import Unavailable
from rapport.model.fact import AgentInvited, InvitationTaken, InvitationWithdrawn
from rapport.web.centre.inviting import skills_of
from web.officework import NOW, PAGE, a_browser, an_office, sign_in
from web.test_pages import posted, words

pytestmark = pytest.mark.anyio
EVA = {"name": "Eva Peña", "email": "eva@hotel.example", "role": "supervisor", "speaks-es": "1"}
WEEK = timedelta(days=7)


@pytest.fixture
async def admin(store, tenant):
    """An administrator's browser; `admin.mails` is what the connected mailbox sent."""
    mails = []

    async def post(tenant, to, subject, text):
        mails.append((to, subject, text))
        return "hello"

    office = an_office(store, post=post)
    async with a_browser(office) as client:
        client.csrf = await sign_in(client, office, tenant, "administrator")
        client.office, client.tenant, client.mails = office, tenant, mails
        yield client


def link_in(text: str) -> str:
    return re.search(r"/welcome/[A-Za-z0-9._~-]+", text)[0]


async def opened(admin, link: str) -> int:
    async with a_browser(admin.office) as guest:
        return (await guest.get(link)).status_code


async def test_an_invitation_goes_by_mail_in_the_language_of_who_is_invited_and_is_on_record(admin):
    page = await posted(admin, "/set-up/invite?lang=en", **EVA)

    [(to, subject, text)] = admin.mails
    assert (to, subject) == ("eva@hotel.example", "Su invitación a Rapport")
    assert "Hola, Eva Peña:" in text
    assert link_in(text) == link_in(page.text)
    assert "The link went to eva@hotel.example by the mailbox hello" in words(page)
    assert admin.office.intake.recorded == [AgentInvited("eva-pena", "supervisor", "administrator", NOW + WEEK, "hello")]


async def test_a_mail_that_does_not_go_out_leaves_the_link_and_says_why(admin, store):
    async def post(tenant, to, subject, text):
        raise Unavailable("the mail server at mail.example:465 cannot be used: refused")

    office = an_office(store, post=post)
    async with a_browser(office) as client:
        client.csrf = await sign_in(client, office, admin.tenant, "administrator", "irene")
        page = await posted(client, "/set-up/invite?lang=en", **EVA)

    assert "not sent by e-mail" in words(page)
    assert await opened(admin, link_in(page.text)) == 200
    assert office.intake.recorded[0].account == ""


async def test_who_comes_chooses_their_own_password_once_and_that_is_on_record(admin):
    link = link_in((await posted(admin, "/set-up/invite", **EVA)).text)

    async with a_browser(admin.office) as eva:
        first = await eva.post(link, data={"password": "una frase bien larga"}, headers=PAGE)
    again = await opened(admin, link)

    assert (first.status_code, again) == (303, 400)
    assert admin.office.intake.recorded[-1] == InvitationTaken("eva-pena")
    assert "Eva Peña" not in words(await admin.get("/agents")).partition("Invitaciones")[2]


async def test_an_invitation_that_was_taken_back_opens_nothing(admin):
    link = link_in((await posted(admin, "/set-up/invite", **EVA)).text)
    listed = words(await admin.get("/agents?lang=en"))

    answer = await posted(admin, "/agents/eva-pena/invitation/withdraw")

    assert "Eva Peña eva@hotel.example Supervisor" in listed
    assert answer.status_code == 303
    assert await opened(admin, link) == 400
    assert admin.office.intake.recorded[-1] == InvitationWithdrawn("eva-pena", "administrator")
    assert (await posted(admin, "/agents/eva-pena/invitation/withdraw")).status_code == 404


async def test_a_new_link_ends_the_old_one(admin):
    old = link_in((await posted(admin, "/set-up/invite", **EVA)).text)

    new = link_in((await posted(admin, "/agents/eva-pena/invitation")).text)

    assert [await opened(admin, link) for link in (old, new)] == [400, 200]


async def test_who_has_come_is_not_invited_again(admin):
    link = link_in((await posted(admin, "/set-up/invite", **EVA)).text)
    async with a_browser(admin.office) as eva:
        await eva.post(link, data={"password": "una frase bien larga"}, headers=PAGE)

    assert (await posted(admin, "/agents/eva-pena/invitation")).status_code == 409


async def test_an_invitation_that_nobody_used_within_a_week_is_shown_as_over(admin):
    link = link_in((await posted(admin, "/set-up/invite", **EVA)).text)
    later = an_office(admin.office.store, clock=type(admin.office.clock)(NOW + WEEK + timedelta(minutes=1)))

    async with a_browser(later) as client:
        await sign_in(client, later, admin.tenant, "administrator", "irene")
        said = words(await client.get("/agents?lang=en"))
        opens = await client.get(link)

    assert "Supervisor over" in said
    assert opens.status_code == 400


async def test_of_two_who_open_the_link_at_once_only_the_first_sets_the_password(admin):
    link = link_in((await posted(admin, "/set-up/invite", **EVA)).text)

    async def come(password: str) -> int:
        async with a_browser(admin.office) as guest:
            return (await guest.post(link, data={"password": password}, headers=PAGE)).status_code

    statuses = await asyncio.gather(come("una frase bien larga"), come("otra frase bien larga"))

    assert sorted(statuses) == [303, 400]
    assert admin.office.intake.recorded.count(InvitationTaken("eva-pena")) == 1


@pytest.mark.parametrize("body", ["99999999999.eva-pena.1", "2147483648.eva-pena.1", "-1.eva-pena.1", "1.eva\0pena.1"])
async def test_a_link_that_somebody_made_up_is_refused_whatever_it_names(admin, body):
    made_up = base64.urlsafe_b64encode(body.encode()).decode().rstrip("=") + ".abc"

    assert await opened(admin, f"/welcome/{made_up}") == 400


@pytest.mark.parametrize("typed", ["wifi 0.9, spa", "wifi 0,9, spa", "wifi 0,9,spa", "wifi 0.9; spa 0,8"])
async def test_a_level_is_read_with_a_point_or_with_a_comma(typed):
    assert skills_of(typed) == {"wifi": 0.9, "spa": 0.8}


async def test_what_is_refused_of_an_invitation_comes_back_as_it_was_typed(admin):
    answer = await posted(
        admin, "/set-up/invite?lang=es", **EVA | {"email": "no-es-correo", "skills": "wifi 0.9", "role": "planner"}
    )

    assert answer.status_code == 400
    assert 'value="no-es-correo"' in answer.text
    assert 'value="wifi 0.9"' in answer.text
    assert '<option value="planner" selected>' in answer.text


async def test_a_zone_that_there_is_not_comes_back_as_it_was_typed(admin):
    answer = await posted(admin, "/set-up/centre?lang=es", name="Hotel Sol", zone="Europa/Madrit")

    assert answer.status_code == 400
    assert "Europa/Madrit" in words(answer)
    assert 'value="Hotel Sol"' in answer.text
    assert 'value="Europa/Madrit"' in answer.text
