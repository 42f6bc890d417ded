"""News of messages: taken once, kept beside the message whichever comes first, and what was said before is never lost."""

import itertools
from datetime import timedelta

import pytest

from ledger.ledgerwork import ACCOUNT, NOW, an_incoming, an_intake
from rapport.ledger.read import read_entries
from rapport.ledger.seal import Keys
from rapport.model.fact import Changed, MessageDeleted, MessageEdited, MessageReceived, ReactionSeen, ReceiptSeen
from rapport.model.message import ChannelKind, Message
from rapport.model.news import Deletion, Delivery, Edit, Reaction, Report
from rapport.model.sequel import Sequel, as_it_stands, said_before, sequel_id
from stagework import Stagework, an_id

SOCIAL = ChannelKind.SOCIAL
ANA = "mastodon:@ana@example.social"
LATER = NOW + timedelta(minutes=1)


def an_edit(key: str = "e1", of: str = "k1", text: str = "Hola, otra vez", minutes: int = 1) -> Edit:
    return Edit(key, of, ANA, text, NOW + timedelta(minutes=minutes))


@pytest.mark.anyio
async def test_news_is_taken_once_however_often_it_is_delivered(store, tenant):
    news = [
        an_edit(),
        Deletion("d1", "k1", NOW, ANA),
        Reaction("r1", "k1", ANA, "👍", NOW),
        Report("p1", "post-1", Delivery.READ, NOW),
    ]
    async with an_intake(store) as intake:
        first = await intake.hear(tenant, ACCOUNT, SOCIAL, news)
        again = await intake.hear(tenant, ACCOUNT, SOCIAL, [*news, an_incoming("k2")])

    assert (first, again) == ([True] * 4, [False] * 4 + [True])


@pytest.mark.anyio
async def test_news_knows_its_message_before_a_worker_has_seen_it_and_beside_it(store, tenant):
    keys = Keys(bytes(32))
    async with an_intake(store, keys) as intake:
        await intake.hear(tenant, ACCOUNT, SOCIAL, [an_incoming("k1")])
        await intake.hear(tenant, ACCOUNT, SOCIAL, [an_edit(), an_incoming("k2"), an_edit("e2", "k2"), an_edit("e3", "never")])

    async with store.within(tenant) as db:
        entries = await read_entries(db, keys, tenant, 0, 10)
    said = {e.fact.key: e.fact.message for e in entries if isinstance(e.fact, MessageReceived)}
    edits = {e.fact.of: e.fact.message for e in entries if isinstance(e.fact, MessageEdited)}
    assert edits == {"k1": said["k1"], "k2": said["k2"], "never": None}


@pytest.mark.anyio
async def test_what_an_edit_says_is_sealed_with_the_key_of_its_handle(store, tenant):
    keys = Keys(bytes(32))
    async with an_intake(store, keys) as intake:
        await intake.hear(tenant, ACCOUNT, SOCIAL, [an_incoming("k1"), an_edit(text="secreto")])

    async with store.within(tenant) as db:
        said, edit = await read_entries(db, keys, tenant, 0, 10)
        bodies = await db.fetch("select body from entry where tenant = $1", tenant)
    assert (edit.owner, edit.content) == (said.owner, Changed("secreto", handle=ANA))
    assert not any(b"secreto" in body for (body,) in bodies)


@pytest.mark.anyio
async def test_a_time_beyond_all_times_stops_nothing(store, tenant):
    long_ago, one_day = NOW.replace(year=1), NOW.replace(year=9999)
    async with an_intake(store) as intake:
        taken = await intake.hear(
            tenant, ACCOUNT, SOCIAL, [Deletion("d1", "k1", long_ago), Reaction("r\0", "k\0", ANA, "\ud800" * 99, one_day)]
        )

    assert taken == [True, True]


def edited(text: str, minutes: int, message: bytes | None) -> tuple[MessageEdited, Changed]:
    at = NOW + timedelta(minutes=minutes)
    return MessageEdited("our-mastodon", "mastodon", "key-1", an_id(ANA), at, message), Changed(text, handle=ANA)


def texts(work: Stagework, message: bytes) -> tuple[str, list[str]]:
    """What the message says now, and what it said before."""
    row = work.row(Message, message)
    sequel = work.row(Sequel, sequel_id("our-mastodon", "key-1"))
    return as_it_stands(row, sequel).text, [version.text for version in said_before(row, sequel)]


@pytest.mark.parametrize("order", list(itertools.permutations([1, 2, 3])))
def test_edits_in_any_order_end_with_the_last_and_keep_what_was_said_before(order):
    work = Stagework()
    message = work.hear("uno")
    for n in order:
        work.tell(*edited(f"edit {n}", n + 600, message.id))

    assert texts(work, message.id) == ("edit 3", ["uno", "edit 1", "edit 2"])
    assert work.row(Message, message.id).text == "edit 3"


def test_an_edit_that_changes_nothing_is_no_edit_to_anybody():
    work = Stagework()
    message = work.hear("uno")
    work.tell(*edited("uno", 600, message.id))
    first = texts(work, message.id)
    work.tell(*edited("dos", 602, message.id))
    work.tell(*edited("dos", 603, message.id))
    work.tell(*edited("tres", 601, message.id))

    assert (first, texts(work, message.id)) == (("uno", []), ("dos", ["uno", "tres"]))


def test_an_edit_that_comes_before_its_message_is_shown_with_it():
    work = Stagework()
    work.tell(*edited("dos", 600, None))
    message = work.hear("uno")
    before = texts(work, message.id)
    work.tell(*edited("tres", 601, message.id))

    assert before == ("dos", ["uno"])
    assert texts(work, message.id) == ("tres", ["uno", "dos"])


def test_a_message_that_is_deleted_stays_and_is_marked():
    work = Stagework()
    message = work.hear("uno")
    work.tell(MessageDeleted("our-mastodon", "mastodon", "key-1", an_id(ANA), LATER, message.id))

    assert work.row(Message, message.id).text == "uno"
    assert work.only(Sequel).deleted_at == LATER


@pytest.mark.parametrize("order", list(itertools.permutations(["seen", "taken back", "another"])))
def test_reactions_are_counted_in_whatever_order_they_come(order):
    work = Stagework()
    for what in order:
        by, back = ("mastodon:@beto@example.social", False) if what == "another" else (ANA, what == "taken back")
        work.tell(ReactionSeen("our-mastodon", "mastodon", "key-1", an_id(by), "👍", LATER, back))

    assert work.only(Sequel).shown == (("👍", 1),)


def test_rows_fold_again_to_the_same():
    work = Stagework()
    message = work.hear("uno")
    work.tell(*edited("dos", 600, message.id))
    work.tell(ReactionSeen("our-mastodon", "mastodon", "key-1", an_id(ANA), "👍", LATER, message=message.id))
    work.tell(ReceiptSeen("our-mastodon", "mastodon", "post-9", an_id(ANA), Delivery.READ, LATER))

    again = work.rebuilt()

    assert {row.id: row for row in again.all(Sequel)} == {row.id: row for row in work.rows.all(Sequel)}
