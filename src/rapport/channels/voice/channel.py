"""An Asterisk as a channel: calls are heard by its event socket and its list of channels, and orders are carried out."""

import asyncio
import base64
import hashlib
import ssl
from collections import deque
from collections.abc import AsyncIterator, Sequence, Set
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from rapport.channels.channel import (
    Capabilities,
    Channel,
    Eligibility,
    Event,
    Exchange,
    Field,
    Fitted,
    Idempotency,
    Means,
    Network,
    Op,
    Page,
    Part,
    Probe,
    Receipt,
    Wording,
    ailing,
)
from rapport.channels.fields import settings_of
from rapport.channels.limits import limits_of
from rapport.channels.voice.api import Ari, Line
from rapport.channels.voice.naming import NAME, OURS, recorded
from rapport.channels.voice.orders import House, carry_out
from rapport.channels.voice.parse import CALLS, VANISHED, ended, started, told
from rapport.clock import Clock
from rapport.errors import BadInput, Refused, SendError, Unavailable
from rapport.model.call import Order
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Incoming, Media, Reach
from rapport.model.news import Called, CallStep

LIMITS = limits_of(__package__)
LANGUAGES = {"es": "español", "en": "inglés"}
SAID = (
    ("greeting", "Saludo", "Greeting"),
    ("consent", "Pregunta si se puede grabar", "Question whether it may be recorded"),
    ("promise", "Promesa de devolver la llamada", "Promise to call back"),
)
FIELDS = (
    Field("url", Wording("Asterisk, con http:// o https://", "Asterisk, with http:// or https://")),
    Field("app", Wording("Aplicación Stasis", "Stasis application"), "rapport"),
    Field("user", Wording("Usuario de ARI", "ARI user"), "rapport"),
    Field("secret", Wording("Contraseña de ARI", "ARI password"), secret=True),
    Field("dial", Wording("Cómo se llama fuera", "How outside numbers are dialled"), "PJSIP/{number}@trunk"),
    Field("music", Wording("Música de espera", "Music on hold"), ""),
    Field("callback_key", Wording("Tecla para que se le llame", "Key to be called back"), "1"),
    Field("consent_key", Wording("Tecla para aceptar la grabación", "Key to agree to recording"), "2"),
    Field("language", Wording("Idioma de quien no se conoce", "Language of strangers"), "es", choices=("es", "en")),
    *(
        Field(f"{name}_{code}", Wording(f"{es} ({LANGUAGES[code]})", f"{en} ({code})"), "")
        for name, es, en in SAID
        for code in LANGUAGES
    ),
)
MOST_KEPT = 10_000  # events between two readings; what is lost the list of channels says
FILES_AT_ONCE = 4
LOOKS = 10  # for events that are on their way


class Cursor(msgspec.Struct):
    """`live`: the lines that there were, with their callers' numbers; `fetched`: recordings that are ours by now.

    `told`: how many readings brought something that was heard; the next one shows by it that they are kept. `over`: lines that
    ended, and were in the list still.
    """

    live: dict[str, str] = {}
    fetched: list[str] = []
    told: int = 0
    over: list[str] = []


@dataclass(slots=True)
class VoiceChannel:
    """One Asterisk. `listening`: its event socket is open, so that what happens is heard at once."""

    house: House
    clock: Clock
    capabilities: Capabilities
    tls: ssl.SSLContext
    listening: bool = False
    _heard: deque[Event] = field(default_factory=lambda: deque(maxlen=MOST_KEPT))
    _given: list[Event] = field(default_factory=list)  # heard, and given to whoever reads, who may not have kept it
    _told: int = -1

    async def probe(self) -> Probe:
        """Ask Asterisk what it is."""
        try:
            version = (await self.house.ari.about()).system.version
        except SendError as error:
            return Probe(False, ailing(error), self.capabilities, self.clock.now())
        health = Wording(f"Conectada con Asterisk {version}.", f"Connected with Asterisk {version}.")
        return Probe(True, health, self.capabilities, self.clock.now(), self.house.ari.app)

    def parse(self, raw: bytes) -> list[Event]:
        """What an event says."""
        return [*told(raw, self.clock.now())]

    def eligible(self, op: Op, exchange: Exchange, now: object) -> Eligibility:
        """Nothing is written on the telephone."""
        es, en = "Por teléfono no se escribe: llame o conteste.", "Nothing is written on the telephone: call, or answer."
        return Eligibility(False, Wording(es, en))

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """No text becomes a call."""
        return Fitted((), 0, LIMITS.unit, (Wording("Por teléfono no se escribe.", "Nothing is written on the telephone."),))

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Refuse: a text is no call."""
        raise Refused("nothing is written on the telephone: call the person, or answer on another channel")

    async def moderate(self, op: Op, key: str, argument: str, once: str) -> None:
        """Carry out an order for a call."""
        try:
            order = msgspec.json.decode(argument, type=Order)
        except msgspec.MsgspecError as error:
            raise Refused(f"this is no order for a call: {error}") from error
        if op is not Op.CALL:
            raise Refused(f"a call cannot be told to {op}")
        await carry_out(self.house, order)

    async def listen(self) -> AsyncIterator[None]:
        """A hint at each event; what it says is kept for the reading."""
        ari = self.house.ari
        parts = urlsplit(ari.root)
        secure = parts.scheme == "https"
        url = f"{'wss' if secure else 'ws'}://{parts.netloc}{parts.path}/events?app={quote(ari.app)}"
        token = base64.b64encode(f"{ari.user}:{ari.password}".encode()).decode()
        try:
            async with connect(
                url,
                additional_headers={"Authorization": f"Basic {token}"},
                ssl=self.tls if secure else None,
                proxy=None,
                ping_interval=10,
                ping_timeout=10,
                max_size=1 << 20,
            ) as socket:
                self.listening = True
                yield None  # what came before is in the list of channels
                async for raw in socket:
                    self._heard += self.parse(raw if isinstance(raw, bytes) else raw.encode())
                    yield None
        except (OSError, WebSocketException, TimeoutError) as error:
            raise Unavailable(f"the telephone server's event socket is away: {type(error).__name__}") from error
        finally:
            self.listening = False

    async def pull(self, cursor: bytes | None) -> Page:
        """What was heard, and what the list of channels says beyond that: calls that nobody told of, and that vanished."""
        before = _cursor(cursor)
        events = self._still_given(before)  # before the list: what began after it is not missing there
        lines = {line.id: line for line in await self.house.ari.lines() if self._is_ours(line)}
        told_of, now = {event.key for event in events}, self.clock.now()
        for id, line in lines.items():
            if not OURS.fullmatch(id) and id not in before.live and id not in before.over and id not in told_of:
                events += started(line, line.dialplan.app_data.split(",")[2:3][0] if "," in line.dialplan.app_data else "", now)
        gone = {id: number for id, number in (before.live | _begun(events)).items() if id not in lines}
        late = await self._late(gone.keys() - _over(events))
        over = _over((*events, *late))
        events += [*late, *(ended(id, number, now, VANISHED) for id, number in gone.items() if id not in over)]
        files, recordings, fetched = await self._recordings(set(before.fetched))
        over |= set(before.over)
        live = {id: line.caller.number for id, line in lines.items()} | _begun(late)
        self._told = before.told + bool(self._given)
        page = Cursor({id: n for id, n in live.items() if id not in over}, fetched, self._told, sorted(over & lines.keys()))
        return Page((*events, *recordings), msgspec.json.encode(page), bool(recordings), files)

    def _still_given(self, before: Cursor) -> list[Event]:
        """What was heard and is not safely kept by now: what the last reading gave is, where its cursor comes back."""
        if before.told == self._told:
            self._given.clear()
        self._given += _drained(self._heard)
        return list(self._given)

    async def _late(self, untold: Set[str]) -> list[Event]:
        """What is heard within a second, where lines are gone of whose end nobody told: the list is quicker than the events."""
        late: list[Event] = []
        for _ in range(LOOKS if self.listening else 0):
            late += _drained(self._heard)
            if untold <= _over(late):
                break
            await asyncio.sleep(self.house.look)
        self._given += late
        return late

    def _is_ours(self, line: Line) -> bool:
        """Whether a channel is of our application, and of ours in it."""
        mine = line.dialplan.app_name == "Stasis" and line.dialplan.app_data.split(",")[:1] == [self.house.ari.app]
        return bool(OURS.fullmatch(line.id)) or (mine and line.dialplan.app_data.split(",")[1:2] == [CALLS])

    async def _recordings(self, kept: set[str]) -> tuple[dict[str, bytes], list[Incoming], list[str]]:
        """Recordings as messages with a file; those that are safely ours by now are taken away there."""
        ari, files, messages = self.house.ari, dict[str, bytes](), list[Incoming]()
        fetched: list[str] = []
        for one in await ari.stored():
            whose = recorded(one.name, ari.app)
            if whose is None or await ari.is_live(one.name):
                continue
            if one.name in kept:
                await ari.ask("DELETE", f"/recordings/stored/{quote(one.name)}", okay=(404, 409))
            elif len(messages) < FILES_AT_ONCE:
                data = (await ari.ask("GET", f"/recordings/stored/{quote(one.name)}/file")).content
                blob, (handle, key) = hashlib.sha256(data).hexdigest(), whose
                files[blob] = data
                file = Media(f"call.{one.format}", "audio/wav", len(data), blob)
                messages.append(
                    Incoming(
                        one.name, handle, "\N{BLACK TELEPHONE} \N{BLACK CIRCLE FOR RECORD}", Reach.PRIVATE, self.clock.now(),
                        thread=key, in_reply_to=key, media=(file,), automatic=True,
                    )
                )  # fmt: skip
                fetched.append(one.name)
        return files, messages, fetched


def _begun(events: Sequence[Event]) -> dict[str, str]:
    """The numbers of callers whose calls began, by their lines."""
    begun = (e for e in events if isinstance(e, Called) and e.step is CallStep.STARTED)
    return {event.of: event.handle.removeprefix(f"{NAME}:") for event in begun}


def _over(events: Sequence[Event]) -> set[str]:
    """The lines of whose end these tell."""
    return {e.argument for e in events if isinstance(e, Called) and e.step in (CallStep.ENDED, CallStep.LEG_ENDED)}


def _drained(heard: deque[Event]) -> list[Event]:
    events = list(heard)
    heard.clear()
    return events


def _cursor(cursor: bytes | None) -> Cursor:
    try:
        return msgspec.json.decode(cursor, type=Cursor) if cursor else Cursor()
    except msgspec.MsgspecError:
        return Cursor()


def ari_of(account: Account, means: Means) -> tuple[Ari, dict[str, str]]:
    """How an account's Asterisk is asked, and its settings. Raises BadInput."""
    values = settings_of(account, FIELDS, means.secret)
    if urlsplit(values["url"]).scheme not in ("http", "https"):
        raise BadInput(f"'url' of account {account.id!r} must begin with http:// or https://, got {values['url']!r}")
    root = values["url"].rstrip("/") + "/ari"
    return Ari(means.http, root, values["app"], values["user"], values["secret"]), values


def _open(account: Account, means: Means) -> Channel:
    ari, values = ari_of(account, means)
    prompts = {(name, code): values[f"{name}_{code}"] for name, _, _ in SAID for code in LANGUAGES}
    capabilities = Capabilities(
        ChannelKind.VOICE, frozenset({Reach.PRIVATE}), 0, LIMITS.unit, Idempotency.NATIVE,
        poll=LIMITS.poll, ops=frozenset({Op.CALL}),
    )  # fmt: skip
    house = House(ari, values["dial"], values["music"], LIMITS.lengths["ring"], LIMITS.lengths["softphone"], prompts)
    return VoiceChannel(house, means.clock, capabilities, means.tls)


NETWORK = Network(NAME, Wording("Teléfono (Asterisk)", "Telephone (Asterisk)"), FIELDS, _open, hosts=("{url}",), sound=True)
