"""POST /api/messages: messages of a channel of one's own, durable when the answer is 202."""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from secrets import token_hex
from typing import Any

import msgspec
from litestar import Request, asgi
from litestar.exceptions import ClientException, MethodNotAllowedException
from litestar.types import Receive, Scope, Send

from rapport.errors import BadInput, RapportError
from rapport.ledger.intake import message_id
from rapport.ledger.known import entry_of
from rapport.model.centre import Account
from rapport.model.ids import show_id
from rapport.model.message import ChannelKind, Incoming, Reach
from rapport.web.centre_now import centre_now
from rapport.web.idempotency import once_said
from rapport.web.office import Office
from rapport.web.security import AnyRequest, current, needs, office_of

MOST = 1_000
MESSAGES = "/api/messages"
LARGEST = 1024 * 1024  # bytes


class Heard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"sender": "from"}):
    """A message. `from` is a handle (`network:name`, or a name on this channel); `key` is the same on every delivery.

    `account` where the channel has more than one; `at` when it was said, else now; `kind` where we do not know the channel:
    social, chat, email, sms or voice.
    """

    channel: str
    sender: str
    text: str
    name: str = ""
    public: bool = False
    thread: str = ""
    key: str = ""
    at: datetime | None = None
    subject: str = ""
    in_reply_to: str = ""
    account: str = ""
    kind: ChannelKind | None = None


class Taken(msgspec.Struct, frozen=True):
    """Durably taken in. `id` names the message from now on; `new` false: we already had it."""

    id: str
    new: bool = True


SHOWN: dict[str, Any] = {  # Any: as Litestar types `opt`
    "takes": Heard | list[Heard],
    "gives": Taken | list[Taken],
    "says": "Hand in messages; durable when answered",
    "status": 202,
    "method": "POST",
}
_one = msgspec.json.Decoder(Heard)
_many = msgspec.json.Decoder(list[Heard])


def decode(body: bytes) -> tuple[list[Heard], bool]:
    """The messages of a body, and whether it was one alone. Raises msgspec.ValidationError, BadInput."""
    if body.lstrip()[:1] != b"[":
        return [_one.decode(body)], True
    heard = _many.decode(body)
    if len(heard) > MOST:
        raise BadInput(f"at most {MOST} messages at once, got {len(heard)}; send them in parts")
    return heard, False


def account_of(accounts: dict[str, Account], heard: Heard) -> Account:
    """The account that a message came by; a channel that has none is taken as an account of its own name."""
    if heard.account:
        found = accounts.get(heard.account)
        if found is None or found.channel != heard.channel:
            raise BadInput(f"no account {heard.account!r} on channel {heard.channel!r}; set it under /api/centre/account first")
        return found
    if not heard.channel.isidentifier():
        raise BadInput(f"a channel is a network's name, such as mastodon or sms, got {heard.channel!r}")
    found = accounts.get(heard.channel)
    if found is not None and found.channel == heard.channel:
        return found
    return next((a for a in accounts.values() if a.channel == heard.channel), Account(heard.channel, heard.channel))


def incoming(heard: Heard, now: datetime, fallback: str) -> Incoming:
    """The message as channels say it. Raises BadInput where it names nobody or its time has no zone."""
    if not heard.sender.strip():
        raise BadInput("`from` must name somebody, got an empty text")
    if heard.at is not None and heard.at.tzinfo is None:
        raise BadInput(f"`at` must have a zone, got {heard.at.isoformat()}; add Z or an offset")
    handle = heard.sender if ":" in heard.sender else f"{heard.channel}:{heard.sender}"
    return Incoming(
        key=heard.key or fallback,
        handle=handle,
        text=heard.text,
        reach=Reach.PUBLIC if heard.public else Reach.PRIVATE,
        at=heard.at or now,
        name=heard.name,
        subject=heard.subject,
        thread=heard.thread,
        in_reply_to=heard.in_reply_to,
    )


async def take(office: Office, tenant: int, heard: Sequence[Heard], idempotent: str) -> list[Taken]:
    """Append the messages; durable when it returns."""
    centre = await centre_now(office, tenant)
    now = office.clock.now()
    groups: dict[tuple[str, ChannelKind], tuple[Account, list[tuple[int, Incoming]]]] = {}
    for place, one in enumerate(heard):
        account = account_of(centre.accounts, one)
        fallback = sha256(f"{idempotent}/{place}".encode()).hexdigest()[:32] if idempotent else token_hex(16)
        groups.setdefault((account.id, _kind(office, account, one)), (account, []))[1].append(
            (place, incoming(one, now, fallback))
        )
    taken: list[Taken] = [Taken("")] * len(heard)
    for (_, kind), (account, messages) in groups.items():
        new = await office.intake.hear(tenant, account, kind, [message for _, message in messages])
        for (place, message), is_new in zip(messages, new, strict=True):
            id = message_id(message.at, tenant, account.id, message.key)
            taken[place] = Taken(show_id(id if is_new else await _had(office, tenant, account, message.key) or id), is_new)
    return taken


TAKEN = b'{"id":"%s","new":true}'
TAKEN_BYTES = len(TAKEN % bytes(32))


async def take_many(office: Office, tenant: int, bodies: Sequence[bytes]) -> list[bytes | None]:
    """Take in messages that came each in a body of its own; durable when it returns.

    For each what to answer, of TAKEN_BYTES, or None where there is more to say: it is no message, it was here before, or it
    could not be taken now.
    """
    centre = await centre_now(office, tenant)
    now = office.clock.now()
    groups: dict[tuple[str, ChannelKind], tuple[Account, list[tuple[int, Incoming]]]] = {}
    for place, body in enumerate(bodies):
        with contextlib.suppress(BadInput, msgspec.DecodeError):
            one = _one.decode(body)
            account = account_of(centre.accounts, one)
            message = incoming(one, now, one.key or token_hex(16))
            groups.setdefault((account.id, _kind(office, account, one)), (account, []))[1].append((place, message))
    said: list[bytes | None] = [None] * len(bodies)

    async def hear(kind: ChannelKind, account: Account, messages: list[tuple[int, Incoming]]) -> None:
        with contextlib.suppress(RapportError):
            new = await office.intake.hear(tenant, account, kind, [message for _, message in messages])
            for (place, message), is_new in zip(messages, new, strict=True):
                if is_new:
                    said[place] = TAKEN % message_id(message.at, tenant, account.id, message.key).hex().encode()

    await asyncio.gather(*(hear(kind, account, messages) for (_, kind), (account, messages) in groups.items()))
    return said


def _kind(office: Office, account: Account, heard: Heard) -> ChannelKind:
    return office.kind_of.get(account.channel) or heard.kind or (ChannelKind.SOCIAL if heard.public else ChannelKind.CHAT)


async def _had(office: Office, tenant: int, account: Account, key: str) -> bytes | None:
    async with office.store.within(tenant, readonly=True) as db:
        return await entry_of(db, tenant, f"in:{account.id}", key)


async def read_body(receive: Receive) -> bytes:
    """The body of a request. Raises ClientException where it is too large or its sender went away."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientException("client disconnected prematurely")
        parts.append(message["body"])
        size += len(parts[-1])
        if size > LARGEST:
            raise ClientException(f"at most {LARGEST} bytes at once; send them in parts", status_code=413)
        if not message["more_body"]:
            return parts[0] if len(parts) == 1 else b"".join(parts)


@asgi(MESSAGES, opt=needs("messages.write") | SHOWN, copy_scope=False)
async def hand_in(scope: Scope, receive: Receive, send: Send) -> None:
    """Take messages in. Bare ASGI, as this is the hot path: Litestar's own handling doubles what it costs."""
    request: AnyRequest = Request(scope, receive)
    if request.method != "POST":
        raise MethodNotAllowedException(headers={"allow": "POST"})
    office, who = office_of(request), current(request)
    body = await read_body(receive)
    scope["rapport.body"] = body  # type: ignore[typeddict-unknown-key]  # errors.py names the value met
    heard, alone = decode(body)

    async def answer(key: str) -> tuple[int, Any]:  # Any: one Taken or many
        taken = await take(office, who.tenant, heard, f"{who.agent}/{key}" if key else "")
        return 202, taken[0] if alone else taken

    status, said, replayed = await once_said(request, body, answer)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(said)).encode())]
    if replayed:
        headers.append((b"idempotent-replayed", b"true"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": said, "more_body": False})


HANDLERS = [hand_in]
