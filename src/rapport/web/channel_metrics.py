"""The channels in numbers for a scraper: read from the database when it asks, so every web process says the same."""

from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge

from rapport.measures.channel_health import ChannelNow, channels_now
from rapport.web.centre_now import centre_now, tenants_now
from rapport.web.office import Office

REGISTRY = CollectorRegistry()
OF = ["tenant", "account", "channel"]
WORKS = Gauge("rapport_channel_works", "1 where the account works, 0 where it does not.", OF, registry=REGISTRY)
HEARD = Gauge("rapport_channel_heard_seconds", "Since the last message in.", OF, registry=REGISTRY)
FETCHED = Gauge("rapport_channel_fetched_seconds", "Since the account was last read.", OF, registry=REGISTRY)
PUSHED = Gauge("rapport_channel_pushed_seconds", "Since its network last called.", OF, registry=REGISTRY)
GAPS = Gauge("rapport_channel_gaps", "What readings found that no webhook had brought, since ever.", OF, registry=REGISTRY)
REJECTED = Gauge("rapport_channel_rejected", "Calls that were not the network's, since ever.", OF, registry=REGISTRY)
SILENT = Gauge("rapport_channel_silent", "1 while it is silent for longer than plausible.", OF, registry=REGISTRY)
EXPIRES = Gauge("rapport_channel_expires_seconds", "Until its credentials expire.", OF, registry=REGISTRY)
BUDGET = Gauge("rapport_channel_budget_left", "Left of a limit, in its own unit.", [*OF, "bucket"], registry=REGISTRY)
ALL = (WORKS, HEARD, FETCHED, PUSHED, GAPS, REJECTED, SILENT, EXPIRES, BUDGET)


async def read_metrics(office: Office, only: int | None = None) -> None:
    """Set every gauge anew. `only`: of this tenant; None: of all of them."""
    for gauge in ALL:
        gauge.clear()
    now = office.clock.now()
    for tenant in await tenants_now(office):
        if only not in (None, tenant.id):
            continue
        accounts = (await centre_now(office, tenant.id)).accounts
        async with office.store.within(tenant.id, readonly=True) as db:
            found = await channels_now(db, tenant.id, now)
        for id, one in found.items():
            if id in accounts and not accounts[id].paused:
                _set(one, (tenant.name, id, accounts[id].channel), now)


def _set(one: ChannelNow, labels: tuple[str, str, str], now: datetime) -> None:
    WORKS.labels(*labels).set(one.ok is not False)
    GAPS.labels(*labels).set(one.gaps)
    REJECTED.labels(*labels).set(one.rejected)
    SILENT.labels(*labels).set(one.silent_since is not None)
    for gauge, at in ((HEARD, one.last_heard), (FETCHED, one.last_fetched), (PUSHED, one.last_pushed)):
        if at is not None:
            gauge.labels(*labels).set((now - at).total_seconds())
    if one.expires is not None:
        EXPIRES.labels(*labels).set((one.expires - now).total_seconds())
    for left in one.budgets:
        BUDGET.labels(*labels, left.name).set(left.left)
