"""The way in: what networks, desks and departments tell us, as facts in the ledger. Durable when a call returns."""

import asyncio
import os
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import asyncpg
import msgspec

from rapport.clock import Clock
from rapport.errors import BadInput, StoreError
from rapport.ledger.append import Appender, Prepared, prepare
from rapport.ledger.cards import kept
from rapport.ledger.cleaning import clean as clean, clean_content, clean_json as clean_json, clean_values
from rapport.ledger.entry import New
from rapport.ledger.journey import EventTold, append_unless_told, check_handles, declared, seen
from rapport.ledger.news import Known, Told, find_known, name_of, news_of
from rapport.ledger.owners import Bare, Within as Within, find_or_make, open_keys, whose
from rapport.ledger.seal import Keys
from rapport.ledger.tables import read_rows
from rapport.model.centre import Account
from rapport.model.fact import (
    ACTIONS,
    ActionTaken,
    CentreRemoved,
    CentreSet,
    ContextRead,
    Fact,
    MessageReceived,
    MessageUnreadable,
    RawBytes,
    Words,
)
from rapport.model.ids import derived_id, named_id
from rapport.model.message import ChannelKind, Incoming, Media, Said, Unreadable
from rapport.model.reply import Outcome

Changes = Callable[[int, float], Awaitable[None]]
SOON = 0.25  # seconds


@dataclass(slots=True)
class Intake:
    """Turns what is told into facts and appends them.

    `bare` gives a connection outside all walls. `changed(tenant, seconds)` returns when a ledger may have grown.
    """

    appender: Appender
    keys: Keys
    within: Within
    bare: Bare
    clock: Clock
    changed: Changes
    rang: Callable[[int], None]
    _asked: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    _soon: set[int] = field(default_factory=set)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def hear(
        self,
        tenant: int,
        account: Account,
        kind: ChannelKind,
        messages: Sequence[Told],
        position: bytes | None = None,
    ) -> list[bool]:
        """Take in messages of an account, and news of messages, each once; False for each that we already had.

        `position`: the account's cursor after them, stored in the same transaction.
        Raises:
            Overloaded: too much waits to be written; nothing was taken.
        """
        if not messages and position is None:
            return []
        owners = await self.owners(tenant, {name_of(m, account.channel) for m in messages})
        now = self.clock.now()
        known = await self._known_of(tenant, account, messages)
        rows = self._prepared(
            tenant,
            (
                self._heard(tenant, account, kind, m, owners, now)
                if isinstance(m, Incoming | Unreadable)
                else news_of(tenant, account, m, now, owners, known, self.keys)
                for m in messages
            ),
        )
        taken = await self.appender.append(tenant, rows, (account.id, position) if position is not None else None)
        self.rang(tenant)
        return taken

    async def _known_of(self, tenant: int, account: Account, told: Sequence[Told]) -> Known:
        """What `news_of` must know of messages that are there; nothing is asked where there is no news."""
        if all(isinstance(m, Incoming | Unreadable) for m in told):
            return Known()
        async with self.within(tenant) as db:
            known = await find_known(db, self.keys, tenant, account.id, told)
        beside = {clean(m.key): message_id(m.at, tenant, account.id, m.key) for m in told if isinstance(m, Incoming)}
        return known._replace(messages={**beside, **known.messages})

    def _heard(
        self,
        tenant: int,
        account: Account,
        kind: ChannelKind,
        heard: Incoming | Unreadable,
        owners: Mapping[str, bytes],
        now: datetime,
    ) -> New:
        message = message_id(heard.at, tenant, account.id, heard.key)
        content: msgspec.Struct
        fact: Fact
        if isinstance(heard, Unreadable):
            name = heard.handle or f"{account.channel}:unreadable"
            handle = owners[name]
            fact = MessageUnreadable(message, handle, account.id, account.channel, kind, clean(heard.key))
            content = RawBytes(heard.raw, clean(heard.reason), clean(name))
        else:
            handle = owners[heard.handle]
            fact = MessageReceived(
                message, handle, account.id, account.channel, kind, heard.reach, clean(heard.key), heard.at,
                clean(heard.thread), clean(heard.in_reply_to), heard.automatic,
            )  # fmt: skip
            content = Said(
                kept(heard.text), clean(heard.handle), clean(heard.name), kept(heard.subject), kept(heard.html), heard.media
            )
        return New(message, now, message, fact, content, handle, f"in:{account.id}", clean(heard.key))

    async def event(
        self, tenant: int, handle: str, kind: str, source: str, source_id: str, at: datetime, data: Mapping[str, Any]
    ) -> bool:  # Any: plain JSON
        """Take in what happened between a person and a department; False when we already had it."""
        return (await self.take_events(tenant, [EventTold(handle, kind, source, source_id, at, data)]))[0]

    async def take_events(self, tenant: int, events: Sequence[EventTold]) -> list[bool]:
        """Take in what departments tell, all in one transaction; False for each that we already had."""
        check_handles([event.handle for event in events])
        owners, now = await self.owners(tenant, {event.handle for event in events}), self.clock.now()
        news = [seen(self.keys, tenant, event, owners[event.handle], now) for event in events]
        return await append_unless_told(self.within, self.append, tenant, news, [event.source_id for event in events])

    async def declare(
        self, tenant: int, handles: Sequence[str], name: str, attributes: Mapping[str, Any], source: str, source_id: str
    ) -> bool:  # Any: attribute values
        """Take in that these handles are one person, and what is known of them; False when we already had it."""
        if not handles:
            raise BadInput(f"a person needs at least one handle such as email:ana@example.org, {name!r} has none")
        owners = await self.owners(tenant, set(handles))
        new = declared(self.keys, tenant, handles, name, attributes, (source, source_id), owners, self.clock.now())
        return (await append_unless_told(self.within, self.append, tenant, [new], [source_id]))[0]

    async def act(
        self,
        tenant: int,
        agent: str,
        do: str,
        *,
        conversation: bytes | None = None,
        offer: bytes | None = None,
        draft: bytes | None = None,
        reach: str = "",
        argument: str = "",
        text: str = "",
        subject: str = "",
        reason: str = "",
        once: str = "",
        outgoing: bytes | None = None,
        message: bytes | None = None,
        values: Mapping[str, float | str | bool] | None = None,
        files: Sequence[Media] = (),
    ) -> bytes:
        """Record what somebody does; returns the action's id, by which `outcome` finds what became of it.

        The same `once` twice is one action.
        """
        if do not in ACTIONS:
            raise BadInput(f"no action is called {do!r}; there are {', '.join(sorted(ACTIONS))}")
        now = self.clock.now()
        action = derived_id(bytes(16), tenant, agent, once) if once else named_id(now, agent, do, os.urandom(8))
        content, owner = None, None
        if text or reason or subject or values or files:
            async with self.within(tenant) as db:
                owner, known = await whose(db, self.keys, tenant, conversation, draft)
            words = Words(kept(text), kept(subject), clean(reason), clean_values(values or {}), tuple(files))
            content = words if known else None  # of who was erased nothing can be kept
        fact = ActionTaken(action, agent, do, conversation, offer, draft, reach, clean(argument), owner, outgoing, message)
        about = conversation or offer or draft or outgoing or message or action
        new = New(action, now, about, fact, content, owner, "act", action.hex())
        await self.append(tenant, [new])
        return action

    async def outcome(self, tenant: int, action: bytes, timeout: float = 3.0) -> Outcome | None:
        """What became of an action; None where it is not known after `timeout` seconds (it is on record and will be done)."""
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout
        while True:
            async with self.within(tenant) as db:
                found = await read_rows(db, tenant, Outcome, [action])
            left = until - loop.time()
            if found or left <= 0:
                return found[0] if found else None
            await self.changed(tenant, min(left, 0.25))

    async def set_things(
        self, tenant: int, things: Sequence[tuple[str, str, bytes]], removed: Sequence[tuple[str, str]] = (), by: str = ""
    ) -> None:
        """Set and remove pieces of the centre: (kind, name, JSON), (kind, name)."""
        facts: list[Fact] = [CentreSet(kind, name, body, by) for kind, name, body in things]
        await self.record(tenant, [*facts, *(CentreRemoved(kind, name, by) for kind, name in removed)])

    async def record(self, tenant: int, facts: Sequence[Fact]) -> None:
        """Record what is told of the centre and its people: facts without content."""
        now, chance = self.clock.now(), os.urandom(8)
        news = [New(id := named_id(now, chance, i), now, id, fact) for i, fact in enumerate(facts)]
        if news and all(isinstance(fact, ContextRead) for fact in facts):
            await self.appender.append(tenant, self._prepared(tenant, news))
            self._ring_soon(tenant)
        elif news:
            await self.append(tenant, news)

    def _ring_soon(self, tenant: int) -> None:
        """Ring once for all that comes within a moment, for which nobody waits."""
        if tenant not in self._soon:
            self._soon.add(tenant)
            asyncio.get_running_loop().call_later(SOON, self._ring_now, tenant)

    def _ring_now(self, tenant: int) -> None:
        self._soon.discard(tenant)
        self.rang(tenant)

    async def tell_of(self, tenant: int, handle: bytes, fact: Fact, content: msgspec.Struct | None = None) -> bool:
        """Record what is told of a person, sealed with the key of a handle of theirs; False where that key was destroyed."""
        async with self.within(tenant) as db:
            await open_keys(db, self.keys, tenant, [handle])
        if content is not None and not self.keys.knows(tenant, handle):
            return False
        now, said = self.clock.now(), clean_content(content) if content is not None else None
        id = named_id(now, handle, os.urandom(8))
        return (await self.append(tenant, [New(id, now, id, fact, said, handle)]))[0]

    async def receipt(
        self, tenant: int, outgoing: bytes, handle: bytes | None, attempt: int, fact: Fact, reason: str = ""
    ) -> None:
        """Record what a network did with an outgoing part, once for each attempt."""
        content = None
        if reason and handle is not None and type(fact).content_type is Words:
            async with self.within(tenant) as db:
                await open_keys(db, self.keys, tenant, [handle])
            content = Words(reason=clean(reason)) if self.keys.knows(tenant, handle) else None
        id = derived_id(outgoing, fact.number, attempt)
        source_id = f"{outgoing.hex()}/{attempt}"
        await self.append(tenant, [New(id, self.clock.now(), outgoing, fact, content, handle, "sent", source_id)])

    async def owners(self, tenant: int, names: set[str]) -> dict[str, bytes]:
        """The handle ids of these names. Callers that wait at the same time share one statement."""
        found = self._known(tenant, names)
        if len(found) == len(names):
            return found
        self._asked[tenant] |= names
        async with self._lock:
            found = self._known(tenant, names)
            if len(found) == len(names):
                return found
            asked = self._asked.pop(tenant, set()) | names
            missing = asked - self._known(tenant, asked).keys()
            try:
                await find_or_make(self.within, self.bare, self.keys, tenant, missing)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                self.keys.forget_all()  # what was made may not be there
                raise
            found = self._known(tenant, names)
            if len(found) < len(names):
                raise StoreError("a handle was forgotten at this moment; nothing was taken, send it again")
            return found

    def _known(self, tenant: int, names: set[str]) -> dict[str, bytes]:
        return {name: owner for name in names if (owner := self.keys.owner_of(tenant, name)) is not None}

    def _prepared(self, tenant: int, news: Iterable[New]) -> list[Prepared]:
        try:
            return [prepare(self.keys, tenant, new) for new in news]
        except KeyError:
            raise StoreError("the database was away for a moment; nothing was taken, send it again") from None

    async def append(self, tenant: int, news: Sequence[New]) -> list[bool]:
        """Append facts together; False for each that we already had."""
        taken = await self.appender.append(tenant, self._prepared(tenant, news))
        self.rang(tenant)
        return taken


@lru_cache(4096)
def message_id(at: datetime, tenant: int, account: str, key: str) -> bytes:
    """The id of a message that was said at `at`; whoever answers its sender asks again a moment after it was made."""
    return named_id(at, tenant, account, key)
