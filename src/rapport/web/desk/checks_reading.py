"""Reading what a draft is judged with, for the composer: what is on record, and until when the network lets us write."""

from collections.abc import Iterable
from datetime import datetime

import asyncpg
import msgspec

from rapport.ledger.tables import read_rows
from rapport.model.bilingual import both, said_in
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation
from rapport.model.message import Direction, Message, Reach
from rapport.model.person import Handle
from rapport.replies.eligibility import asking_of
from rapport.replies.record import read_known
from rapport.web.desk.checking import Case, checks_of
from rapport.web.desk.composing import find_personal, read_language
from rapport.web.desk.context import Checks, Composer
from rapport.web.office import Office
from rapport.web.security import Who


class Window(msgspec.Struct, frozen=True):
    """What the network lets us say now. `until` None: no end is known; `closed`: why nothing goes; `template`: only such."""

    until: datetime | None = None
    closed: str = ""
    template: bool = False


async def read_checks(
    db: asyncpg.Connection,
    office: Office,
    centre: Centre,
    who: Who,
    conversation: Conversation,
    composer: Composer,
    language: str,
    saved_at: datetime | None = None,
) -> Checks:
    """What the checks say of the composer as it stands."""
    now = office.clock.now()
    known = await read_known(db, who.tenant, conversation, composer.text, now)
    reach = Reach(composer.reach) if composer.reach in list(Reach) else conversation.reach
    handles = await read_rows(db, who.tenant, Handle, [conversation.handle])
    window = window_of(office, who.tenant, conversation, handles[0] if handles else None, known.messages, reach)
    case = Case(
        tenant=who.tenant,
        centre=centre,
        conversation=conversation,
        agent=centre.agents.get(who.agent),
        to=handles[0].name if handles else "",
        language=language,
        fit=office.fit,
        find_personal=find_personal,
        now=now,
        known=known,
        read_language=read_language,
        window=window.closed,
        files=tuple(kept.file for kept in composer.files),
        carry=office.attaching.carry if office.attaching else None,
        ours=office.origin,
    )
    checks = checks_of(case, composer.text, composer.reach, saved_at)
    return msgspec.structs.replace(
        checks, until=window.until, template=window.template, closed=said_in(window.closed, language)
    )


def window_of(
    office: Office, tenant: int, conversation: Conversation, handle: Handle | None, messages: Iterable[Message], reach: Reach
) -> Window:
    """What the network lets us say in a conversation; where nobody knows its rules, everything."""
    if office.window is None:
        return Window()
    heard = [message for message in messages if message.direction is Direction.IN]
    last: Message | None = max(heard, key=lambda message: message.at, default=None)
    ruling = office.window(
        tenant,
        asking_of(conversation, handle, last, reach, office.clock.now()),
    )
    reason = both(ruling.reason.en, ruling.reason.es) if ruling.reason is not None else ""
    if not ruling.allowed:
        return Window(closed=reason or both("The network does not let us write now.", "La red no deja escribir ahora."))
    return Window(ruling.until, "", ruling.template)
