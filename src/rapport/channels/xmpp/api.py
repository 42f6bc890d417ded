"""Line: a connection to an XMPP server, logged in, opened anew when it was cut; and what each silence or refusal means."""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, tostring

from rapport.channels.limits import limits_of
from rapport.channels.xmpp.parse import CHAT, RESULT, words_of
from rapport.errors import BadInput, OutcomeUnknown, Refused, Unavailable

if TYPE_CHECKING:
    from slixmpp import ClientXMPP

TIMEOUT = 10.0  # seconds for each answer
RING = limits_of(__package__).window("ring").total_seconds()  # so long a silent line is believed
CURE = "XMPP needs one more package: install Rapport with the extra `xmpp` (pip install 'rapport[xmpp]')"


@dataclass(frozen=True, slots=True)
class Login:
    """Who we are, and where. `host` "": the DNS says. `security`: starttls, tls or none; `tls`: whom we trust."""

    address: str
    password: str
    host: str
    port: int
    security: str
    tls: ssl.SSLContext


@dataclass(slots=True)
class Line:
    """One account. `late`: errors that came back after their message had been taken for sent, as they came."""

    login: Login
    timeout: float = TIMEOUT
    ring: float = RING
    late: list[bytes] = field(default_factory=list)
    _client: "ClientXMPP | None" = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _rang: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: dict[str, Element | None] = field(default_factory=dict)

    async def archive(
        self, *, after: str = "", start: datetime | None = None, with_whom: str = "", most: int
    ) -> tuple[list[bytes], bool]:
        """A page of the archive, oldest first, and whether it is the last; each result as the bytes of its XML.

        Raises:
            Unavailable: not now.
            Refused: the server does not let us in, or keeps no archive.
            BadInput: it does not know the name `after` any more.
        """
        from slixmpp import JID

        client = await self._ready()
        whom = JID(with_whom) if with_whom else None
        rsm = {"max": most} | ({"after": after} if after else {})
        found = await self._asked(client.plugin["xep_0313"].retrieve(start=start, with_jid=whom, rsm=rsm))
        results = [result for message in found["mam"]["results"] for result in message.xml.findall(RESULT)]
        whole = found["mam_fin"].xml.get("complete") in ("true", "1")
        return [tostring(result) for result in results], whole or not results

    async def features(self) -> set[str]:
        """What our account on that server can do. Raises as `archive`."""
        from slixmpp import JID

        client = await self._ready()
        found = await self._asked(client.plugin["xep_0030"].get_info(jid=JID(client.boundjid.bare), local=False))
        return {str(feature) for feature in found["disco_info"]["features"]}

    async def ask(self, to: str, question: Element) -> Element:
        """What a service of the server answers. Raises as `archive`."""
        from slixmpp import JID

        client = await self._ready()
        asked: Any = client.make_iq_get(ito=JID(to))  # slixmpp: an Iq
        asked.append(question)
        found: Element = (await self._asked(asked.send(timeout=self.timeout))).xml
        return found

    async def send(self, to: str, name: str, body: str, *beside: Element) -> None:
        """A message with the id `name`, and what stands beside its text; the server has it when this returns.

        Raises:
            Refused: the network never will take it.
            Unavailable: nothing went out.
            OutcomeUnknown: the line was cut before the server answered.
        """
        from slixmpp import JID
        from slixmpp.exceptions import IqError, IqTimeout
        from slixmpp.jid import InvalidJID

        try:
            client = await self._ready()
            message = client.make_message(mto=to, mbody=body or None, mtype="chat")
        except InvalidJID:
            raise Refused(f"{to[:100]!r} is not an address of XMPP") from None
        message["id"] = name
        for element in beside:
            message.append(element)
        self._waiting[name] = None
        try:
            message.send()
            # A server works in order: when it answers what we ask next, it has done with the message.
            with contextlib.suppress(IqError):
                await client.plugin["xep_0199"].send_ping(JID(client.boundjid.host), timeout=self.timeout)
        except IqTimeout as error:
            await self.close()
            raise OutcomeUnknown("the server did not answer after the message was sent; it may have taken it") from error
        finally:
            failed = self._waiting.pop(name)
        if failed is not None:
            words = f"the network returns it: {words_of(failed)}"
            cause = failed.find(f"{CHAT}error")
            raise Unavailable(words) if cause is not None and cause.get("type") == "wait" else Refused(words)

    async def hints(self) -> AsyncIterator[None]:
        """A hint each time something came by the stream. Raises Unavailable when the line is cut or silent."""
        from slixmpp import JID

        client = await self._ready()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.ring):
                    await self._rang.wait()
            if self._client is not client:
                raise Unavailable("the line to the server was cut")
            if self._rang.is_set():
                self._rang.clear()
                yield
            else:
                await self._asked(client.plugin["xep_0199"].send_ping(JID(client.boundjid.host), timeout=self.timeout))

    def wake(self) -> None:
        """Give a hint of our own."""
        self._rang.set()

    async def close(self) -> None:
        """Hang up; may be called twice."""
        client, self._client = self._client, None
        if client is not None:
            await _hang_up(client)
        self._rang.set()

    async def _asked(self, question: Any) -> Any:  # slixmpp: an awaitable Iq, an Iq
        from slixmpp.exceptions import IqError, IqTimeout

        try:
            async with asyncio.timeout(self.timeout):
                return await question
        except (IqTimeout, TimeoutError) as error:
            await self.close()
            raise Unavailable(f"the server did not answer within {self.timeout:g} seconds") from error
        except IqError as error:
            words = f"{error.condition} {error.text}".strip()
            if error.condition == "item-not-found":
                raise BadInput(f"the server does not know it any more: {words}") from error
            raise (Unavailable if error.etype == "wait" else Refused)(f"the server answers: {words}") from error

    async def _ready(self) -> "ClientXMPP":
        async with self._turn:
            if self._client is None:
                self._client = await self._dial()
            return self._client

    async def _dial(self) -> "ClientXMPP":
        from slixmpp.xmlstream.handler import Callback
        from slixmpp.xmlstream.matcher import MatchXPath

        loop, client = asyncio.get_running_loop(), _client(self.login)
        opened = loop.create_future()

        def settle(problem: Refused | Unavailable | None) -> None:
            if not opened.done():
                opened.set_result(problem)

        def hung_up(_: object) -> None:
            loop.call_later(
                0.1, settle, Unavailable("the server hung up")
            )  # what is wrong with a certificate is told after that
            self._cut(client)

        refused = Refused("the server does not accept this address with this password; connect the account again")
        client.add_event_handler("session_start", lambda _: settle(None))
        client.add_event_handler("failed_all_auth", lambda _: settle(refused))
        client.add_event_handler("no_auth", lambda _: settle(refused))
        client.add_event_handler("connection_failed", lambda why: settle(Unavailable(f"it cannot be reached: {why}"[:200])))
        client.add_event_handler(
            "ssl_invalid_chain", lambda why: settle(Unavailable(f"its certificate is not trusted: {why}"[:300]))
        )
        client.add_event_handler("disconnected", hung_up)
        client.register_handler(Callback("whatever comes", MatchXPath(f"{CHAT}message"), self._came))
        client.add_event_handler("message_error", lambda message: self._returned(message.xml))
        where = (self.login.host, self.login.port) if self.login.host else (None, None)
        client.connect(*where)
        try:
            async with asyncio.timeout(self.timeout):
                problem = await opened
        except TimeoutError:
            problem = Unavailable(f"the server did not let us in within {self.timeout:g} seconds")
        if problem is not None:
            await _hang_up(client)
            raise problem
        client.send_presence()
        return client

    def _cut(self, client: "ClientXMPP") -> None:
        _let_go(client)
        if self._client is client:
            self._client = None
            self._rang.set()

    def _came(self, message: Any) -> None:  # slixmpp: a Message, with a body or without
        if message.xml.find(RESULT) is None:
            self._rang.set()

    def _returned(self, message: Element) -> None:
        name = message.get("id", "")
        if name in self._waiting:
            self._waiting[name] = message
        else:
            self.late.append(tostring(message))
            self._rang.set()


def _client(login: Login) -> "ClientXMPP":
    from slixmpp import ClientXMPP

    logging.getLogger("slixmpp").setLevel(logging.CRITICAL)  # below, it writes what people said into the log
    client = ClientXMPP(login.address, login.password)
    client.ssl_context = login.tls
    client.enable_starttls = login.security == "starttls"
    client.enable_direct_tls = login.security == "tls"
    client.enable_plaintext = login.security == "none"
    client.plugin["feature_mechanisms"].unencrypted_scram = login.security == "none"
    client.auto_subscribe = False
    for plugin in ("xep_0030", "xep_0199", "xep_0313"):
        client.register_plugin(plugin)
    return client


async def _hang_up(client: "ClientXMPP") -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            await client.disconnect(wait=0.5, ignore_send_queue=True)
    _let_go(client)
    client.abort()


def _let_go(client: "ClientXMPP") -> None:
    """End what a client leaves running: it tries to connect for ever, and the task that sends has no end of its own."""
    client.cancel_connection_attempt()
    if client._run_out_filters is not None:
        client._run_out_filters.cancel()


def check_installed() -> None:
    """Raise BadInput with the cure where slixmpp is not installed."""
    from importlib.util import find_spec

    if find_spec("slixmpp") is None:
        raise BadInput(CURE)
