"""One WhatsApp Business number as a channel. There is nothing to read back: what a webhook did not bring is lost to us."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from rapport.channels import graph_webhook
from rapport.channels.budget import Budget, Lane
from rapport.channels.channel import (
    GESTURES,
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
    Probe,
    Receipt,
    Wording,
    address_of,
    ailing,
)
from rapport.channels.fields import READ_MARKS, settings_of
from rapport.channels.graph_api import HOST, SECRETS, VERSION, GraphApi, graph_api
from rapport.channels.limits import Limits, limits_of
from rapport.channels.splitting import split
from rapport.channels.webhook import Challenge, Rejected, Request, Verified
from rapport.channels.whatsapp import api as cloud
from rapport.channels.whatsapp.parse import NAME, events_in
from rapport.channels.whatsapp.template import Template, message_of, template_in
from rapport.clock import Clock
from rapport.errors import BadInput, OutcomeUnknown, Refused, SendError
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Incoming, Media, Reach
from rapport.model.news import Delivery

FIELDS = (
    Field("number", Wording("Número de identificación del teléfono", "Phone number id")),
    *SECRETS,
    Field(VERSION.name, VERSION.label, "v23.0"),
    READ_MARKS,
)
OPS = GESTURES | {Op.REPLY, Op.SEND_DIRECT}
MESSAGES, PAIR = "messages", "pair"


@dataclass(slots=True)
class WhatsappChannel:
    """One number."""

    api: GraphApi
    number: str
    app_secret: str
    verify_token: str
    clock: Clock
    budget: Budget
    limits: Limits
    capabilities: Capabilities = field(init=False)

    def __post_init__(self) -> None:
        self.capabilities = _capabilities(self.limits)

    async def probe(self) -> Probe:
        """Ask whose number it is, and what Meta thinks of its messages."""
        try:
            found = await cloud.look(self.api, self.number)
        except SendError as error:
            return Probe(False, ailing(error), self.capabilities, self.clock.now())
        name = f"{found.verified_name} ({found.display_phone_number})"
        es, en = f"Conectada como {name}.", f"Connected as {name}."
        if found.quality_rating == "RED":
            es, en = f"{es} Meta califica mal sus mensajes.", f"{en} Meta rates its messages low."
        return Probe(True, Wording(es, en), self.capabilities, self.clock.now(), name, await self.api.ends())

    def parse(self, raw: bytes) -> Sequence[Event]:
        """The messages and news in the body of a webhook."""
        return events_in(raw, self.number, self.api.api.root, self.clock.now())

    @property
    def own(self) -> str:
        """This account, as a webhook names it."""
        return f"whatsapp_business_account/{self.number}"

    def named_in(self, raw: bytes) -> frozenset[str]:
        """The accounts of which a webhook says something: an application has one address for all of them."""
        return graph_webhook.named_in(raw, self.clock.now())

    def verify(self, request: Request, now: datetime) -> Verified | Challenge | Rejected:
        """Whether it is WhatsApp's."""
        return graph_webhook.verify(request, self.app_secret, self.verify_token)

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """Any text within 24 hours of the person's last message; then only a template."""
        if op not in OPS or exchange.reach is Reach.PUBLIC:
            return Eligibility(False, Wording("WhatsApp no lo permite.", "WhatsApp does not allow it."))
        until = exchange.heard_at + self.limits.window("reply") if exchange.heard_at else None
        if until is not None and now < until:
            return Eligibility(True, until=until)
        reason = Wording(
            "Pasaron 24 horas desde que escribió: solo una plantilla aprobada.",
            "More than 24 hours since they wrote: only an approved template.",
        )
        return Eligibility(True, reason, template=True)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """Parts of at most 4,096 characters; or a template, which is never cut."""
        template, limit = template_in(text), self.limits.text_limit
        if template is not None:
            return self._fit_template(text.strip(), template)
        parts = tuple(split(text, limit))
        many = Wording(f"Sale en {len(parts)} mensajes.", f"It goes out in {len(parts)} messages.")
        return Fitted(parts, limit, self.limits.unit, (many,) if len(parts) > 1 else ())

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Send a text or a template, as an answer to what was said where that is named."""
        if part.reach is Reach.PUBLIC:
            raise Refused("nothing on WhatsApp is public")
        self._spend(part.to)
        template = template_in(part.text)
        body: dict[str, Any] = {"recipient_type": "individual"} | _recipient(part.to)  # Any: JSON
        if part.in_reply_to:
            body["context"] = {"message_id": part.in_reply_to}
        if part.files and template is not None:
            raise Refused("a template carries no file; send the file when the person has answered")
        if part.files:
            body |= await cloud.file_message(self.api, self.number, part.files[0], part.text)
        elif template is None:
            body |= {"type": "text", "text": {"body": part.text}}
        else:
            body |= {"type": "template", "template": message_of(template)}
        key = await cloud.send(self.api, self.number, body)
        if not key:
            raise OutcomeUnknown("the network took it and did not say what it calls it")
        return Receipt(key, self.clock.now())

    async def moderate(self, op: Op, key: str, argument: str, once: str) -> None:
        """Say that a message was read: the person sees two blue ticks."""
        if op is not Op.MARK_READ:
            raise Refused(f"WhatsApp cannot do {op}")
        said = {"messaging_product": "whatsapp", "status": "read", "message_id": key}
        await self.api.change(f"/{self.number}/messages", said)

    async def gesture(self, op: Op, key: str, to: str, argument: str, once: str) -> None:
        """Put our sign on a message, take it back (a sign of no letters), or say that it was read."""
        if op not in (Op.REACT, Op.UNREACT):
            await self.moderate(op, key, argument, once)
            return
        self._spend(to)
        said = {"message_id": key, "emoji": argument if op is Op.REACT else ""}
        body = {"messaging_product": "whatsapp", "recipient_type": "individual", "type": "reaction", "reaction": said}
        await self.api.change(f"/{self.number}/messages", body | _recipient(to))

    async def complete(self, events: Sequence[Event]) -> Page:
        """The events of a webhook with the bytes of their files, which are asked for with our token. Never raises."""
        files: dict[str, bytes] = {}
        return Page(tuple([await self._with_files(event, files) for event in events]), None, files=files)

    async def _with_files(self, event: Event, files: dict[str, bytes]) -> Event:
        if not isinstance(event, Incoming) or not event.media:
            return event
        media = [await self._file(one, files) for one in event.media]
        return msgspec.structs.replace(event, media=tuple(media))

    async def _file(self, media: Media, files: dict[str, bytes]) -> Media:
        try:
            data = await cloud.fetch(self.api, media)
        except SendError as error:
            return msgspec.structs.replace(media, reason=f"it could not be fetched: {error}"[:300])
        name = hashlib.sha256(data).hexdigest()
        files[name] = data
        return msgspec.structs.replace(media, blob=name, size=len(data), url="")

    def _fit_template(self, text: str, template: Template) -> Fitted:
        limit, most = self.limits.text_limit, self.limits.lengths["template"]
        if template.length > most:
            note = Wording(f"Una plantilla admite {most} caracteres.", f"A template takes {most} characters.")
            return Fitted((), limit, self.limits.unit, (note,))
        named = f"{template.name} ({template.language})"
        note = Wording(f"Sale como plantilla {named}; Meta la cobra.", f"It goes out as template {named}; Meta charges it.")
        return Fitted((text,), limit, self.limits.unit, (note,))

    def _spend(self, to: str) -> None:
        """Take a message out of the number's budget and out of the person's. Raises Unavailable."""
        now, rate = self.clock.now(), self.limits.budgets[PAIR]
        for name in [n for n, b in self.budget.buckets.items() if n.startswith(f"{PAIR}:") and b.resets_at <= now]:
            del self.budget.buckets[name]
        pair = f"{PAIR}:{address_of(to, NAME)}"
        self.budget.allow(pair, rate.limit, timedelta(seconds=rate.seconds), now)
        self.budget.spend(pair, Lane.REPLY, now)
        self.budget.spend(MESSAGES, Lane.REPLY, now)


def _recipient(to: str) -> dict[str, str]:
    """Who gets it: a telephone number, or the id that stands for a person whose number we do not know (`US.1349…`)."""
    address = address_of(to, NAME).lstrip("+")
    return {"to": address} if address.isdecimal() else {"recipient": address}


def _capabilities(limits: Limits) -> Capabilities:
    return Capabilities(
        kind=ChannelKind.CHAT,
        reaches=frozenset({Reach.PRIVATE}),
        text_limit=limits.text_limit,
        unit=limits.unit,
        ops=OPS,
        window=limits.window("reply"),
        reports=frozenset({Delivery.SENT, Delivery.DELIVERED, Delivery.READ, Delivery.FAILED}),
        edits_seen=True,
        deletes_seen=True,
        reads_back=False,
        media=limits.media,
        one_sign=frozenset(Reach),
    )


def open_whatsapp(account: Account, means: Means) -> Channel:
    """The number that its settings name."""
    given = settings_of(account, FIELDS, means.secret)
    if not given["number"].isdecimal():
        raise BadInput(f"`number` of account {account.id!r} must be the phone number's id, got {given['number']!r}")
    limits = limits_of(__package__)
    means.budget.allow(
        MESSAGES, limits.budgets[MESSAGES].limit, timedelta(seconds=limits.budgets[MESSAGES].seconds), means.clock.now()
    )
    return WhatsappChannel(
        graph_api(given, means), given["number"], given["app_secret"], given["verify_token"], means.clock, means.budget, limits
    )


NETWORK = Network(
    NAME, Wording("WhatsApp Business", "WhatsApp Business"), FIELDS, open_whatsapp, Evidence.CONTRACT,
    (HOST.removeprefix("https://"), "lookaside.fbsbx.com"),
)  # fmt: skip
