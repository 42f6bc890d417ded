"""The channel of the fault bench, as a plug-in would bring it: messages from a folder, replies to the provider by HTTP."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from rapport.channels.channel import (
    Capabilities,
    Channel,
    Eligibility,
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
)
from rapport.channels.fields import settings_of
from rapport.channels.file import FileChannel
from rapport.clock import Clock
from rapport.errors import OutcomeUnknown, Refused, Unavailable
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Incoming, Reach, Unreadable

NAME = "provider"
FIELDS = (Field("folder", Wording("Carpeta", "Folder")), Field("url", Wording("Dirección", "Address")))
PATIENCE = 2.0  # seconds that we wait for an answer
TELLABLE = timedelta(seconds=2)  # after which the provider knows of everything that it was given


@dataclass(slots=True)
class ProviderChannel:
    """Reads as a folder does; sends to a provider that takes no key, and can be asked."""

    inner: FileChannel
    url: str
    http: httpx.AsyncClient
    clock: Clock
    capabilities: Capabilities

    async def probe(self) -> Probe:
        """As the folder."""
        probe = await self.inner.probe()
        return Probe(probe.works, probe.health, self.capabilities, probe.at, NAME)

    def parse(self, raw: bytes) -> list[Incoming | Unreadable]:
        """As the folder."""
        return self.inner.parse(raw)

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """It takes everything."""
        return Eligibility(True)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """As the folder."""
        return self.inner.fit(text, reach, to)

    async def pull(self, cursor: bytes | None) -> Page:
        """As the folder."""
        return await self.inner.pull(cursor)

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Give it to the provider, once."""
        try:
            said = await self.http.post(
                f"{self.url}/send", json={"once": once, "to": part.to, "text": part.text}, timeout=PATIENCE
            )
        except httpx.ConnectError as error:
            raise Unavailable(f"the provider cannot be reached: {error}") from error
        except httpx.TransportError as error:
            raise OutcomeUnknown(f"the provider said nothing: {error!r}") from error
        if said.status_code == 503:
            raise Unavailable("the provider is busy", timedelta(seconds=1))
        if said.status_code >= 500:
            raise OutcomeUnknown(f"the provider answers {said.status_code}")
        if said.status_code != 200:
            raise Refused(f"the provider answers {said.status_code}")
        return Receipt(said.json()["id"], self.clock.now())

    async def locate(self, part: Part, once: str, near: datetime) -> str | None:
        """What the provider calls it."""
        try:
            said = await self.http.get(f"{self.url}/find", params={"once": once}, timeout=PATIENCE)
        except httpx.TransportError as error:
            raise Unavailable(f"the provider cannot be asked: {error!r}") from error
        if found := said.json()["id"]:
            return str(found)
        if self.clock.now() - near < TELLABLE:
            raise Unavailable("the provider may still take it", TELLABLE)
        return None


def open_provider(account: Account, means: Means) -> Channel:
    """The provider of an account."""
    given = settings_of(account, FIELDS, means.secret)
    inner = FileChannel(Path(given["folder"]), means.clock, kind=ChannelKind.CHAT, network=NAME)
    own = Capabilities(
        ChannelKind.CHAT, frozenset({Reach.PRIVATE}), 4000, idempotency=Idempotency.NONE, can_locate=True, poll=0.2
    )
    return ProviderChannel(inner, given["url"], means.http, means.clock, own)


NETWORK = Network(NAME, Wording("Proveedor de prueba", "Provider of the bench"), FIELDS, open_provider)
