"""Direct messages: a service of its own, asked through the account's server. Not every server has it, nor every password."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from rapport.channels.bluesky.parse import CHAT, Author, Talk, name_of
from rapport.channels.bluesky.text import facets
from rapport.channels.bluesky.xrpc import Asked, Xrpc
from rapport.channels.budget import Lane
from rapport.channels.wire import honest
from rapport.errors import Refused, SendError

SERVICE = "did:web:api.bsky.chat#bsky_chat"
PAGE = 100
MOST_PAGES = 50


class _Convo(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    rev: str = ""
    members: list[Author] = []
    last_message: Talk | None = None


class _Convos(msgspec.Struct, frozen=True):
    convos: list[_Convo] = []


class _One(msgspec.Struct, frozen=True):
    convo: _Convo


class _Messages(msgspec.Struct, frozen=True):
    messages: list[msgspec.Raw] = []


class _Log(msgspec.Struct, frozen=True):
    logs: list[msgspec.Raw] = []
    cursor: str | None = None


class _Sender(msgspec.Struct, frozen=True, rename="camel"):
    message: Talk | None = None
    rev: str = ""


@dataclass(slots=True)
class Chat:
    """The direct messages of one account. `names`: of whom we talk with, as far as they are known."""

    xrpc: Xrpc
    names: dict[str, str]

    async def there(self) -> bool:
        """Whether this account can have direct messages here and now."""
        try:
            await self._query("listConvos", _Convos, {"limit": 1})
        except SendError:
            return False
        return True

    async def first(self, since: datetime, now: datetime) -> tuple[list[bytes], str]:
        """What `parse` reads of the messages since then, and the place behind them."""
        listed: _Convos = await self._query("listConvos", _Convos, {"limit": PAGE})
        told: list[tuple[datetime, bytes]] = []
        for convo in listed.convos:
            self._remember(convo.members)
            if convo.last_message and honest(convo.last_message.sent_at, now) >= since:
                page: _Messages = await self._query("getMessages", _Messages, {"convoId": convo.id, "limit": PAGE})
                told += [(_sent(bytes(raw), now), _as_log(convo.id, bytes(raw))) for raw in page.messages]
        heard = sorted((one for one in told if one[0] >= since), key=lambda one: one[0])
        return [self._told(raw) for _, raw in heard], max((convo.rev for convo in listed.convos), default="")

    async def after(self, place: str) -> tuple[list[bytes], str]:
        """What happened after a place, oldest first, and the place behind it."""
        told: list[bytes] = []
        for _ in range(MOST_PAGES):
            page: _Log = await self._query("getLog", _Log, {"cursor": place})
            told += [bytes(raw) for raw in page.logs]
            if not page.logs or not page.cursor or page.cursor == place:
                break
            place = page.cursor
        await self._learn(told)
        return [self._told(raw) for raw in told], place

    async def send(self, convo: str, text: str, known: Mapping[str, str]) -> str:
        """Say something; its name. Raises Refused, Unavailable, OutcomeUnknown."""
        message = {"text": text, "facets": facets(text, known)}
        body = {"convoId": convo, "message": message}
        made: Talk = await self.xrpc.call("chat.bsky.convo.sendMessage", body, Talk, of=SERVICE)
        return f"{convo}/{made.id}"

    async def said(self, convo: str, text: str, since: datetime, me: str, now: datetime) -> str | None:
        """The name of what we said in the same words since then; None: there is none."""
        page: _Messages = await self._query("getMessages", _Messages, {"convoId": convo, "limit": PAGE}, Lane.REPLY)
        for raw in page.messages:
            talk = _talk(bytes(raw))
            if talk.sender.did == me and honest(talk.sent_at, now) >= since and talk.text.split() == text.split():
                return f"{convo}/{talk.id}"
        return None

    async def with_whom(self, did: str) -> str:
        """The conversation with somebody, made where there is none. Raises Refused where they let nobody write to them."""
        one: _One = await self._query("getConvoForMembers", _One, {"members": [did]}, Lane.REPLY)
        return one.convo.id

    async def react(self, convo: str, message: str, sign: str, *, taken_back: bool) -> None:
        """Put a sign on a message, or take it back. Raises Refused, Unavailable, OutcomeUnknown."""
        body = {"convoId": convo, "messageId": message, "value": sign}
        await self.xrpc.call(f"chat.bsky.convo.{'remove' if taken_back else 'add'}Reaction", body, dict, of=SERVICE)

    async def _query(self, what: str, kind: type[Any], asked: Asked, lane: Lane = Lane.POLL) -> Any:  # a `kind`
        return await self.xrpc.query(f"chat.bsky.convo.{what}", kind, asked, lane, SERVICE)

    async def _learn(self, told: Sequence[bytes]) -> None:
        """Ask once for the names of those who wrote and are not known yet."""
        senders = {_sender(raw) for raw in told}
        if senders - self.names.keys() - {"", self.xrpc.session.did}:
            try:
                self._remember(
                    [m for c in (await self._query("listConvos", _Convos, {"limit": PAGE})).convos for m in c.members]
                )
            except Refused:
                return

    def _remember(self, members: Sequence[Author]) -> None:
        if len(self.names) > 5000:
            self.names.clear()
        self.names |= {member.did: name_of(member) for member in members}

    def _told(self, log: bytes) -> bytes:
        did = _sender(log)
        name = {did: self.names[did]} if did in self.names else {}
        return b'{"log":' + log + b',"names":' + msgspec.json.encode(name) + b"}"


def _as_log(convo: str, message: bytes) -> bytes:
    told = {"$type": f"{CHAT}logCreateMessage", "convoId": convo, "message": msgspec.Raw(message)}
    return msgspec.json.encode(told)


def _talk(raw: bytes) -> Talk:
    try:
        return msgspec.json.decode(raw, type=Talk)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return Talk()


def _sent(raw: bytes, now: datetime) -> datetime:
    return honest(_talk(raw).sent_at, now)


def _sender(log: bytes) -> str:
    try:
        message = msgspec.json.decode(log, type=_Sender).message
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return ""
    return message.sender.did if message else ""
