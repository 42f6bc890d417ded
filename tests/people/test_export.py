"""What an export tells a person of the conversations that others wrote in as well. Against the real database."""

import pytest

from rapport.audit.erasing import clear
from rapport.ledger.tables import write_rows
from rapport.model.conversation import Conversation, State
from rapport.model.message import ChannelKind, Direction, Message, Reach, Standing
from rapport.model.noted import Noted, noted_id
from rapport.model.person import Handle, Person
from rapport.model.survey import Asked
from rapport.people.export import export
from stagework import START as NOW, an_id

pytestmark = pytest.mark.anyio


async def test_an_export_holds_nothing_that_somebody_else_wrote_in_the_same_thread(store, tenant):
    ana, conversation = an_id("ana"), an_id("conversation")
    mail, colleague = (
        Handle(an_id("mail"), "email:ana@example.org", ana),
        Handle(an_id("cc"), "email:leo@example.org", an_id("leo")),
    )

    def said(text: str, direction: Direction, handle: bytes | None) -> Message:
        return Message(
            an_id(text), NOW, direction, Standing.RECEIVED, Reach.PRIVATE,
            handle=handle, conversation=conversation, text=text,
        )  # fmt: skip

    rows = [
        Person(ana, "Ana"), mail, colleague, Asked(ana, NOW, conversation),
        Noted(noted_id(ana, "vip"), ana, "vip", (True,), "eva", NOW, denied=True),
        Conversation(conversation, ana, mail.id, State.OPEN, ChannelKind.EMAIL, "post", "email", Reach.PRIVATE, NOW, NOW),
        said("hers", Direction.IN, mail.id), said("his", Direction.IN, colleague.id), said("ours", Direction.OUT, None),
    ]  # fmt: skip
    async with store.within(tenant) as db:
        for row in rows:
            await write_rows(db, tenant, {type(row): {row.id: row}})
        found = await export(db, tenant, ana, NOW)
        await clear(db, tenant, [ana], [])
        cleared = await export(db, tenant, ana, NOW)

    assert {message.text for message in found.messages} == {"hers", "ours"}
    assert [(one.name, one.said, one.by, one.denied) for one in found.noted] == [("vip", (True,), "eva", True)]
    assert (found.surveys, cleared.surveys) == ((NOW,), ())
