"""What is attached beside a composer: read, described, gone with a reply, and back when the reply comes back."""

from datetime import timedelta

from rapport.errors import BadInput
from rapport.model.ids import read_id
from rapport.model.reply import Draft
from rapport.replies import attachments, reading as drafts
from rapport.replies.attachments import Kept
from rapport.web.attaching import Attaching
from rapport.web.office import Office
from rapport.web.security import Who

ALT = "alt-"  # before a file's id, in a form


def attaching_of(office: Office) -> Attaching:
    """What attaches files. Raises BadInput where nothing can be attached."""
    if office.attaching is None:
        raise BadInput("no file can be attached here; write without one")
    return office.attaching


async def files_of(office: Office, who: Who, conversation: bytes) -> tuple[Kept, ...]:
    """What is attached to what somebody writes there; with what a reply of theirs had that came back unanswered.

    Ask before a reading connection is taken: who holds one and waits for another may wait for ever.
    """
    if office.attaching is None:
        return ()
    async with office.store.within(who.tenant) as db:
        returned = await drafts.returned_to(db, who.tenant, conversation, who.agent)
        if returned is not None and returned.files and returned.decided_at is not None:
            blobs, since = [file.blob for file in returned.files], returned.decided_at
            await attachments.back_to_composer(db, who.tenant, conversation, who.agent, blobs, since)
        return await attachments.files_beside(db, office.attaching.keys, who.tenant, conversation, who.agent)


async def described(office: Office, who: Who, conversation: bytes, data: dict[str, str]) -> tuple[Kept, ...]:
    """What is attached, with what a form says that the pictures show."""
    if office.attaching is None:
        return ()
    said = {id: text for name, text in data.items() if name.startswith(ALT) and (id := read_id(name.removeprefix(ALT)))}
    async with office.store.within(who.tenant) as db:
        return await attachments.describe(db, office.attaching.keys, who.tenant, conversation, who.agent, said)


async def sent_with(office: Office, who: Who, conversation: bytes, files: tuple[Kept, ...]) -> None:
    """The reply has them now."""
    if files:
        async with office.store.within(who.tenant) as db:
            await attachments.went_out(db, who.tenant, conversation, who.agent, [one.id for one in files], office.clock.now())


async def back_beside(office: Office, who: Who, draft: Draft) -> None:
    """A reply came back to its author: its files stand beside the composer again."""
    if draft.files and draft.agent == who.agent:
        async with office.store.within(who.tenant) as db:
            blobs, before = [file.blob for file in draft.files], office.clock.now() + timedelta(seconds=1)
            await attachments.back_to_composer(db, who.tenant, draft.conversation, who.agent, blobs, before)
