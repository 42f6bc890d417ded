"""What networks call us with: verified by the account's channel, translated, and in the ledger before they are answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from rapport.app.accounts import Accounts
from rapport.app.house import House
from rapport.channels.channel import Channel, Closes, Event, Pulls, Verifies
from rapport.channels.sharing import Shares
from rapport.channels.webhook import Challenge, Rejected, Request, Verified
from rapport.errors import BadInput
from rapport.model.centre import Account
from rapport.pipeline import health, pushes
from rapport.pipeline.fitting import fitting
from rapport.web.office import Answer, Call, Hook

log = structlog.get_logger()
KEEP = timedelta(seconds=20)  # how long a channel that verifies is kept open: then secrets are looked at again
NOT_OURS = Answer(403)


@dataclass(slots=True)
class Hooks:
    """Takes calls of networks for the accounts of a house."""

    house: House
    accounts: Accounts
    _open: dict[tuple[int, str], tuple[Account, datetime, list[Channel]]] = field(default_factory=dict)
    _marked: dict[tuple[int, str], datetime] = field(default_factory=dict)

    async def take(self, tenant: int, account: Account, call: Call) -> Answer:
        """What the network is answered; what it said is durable then. Raises Overloaded, StoreError: it must call again."""
        try:
            channels = await self._channels(tenant, account)
        except BadInput as error:
            log.warning("hook.account_cannot_be_opened", tenant=tenant, account=account.id, error=str(error)[:200])
            return Answer(503)
        asked = Request(call.method, call.path, call.query, call.headers, call.body, call.url, call.peer)
        verdict: Verified | Challenge | Rejected | None = None
        for channel in channels:
            if isinstance(channel, Verifies):
                verdict = channel.verify(asked, self.house.clock.now())
                if not isinstance(verdict, Rejected):
                    break
        match verdict:
            case None:
                return Answer(404)
            case Rejected(reason):
                await self._reject(tenant, account, reason)
                return NOT_OURS
            case Challenge(answer, type):
                return Answer(200, answer, type)
        await self._hear(tenant, account, channel, verdict.raw)
        if isinstance(channel, Shares):
            await self._pass_on(tenant, account, channel, asked, verdict.raw)
        await self._mark(tenant, account, hint=not verdict.raw and isinstance(channel, Pulls), heard=bool(verdict.raw))
        return Answer(200, verdict.answer, verdict.type)

    async def _hear(self, tenant: int, account: Account, channel: Channel, raws: Sequence[bytes]) -> None:
        """Take in what needs no more; what has files is kept as it came, for a worker to complete."""
        at_once: list[Event] = []
        for raw in raws:
            events = channel.parse(raw)
            if pushes.has_files(events):
                async with self.house.within(tenant) as db:
                    await pushes.keep(db, self.house.keys, tenant, account.id, raw)
            else:
                at_once += events
        if at_once:
            fit = await fitting(self.house.within, tenant, at_once)
            await self.house.intake.hear(tenant, account, channel.capabilities.kind, fit)

    async def _pass_on(self, tenant: int, account: Account, channel: Shares, asked: Request, raws: Sequence[bytes]) -> None:
        """Give what is of other accounts to those whose own check lets the call in; what is of nobody is counted and said."""
        missing = {name for raw in raws for name in channel.named_in(raw)} - {channel.own}
        ids = {name.rpartition("/")[2] for name in missing}
        for other in await self.accounts.accounts(tenant) if missing else ():
            if other.id == account.id or not ids & set(other.settings.values()):
                continue
            for sharing in await self._channels(tenant, other):
                if not isinstance(sharing, Shares) or not isinstance(sharing, Verifies) or sharing.own not in missing:
                    continue
                verdict = sharing.verify(asked, self.house.clock.now())
                if isinstance(verdict, Verified):
                    missing.discard(sharing.own)
                    await self._hear(tenant, other, sharing, verdict.raw)
                    await self._mark(tenant, other, hint=False, heard=True)
        if missing:
            await self._reject(tenant, account, f"it is of {', '.join(sorted(missing))}, which no account with its secret is")

    async def _channels(self, tenant: int, account: Account) -> list[Channel]:
        now = self.house.clock.now()
        known = self._open.get((tenant, account.id))
        if known is None or known[0] != account or now - known[1] > KEEP:
            before = known[2] if known is not None else []
            known = account, now, await self.accounts.verifiers(tenant, account)
            self._open[tenant, account.id] = known
            for channel in before:  # they only verified and parsed: nothing of theirs is under way
                if isinstance(channel, Closes):
                    await channel.aclose()
        return known[2]

    async def _reject(self, tenant: int, account: Account, reason: str) -> None:
        log.warning("hook.rejected", tenant=tenant, account=account.id, reason=reason[:200])
        async with self.house.within(tenant) as db:
            await health.rejected(db, tenant, account.id, self.house.clock.now())

    async def _mark(self, tenant: int, account: Account, *, hint: bool, heard: bool) -> None:
        """Keep that the network called; at most once a second, but each hint."""
        now = self.house.clock.now()
        if not hint and now - self._marked.get((tenant, account.id), now - KEEP) < timedelta(seconds=1):
            return
        self._marked[tenant, account.id] = now
        async with self.house.within(tenant) as db:
            await health.pushed(db, tenant, account.id, now, heard=heard, hint=hint)


def hook_of(house: House) -> Hook:
    """What takes calls of networks for a house."""
    assert isinstance(house.accounts, Accounts)
    return Hooks(house, house.accounts).take
