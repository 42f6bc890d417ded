"""Whose turn it is: rounds for who rang, who has something due, and in turns for everybody else.

A tenant that fails stops itself alone; a database that cannot be reached stops all until it is back.
"""

import asyncio
from dataclasses import dataclass, field

import asyncpg
import structlog

from rapport.errors import Conflict, Unwritable
from rapport.ledger.round import Tenant
from rapport.pipeline.advance import LEASE, Advance
from rapport.store.connecting import NOT_TAKEN
from rapport.store.doorbell import Listening

log = structlog.get_logger()
REST = 5.0  # seconds that a tenant is left alone whose round failed by itself
LOOK = 2.0  # seconds after which a tenant is looked at for which nobody rang: a ring may be lost
MOST_LOOKS = 20  # tenants that are looked at so in one pass: a thousand quiet ones must not cost the busy one its time
LONGEST = 0.2  # seconds between two passes


@dataclass(slots=True)
class Turns:
    """The turns of the tenants that `advance` has the lease of. Times are those of the event loop."""

    advance: Advance
    _resting: dict[int, float] = field(default_factory=dict)  # until when
    _looked: dict[int, float] = field(default_factory=dict)  # when it was looked at last
    _more: set[int] = field(default_factory=set)  # whose last round was full

    async def run(self, bell: Listening) -> None:
        """Pass after pass until cancelled."""
        advance, loop = self.advance, asyncio.get_running_loop()
        leased = 0.0
        while True:
            rang = bell.who()  # whatever comes from here on is read by this pass, or rings for the next
            try:
                if loop.time() - leased > LEASE.total_seconds() / 4:
                    await advance.lease_all()
                    leased = loop.time()
                for id in self._chosen(rang, loop.time()):
                    await self._turn(id)
                if not self._more and not bell.rings:
                    await self._written(bell)
            except Unwritable as error:
                log.warning("pipeline.not_written", tenant=error.tenant, error=str(error))
            except Exception as error:
                log.warning("pipeline.round_failed", error=repr(error)[:200])
                await asyncio.sleep(0.2)
                leased = 0.0
                self._looked.clear()
                continue
            if not bell.rings:
                await bell.wait(self._pause(loop.time()))

    async def _written(self, bell: Listening) -> None:
        """See that what is on its way is landed when it is written, and that a ring before then is not kept waiting for it."""
        flight = self.advance.flight
        if flight is None or flight.done():
            await self.advance.land()
        else:
            flight.add_done_callback(lambda _: bell.stir())

    def _has_more(self, id: int, tenant: Tenant) -> bool:
        due = tenant.next_due is None or tenant.next_due <= self.advance.clock.now()
        return due or tenant.rows is None or tenant.rows.unsettled or id in self._more or id in self.advance.doubted

    def _chosen(self, rang: frozenset[int] | None, time: float) -> list[int]:
        """Whose turn it is in this pass: all that rang or have more to do, and those that were left alone longest."""
        awake = {id: tenant for id, tenant in self.advance.tenants.items() if self._resting.get(id, 0.0) <= time}
        now = [id for id, tenant in awake.items() if rang is None or id in rang or self._has_more(id, tenant)]
        alone = [id for id in awake.keys() - set(now) if time - self._looked.get(id, 0.0) > LOOK]
        return now + sorted(alone, key=lambda id: self._looked.get(id, 0.0))[:MOST_LOOKS]

    async def _turn(self, id: int) -> None:
        """One tenant's round. What is wrong with a tenant stops that tenant alone; with the database, all."""
        time = asyncio.get_running_loop().time()
        doubted = id in self.advance.doubted
        self._looked[id] = time
        taken = 0
        try:
            taken = await self.advance.begin(id)
        except Conflict:
            self._looked.pop(id, None)  # it may be another's round that was not written
        except Unwritable as error:
            log.warning("pipeline.not_written", tenant=error.tenant, error=str(error))
            if doubted and error.tenant == id:
                self._rest(id, error, time)
        except NOT_TAKEN as error:
            self._rest(id, error, time)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            raise
        except Exception as error:
            self._rest(id, error, time)
        (self._more.add if taken >= self.advance.most else self._more.discard)(id)

    def _rest(self, id: int, error: Exception, time: float) -> None:
        log.error("pipeline.tenant_failed", tenant=id, error=repr(error)[:200])
        if id in self.advance.tenants:
            self.advance.tenants[id].reset()
        self._resting[id] = time + REST

    def _pause(self, time: float) -> float:
        """Seconds until somebody has something to do, at most `LONGEST`."""
        now = self.advance.clock.now()
        pause = LONGEST
        for id, tenant in self.advance.tenants.items():
            if self._resting.get(id, 0.0) > time:
                continue
            if self._has_more(id, tenant):
                return 0.0
            if tenant.next_due is not None:
                pause = min(pause, (tenant.next_due - now).total_seconds())
        return max(0.001, pause)
