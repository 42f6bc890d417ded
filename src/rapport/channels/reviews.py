"""Reviews as messages: what shops and maps have in common. Each review has one public answer, and writing it again changes it.

A review is heard once; when its words or stars change, that is an edit of it. Who wrote it is known by nothing but the review,
so the person's handle is the review's name. What our answer has come to is a report.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from rapport.channels.capabilities import Wording
from rapport.channels.channel import (
    Capabilities,
    Eligibility,
    Event,
    Exchange,
    Fitted,
    Idempotency,
    Op,
    Page,
    Part,
    Probe,
    Receipt,
    ailing,
)
from rapport.channels.limits import Limits
from rapport.channels.plain import readable
from rapport.channels.tokens import Fixed, Signs, ends_of
from rapport.channels.units import measure
from rapport.channels.watermark import Found, cursor_of, fresh, read_back, since, watermark
from rapport.channels.wire import honest, key_of, line, too_long, unreadable
from rapport.clock import Clock
from rapport.errors import Refused, SendError
from rapport.model.message import ChannelKind, Incoming, Reach
from rapport.model.news import Delivery, Edit, Report

AGAIN = timedelta(days=2)  # each reading goes back so far: lists lag, and the state of an answer changes
REMEMBERED = timedelta(days=60)  # for so long a review that is shown again is known to be the same
STARS = 5


class Review(msgspec.Struct, frozen=True):
    """A review as its shop tells it. `changed_at`: when it was last written, where the shop says both times."""

    id: str
    stars: int
    text: str
    at: datetime | None
    author: str = ""
    title: str = ""
    changed_at: datetime | None = None
    answer: str = ""
    answered_at: datetime | None = None
    state: Delivery | None = None
    reason: str = ""

    @property
    def words(self) -> str:
        """Stars, title and text, as an agent reads them."""
        count = min(max(self.stars, 0), STARS)
        head = f"{'★' * count}{'☆' * (STARS - count)} {line(self.title, 500)}".strip() if count else line(self.title, 500)
        return f"{head}\n{readable(self.text).strip()}".strip()


class Shop(Protocol):
    """Where the reviews are."""

    async def page(self, token: str) -> tuple[Sequence[bytes], str]:
        """A page of reviews, the last changed first, and the token of the next one; "": there is none."""
        ...

    async def one(self, name: str) -> bytes:
        """One review."""
        ...

    async def answer(self, name: str, text: str) -> datetime | None:
        """Write the answer, or write it anew; when it took effect."""
        ...

    async def take_back(self, name: str) -> None:
        """Take the answer away; where there is none, nothing is done."""
        ...

    def read(self, raw: bytes) -> Review | str:
        """What the bytes say, or why they are no review. Pure, never raises."""
        ...


class _Told(msgspec.Struct, frozen=True):
    """A review, and whether we told of it before with other words."""

    review: msgspec.Raw
    known: bool = False


_told = msgspec.json.Decoder(_Told)


@dataclass(slots=True)
class ReviewChannel:
    """The reviews of one place or app."""

    shop: Shop
    name: str
    limits: Limits
    back: timedelta
    clock: Clock
    capabilities: Capabilities
    signs: Signs = field(default_factory=Fixed)

    async def probe(self) -> Probe:
        """Ask for the newest reviews."""
        now = self.clock.now()
        try:
            raws, _ = await self.shop.page("")
        except SendError as error:
            return Probe(False, ailing(error), self.capabilities, now)
        if not raws:
            health = Wording("Se puede leer; aún no hay reseñas.", "It can be read; there are no reviews yet.")
        else:
            health = Wording("Se pueden leer las reseñas.", "The reviews can be read.")
        return Probe(True, health, self.capabilities, now, expires=ends_of(self.signs))

    def parse(self, raw: bytes) -> list[Event]:
        """What a review says: a message, an edit of it, how far our answer has come."""
        now, known, inner = self.clock.now(), False, raw
        if raw.startswith(b'{"review":'):
            try:
                told = _told.decode(raw)
                known, inner = told.known, bytes(told.review)
            except (msgspec.MsgspecError, RecursionError, ValueError):
                inner = raw
        review = self.shop.read(inner)
        if isinstance(review, str):
            return [unreadable(raw, review, now)]
        problem = too_long(review.words) or ("" if review.id else "it is a review without a name")
        return [unreadable(raw, problem, now)] if problem else _events(review, self.name, known, now)

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """A review has one answer, and it is public."""
        if exchange.reach is Reach.PRIVATE and op in (Op.SEND_DIRECT, Op.SEND_NEW):
            return Eligibility(
                False, Wording("Quien opina no recibe mensajes privados.", "A reviewer gets no private messages.")
            )
        if op is Op.REPLY and exchange.answered:
            es, en = "Esta reseña ya tiene su respuesta; cámbiela.", "This review has its answer; change that one."
            return Eligibility(False, Wording(es, en))
        return Eligibility(True)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """One part: a second one would take the place of the first. A longer text cannot go out."""
        limit, unit, whole = self.limits.text_limit, self.limits.unit, text.strip()
        size = measure(whole, unit)
        if size > limit:
            es = f"Una reseña tiene una sola respuesta de {limit} {unit}; esta tiene {size}."
            return Fitted((), limit, unit, (Wording(es, f"A review has one answer of {limit} {unit}; this one has {size}."),))
        note = Wording("Todos la leen, y es la única respuesta.", "Everybody reads it, and it is the only answer.")
        return Fitted((whole,) if whole else (), limit, unit, (note,) if whole else ())

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Write the answer, unless somebody else wrote another one: that would be lost."""
        name = _review_of(part)
        there = await self._answer_to(name)
        if there and there.split() != part.text.split():
            raise Refused(f"the review has an answer already ({line(there, 100)!r}); change that one")
        at = await self.shop.answer(name, part.text)
        return Receipt(answer_key(name), honest(at, self.clock.now()))

    async def pull(self, cursor: bytes | None) -> Page:
        """The reviews that are new or changed, oldest first."""
        now, mark = self.clock.now(), watermark(cursor)

        async def turn(token: str) -> tuple[list[Found], str]:
            raws, after = await self.shop.page(token)
            return [self._found(raw, now) for raw in raws], after

        found = await read_back(turn, since(mark, now, self.back, AGAIN))
        reviews = [Found(one.name.partition("\n")[0], one.at, b"") for one in found if "\n" in one.name]
        first, _ = fresh(mark, reviews, now, REMEMBERED)
        new, after = fresh(mark, found + reviews, now, REMEMBERED)
        unknown = {one.name for one in first}
        told = [_Told(msgspec.Raw(one.raw), one.name.partition("\n")[0] not in unknown) for one in new if one.raw]
        return Page(tuple(event for one in told for event in self.parse(msgspec.json.encode(one))), cursor_of(after))

    async def locate(self, part: Part, once: str, near: datetime) -> str | None:
        """Whether the review has just this answer."""
        name = _review_of(part)
        return answer_key(name) if (await self._answer_to(name)).split() == part.text.split() else None

    async def moderate(self, op: Op, key: str, argument: str, once: str) -> None:
        """Change our answer or take it away."""
        if op not in self.capabilities.ops or op not in (Op.EDIT, Op.DELETE):
            raise Refused(f"{self.name} cannot {op} anything")
        name = key.removesuffix("/reply")
        if op is Op.DELETE:
            await self.shop.take_back(name)
            return
        if not self.fit(argument, Reach.PUBLIC, "").parts:
            raise Refused(f"an answer has 1 to {self.limits.text_limit} {self.limits.unit}")
        await self.shop.answer(name, argument)

    async def _answer_to(self, name: str) -> str:
        """The answer that is there; "": there is none, or the shop does not show the review (Google Play hides old ones)."""
        try:
            there = self.shop.read(await self.shop.one(name))
        except Refused:
            return ""
        return there.answer if isinstance(there, Review) else ""

    def _found(self, raw: bytes, now: datetime) -> Found:
        review = self.shop.read(raw)
        if isinstance(review, str):
            return Found(hashlib.sha256(raw).hexdigest(), now, raw)
        version = f"{review.words}\0{review.state}\0{review.answer}"
        at = honest(review.changed_at or review.at, now)
        return Found(f"{review.id}\n{hashlib.sha256(version.encode('utf-8', 'replace')).hexdigest()}", at, raw)


def _events(review: Review, network: str, known: bool, now: datetime) -> list[Event]:
    key, handle = key_of(review.id), f"{network}:{key_of(review.id)[:300]}"
    at, text = honest(review.at, now), review.words
    changed = honest(review.changed_at, now) if review.changed_at else at
    after_us = review.answered_at is not None and honest(review.answered_at, now) < at  # so it was there before
    events: list[Event] = []
    if not known:
        events.append(Incoming(key, handle, text, Reach.PUBLIC, at, line(review.author), thread=key))
    if known or changed > at or after_us:
        version = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
        events.append(Edit(f"{key}/edit/{version}", key, handle, text, changed))
    if review.answer and review.state is not None:
        when = honest(review.answered_at, now)
        name = f"{answer_key(key)}/{review.state}/{when.timestamp():.0f}"
        events.append(Report(name, answer_key(key), review.state, when, line(review.reason, 300)))
    return events


def answer_key(name: str) -> str:
    """What our answer to a review is called."""
    return f"{key_of(name)}/reply"


def _review_of(part: Part) -> str:
    """The review that is answered. Raises Refused where none is."""
    if part.reach is not Reach.PUBLIC:
        raise Refused("an answer to a review is public; there is no private one")
    name = part.in_reply_to or part.thread
    if not name:
        raise Refused("an answer needs the review that it answers")
    return name.removesuffix("/reply")


def review_capabilities(limits: Limits, reports: frozenset[Delivery], *, take_back: bool) -> Capabilities:
    """What can be done with reviews: a public answer, changed, and mostly taken back."""
    ops = {Op.REPLY, Op.EDIT} | ({Op.DELETE} if take_back else set())
    return Capabilities(
        kind=ChannelKind.SOCIAL,
        reaches=frozenset({Reach.PUBLIC}),
        text_limit=limits.text_limit,
        unit=limits.unit,
        idempotency=Idempotency.NATIVE,
        can_locate=True,
        poll=limits.poll,
        ops=frozenset(ops),
        reports=reports,
        edits_seen=True,
    )
