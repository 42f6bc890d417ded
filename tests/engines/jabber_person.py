"""A person on XMPP, with a program of others: slixmpp and its plug-ins for receipts, corrections, retractions, reactions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slixmpp import JID, ClientXMPP

PLUGINS = ("xep_0030", "xep_0184", "xep_0199", "xep_0280", "xep_0308", "xep_0333", "xep_0424", "xep_0444", "xep_0461")


class Person(ClientXMPP):
    """Logged in while the block of `person` runs. `got`: the message stanzas that came, as slixmpp shows them."""

    def __init__(self, address: str, password: str) -> None:
        super().__init__(address, password)
        self.enable_starttls = self.enable_direct_tls = False
        self.enable_plaintext = True
        self.plugin["feature_mechanisms"].unencrypted_scram = True
        self.got = []
        self.receipts = []
        self.add_event_handler("message", self.got.append)  # those with a body
        self.add_event_handler("message_retract", self.got.append)
        self.add_event_handler("receipt_received", lambda message: self.receipts.append(message["receipt"]))
        for plugin in PLUGINS:
            self.register_plugin(plugin)

    def say(self, to: str, text: str, *, asks_receipt: bool = False) -> str:
        """Write a message; its id."""
        message = self.make_message(mto=JID(to), mbody=text, mtype="chat")
        message["request_receipt"] = asks_receipt
        message.send()
        return str(message["id"])

    def correct(self, to: str, of: str, text: str) -> None:
        """Say it anew (XEP-0308)."""
        self.plugin["xep_0308"].build_correction(of, JID(to), mbody=text).send()

    def texts(self) -> list[str]:
        """What others wrote to this person."""
        return [message["body"] for message in self.got if message["body"]]


@asynccontextmanager
async def person(address: str, password: str, host: str, port: int) -> AsyncIterator[Person]:
    """A person who is there as long as the block runs."""
    found = Person(address, password)
    there = asyncio.get_running_loop().create_future()
    found.add_event_handler("session_start", lambda _: there.done() or there.set_result(None))
    found.connect(host, port)
    async with asyncio.timeout(60):
        await there
    found.send_presence()
    try:
        yield found
    finally:
        await found.disconnect(wait=0.5)
