"""Telephones: what the softphone's pages are handed: the ledger for what is done, an account's Asterisk for logins."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from rapport.app.accounts import Accounts
from rapport.app.house import House
from rapport.calls.reading import Seen, call_named, calls_of
from rapport.channels.voice.channel import VoiceChannel
from rapport.channels.voice.naming import NAME
from rapport.channels.voice.softphone import make, withdraw
from rapport.errors import Conflict, NotFound, Unavailable
from rapport.model.call import TALK, Call
from rapport.model.ids import read_id, show_id
from rapport.web.telephony import CallNow, Party, PhoneLogin

OUTCOME = 3.0  # seconds
PROBLEMS = {
    "no-answer": "nobody answered",
    "no-softphone": "the agent's softphone cannot be reached",
    "call-over": "the caller is not on the line any more",
    "failed": "the telephone server did not do what was asked",
}
STATES = {"connecting": "ringing", "calling": "ringing"}


@dataclass(frozen=True, slots=True)
class Telephones:
    """The telephone server of each tenant: its account on the channel `voice`, the first by name."""

    house: House
    accounts: Accounts

    async def url(self, tenant: int) -> str:
        """The server's SIP socket as this process reaches it. Raises NotFound where the tenant has no telephone."""
        parts = urlsplit((await self._channel(tenant)).house.ari.root.removesuffix("/ari"))
        return f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}{parts.path}/ws"

    async def login(self, tenant: int, agent: str, session: str) -> PhoneLogin:
        """New credentials for a session; a call that was going on comes back to it. Raises NotFound, Unavailable."""
        channel = await self._channel(tenant)
        try:
            async with _asking(channel) as http:
                made = await make(http, channel.house.ari.app, agent, session)
        except httpx.HTTPError as error:
            raise Unavailable(f"the telephone server cannot be reached: {type(error).__name__}") from error
        async with self.house.within(tenant) as db:
            broken = [seen.call for seen in await calls_of(db, tenant, agent) if seen.call.state in TALK]
        for call in broken:  # the page was loaded anew: the call comes back to it
            await self.house.intake.act(tenant, agent, "call", conversation=call.conversation, argument="reconnect")
        return PhoneLogin(made.user, made.password, made.domain)

    async def logout(self, tenant: int, agent: str, session: str) -> None:
        """Withdraw a session's credentials. Raises NotFound, Unavailable."""
        channel = await self._channel(tenant)
        try:
            async with _asking(channel) as http:
                await withdraw(http, channel.house.ari.app, agent, session)
        except httpx.HTTPError as error:
            raise Unavailable(f"the telephone server cannot be reached: {type(error).__name__}") from error

    async def calls(self, tenant: int, agent: str) -> list[CallNow]:
        """Their calls now."""
        async with self.house.within(tenant) as db:
            return [_shown(seen) for seen in await calls_of(db, tenant, agent)]

    async def act(self, tenant: int, agent: str, call: str, do: str, to: str = "") -> None:
        """Do something with a call. Raises NotFound, Conflict where it is refused."""
        async with self.house.within(tenant) as db:
            found = await call_named(db, tenant, read_id(call) or b"\0" * 16)
        if found is None:
            raise NotFound("there is no such call; it may be over")
        intake = self.house.intake
        if do == "transfer" and not to.removeprefix("+").isdigit():
            whom = to.partition(":")[2] if ":" in to else to
            action = await intake.act(tenant, agent, "transfer", conversation=found.conversation, argument=whom)
        else:
            what = "pass_on" if do == "transfer" else do
            action = await intake.act(tenant, agent, "call", conversation=found.conversation, argument=f"{what} {to}".strip())
        outcome = await intake.outcome(tenant, action, OUTCOME)
        if outcome is not None and not outcome.ok:
            raise Conflict(outcome.reason)

    async def _channel(self, tenant: int) -> VoiceChannel:
        accounts = [a for a in await self.accounts.accounts(tenant) if a.channel == NAME]
        if not accounts:
            raise NotFound("this centre has no telephone; connect one under Channels")
        channel = (await self.accounts.verifiers(tenant, min(accounts, key=lambda a: a.id)))[0]
        assert isinstance(channel, VoiceChannel)
        return channel


def _asking(channel: VoiceChannel) -> httpx.AsyncClient:
    ari = channel.house.ari
    return httpx.AsyncClient(base_url=ari.root, auth=(ari.user, ari.password), timeout=5.0, trust_env=False, verify=channel.tls)


def _shown(seen: Seen) -> CallNow:
    call = seen.call
    asking = bool(call.guest) and call.state in ("talking", "held")  # the third has not answered yet
    held = asking or call.state in ("held", "consulting")
    parties = [Party(call.key, seen.name or seen.number, held=held)]
    if call.guest and (asking or call.state in ("consulting", "conference")):
        parties.append(Party(call.guest, call.guest_name, call.guest_name if not call.guest_name.lstrip("+").isdigit() else ""))
    state = "asking" if asking else STATES.get(call.state, str(call.state))
    return CallNow(
        show_id(call.id), show_id(call.conversation), seen.name, seen.number, state,
        call.joined_at or call.started_at, _recording(call), tuple(parties), PROBLEMS.get(call.problem, ""),
    )  # fmt: skip


def _recording(call: Call) -> str:
    if call.recording:
        return "on"
    return "agreed" if call.agreed else "asked"
