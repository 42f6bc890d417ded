"""A system that posts events to us and takes ours, as a channel."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

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
    Idempotency,
    Means,
    Network,
    Op,
    Part,
    Probe,
    Receipt,
    Unit,
    address_of,
    ailing,
)
from rapport.channels.fields import number, settings_of
from rapport.channels.hook.api import FORMATS, Hook
from rapport.channels.hook.envelope import events_in
from rapport.channels.hook.parse import NAME, said_in
from rapport.channels.hook.signing import doubt, secrets_in
from rapport.channels.json_api import JsonApi
from rapport.channels.limits import limits_of
from rapport.channels.splitting import split
from rapport.channels.units import measure
from rapport.channels.webhook import Challenge, Rejected, Request, Verified
from rapport.channels.wire import key_of
from rapport.clock import Clock
from rapport.errors import BadInput, Refused, SendError
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Reach
from rapport.model.news import Delivery

LIMITS = limits_of(__package__)
_REACHES = {"both": frozenset(Reach), "public": frozenset({Reach.PUBLIC}), "private": frozenset({Reach.PRIVATE})}
_TO_WHAT_IS_THERE = frozenset(Op) - {Op.REPLY, Op.SEND_DIRECT, Op.SEND_NEW}
FIELDS = (
    Field(
        "secret",
        Wording("Secretos que firman lo que llega, el nuevo primero", "Secrets that sign what comes, the newest first"),
        secret=True,
    ),
    Field("url", Wording("Dirección que recibe las respuestas", "Address that takes the answers"), ""),
    Field(
        "out_secret",
        Wording("Secretos con que firmamos (vacío: los mismos)", "Secrets we sign with (empty: the same)"),
        "",
        True,
    ),
    Field("format", Wording("Forma de lo que enviamos", "Form of what we send"), "standard", choices=FORMATS),
    Field("kind", Wording("Clase de canal", "Kind of channel"), "chat", choices=tuple(sorted(ChannelKind))),
    Field("reach", Wording("Alcance", "Reach"), "both", choices=tuple(_REACHES)),
    Field("limit", Wording("Longitud de un mensaje", "Length of a message"), str(LIMITS.text_limit)),
    Field("unit", Wording("Qué se cuenta", "What is counted"), "chars", choices=tuple(sorted(Unit))),
    Field("window", Wording("Horas para responder (0: siempre)", "Hours to answer in (0: for ever)"), "0"),
    Field("own", Wording("Nombres propios que se ignoran", "Names of ours that are left out"), ""),
    Field("ops", Wording("Otras acciones que acepta", "Further actions that it takes"), ""),
    Field("dedupes", Wording("Descarta repetidos por webhook-id", "Drops copies by webhook-id"), "yes", choices=("yes", "no")),
)


@dataclass(slots=True)
class HookChannel:
    """One system. `hook` None: it is only heard. `secrets`: of what comes. `own`: names under which we write there.

    `account`: the id of the account.
    """

    hook: Hook | None
    secrets: tuple[bytes, ...]
    own: frozenset[str]
    clock: Clock
    capabilities: Capabilities
    account: str

    async def probe(self) -> Probe:
        """Post a ping, where there is somewhere to post."""
        now = self.clock.now()
        if self.hook is None:
            health = Wording("Se escucha; no hay adónde responder.", "It is heard; there is nowhere to answer.")
            return Probe(True, health, self.capabilities, now)
        try:
            await self.hook.tell("ping", f"ping-{now.timestamp():.6f}", {})
        except SendError as error:
            return Probe(False, ailing(error), self.capabilities, now)
        health = Wording("El sistema aceptó un ping firmado.", "The system took a signed ping.")
        return Probe(True, health, self.capabilities, now)

    def verify(self, request: Request, now: datetime) -> Verified | Challenge | Rejected:
        """Whether one of our secrets signed it within five minutes, and the events in it."""
        if len(request.body) > LIMITS.lengths["request"]:
            return Rejected(f"a request may have {LIMITS.lengths['request']} bytes, this one has {len(request.body)}")
        problem = doubt(self.secrets, request.headers, request.body, now, LIMITS.window("tolerance"))
        if problem:
            return Rejected(problem)
        events = events_in(request, LIMITS.lengths["batch"])
        return Rejected(events) if isinstance(events, str) else Verified(events)

    def parse(self, raw: bytes) -> list[Event]:
        """What one event says."""
        reach = Reach.PRIVATE if Reach.PRIVATE in self.capabilities.reaches else Reach.PUBLIC
        return [*said_in(raw, reach, self.own, self.clock.now(), self.account)]

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """An answer where there is somewhere to post it, within the window that the account says."""
        if self.hook is None:
            return Eligibility(False, Wording("Esta cuenta solo escucha.", "This account only listens."))
        window = self.capabilities.window
        if window is None:
            return Eligibility(True)
        if exchange.heard_at is None or now >= exchange.heard_at + window:
            hours = f"{window.total_seconds() / 3600:g}"
            es = f"Solo se puede escribir en las {hours} horas después de que la persona escribió."
            return Eligibility(False, Wording(es, f"One may write only within {hours} hours after the person wrote."))
        return Eligibility(True, until=exchange.heard_at + window)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """Parts within the account's limit."""
        limit, unit = self.capabilities.text_limit, self.capabilities.unit
        parts = tuple(split(text, limit, lambda part: measure(part, unit)))
        many = Wording(f"Sale en {len(parts)} partes.", f"It goes out in {len(parts)} parts.")
        return Fitted(parts, limit, unit, (many,) if len(parts) > 1 else ())

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Post it under the webhook-id `once`."""
        if part.reach not in self.capabilities.reaches:
            raise Refused(f"this account has nothing {part.reach}; connect it with another reach")
        told = {
            "key": once,
            "to": address_of(part.to, NAME),
            "text": part.text,
            "reach": part.reach.value,
            "in_reply_to": part.in_reply_to,
            "thread": part.thread,
            "subject": part.subject,
        }
        key = await self._hook().tell("message.send", once, told)
        return Receipt(key_of(key or once), self.clock.now())

    async def moderate(self, op: Op, key: str, argument: str, once: str) -> None:
        """Post it as an event of the type `message.` and the name of what is to be done."""
        if op not in self.capabilities.ops or op not in _TO_WHAT_IS_THERE:
            raise Refused(f"this account does not take {op}; connect it again with `ops` if the system does")
        await self._hook().tell(f"message.{op}", once, {"of": key, "argument": argument})

    def _hook(self) -> Hook:
        if self.hook is None:
            raise Refused("this account only listens; give it a `url`")
        return self.hook


def open_hook(account: Account, means: Means) -> Channel:
    """The system that an account's settings name."""
    given = settings_of(account, FIELDS, means.secret)
    secrets = secrets_in(given["secret"])
    if not secrets:
        raise BadInput(f"account {account.id!r} needs a secret in 'secret': `whsec_` and 32 random bytes in base64")
    hook = None
    if given["url"]:
        place = urlsplit(given["url"])
        if place.scheme not in ("http", "https") or not place.hostname or place.username:
            raise BadInput(f"`url` of account {account.id!r} must look like https://example.org/hook, got {given['url']!r}")
        api = JsonApi(means.http, given["url"], means.clock, budget=means.budget)
        ours = secrets_in(given["out_secret"]) or secrets
        hook = Hook(api, ours, f"/rapport/{quote(account.id)}", given["format"])
    own = frozenset(given["own"].split())
    return HookChannel(hook, secrets, own, means.clock, _capabilities(account, given), account.id)


def _capabilities(account: Account, given: dict[str, str]) -> Capabilities:
    limit, hours = number(given, "limit"), number(given, "window")
    if not 1 <= limit <= 100_000:
        raise BadInput(f"`limit` of account {account.id!r} must be from 1 to 100000, got {given['limit']!r}")
    if not 0 <= hours <= 24 * 365:
        raise BadInput(f"`window` of account {account.id!r} must be from 0 to 8760 hours, got {given['window']!r}")
    ops = given["ops"].split()
    if wrong := [op for op in ops if op not in _TO_WHAT_IS_THERE]:
        known = ", ".join(sorted(_TO_WHAT_IS_THERE))
        raise BadInput(f"`ops` of account {account.id!r} may have {known}, got {wrong[0]!r}")
    return Capabilities(
        kind=ChannelKind(given["kind"]),
        reaches=_REACHES[given["reach"]],
        text_limit=int(limit),
        unit=Unit(given["unit"]),
        idempotency=Idempotency.NATIVE if given["dedupes"] == "yes" else Idempotency.NONE,
        ops=frozenset({Op.REPLY, Op.SEND_DIRECT, *map(Op, ops)}),
        window=timedelta(hours=hours) if hours else None,
        reports=frozenset(Delivery),
        edits_seen=True,
        deletes_seen=True,
        reads_back=False,
    )


NETWORK = Network(
    NAME,
    Wording("Cualquier sistema, por webhook", "Any system, by webhook"),
    FIELDS,
    open_hook,
    Evidence.CONTRACT,
    ("{url}",),
)
