"""Who is told of a report by mail: whoever may still see it, at the address of their login, in their language."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from rapport.access import logins
from rapport.app import mailing
from rapport.model.report_mail import ReportMail
from stagework import an_id

pytestmark = pytest.mark.anyio
MAIL = ReportMail(an_id("mail"), "sue", "period=7&by=team", "week", 0, 8, datetime(2026, 3, 9, 7, tzinfo=UTC))


@dataclass
class Sent:
    """What was posted."""

    mails: list[tuple[int, str, str, str]] = field(default_factory=list)

    async def __call__(self, tenant: int, to: str, subject: str, text: str) -> str:
        self.mails.append((tenant, to, subject, text))
        return "box"


@dataclass
class House:
    """The part of a house that telling needs."""

    store: object


@pytest.mark.parametrize(
    ("role", "disabled", "told"),
    [("supervisor", False, True), ("agent", False, False), ("supervisor", True, False)],
    ids=["may see it", "may not see it", "disabled"],
)
async def test_only_who_may_still_see_the_report_is_told_where_it_is(store, tenant, role, disabled, told):
    sent = Sent()
    await logins.add_login(store, tenant, "sue", email="sue@example.org", name="Sue", role=role, language="es")
    if disabled:
        await logins.change_login(store, tenant, "sue", disabled=MAIL.next_at)

    tell = mailing.mailing(House(store), "https://us.example", "en", sent)

    assert bool(await tell(tenant, MAIL)) == told
    places = [
        "?period=7&by=team",
        *(f"/rows.{ending}&period=7&by=team" for ending in ("csv?table=talks", "parquet?table=works")),
    ]
    assert [(to, all(f"https://us.example/reports{place}\n" in text for place in places)) for _, to, _, text in sent.mails] == (
        [("sue@example.org", True)] if told else []
    )


async def test_who_has_no_login_any_more_is_not_told(store, tenant):
    sent = Sent()

    assert await mailing.mailing(House(store), "https://us.example", "en", sent)(tenant, MAIL) == ""
    assert sent.mails == []
