"""A network in memory: the first channel to keep the contract, and the one that other tests use."""

import hashlib
from datetime import datetime

import msgspec

from rapport.channels.channel import (
    Capabilities,
    Eligibility,
    Exchange,
    Fitted,
    Idempotency,
    MediaRules,
    Op,
    Page,
    Part,
    Probe,
    Receipt,
    Unit,
    Wording,
)
from rapport.channels.plain import readable
from rapport.channels.splitting import split
from rapport.clock import Clock
from rapport.model.message import ChannelKind, Incoming, Reach, Unreadable

LIMIT = 200


class MemoryChannel:
    """`said` is what people wrote, `sent` what they got, by `once`; `failing` is raised by the next deliver, then forgotten."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.said: list[bytes] = []
        self.sent: dict[str, Part] = {}
        self.failing: Exception | None = None
        self.capabilities = Capabilities(
            kind=ChannelKind.CHAT,
            reaches=frozenset(Reach),
            text_limit=LIMIT,
            idempotency=Idempotency.NATIVE,
            can_locate=True,
            poll=0.01,
            media=MediaRules(("*/*",), 1 << 20, 4),
        )

    async def probe(self) -> Probe:
        return Probe(True, Wording("Va bien.", "It is well."), self.capabilities, self._clock.now())

    def parse(self, raw: bytes) -> list[Incoming | Unreadable]:
        key = hashlib.sha256(raw).hexdigest()
        try:
            sender, text = msgspec.json.decode(raw, type=tuple[str, str])
        except (msgspec.MsgspecError, RecursionError) as error:
            return [Unreadable(key, raw, str(error), self._clock.now())]
        return [Incoming(key, f"memory:{readable(sender)}", readable(text), Reach.PRIVATE, self._clock.now())]

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        return Eligibility(True)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        return Fitted(tuple(split(text, LIMIT)), LIMIT, Unit.CHARS)

    async def deliver(self, part: Part, once: str) -> Receipt:
        if self.failing is not None:
            failing, self.failing = self.failing, None
            raise failing
        self.sent.setdefault(once, part)
        return Receipt(once, self._clock.now())

    async def pull(self, cursor: bytes | None) -> Page:
        place = int(cursor or 0)
        events = [event for raw in self.said[place : place + 2] for event in self.parse(raw)]
        place = min(place + 2, len(self.said))
        return Page(tuple(events), str(place).encode(), place < len(self.said))

    async def locate(self, part: Part, once: str, near: datetime) -> str | None:
        return once if once in self.sent else None
