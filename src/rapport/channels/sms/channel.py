"""One number of a Kannel gateway as a channel: it calls us with what people write, and we ask it to send."""

import hashlib
import hmac
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

import msgspec

from rapport.channels.channel import (
    Capabilities,
    Channel,
    Eligibility,
    Event,
    Exchange,
    Field,
    Fitted,
    Means,
    Network,
    Op,
    Part,
    Price,
    Probe,
    Receipt,
    Unit,
    Wording,
    address_of,
    ailing,
)
from rapport.channels.fields import number, settings_of
from rapport.channels.limits import limits_of
from rapport.channels.plain import readable
from rapport.channels.sms.api import Kannel
from rapport.channels.sms.parse import NAME, Heard, can_be_answered, number_of, said_in, text_in, told_in
from rapport.channels.sms.text import foreign, room, segments, simplified
from rapport.channels.splitting import split
from rapport.channels.units import is_gsm, measure
from rapport.channels.webhook import Challenge, Rejected, Request, Verified
from rapport.clock import Clock
from rapport.errors import BadInput, Refused, SendError
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Reach
from rapport.model.news import Delivery
from rapport.model.stopping import Wish, wish_of

LIMITS = limits_of(__package__)
GOODBYE = (
    "Listo, ya no te escribiremos; para volver, responde ALTA. / Done, we will not write again; to come back, reply START."
)
WELCOME = "De nuevo te podemos escribir; para salir, responde BAJA. / We may write to you again; to leave, reply STOP."
REMEMBERED = 10_000  # persons whose last word of that kind was answered
STOPPED = Wording("La persona pidió que no le escriban; puede volver con ALTA.", "They asked us to stop; START takes it back.")
NAMELESS = Wording("Quien escribe tiene un nombre en vez de un número.", "This sender has a name instead of a number.")
FIELDS = (
    Field("number", Wording("Número o código corto", "Number or short code")),
    Field("url", Wording("Dirección de sendsms", "Address of sendsms"), "http://127.0.0.1:13013/cgi-bin/sendsms"),
    Field("user", Wording("Usuario de sendsms", "User of sendsms")),
    Field("password", Wording("Contraseña", "Password"), secret=True),
    Field("token", Wording("Clave de sus llamadas (16 letras o más)", "Token in its calls (16 letters or more)"), secret=True),
    Field("addresses", Wording("Desde dónde puede llamar", "Where it may call from"), "127.0.0.1, ::1"),
    Field("callback", Wording("A dónde llama (vacío: sin acuses)", "Where it calls (empty: no delivery reports)"), ""),
    Field("segments", Wording("SMS unidos como máximo en uno", "Most SMS joined to one"), "6"),
    Field("price", Wording("Precio de un SMS, como 0.05 EUR", "Price of one SMS, such as 0.05 EUR"), ""),
    Field("goodbye", Wording("Respuesta a STOP o BAJA", "Answer to STOP"), GOODBYE),
    Field("welcome", Wording("Respuesta a START o ALTA", "Answer to START"), WELCOME),
)


@dataclass(frozen=True, slots=True)
class Door:
    """Who may call us: with which token, from which networks, and where. `callback` "": it does not report deliveries."""

    token: str
    networks: tuple[IPv4Network | IPv6Network, ...]
    callback: str

    def doubt(self, request: Request) -> str:
        """Why a call is not believed; "": it is."""
        try:
            peer = ip_address(request.peer)
        except ValueError:
            return f"the caller's address is not known: {request.peer!r}"
        peer = getattr(peer, "ipv4_mapped", None) or peer
        if not any(peer in network for network in self.networks):
            return f"{peer} may not call; the setting `addresses` says who may"
        given = dict(request.query).get("token", "")
        return "" if hmac.compare_digest(given.encode(), self.token.encode()) else "the token is not ours"

    def report_to(self, key: str) -> str:
        """The address that the gateway calls with its reports of a message; it fills in what begins with %."""
        if not self.callback:
            return ""
        joint = "&" if "?" in self.callback else "?"
        return f"{self.callback}{joint}token={self.token}&report=%d&of={key}&why=%A&at=%T"


@dataclass(slots=True)
class SmsChannel:
    """One number. `stopped(handle)`: whether that person asked us to stop; the record knows."""

    kannel: Kannel
    door: Door
    clock: Clock
    stopped: Callable[[str], Awaitable[bool]]
    answers: dict[Wish, str]
    price: Price | None
    capabilities: Capabilities
    _answered: OrderedDict[str, tuple[Wish, str]] = field(default_factory=OrderedDict)

    async def probe(self) -> Probe:
        """Ask the gateway whether it knows us."""
        now = self.clock.now()
        try:
            await self.kannel.check()
        except SendError as error:
            return Probe(False, ailing(error), self.capabilities, now, self.kannel.number)
        health = Wording(
            "La puerta de enlace acepta al usuario; lo que llegó mientras no se escuchaba no se puede leer después.",
            "The gateway knows this user; what came while nobody listened cannot be read later.",
        )
        return Probe(True, health, self.capabilities, now, self.kannel.number)

    def verify(self, request: Request, now: datetime) -> Verified | Challenge | Rejected:
        """Whether it is our gateway that calls. What it is answered, it sends to the person: so STOP is answered, once."""
        problem = self.door.doubt(request)
        if problem:
            return Rejected(problem)
        told = told_in(request)
        if told is None:
            return Rejected("it is neither a message (POST with id and from) nor a report (report and of)")
        answer = self._answer(told) if isinstance(told, Heard) else ""
        return Verified((msgspec.json.encode(told),), answer.encode(), "text/plain; charset=utf-8")

    def parse(self, raw: bytes) -> list[Event]:
        """The message or the report of one call."""
        return [*said_in(raw, self.clock.now())]

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """Anybody with a number, until they ask us to stop."""
        if exchange.stopped_at is not None:
            return Eligibility(False, STOPPED)
        return Eligibility(True) if can_be_answered(address_of(exchange.handle, NAME)) else Eligibility(False, NAMELESS)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """Parts of as many joined messages as the account allows; typography that would make it dearer is made plain."""
        limit, plain = self.capabilities.text_limit, simplified(readable(text))
        parts = tuple(split(plain, limit, lambda part: measure(part, Unit.GSM)))
        count = sum(segments(part) for part in parts)
        notes = [Wording(f"Cuenta como {count} SMS.", f"It counts as {count} SMS.")]
        if plain != text:
            notes.append(
                Wording("Comillas y rayas se cambian por las del alfabeto GSM.", "Quotes and dashes become those of GSM.")
            )
        if costly := "".join(foreign("".join(parts)))[:20]:
            es = f"Con «{costly}» caben 70 caracteres en un SMS, sin eso 160."
            notes.append(Wording(es, f"With “{costly}” one SMS holds 70 characters, without 160."))
        cost = Price(round(count * self.price.amount, 6), self.price.currency) if self.price else None
        return Fitted(parts, limit, Unit.GSM, tuple(notes) if parts else (), cost)

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Hand it to the gateway; what the receipt is called, its reports name."""
        to = number_of(address_of(part.to, NAME))
        if part.reach is not Reach.PRIVATE:
            raise Refused("an SMS is private; it cannot be public")
        if not can_be_answered(to):
            raise Refused(f"{to[:50]!r} is not a number that an SMS can be sent to")
        if measure(part.text, Unit.GSM) > self.capabilities.text_limit:
            raise Refused("the text is longer than this account joins; let `fit` make the parts")
        if await self.stopped(f"{NAME}:{to}"):
            raise Refused(STOPPED.en)
        key = (
            once
            if re.fullmatch(r"[\w.-]{1,100}", once, re.ASCII)
            else hashlib.sha256(once.encode("utf-8", "replace")).hexdigest()
        )
        await self.kannel.send(to, part.text, self.door.report_to(key))
        return Receipt(key, self.clock.now())

    def _answer(self, heard: Heard) -> str:
        """What somebody is told who asks us to stop or to start: once, however often they or the gateway say it again."""
        wish = wish_of(text_in(heard) or "")
        if wish is None:
            return ""
        who = number_of(heard.sender)
        last = self._answered.get(who)
        if last is not None and last[0] is wish and last[1] != heard.id:
            return ""
        self._answered[who] = (wish, heard.id)
        while len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)
        return self.answers[wish]


def open_sms(account: Account, means: Means) -> Channel:
    """The number of an account."""
    given = settings_of(account, FIELDS, means.secret)
    url = urlsplit(given["url"])
    if url.scheme not in ("http", "https") or not url.hostname:
        raise BadInput(f"`url` of account {account.id!r} must look like {FIELDS[1].default}, got {given['url']!r}")
    for name in ("number", "user", "password"):
        if not (given[name].isascii() and given[name].isprintable()):
            raise BadInput(
                f"`{name}` of account {account.id!r} goes into a header: it must be of ASCII letters, digits and signs"
            )
    most = int(number(given, "segments"))
    if not 1 <= most <= LIMITS.lengths["most"]:
        raise BadInput(f"`segments` of account {account.id!r} must be 1 to {LIMITS.lengths['most']}, got {given['segments']!r}")
    for name in ("goodbye", "welcome"):
        if not is_gsm(given[name]) or segments(given[name]) > 1:
            raise BadInput(
                f"`{name}` of account {account.id!r} must be one SMS without á, í, ó, ú: the gateway sends it as GSM-7"
            )
    kannel = Kannel(means.http, given["url"], given["user"], given["password"], given["number"])
    answers = {Wish.STOP: given["goodbye"], Wish.START: given["welcome"]}
    reports = frozenset({Delivery.ACCEPTED, Delivery.SENT, Delivery.DELIVERED, Delivery.FAILED} if given["callback"] else ())
    capabilities = Capabilities(
        kind=ChannelKind.SMS,
        reaches=frozenset({Reach.PRIVATE}),
        text_limit=room(most),
        unit=Unit.GSM,
        ops=frozenset({Op.REPLY, Op.SEND_DIRECT, Op.SEND_NEW}),
        reports=reports,
        reads_back=False,
    )
    return SmsChannel(kannel, _door(account, given), means.clock, means.stopped, answers, _price(account, given), capabilities)


def _door(account: Account, given: dict[str, str]) -> Door:
    if not re.fullmatch(r"[\w.~-]{16,200}", given["token"], re.ASCII):
        raise BadInput(f"`token` of account {account.id!r} must have 16 letters, digits, `-`, `.`, `_` or `~` at least")
    if "%" in given["callback"] or (given["callback"] and not given["callback"].startswith(("http://", "https://"))):
        raise BadInput(f"`callback` of account {account.id!r} must begin with http and have no %, got {given['callback']!r}")
    networks = []
    for text in given["addresses"].replace(",", " ").split():
        try:
            networks.append(ip_network(text, strict=False))
        except ValueError:
            raise BadInput(
                f"`addresses` of account {account.id!r} must be like 192.0.2.7 or 192.0.2.0/24, got {text!r}"
            ) from None
    return Door(given["token"], tuple(networks), given["callback"])


def _price(account: Account, given: dict[str, str]) -> Price | None:
    if not given["price"]:
        return None
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?) ([A-Z]{3})", given["price"])
    if found is None:
        raise BadInput(f"`price` of account {account.id!r} must look like 0.05 EUR, got {given['price']!r}")
    return Price(float(found[1]), found[2])


NETWORK = Network(NAME, Wording("SMS por Kannel", "SMS by Kannel"), FIELDS, open_sms, hosts=("{url}",))
