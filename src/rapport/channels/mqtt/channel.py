"""One subscription at a broker as a channel: what devices publish becomes journey events; nothing is ever said to them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime

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
    Page,
    Part,
    Probe,
    Receipt,
    Unit,
    Wording,
    ailing,
)
from rapport.channels.fields import number, settings_of
from rapport.channels.limits import limits_of
from rapport.channels.mqtt.api import Come, Line, Login, check_installed, client_of, problem_of, subscribed
from rapport.channels.mqtt.parse import NAME, Publication, check_filter, happening_in, read_places
from rapport.clock import Clock
from rapport.errors import Refused, SendError
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Reach

LIMITS = limits_of(__package__)
PAGE, LARGEST = LIMITS.lengths["page"], LIMITS.lengths["payload"]
FIELDS = (
    Field("host", Wording("Servidor (broker)", "Server (broker)")),
    Field("port", Wording("Puerto", "Port"), "8883"),
    Field("security", Wording("Cifrado", "Encryption"), "tls", choices=("tls", "none")),
    Field("username", Wording("Usuario", "User name"), ""),
    Field("password", Wording("Contraseña", "Password"), "", secret=True),
    Field("topic", Wording("Tema, con + donde está el aparato", "Topic, with + where the device stands"), "devices/+/events"),
    Field("session", Wording("Nombre de la sesión en el broker", "Name of the session at the broker"), ""),
    Field("places", Wording("Aparatos que son lugares: puerta-7 = Reforma", "Devices that are places: door-7 = Reforma"), ""),
)
CAPABILITIES = Capabilities(
    kind=ChannelKind.CHAT, reaches=frozenset({Reach.PRIVATE}), text_limit=0, poll=LIMITS.poll, ops=frozenset(), reads_back=True
)
SILENT = Wording("A un aparato no se le escribe.", "Nobody writes to a device.")


@dataclass(slots=True)
class MqttChannel:
    """One subscription. `_given`: the last page that was read; it is acknowledged when the next one is asked for behind it."""

    line: Line
    account: str
    clock: Clock
    places: dict[str, str]
    capabilities: Capabilities = CAPABILITIES
    _given: tuple[bytes, list[Come]] = field(default=(b"", []))
    _nth: int = 0

    async def probe(self) -> Probe:
        """Connect beside the line, and look whether we may read there."""
        from aiomqtt import MqttError

        now, name = self.clock.now(), self.line.login.username
        try:
            async with client_of(self.line.login, clean=True) as client:
                await subscribed(client, self.line.topic)
        except (SendError, MqttError) as error:
            problem = error if isinstance(error, SendError) else problem_of(error)
            return Probe(False, ailing(problem), self.capabilities, now, name)
        said = Wording("Conectada; se escucha a los aparatos.", "Connected; the devices are heard.")
        return Probe(True, said, self.capabilities, now, name)

    def parse(self, raw: bytes) -> list[Event]:
        """What a publication says, given as its topic, an empty line and its payload."""
        topic, _, payload = raw.partition(b"\n\n")
        told = Publication(topic.decode("utf-8", "replace"), payload, self.clock.now())
        return [happening_in(told, self.line.topic, self.places, self.account)]

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """Nobody writes to a device."""
        return Eligibility(False, SILENT)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """No parts: it cannot go out."""
        return Fitted((), 0, Unit.CHARS, (SILENT,))

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Never."""
        raise Refused("nobody writes to a device; answer the person on another channel")

    async def pull(self, cursor: bytes | None) -> Page:
        """What devices published; the same again until somebody asks for what is behind it."""
        if self._given[1] and cursor == self._given[0]:
            self.line.acknowledge(self._given[1])
        self._given = (b"", [])
        await self.line.ready()
        page = self.line.waiting[:PAGE]
        events = [self._event(one.told) for one in page]
        if not page:
            return Page((), cursor)
        self._nth += 1
        behind = f"{self.clock.now().isoformat()}/{self._nth}".encode()
        self._given = (behind, page)
        return Page(tuple(events), behind, more=True)

    def _event(self, told: Publication) -> Event:
        short = told if len(told.payload) <= LARGEST else Publication(told.topic, told.payload[:LARGEST], told.at)
        return happening_in(short, self.line.topic, self.places, self.account)

    def listen(self) -> AsyncIterator[None]:
        """A hint each time that a device published something."""
        return self.line.hints()

    async def aclose(self) -> None:
        """Hang up; the broker keeps what comes meanwhile."""
        await self.line.close()


def open_mqtt(account: Account, means: Means) -> Channel:
    """The account that its settings name. Raises BadInput with the cure where the extra `mqtt` is not installed."""
    given = settings_of(account, FIELDS, means.secret)
    check_installed()
    tls = means.tls if given["security"] == "tls" else None
    name = given["session"] or f"rapport-{account.id}"[:60]
    login = Login(given["host"], int(number(given, "port")), given["username"], given["password"], name, tls)
    return MqttChannel(
        Line(login, check_filter(given["topic"]), means.clock), account.id, means.clock, read_places(given["places"])
    )


NETWORK = Network(
    NAME, Wording("MQTT (aparatos)", "MQTT (devices)"), FIELDS, open_mqtt, hosts=("{host}:{port}",), by_proxy=False
)
