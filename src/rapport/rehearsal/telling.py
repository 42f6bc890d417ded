"""What a rehearsal tells the house: its centre, the persons, the messages and the events, by the same way in as everybody's."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rapport.centre.things import Things, body_of
from rapport.model.centre import Account, read_thing
from rapport.model.ids import named_id
from rapport.model.message import ChannelKind, Incoming, Reach
from rapport.rehearsal.house import House
from rapport.rehearsal.networks import KIND_OF
from rapport.rehearsal.tables import EventTable, MessageTable, PersonTable

BY = "rapport rehearse"


def accounts_of(things: Things) -> list[Account]:
    """The accounts of a tenant's centre."""
    found = [read_thing(kind, body) for (kind, _), body in things.items() if kind == "account"]
    return [account for account in found if isinstance(account, Account)]


def account_of(message: MessageTable, accounts: Sequence[Account]) -> Account:
    """The account that a message comes to: the one it names, else the first of its network, else one named for the network."""
    of_network = [account for account in accounts if account.channel == message.channel]
    named = [account for account in accounts if account.id == message.account]
    return (named or of_network or [Account(message.account or message.channel, message.channel)])[0]


def with_accounts(things: Things, messages: Iterable[MessageTable]) -> Things:
    """The things, with an account for every network that a message comes by."""
    accounts = accounts_of(things)
    made = {account.id: account for account in (account_of(message, accounts) for message in messages)}
    return {("account", id): body_of(account) for id, account in made.items()} | things


def reach_of(message: MessageTable) -> Reach:
    """Who can read it: as the file says, else everybody on a social network and nobody else elsewhere."""
    is_public = KIND_OF[message.channel] == ChannelKind.SOCIAL if message.public is None else message.public
    return Reach.PUBLIC if is_public else Reach.PRIVATE


def message_id(tenant: int, message: MessageTable, accounts: Sequence[Account], at: datetime) -> bytes:
    """The id that the ledger gives a message of a rehearsal."""
    return named_id(at, tenant, account_of(message, accounts).id, message.id)


async def prepare(house: House, things: Things, persons: Iterable[PersonTable]) -> None:
    """Set the centre and declare the persons, before anything happens."""
    await house.intake.set_things(house.tenant, [(kind, name, body) for (kind, name), body in things.items()], by=BY)
    for person in persons:
        handles = person.handles or (f"person:{person.id}",)
        await house.intake.declare(house.tenant, handles, person.name, person.attributes, BY, person.id)


async def hear(house: House, message: MessageTable, accounts: Sequence[Account], at: datetime) -> None:
    """Let a message arrive."""
    incoming = Incoming(
        key=message.id,
        handle=message.sender,
        text=message.text,
        reach=reach_of(message),
        at=at,
        name=message.name,
        subject=message.subject,
        thread=message.thread,
        in_reply_to=message.in_reply_to,
    )
    await house.intake.hear(house.tenant, account_of(message, accounts), KIND_OF[message.channel], [incoming])


async def tell(house: House, event: EventTable, at: datetime, nth: int) -> None:
    """Let another department write a journey event."""
    await house.intake.event(house.tenant, event.person, event.kind, event.source, f"{event.place}/{nth}", at, event.data)
