"""The egress manifest: which process talks to which host and port outside, and why; for those who keep a firewall."""

from collections.abc import Iterable, Sequence
from urllib.parse import SplitResult, urlsplit

import msgspec

from rapport.channels.channel import Network
from rapport.channels.registry import networks
from rapport.ledger.tenants import list_tenants
from rapport.matching.calendar_feeds import feed_hosts
from rapport.model.centre import Account, read_thing
from rapport.settings import Settings
from rapport.store.pool import Store

PORTS = {"https": 443, "http": 80, "postgresql": 5432, "postgres": 5432}
ANY = "*"


class Outward(msgspec.Struct, frozen=True, order=True):
    """One way out. `host` `*`: any public host, as links and files of strangers name them; `account` "": of the house.

    `process` `desk`: an agent's browser. `port` 0: several, as the reason says.
    """

    process: str
    host: str
    port: int
    why: str
    tenant: str = ""
    account: str = ""
    by_proxy: bool = False


async def manifest_of(settings: Settings, url: str) -> list[Outward]:
    """Every way out of a house as its centre stands now. `url`: its database."""
    store = await Store.open(url, size=1)
    try:
        async with store.within((), readonly=True) as db:
            tenants = await list_tenants(db)
        found: list[tuple[str, Account]] = []
        calendars: list[tuple[str, str, int]] = []
        for tenant in tenants:
            async with store.within(tenant.id, readonly=True) as db:
                bodies = await db.fetch("select body from thing where tenant = $1 and id like 'account/%'", tenant.id)
                hosts = await feed_hosts(db, tenant.id)
            read = (read_thing("account", body) for (body,) in bodies)
            found += [(tenant.name, account) for account in read if isinstance(account, Account)]
            calendars += [(tenant.name, *place) for place in hosts]
    finally:
        await store.close()
    return manifest(settings, found, networks(), calendars)


def manifest(
    settings: Settings,
    accounts: Iterable[tuple[str, Account]],
    known: dict[str, Network],
    calendars: Iterable[tuple[str, str, int]] = (),
) -> list[Outward]:
    """The ways out of a house with these accounts, and calendars by tenant, host and port; in order."""
    proxy = _place(settings.outbound_proxy, 3128) if settings.outbound_proxy else None
    found = list(_of_the_house(settings))
    for tenant, account in accounts:
        network = known.get(account.channel)
        if network is None or account.paused:
            continue
        for host, port in places(account, network):
            by_proxy = proxy is not None and network.by_proxy
            way = (host, port) if proxy is None or not by_proxy else proxy
            aim = f" ({host}:{port})" if by_proxy else ""
            found.append(Outward("worker", *way, f"reads and sends for the account{aim}", tenant, account.id, by_proxy))
            found.append(Outward("web", *way, f"tests the account while it is connected{aim}", tenant, account.id, by_proxy))
            if network.sound:
                found.append(Outward("desk", host, 0, "the sound of calls, by WebRTC: UDP, its RTP ports", tenant, account.id))
    for tenant, host, port in calendars:
        aim = f" ({host}:{port})" if proxy else ""
        why = f"reads every quarter of an hour when somebody is busy, from a calendar that they named{aim}"
        found.append(Outward("worker", *(proxy or (host, port)), why, tenant, by_proxy=proxy is not None))
    return sorted(set(found))


def places(account: Account, network: Network) -> list[tuple[str, int]]:
    """The hosts and ports of an account: those that its network always has, and those that its settings name.

    Of what stands between `|`, the first that names a host counts.
    """
    values = {field.name: account.settings.get(field.name, field.default) or "" for field in network.fields}
    found = []
    for pattern in network.hosts:
        named = [choice.format_map(values) for choice in pattern.split("|")]
        found += [_place(choice, 443) for choice in named if _parts(choice).hostname][:1]
    return found


def _parts(named: str) -> SplitResult:
    return urlsplit(named if "://" in named else f"//{named}")


def _place(named: str, otherwise: int) -> tuple[str, int]:
    parts = _parts(named)
    return parts.hostname or named, parts.port or PORTS.get(parts.scheme, otherwise)


def _of_the_house(settings: Settings) -> Iterable[Outward]:
    database = settings.database_url.reveal()
    if database:
        for process in ("web", "worker"):
            yield Outward(process, *_place(database, 5432), "the database")
    if settings.assist_url:
        way = _place(settings.outbound_proxy, 3128) if settings.outbound_proxy else _place(settings.assist_url, 443)
        yield Outward(
            "web", *way, "asks the model that suggests texts, without personal data", by_proxy=bool(settings.outbound_proxy)
        )
    ways: Sequence[tuple[str, int]] = ((ANY, 443), (ANY, 80))
    if settings.outbound_proxy:
        ways = (_place(settings.outbound_proxy, 3128),)
    for way in ways:
        proxied = bool(settings.outbound_proxy)
        yield Outward("worker", *way, "fetches once the files that came with messages, from public addresses", by_proxy=proxied)
        yield Outward("web", *way, "tells a program of yours what happens, where it gave an address", by_proxy=proxied)
