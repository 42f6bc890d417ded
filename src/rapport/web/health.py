"""/health: whether the database answers; /metrics: this process in numbers, for a scraper on this machine or with a token.

A scraper on this machine reads of every tenant; a token tells of its own tenant alone.
"""

import asyncio
from ipaddress import ip_address

import asyncpg
from litestar import Response, get
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    CollectorRegistry,
    Counter,
    Gauge,
    generate_latest,
)

from rapport.errors import NotAllowed
from rapport.web import channel_metrics, service_metrics
from rapport.web.security import EVERYONE, AnyRequest, address_of, office_of, perhaps
from rapport.web.stream import Hub

REGISTRY = CollectorRegistry()
for _collector in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
    REGISTRY.register(_collector)
ANSWERS = Counter("rapport_web_answers", "Answers by status class.", ["status"], registry=REGISTRY)
LISTENERS = Gauge("rapport_web_streams", "Live streams that are open in this process.", registry=REGISTRY)


@get("/health", opt=EVERYONE, include_in_schema=False)
async def health(request: AnyRequest) -> Response[dict[str, str]]:
    """200 when the database answers, else 503."""
    office = office_of(request)
    try:
        async with office.store.within((), readonly=True) as db:
            await db.fetchval("select 1")
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        said = {"status": "database away", "version": office.version}
        return Response(said, status_code=503, headers={"retry-after": "2", "cache-control": "no-store"})
    return Response({"status": "ok", "version": office.version}, headers={"cache-control": "no-store"})


@get("/metrics", opt=EVERYONE, include_in_schema=False)
async def metrics(request: AnyRequest) -> Response[bytes]:
    """Prometheus text; needs `ledger.read`, or a caller on this machine that came by no proxy."""
    who = perhaps(request)
    only: int | None = None
    if not _is_here(request):
        if who is None or not who.may("ledger.read"):
            raise NotAllowed("numbers are for this machine, or for an auditor's or administrator's token; send one")
        only = who.tenant
    office = office_of(request)
    hubs: dict[int, Hub] = office.memory.get("hubs", {})
    one_at_a_time: asyncio.Lock = office.memory.setdefault("metrics", asyncio.Lock())  # the gauges are there once
    async with one_at_a_time:
        LISTENERS.set(sum(len(hub.listeners) for tenant, hub in hubs.items() if only in (None, tenant)))
        await channel_metrics.read_metrics(office, only)
        await service_metrics.read_metrics(office, only)
        told = b"".join(generate_latest(one) for one in (REGISTRY, channel_metrics.REGISTRY, service_metrics.REGISTRY))
    return Response(told, media_type=CONTENT_TYPE_LATEST)


def _is_here(request: AnyRequest) -> bool:
    try:
        return ip_address(address_of(request)).is_loopback and "x-forwarded-for" not in request.headers
    except ValueError:
        return False


HANDLERS = [health, metrics]
