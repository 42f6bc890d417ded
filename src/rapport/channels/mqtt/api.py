"""Line: a subscription at a broker that outlives every cut: what was not acknowledged comes again, and we acknowledge late."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rapport.channels.limits import limits_of
from rapport.channels.mqtt.parse import Publication
from rapport.clock import Clock
from rapport.errors import BadInput, Refused, Unavailable

if TYPE_CHECKING:
    from aiomqtt import Client

LIMITS = limits_of(__package__)
ANSWER = LIMITS.window("answer").total_seconds()
MOST_WAITING = 2_000  # publications that wait here; only those without an acknowledgement can be so many
CURE = "MQTT needs one more package: install Rapport with the extra `mqtt` (pip install 'rapport[mqtt]')"
_WRONG = (
    1,
    2,
    4,
    5,
    128,
    132,
    133,
    134,
    135,
)  # what a broker answers when it never will: MQTT 3.1.1, 3.2.2.3 and MQTT 5, 3.2.2.2


@dataclass(frozen=True, slots=True)
class Login:
    """Where the broker is, and who we are there. `tls` None: the line is not encrypted; `name`: our session at the broker."""

    host: str
    port: int
    username: str
    password: str
    name: str
    tls: ssl.SSLContext | None


class Come:
    """A publication that came, and its number at the broker until it is acknowledged."""

    __slots__ = ("mid", "qos", "told")

    def __init__(self, told: Publication, mid: int, qos: int) -> None:
        self.told, self.mid, self.qos = told, mid, qos


@dataclass(slots=True)
class Line:
    """One subscription. `rang` is set when something came or the line was cut."""

    login: Login
    topic: str
    clock: Clock
    rang: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: list[Come] = field(default_factory=list)
    _client: "Client | None" = None
    _task: "asyncio.Task[None] | None" = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ready(self) -> None:
        """Be subscribed. Raises Unavailable, Refused."""
        async with self._turn:
            if self._task is not None and not self._task.done():
                return
            self.waiting.clear()  # the broker sends again whatever was not acknowledged
            opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._listen(opened))
            await opened

    async def _listen(self, opened: "asyncio.Future[None]") -> None:
        from aiomqtt import MqttError

        try:
            async with client_of(self.login, clean=False) as client:
                await subscribed(client, self.topic)
                self._client = client
                opened.set_result(None)
                async for message in client.messages:
                    if not message.qos and len(self.waiting) >= MOST_WAITING:
                        continue
                    payload = message.payload if isinstance(message.payload, bytes) else str(message.payload or "").encode()
                    told = Publication(str(message.topic), payload, self.clock.now())
                    self.waiting.append(Come(told, message.mid, message.qos))
                    self.rang.set()
        except MqttError as error:
            if not opened.done():
                opened.set_exception(problem_of(error))
        except (Refused, Unavailable) as error:
            if not opened.done():
                opened.set_exception(error)
        finally:
            self._client = None
            self.rang.set()
            if not opened.done():
                opened.set_exception(Unavailable("the broker did not let us in"))

    def acknowledge(self, done: list[Come]) -> None:
        """Tell the broker that these are on record; on a line that was cut they come again, and are known by then."""
        client, named = self._client, {id(one) for one in done}
        for one in self.waiting:
            if id(one) in named and client is not None and one.qos:
                client._client.ack(one.mid, one.qos)
        self.waiting = [one for one in self.waiting if id(one) not in named]

    @property
    def is_open(self) -> bool:
        """Whether we are subscribed at this moment."""
        return self._client is not None

    async def hints(self) -> AsyncIterator[None]:
        """A hint each time that something came. Raises Unavailable when the line was cut."""
        await self.ready()
        while True:
            await self.rang.wait()
            self.rang.clear()
            yield
            if not self.is_open:
                raise Unavailable("the line to the broker was cut")

    async def close(self) -> None:
        """Hang up; may be called twice. The broker keeps our session, and what comes meanwhile."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task


def client_of(login: Login, *, clean: bool) -> "Client":
    """A client that is not connected yet. `clean`: a session of the moment, under a name of its own."""
    from aiomqtt import Client, ProtocolVersion

    client = Client(
        login.host,
        login.port,
        username=login.username or None,
        password=login.password or None,
        identifier=f"{login.name}-test" if clean else login.name,
        protocol=ProtocolVersion.V311,
        clean_session=clean,
        timeout=ANSWER,
        keepalive=30,
        max_queued_incoming_messages=MOST_WAITING,
        tls_context=login.tls,
    )
    if not clean:  # set before the line is open: what comes at once must not be acknowledged before it is on record
        client._client.manual_ack_set(True)
    return client


async def subscribed(client: "Client", topic: str) -> None:
    """Subscribe, each publication once at least. Raises Refused where the broker does not let us read there."""
    granted = await client.subscribe(topic, qos=1)
    if any((one if isinstance(one, int) else one.value) >= 128 for one in granted):
        raise Refused(f"the broker does not let this account read {topic[:80]!r}; allow it there")


def problem_of(error: Exception) -> Refused | Unavailable:
    """What an error of the line means."""
    code = getattr(error, "rc", None)
    value = getattr(code, "value", code)
    if value in _WRONG and type(error).__name__ == "MqttConnectError":
        return Refused(f"the broker does not let us in: {error}"[:300])
    return Unavailable(f"the broker cannot be reached: {error}"[:300])


def check_installed() -> None:
    """Raise BadInput with the cure where aiomqtt is not installed."""
    from importlib.util import find_spec

    if find_spec("aiomqtt") is None:
        raise BadInput(CURE)
