"""Orders: what a telephone server is to do with a call, laid into the outbox like any operation."""

import re
from typing import Any

import msgspec

from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.model.call import CALL, Call, Order
from rapport.model.conversation import Conversation
from rapport.model.fact import CallMarked, OperationAsked, Words
from rapport.model.ids import derived_id, show_id
from rapport.model.message import Reach
from rapport.model.person import Handle, Person
from rapport.model.reply import Outgoing

LANGUAGES = ("es", "en")
NUMBER = re.compile(r"\+?[0-9]{2,20}")


def order(entry: Written, call: Call, do: str, rows: Rows, *, by: str = "", nth: int = 0, **more: Any) -> New:  # Any: of Order
    """The fact that something is asked of the telephone server. `by`: which agent asked."""
    handle, asking = rows.get(Handle, call.handle), rows.centre.agents.get(by)
    said = Order(
        do, show_id(call.id), call.key, call.leg, call.guest, language=language_of(call, rows),
        conversation=show_id(call.conversation), recording=call.recording, handle=handle.name if handle else "",
        asking=(asking.name if asking else "") or by,
    )  # fmt: skip
    said = msgspec.structs.replace(said, **more)
    outgoing = derived_id(entry.id, "order", show_id(call.id), do, nth)
    asked = OperationAsked(
        outgoing, call.message or call.id, call.conversation, call.handle, call.account, call.channel, Reach.PRIVATE, CALL,
        said.key, by,
    )  # fmt: skip
    content = Words(text=msgspec.json.encode(said).decode())
    return follows(entry, asked, subject=call.conversation, at=rows.now, content=content, owner=call.handle, nth=nth)


def line(entry: Written, call: Call, kind: str) -> str:
    """The name of a line that we are about to make: `ag` of an agent, `gu` of a third, `cb` of a person called back."""
    return f"{kind}-{show_id(call.id)}-{derived_id(entry.id, kind).hex()[-8:]}"


def marked(entry: Written, call: Call, mark: str, rows: Rows, *, agent: str = "", to: str = "") -> New:
    """The fact that something was settled about a call."""
    fact = CallMarked(call.id, call.conversation, mark, agent, to)
    return follows(entry, fact, subject=call.conversation, at=rows.now)


def order_in(outgoing: Outgoing | None) -> Order | None:
    """The order that lies in the outbox there; None where it is none."""
    if outgoing is None or outgoing.op != CALL:
        return None
    try:
        return msgspec.json.decode(outgoing.text, type=Order)
    except msgspec.MsgspecError:  # erased
        return None


def setting(call: Call, name: str, otherwise: str, rows: Rows) -> str:
    """What the call's account says of something."""
    account = rows.centre.accounts.get(call.account)
    return account.settings.get(name, otherwise) if account else otherwise


def number_of(call: Call, rows: Rows) -> str:
    """The number that a caller can be called at; "" where they withhold it, or what they say is none."""
    handle = rows.get(Handle, call.handle)
    number = (handle.name if handle else "").partition(":")[2]
    return number if NUMBER.fullmatch(number) else ""


def language_of(call: Call, rows: Rows) -> str:
    """The language in which the caller is spoken to: theirs, else the account's."""
    conversation = rows.get(Conversation, call.conversation)
    person = rows.get(Person, conversation.person) if conversation else None
    for said in (person.language if person else "", conversation.language if conversation else ""):
        if said[:2] in LANGUAGES:
            return said[:2]
    return setting(call, "language", LANGUAGES[0], rows)


def call_of(rows: Rows, conversation: bytes | None) -> Call | None:
    """The call of a conversation that is not over: the latest."""
    theirs = [call for call in rows.all(Call) if call.conversation == conversation and call.state != "over"]
    return max(theirs, key=lambda call: call.started_at, default=None)
