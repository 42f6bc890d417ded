"""The chat on our own page as a channel: what visitors write comes by the web, what we answer is there when it is recorded."""

import hashlib
from datetime import UTC, datetime

import msgspec

from rapport.channels.channel import (
    Capabilities,
    Channel,
    Eligibility,
    Exchange,
    Field,
    Fitted,
    Idempotency,
    Means,
    MediaRules,
    Network,
    Op,
    Part,
    Probe,
    Receipt,
    Unit,
    Wording,
)
from rapport.channels.fields import settings_of
from rapport.channels.plain import readable
from rapport.channels.splitting import split
from rapport.clock import Clock
from rapport.errors import Refused
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Incoming, Reach, Unreadable

NAME = "webchat"
LIMIT = 4000
FILES = MediaRules(("*/*",), 10 * 1024 * 1024, 10)
LONGEST = 64 * 1024  # bytes that a visitor may send at once
FIELDS = (
    Field("title", Wording("Título de la ventana", "Title of the window"), ""),
    Field("origins", Wording("Páginas que la pueden mostrar", "Pages that may show it"), ""),
    Field("ask", Wording("Qué se pregunta antes", "What is asked first"), "", choices=("", "name", "name,email")),
    Field(
        "key", Wording("Clave con que su página firma quién es", "Key with which your page signs who it is"), "", secret=True
    ),
)


class Visit(msgspec.Struct, frozen=True):
    """What a visitor's browser sends: `key` is its own name for this message, the same when it tries again."""

    visitor: str
    key: str
    text: str
    name: str = ""
    at: datetime | None = None


class WebchatChannel:
    """The chat of one account. It never fails to send: the answer is in our own store, and the page shows it from there."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._visit = msgspec.json.Decoder(Visit)
        self.capabilities = Capabilities(
            kind=ChannelKind.CHAT,
            reaches=frozenset({Reach.PRIVATE}),
            text_limit=LIMIT,
            idempotency=Idempotency.NATIVE,
            ops=frozenset({Op.REPLY, Op.EDIT, Op.DELETE}),
            media=FILES,
        )

    async def probe(self) -> Probe:
        """Always well: it has nothing outside."""
        return Probe(True, Wording("El chat está listo.", "The chat is ready."), self.capabilities, self._clock.now())

    def parse(self, raw: bytes) -> list[Incoming | Unreadable]:
        """One message as a visitor's browser sends it: `{"visitor": …, "key": …, "text": …}`."""
        now = self._clock.now()
        reason = f"a visitor may send {LONGEST} bytes at once, this is {len(raw)}" if len(raw) > LONGEST else ""
        try:
            said = self._visit.decode(raw) if not reason else None
        except RecursionError:
            said, reason = None, "it is nested too deeply"
        except (msgspec.MsgspecError, ValueError) as error:
            said, reason = None, f"it is not a message: {error}"
        if said is None or not 0 < len(said.visitor) <= 100 or not 0 < len(said.key) <= 200:
            reason = reason or "`visitor` must have 1 to 100 characters and `key` 1 to 200"
            return [Unreadable("sha256:" + hashlib.sha256(raw).hexdigest(), raw, reason, now)]
        at = said.at or now
        at = min(at if at.tzinfo else at.replace(tzinfo=UTC), now)
        visitor = readable(said.visitor)
        return [
            Incoming(
                key=f"{visitor}/{readable(said.key)}",
                handle=f"{NAME}:{visitor}",
                text=readable(said.text),
                reach=Reach.PRIVATE,
                at=at,
                name=readable(said.name)[:200],
                thread=visitor,
            )
        ]

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """An answer to a visitor; nobody can be written to who never came."""
        if op is Op.REPLY or exchange.heard_at is not None:
            return Eligibility(True)
        return Eligibility(False, Wording("Esta persona no ha abierto el chat.", "This person has not opened the chat."))

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """Parts of at most 4,000 characters."""
        return Fitted(tuple(split(text, LIMIT)), LIMIT, Unit.CHARS)

    async def deliver(self, part: Part, once: str) -> Receipt:
        """At once: the answer is recorded, so it is where the page looks for it."""
        if part.reach is not Reach.PRIVATE:
            raise Refused("a chat is private; it cannot be answered in public")
        return Receipt(once, self._clock.now())

    async def moderate(self, op: Op, key: str, argument: str, once: str) -> None:
        """At once: the page shows what is on record, an answer that was edited or taken back too."""
        if op not in (Op.EDIT, Op.DELETE):
            raise Refused(f"the chat cannot {op} a message")


def open_webchat(account: Account, means: Means) -> Channel:
    """The chat of an account."""
    settings_of(account, FIELDS, means.secret)
    return WebchatChannel(means.clock)


NETWORK = Network(NAME, Wording("Chat en la página", "Chat on the page"), FIELDS, open_webchat)
