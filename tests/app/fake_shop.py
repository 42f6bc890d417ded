"""A network that pushes, can be read back, and takes one of two keys; for tests of what stands around channels."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from rapport.channels.channel import (
    Capabilities,
    Eligibility,
    Event,
    Exchange,
    Field,
    Fitted,
    Means,
    Network,
    Op,
    Page,
    Part,
    Probe,
    Receipt,
    Unit,
    Wording,
)
from rapport.channels.fields import settings_of
from rapport.channels.webhook import Challenge, Rejected, Request, Verified
from rapport.errors import OutcomeUnknown, Refused
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Incoming, Media, Reach

NOW = datetime(2026, 3, 3, 16, tzinfo=UTC)
FIELDS = (Field("key", Wording("Clave", "Key"), secret=True),)


@dataclass
class Shop:
    """What the network has: whom it lets in, what people wrote, what was done to it."""

    keys: set[str] = field(default_factory=lambda: {"old"})
    said: list[Incoming] = field(default_factory=list)
    done: list[tuple[str, str, str, str]] = field(default_factory=list)
    failing: Exception | None = None
    closed: list[str] = field(default_factory=list)
    ops: frozenset[Op] = frozenset({Op.REPLY, Op.HIDE, Op.DELETE})
    one_sign: frozenset[Reach] = frozenset()

    def network(self) -> Network:
        return Network("shop", Wording("Tienda", "Shop"), FIELDS, self.open)

    def open(self, account: Account, means: Means) -> "ShopChannel":
        means.budget.allow("calls", 100, timedelta(hours=1), means.clock.now())
        return ShopChannel(self, settings_of(account, FIELDS, means.secret)["key"], means)


class ShopChannel:
    """One account, let in by a key."""

    def __init__(self, shop: Shop, key: str, means: Means) -> None:
        self.shop, self.key, self.means = shop, key, means
        kind, reaches = ChannelKind.SOCIAL, frozenset(Reach)
        self.capabilities = Capabilities(kind, reaches, 500, poll=60.0, ops=shop.ops, one_sign=shop.one_sign)

    async def probe(self) -> Probe:
        works = self.key in self.shop.keys
        said = Wording("Va bien.", "It is well.") if works else Wording("Clave equivocada.", "Wrong key.")
        return Probe(works, said, self.capabilities, NOW, "@shop", NOW + timedelta(days=60))

    def parse(self, raw: bytes) -> Sequence[Event]:
        told = json.loads(raw)
        files = tuple(Media("a.png", "image/png", url=url) for url in told.get("files", ()))
        return [Incoming(told["key"], "shop:ana", told["text"], Reach.PUBLIC, NOW, media=files)]

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        return Eligibility(True)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        return Fitted((text,), 500, Unit.CHARS)

    async def deliver(self, part: Part, once: str) -> Receipt:
        raise OutcomeUnknown("nobody sends here")

    async def pull(self, cursor: bytes | None) -> Page:
        place = int(cursor or 0)
        return Page(tuple(self.shop.said[place:]), str(len(self.shop.said)).encode())

    def verify(self, request: Request, now: datetime) -> Verified | Challenge | Rejected:
        if request.method == "GET":
            return Challenge(dict(request.query).get("challenge", "").encode())
        if request.headers.get("signature") != self.key:
            return Rejected("the signature is of another key")
        return Verified(tuple(request.body.splitlines()), b"ok", "text/plain")

    async def moderate(self, op: Op, key: str, argument: str, once: str) -> None:
        failing, self.shop.failing = self.shop.failing, None
        if failing is not None:
            raise failing
        if key == "gone":
            raise Refused("there is no such message any more")
        self.shop.done.append((op.value, key, argument, once))

    async def aclose(self) -> None:
        self.shop.closed.append(self.key)
