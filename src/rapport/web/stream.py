"""The live stream: one for each browser; it says what changed and never what it says. The page fetches what it may see.

A hub follows a tenant's ledger while anybody listens, makes names of events of its entries (`happenings`), and gives each
listener those that their role may know: at once who looks at what changed, one after the other the rest (`looking`).
Names that wait for a slow listener fall together; too many become one `reload`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import msgspec
from litestar import get
from litestar.response import Stream

from rapport.access import sessions
from rapport.ledger.place import Place, place_now, read_place
from rapport.matching.forwarding import seen_at_desk
from rapport.web.centre_now import centre_told
from rapport.web.happenings import Happening, happenings_between, typed_after
from rapport.web.looking import later, looking_of
from rapport.web.office import Office
from rapport.web.security import COOKIE, AnyRequest, Who, current, is_known, needs, office_of

QUIET = 15.0  # seconds between comments that keep proxies awake
AFTER_FAULT = 1.0  # seconds
MOST_WAITING = 200
FAR_BEHIND = 2_000  # entries: beyond that a listener looks at everything again
GATHER = 0.02  # seconds in which what happens falls together
TURN = 0.618034  # of the golden section: however many have come, their turns are spread evenly from 0 to 1


def write(place: Place, name: str, data: dict[str, str]) -> bytes:
    """One event. Its name stands in the data: an EventSource cannot listen for names that it does not know beforehand."""
    return b"id: %s\ndata: %s\n\n" % (str(place).encode(), msgspec.json.encode({"name": name, **data}))


class Listener:
    """One open stream: what it may know, and what waits for it."""

    def __init__(self, who: Who | None, names: frozenset[str] = frozenset()) -> None:
        self.who = who
        self.names = names  # of a visitor: the only names that are for them
        self.waiting: dict[str, dict[str, str]] = {}
        self.place = Place()
        self.rung = asyncio.Event()
        self.turn = 0.0  # from 0 to 1: when they are told of what they do not look at
        self._timer: asyncio.TimerHandle | None = None

    def may_know(self, happening: Happening) -> bool:
        """Whether this is for them."""
        if self.who is None:
            return happening.name in self.names
        if happening.agent:
            return happening.agent == self.who.agent
        return happening.needs != "visitor" and self.who.may(happening.needs)

    def tell(self, place: Place, happening: Happening, *, after: float = 0.0) -> None:
        """Let it wait for them, `after` some seconds at most; too much becomes one `reload`."""
        self.place = self.place.with_all(place)
        self.waiting[happening.name] = happening.data
        if len(self.waiting) > MOST_WAITING:
            self.waiting = {"reload": {}}
        if not after:
            self.rung.set()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(after, self.rung.set)

    async def ring(self, seconds: float) -> bool:
        """Wait until something happens; False where nothing did in so many seconds."""
        try:
            await asyncio.wait_for(self.rung.wait(), seconds)
        except TimeoutError:
            return False
        self.rung.clear()
        return True

    def take(self) -> bytes:
        """What waits, as the stream writes it."""
        self.rest()
        waiting, self.waiting = self.waiting, {}
        return b"".join(write(self.place, name, data) for name, data in waiting.items())

    def rest(self) -> None:
        """Be told of nothing later: it is told now, or they have gone."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Hub:
    """Follows one tenant's ledger while anybody listens."""

    def __init__(self, office: Office, tenant: int) -> None:
        self.office = office
        self.tenant = tenant
        self.listeners: set[Listener] = set()
        self.place: Place | None = None
        self.typed = office.clock.now()
        self.came = 0
        self._task: asyncio.Task[None] | None = None

    async def join(self, listener: Listener, last: Place | None) -> None:
        """Begin to listen; `last`: the place up to which they know everything."""
        self.listeners.add(listener)
        self.came += 1
        listener.turn = self.came * TURN % 1.0
        if self.place is None or self._task is None or self._task.done():
            self.place = await self._now()
            self._task = asyncio.create_task(self._follow(), name=f"live stream of tenant {self.tenant}")
        here = self.place
        listener.place = here.with_all(last or here)
        if last is None or not last.lacks(here):
            return
        for happening in await self._between(last, here):
            if listener.may_know(happening):
                listener.tell(here, happening)

    def leave(self, listener: Listener) -> None:
        """Listen no more; the last one to leave ends the following."""
        self.listeners.discard(listener)
        listener.rest()
        if not self.listeners and self._task is not None:
            self._task.cancel()
            self._task = None
            self.place = None

    def tell(self, happening: Happening) -> None:
        """Tell who may know: at once, or when their turn comes. What is in no ledger too: that somebody is typing."""
        place, looking, many = self.place or Place(), looking_of(self.office, self.tenant), len(self.listeners)
        now = asyncio.get_running_loop().time()
        for listener in self.listeners:
            if listener.may_know(happening):
                after = 0.0 if looking.waits_for(listener.who, happening) else later(many, listener.turn, now)
                listener.tell(place, happening, after=after)

    async def _now(self) -> Place:
        async with self.office.store.within(self.tenant, readonly=True) as db:
            return await place_now(db, self.tenant)

    async def _between(self, after: Place, upto: Place) -> list[Happening]:
        if after.behind(upto) > FAR_BEHIND:
            return [Happening("reload")]
        return await happenings_between(self.office.store, self.tenant, after, upto)

    async def _follow(self) -> None:
        while True:
            await self.office.changed(self.tenant, 2.0)
            await asyncio.sleep(GATHER)
            try:
                await self._look()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await asyncio.sleep(AFTER_FAULT)  # the database is away: what happened is read when it is back

    async def _look(self) -> None:
        self.typed, typed = await typed_after(self.office.store, self.tenant, self.typed)
        for happening in typed:  # whoever was shown it by another process is known from here on
            if happening.data:
                looking_of(self.office, self.tenant).note(
                    happening.data["agent"], bytes.fromhex(happening.data["conversation"])
                )
            self.tell(happening)
        before, now = self.place or Place(), await self._now()
        if not before.lacks(now):
            return
        found = await self._between(before, now)
        changed = any(happening.name in ("centre", "reload") for happening in found)
        centre_told(self.office, self.tenant, before=before, now=now, changed=changed)
        self.place = before.with_all(now)
        for happening in found:
            self.tell(happening)


def hub_of(office: Office, tenant: int) -> Hub:
    """The one hub of a tenant in this process."""
    hubs: dict[int, Hub] = office.memory.setdefault("hubs", {})
    return hubs.setdefault(tenant, Hub(office, tenant))


async def listen(
    hub: Hub, listener: Listener, last: Place | None, still: Callable[[], Awaitable[bool]]
) -> AsyncIterator[bytes]:
    """What the stream writes, until the browser goes. `still()`: asked every 15 seconds, whatever happens; False ends it."""
    try:
        await hub.join(listener, last)
        await seen(hub, listener, here=True)
        yield b"retry: 2000\n" + write(last or listener.place, "hello", {})
        time = asyncio.get_running_loop().time
        asked = time()
        while True:
            rang, over = await listener.ring(QUIET), time() - asked >= QUIET
            if rang and not over:
                yield listener.take()
                continue
            asked = time()
            if not await still():
                yield write(listener.place, "signed-out", {})
                return
            await seen(hub, listener, here=True)
            yield listener.take() if rang else b": still here\n\n"
    finally:
        hub.leave(listener)


async def seen(hub: Hub, listener: Listener, *, here: bool) -> None:
    """Note that a browser of an agent is open: what is offered to them meanwhile goes nowhere else."""
    if listener.who is None or not listener.who.csrf:
        return
    async with hub.office.store.within(hub.tenant) as db:
        await seen_at_desk(db, hub.tenant, listener.who.agent, hub.office.clock.now() if here else None)


def last_seen(request: AnyRequest) -> Place | None:
    """The place up to which a browser knows everything; None at its first time."""
    return read_place(request.headers.get("last-event-id", "") or str(request.query_params.get("after", "")))


def stream_of(events: AsyncIterator[bytes], headers: dict[str, str] | None = None) -> Stream:
    """The answer that carries a stream."""
    kept_open = {"cache-control": "no-store", "x-accel-buffering": "no", **(headers or {})}
    return Stream(events, media_type="text/event-stream", headers=kept_open)


@get("/live", opt=needs("self"), include_in_schema=False)
async def live(request: AnyRequest) -> Stream:
    """The stream of one browser."""
    who, office = current(request), office_of(request)
    tenant, token = sessions.read_cookie(request.cookies.get(COOKIE, ""))

    async def still() -> bool:
        if not who.csrf:
            return await is_known(request)
        return tenant is not None and await sessions.is_open(office.store, tenant, token, office.clock.now())

    return stream_of(listen(hub_of(office, who.tenant), Listener(who), last_seen(request), still))


HANDLERS = [live]
