"""Who is left in peace, against the real database: what of theirs is open, whom we asked before there was a table of it."""

from datetime import timedelta
from importlib.resources import files

import pytest

from rapport.ledger.entry import body_of
from rapport.ledger.fetch_asked import SURVEY, hold_asked
from rapport.ledger.tables import read_where, write_rows
from rapport.ledger.views import Rows
from rapport.model.conversation import Conversation, State
from rapport.model.fact import PersonErased, SurveyAsked
from rapport.model.message import ChannelKind, Reach
from rapport.model.person import Handle, Person
from rapport.model.reply import Reminder
from rapport.model.survey import Asked, Survey
from rapport.replies.surveying import view
from rapport.replies.surveying.choosing import left_out
from stagework import START as NOW, Stagework, an_id

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
ANA, TWIN, MAIL = an_id("ana"), an_id("twin"), an_id("mail")


def a_talk(name: str, state: State = State.RESOLVED, person: bytes = ANA, at=NOW) -> Conversation:
    return Conversation(
        an_id(name), person, MAIL, state, ChannelKind.EMAIL, "post", "email", Reach.PRIVATE, at, at,
        answered_at=at, resolved_at=at if state is State.RESOLVED else None,
    )  # fmt: skip


async def kept(store, tenant, *rows) -> None:
    async with store.within(tenant) as db:
        for row in rows:
            await write_rows(db, tenant, {type(row): {row.id: row}})


async def test_who_writes_in_any_other_conversation_under_any_id_is_not_asked(store, tenant):
    asked_of, latest = a_talk("asked of"), a_talk("latest", at=NOW + HOUR)
    await kept(store, tenant, asked_of, latest, a_talk("open", State.OPEN, TWIN))
    rows = Rows(NOW + HOUR)
    person = Person(ANA, conversation=latest.id, family=(ANA, TWIN))
    for row in (asked_of, latest, person, Handle(MAIL, "email:ana@example.org", ANA)):
        rows.hold(row)
    before = left_out(Survey("after"), asked_of, rows)
    async with store.within(tenant, readonly=True) as db:
        await hold_asked(db, tenant, rows, [Reminder(an_id("due"), NOW, SURVEY, asked_of.id)])

    assert (before, left_out(Survey("after"), asked_of, rows)) == ("", "talking")


async def test_the_upgrade_fills_in_whom_somebody_asked_by_hand_before_but_nobody_who_was_erased(store, tenant):
    gone = Handle(an_id("gone"), "", an_id("erased"))
    erased = Conversation(
        an_id("erased"), an_id("erased"), gone.id, State.RESOLVED, ChannelKind.EMAIL, "post", "email", Reach.PRIVATE, NOW, NOW
    )
    await kept(store, tenant, a_talk("one"), a_talk("two"), Handle(MAIL, "email:ana@example.org", ANA), gone, erased)
    migration = files("rapport.store").joinpath("migrations", "0026_surveys.sql").read_text(encoding="utf-8")
    async with store.within(tenant) as db:
        for seq, name in enumerate(("one", "two", "erased"), 1):
            await db.execute(
                "insert into entry(tenant, seq, at, id, subject, kind, body, leaf) values ($1, $2, $3, $4, $4, 150, $5, '')",
                tenant, seq, NOW + seq * HOUR, an_id(f"entry {seq}"), body_of(SurveyAsked(an_id(name), "eva")),
            )  # fmt: skip
        await db.execute("insert into asked(" + migration.partition("insert into asked(")[2])
        found = await read_where(db, tenant, Asked, "true")

    assert found == [Asked(ANA, NOW + 2 * HOUR, an_id("two"))]


def test_when_somebody_was_asked_goes_with_them():
    work = Stagework(views=(view.FOLDS,))
    work.rows.put(Asked(ANA, NOW, an_id("talk")))
    work.rows.put(Asked(TWIN, NOW, an_id("talk")))
    work.tell(PersonErased(ANA, (ANA,), (), "eva", 1, 1))

    assert [one.id for one in work.rows.all(Asked)] == [TWIN]
