"""The service in numbers for a scraper: level, waits, backlog and people, of each tenant, as the wallboard says them."""

from datetime import timedelta

from prometheus_client import CollectorRegistry, Gauge

from rapport.measures import handling, service
from rapport.model.agent import Presence
from rapport.web.centre_now import centre_now, tenants_now
from rapport.web.measures.wallboard import targets_of, today_from
from rapport.web.office import Office

REGISTRY = CollectorRegistry()
OF, BY = ["tenant"], ["tenant", "kind"]
LEVEL = Gauge(
    "rapport_service_level", "Share answered in time today, 0 to 1; absent while nothing counts.", BY, registry=REGISTRY
)
COUNTED = Gauge("rapport_service_counted", "Conversations of today that the level is out of.", BY, registry=REGISTRY)
WAITING = Gauge("rapport_waiting", "Conversations that wait to be taken.", BY, registry=REGISTRY)
OLDEST = Gauge("rapport_oldest_wait_seconds", "How long the oldest of them waits; 0 for none.", BY, registry=REGISTRY)
BACKLOG = Gauge("rapport_backlog", "Conversations that are not resolved.", BY, registry=REGISTRY)
ANSWERED = Gauge("rapport_answered_today", "Conversations whose first answer was given today.", OF, registry=REGISTRY)
HELD = Gauge("rapport_held", "Messages of today that are held back.", OF, registry=REGISTRY)
PRESENT = Gauge("rapport_agents_present", "Agents who are available, busy or away; bots left out.", OF, registry=REGISTRY)
HANDLE = Gauge("rapport_handle_seconds", "Mean handle time of what ended today; absent for none.", OF, registry=REGISTRY)
ALL = (LEVEL, COUNTED, WAITING, OLDEST, BACKLOG, ANSWERED, HELD, PRESENT, HANDLE)


async def read_metrics(office: Office, only: int | None = None) -> None:
    """Set every gauge anew. `only`: of this tenant; None: of all of them."""
    for gauge in ALL:
        gauge.clear()
    at = office.clock.now()
    for tenant in await tenants_now(office):
        if only not in (None, tenant.id):
            continue
        centre = await centre_now(office, tenant.id)
        since = today_from(at, centre.profile.zone)
        async with office.store.within(tenant.id, readonly=True) as db:
            now = await service.now(db, tenant.id, at, since=since, targets=targets_of(centre))
            each = await handling.by_agent(db, tenant.id, since=since, until=at + timedelta(seconds=1))
            backlog = await service.backlog(db, tenant.id)
        for kind, count in backlog.items():
            BACKLOG.labels(tenant.name, kind).set(count)
        for one in now.kinds:
            labels = (tenant.name, one.kind)
            COUNTED.labels(*labels).set(one.counted)
            WAITING.labels(*labels).set(one.waiting)
            OLDEST.labels(*labels).set((at - one.oldest).total_seconds() if one.oldest else 0.0)
            if one.level is not None:
                LEVEL.labels(*labels).set(one.level)
        people = [one for one in each.values() if (known := centre.agents.get(one.agent)) is not None and not known.bot]
        ANSWERED.labels(tenant.name).set(now.answered)
        HELD.labels(tenant.name).set(now.held)
        PRESENT.labels(tenant.name).set(sum(one.presence is not Presence.OFFLINE for one in people))
        mean = handling.together(each).seconds
        if mean is not None:
            HANDLE.labels(tenant.name).set(mean)
