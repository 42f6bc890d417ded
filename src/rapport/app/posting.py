"""Posting: a mail of the house itself, such as an invitation, by a mailbox that the centre has connected."""

from collections.abc import Awaitable, Callable
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from rapport.app.accounts import Accounts
from rapport.app.house import House
from rapport.errors import BadInput

Post = Callable[[int, str, str, str], Awaitable[str]]


def posting(house: House) -> Post:
    """`post(tenant, to, subject, text)` sends it by the first mailbox; the account that did, "" where there is none.

    It raises SendError, or BadInput where the mailbox cannot be opened.
    """

    async def post(tenant: int, to: str, subject: str, text: str) -> str:
        from rapport.channels.email.channel import NAME, EmailChannel
        from rapport.channels.email.smtp import send

        accounts = house.accounts
        if not isinstance(accounts, Accounts):
            return ""
        mailboxes = [account for account in await accounts.accounts(tenant) if account.channel == NAME]
        if not mailboxes:
            return ""
        account = min(mailboxes, key=lambda one: one.id)
        channel = await accounts.channel(tenant, account)
        assert isinstance(channel, EmailChannel)
        mail = EmailMessage()
        user, _, domain = channel.sender.address.rpartition("@")
        try:
            mail["From"] = Address(channel.sender.name, user, domain)
            mail["To"] = to
            mail["Subject"] = subject
        except ValueError as error:
            raise BadInput(f"a mail to {to!r} cannot be written: {error}") from error
        mail["Date"] = format_datetime(house.clock.now())
        mail["Message-ID"] = make_msgid(domain=domain)
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(text)
        await send(channel.server, mail, channel.sender, copy=False)
        return account.id

    return post
