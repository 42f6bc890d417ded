"""One number, or messaging service, at Twilio as a channel."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from rapport.channels.capabilities import Wording
from rapport.channels.channel import (
    Capabilities,
    Channel,
    Eligibility,
    Event,
    Evidence,
    Exchange,
    Field,
    Fitted,
    Means,
    Network,
    Op,
    Page,
    Part,
    Price,
    Probe,
    Receipt,
    Unit,
    address_of,
    ailing,
)
from rapport.channels.fields import number, settings_of
from rapport.channels.json_api import JsonApi
from rapport.channels.limits import limits_of
from rapport.channels.sms.text import segments, simplified
from rapport.channels.smstwilio.api import SERVER, Twilio, stamp
from rapport.channels.smstwilio.parse import NAME, Resource, form_in, said_in
from rapport.channels.smstwilio.signing import is_signed
from rapport.channels.splitting import split
from rapport.channels.tokens import basic
from rapport.channels.units import is_gsm, measure
from rapport.channels.watermark import Found, cursor_of, fresh, read_back, since, watermark
from rapport.channels.webhook import Challenge, Rejected, Request, Verified
from rapport.channels.wire import honest
from rapport.clock import Clock
from rapport.errors import BadInput, Refused, SendError, Unavailable
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Reach
from rapport.model.news import Delivery

LIMITS = limits_of(__package__)
LATE = timedelta(minutes=2)  # between Twilio's clock and ours
STOPPED = Wording("La persona pidió que no le escriban; puede volver con START.", "They asked us to stop; START takes it back.")
FIELDS = (
    Field("sid", Wording("Identificador de la cuenta (AC…)", "Account SID (AC…)")),
    Field("token", Wording("Auth Token; al cambiarlo, los dos", "Auth Token; both while it changes"), secret=True),
    Field("number", Wording("Número (+34…) o servicio (MG…)", "Number (+34…) or service (MG…)")),
    Field("url", Wording("Dirección pública que llama Twilio", "Public address that Twilio calls"), ""),
    Field("price", Wording("Precio de un segmento, como 0.05 EUR", "Price of a segment, like 0.05 EUR"), ""),
    Field("days", Wording("Días atrás en la primera lectura", "Days back at the first reading"), "7"),
)


@dataclass(slots=True)
class TwilioChannel:
    """One sender. `tokens`: the first asks, all may sign. `url`: as Twilio was told to call it; "": as the request says."""

    twilio: Twilio
    tokens: tuple[str, ...]
    sender: str
    url: str
    price: Price | None
    clock: Clock
    back: timedelta
    stopped: Callable[[str], Awaitable[bool]]
    capabilities: Capabilities

    async def probe(self) -> Probe:
        """Ask Twilio who we are."""
        now = self.clock.now()
        try:
            account = await self.twilio.account()
        except SendError as error:
            return Probe(False, ailing(error), self.capabilities, now, self.sender)
        if account.status not in ("active", "", None):
            health = Wording(f"La cuenta de Twilio está «{account.status}».", f"The account at Twilio is “{account.status}”.")
            return Probe(False, health, self.capabilities, now, self.sender)
        es, en = f"Twilio conoce la cuenta {account.friendly_name}.", f"Twilio knows the account {account.friendly_name}."
        return Probe(True, Wording(es, en), self.capabilities, now, self.sender)

    def verify(self, request: Request, now: datetime) -> Verified | Challenge | Rejected:
        """Whether Twilio signed it with one of our tokens."""
        if request.method != "POST":
            return Rejected("Twilio must be told to call by POST")
        parameters = form_in(request.body)
        told = request.headers.get("x-twilio-signature", "")
        if not is_signed(self.tokens, self.url or request.url, parameters, told):
            return Rejected("x-twilio-signature is not that of our token; is `url` as Twilio calls it?")
        return Verified((request.body,), b"<Response></Response>", "text/xml")

    def parse(self, raw: bytes) -> list[Event]:
        """What a form or a resource of Twilio says."""
        return [*said_in(raw, f"{self.twilio.api.root}/Messages", self.clock.now())]

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """Anybody who did not ask us to stop."""
        return Eligibility(True) if exchange.stopped_at is None else Eligibility(False, STOPPED)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """Messages of at most 1,600 characters, and how many segments those are."""
        plain = simplified(text)
        parts = tuple(split(plain, LIMITS.text_limit, lambda part: measure(part, LIMITS.unit)))
        count = sum(segments(part) for part in parts)
        notes = [Wording(f"Son {count} segmentos de SMS.", f"It is {count} SMS segments.")]
        if plain != text:
            notes.append(Wording("Comillas y rayas pasan a ser sencillas.", "Quotes and dashes become plain ones."))
        foreign = sorted({sign for sign in plain if not is_gsm(sign)})[:5]
        if foreign:
            signs = " ".join(foreign)
            es = f"{signs} obliga a segmentos de 70 caracteres en vez de 160."
            notes.append(Wording(es, f"{signs} makes segments of 70 characters instead of 160."))
        cost = Price(round(self.price.amount * count, 4), self.price.currency) if self.price else None
        return Fitted(parts, LIMITS.text_limit, Unit.UTF16, tuple(notes) if parts else (), cost)

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Create a Message; what becomes of it is told by reports."""
        if part.reach is not Reach.PRIVATE:
            raise Refused("an SMS is private; it cannot be public")
        if await self.stopped(part.to):
            raise Refused(STOPPED.en)
        form = {"To": address_of(part.to, NAME), "Body": part.text, self._sends_as(): self.sender}
        if self.url:
            form["StatusCallback"] = self.url
        made = await self.twilio.send(form)
        return Receipt(made.sid, honest(made.at, self.clock.now()))

    async def pull(self, cursor: bytes | None) -> Page:
        """What came and how far what we sent has come, as Twilio keeps it: nothing that was posted to us in vain is lost."""
        now, mark = self.clock.now(), watermark(cursor)
        until = since(mark, now, self.back, LIMITS.window("late"))
        found: list[Found] = []
        for side in self._sides():
            query = side | {"DateSent>": stamp(until), "PageSize": str(LIMITS.lengths["page"])}
            found += await read_back(self._turn(query, now), until)
        new, mark = fresh(mark, found, now, LIMITS.window("late"))
        events = [event for one in new for event in self.parse(await self._with_files(one.raw))]
        return Page(tuple(events), cursor_of(mark))

    async def locate(self, part: Part, once: str, near: datetime) -> str | None:
        """The message of ours to that number since about then, with the same words."""
        # without a filter of time: what still waits at Twilio has no time of sending, and might be left out
        query, now = {"To": address_of(part.to, NAME), "PageSize": str(LIMITS.lengths["page"])}, self.clock.now()
        for found in await read_back(self._turn(query, now), near - LATE):
            made = msgspec.json.decode(found.raw, type=Resource)
            if made.direction != "inbound" and (made.body or "").endswith(part.text):  # a trial account writes before it
                return made.sid
        if now - near < LIMITS.window("tellable"):
            raise Unavailable("Twilio may still be taking it", LIMITS.window("tellable"))
        return None

    def _turn(self, query: dict[str, str], now: datetime) -> Callable[[str], Awaitable[tuple[list[Found], str]]]:
        async def turn(token: str) -> tuple[list[Found], str]:
            raws, after = await self.twilio.page(query, token)
            found = [_found(bytes(raw), now) for raw in raws]
            return [one for one in found if self.sender[:2] != "MG" or self.sender.encode() in one.raw], after

        return turn

    def _sends_as(self) -> str:
        return "MessagingServiceSid" if self.sender.startswith("MG") else "From"

    def _sides(self) -> list[dict[str, str]]:
        """What is listed: all of the account where a service sends, for its numbers are not ours to know."""
        return [{}] if self.sender.startswith("MG") else [{"To": self.sender}, {"From": self.sender}]

    async def _with_files(self, raw: bytes) -> bytes:
        try:
            told = msgspec.json.decode(raw, type=Resource)
        except (msgspec.MsgspecError, RecursionError, ValueError):
            return raw
        if told.direction != "inbound" or told.num_media in ("0", "", None):
            return raw
        try:
            files = await self.twilio.files(told.sid)
        except Refused:  # it was deleted; the words still stand
            return raw
        return msgspec.json.encode(msgspec.structs.replace(told, files=files))


def _found(raw: bytes, now: datetime) -> Found:
    try:
        told = msgspec.json.decode(raw, type=Resource)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return Found(hashlib.sha256(raw).hexdigest(), now, raw)
    state = "" if told.direction == "inbound" else f"/{told.status}"
    return Found(told.sid + state, honest(told.at, now), raw)


def open_twilio(account: Account, means: Means) -> Channel:
    """The number that an account's settings name."""
    given = settings_of(account, FIELDS, means.secret)
    if not re.fullmatch(r"AC[0-9a-fA-F]{32}", given["sid"]):
        raise BadInput(f"`sid` of account {account.id!r} must be AC and 32 hexadecimal digits, got {given['sid']!r}")
    if not re.fullmatch(r"\+[1-9]\d{6,14}|\d{3,8}|MG[0-9a-fA-F]{32}", given["number"]):
        raise BadInput(f"`number` of account {account.id!r} must look like +34600111222 or MG…, got {given['number']!r}")
    tokens = tuple(given["token"].split())
    if not tokens:
        raise BadInput(f"account {account.id!r} needs 'token', the Auth Token of its account at Twilio")
    root = f"{SERVER}/2010-04-01/Accounts/{given['sid']}"
    api = JsonApi(means.http, root, means.clock, basic(given["sid"], tokens[0]), means.budget)
    capabilities = Capabilities(
        kind=ChannelKind.SMS,
        reaches=frozenset({Reach.PRIVATE}),
        text_limit=LIMITS.text_limit,
        unit=Unit.UTF16,
        can_locate=True,
        poll=LIMITS.poll,
        ops=frozenset({Op.REPLY, Op.SEND_DIRECT, Op.SEND_NEW}),
        reports=frozenset(Delivery),
    )
    back, price = timedelta(days=number(given, "days")), _price(account, given["price"])
    return TwilioChannel(
        Twilio(api), tokens, given["number"], given["url"], price, means.clock, back, means.stopped, capabilities
    )


def _price(account: Account, text: str) -> Price | None:
    if not text:
        return None
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?) ([A-Z]{3})", text)
    if found is None:
        raise BadInput(f"`price` of account {account.id!r} must look like 0.05 EUR, got {text!r}")
    return Price(float(found[1]), found[2])


NETWORK = Network(NAME, Wording("SMS por Twilio", "SMS by Twilio"), FIELDS, open_twilio, Evidence.CONTRACT, ("api.twilio.com",))
