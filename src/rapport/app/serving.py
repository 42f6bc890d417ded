"""The web process: pages, the API, the live stream and the chat, on a socket that the supervisor opened."""

import socket

import uvicorn
import uvloop

from rapport import __version__
from rapport.app.accounts import Accounts
from rapport.app.assisting import assisting
from rapport.app.attaching import carrying, cleaning
from rapport.app.collector import let_lie
from rapport.app.directing import TENANT, keep_directing
from rapport.app.erasing import erasing
from rapport.app.hooks import hook_of
from rapport.app.house import House, open_house
from rapport.app.opening import readers
from rapport.app.posting import posting
from rapport.app.stages import exchange_of
from rapport.app.studying import studying
from rapport.app.telephones import Telephones
from rapport.app.trying import trying
from rapport.app.up import where
from rapport.app.uploads import Uploads
from rapport.centre.example import example_things
from rapport.channels.channel import Eligibility
from rapport.channels.registry import Networks
from rapport.clock import SystemClock
from rapport.demo.director import Director
from rapport.rehearsal.networks import KIND_OF
from rapport.replies.eligibility import Asking
from rapport.settings import Settings
from rapport.web.attaching import Attaching
from rapport.web.front import front
from rapport.web.office import Office, Things
from rapport.web.patience import Patience
from rapport.web.phone.socket import LARGEST
from rapport.web.server import create
from rapport.web.taskrouter.telling import keep_telling


def office_of(house: House, settings: Settings, *, demo: bool = False) -> Office:
    """What the web is handed."""
    accounts = house.accounts
    assert isinstance(accounts, Accounts)

    def window(tenant: int, asking: Asking) -> Eligibility:
        return accounts.window(tenant, asking.account, asking.channel, exchange_of(asking), asking.now)

    def example() -> Things:
        folders = settings.data.expanduser().absolute() / "networks"
        return [(kind, name, body) for (kind, name), body in example_things(folders).items()]

    return Office(
        store=house.store,
        intake=house.intake,
        changed=house.changed,
        clock=house.clock,
        secrets=house.secrets,
        fit=accounts.fit,
        probe=accounts.probe,
        networks=Networks(),
        kind_of=KIND_OF,
        example_centre=example,
        key=house.keys.derive("web"),
        public_url=where(settings),
        origin=house.origin,
        language=settings.language,
        version=__version__,
        demo=demo,
        hook=hook_of(house),
        study=studying(house),
        post=posting(house),
        phones=Telephones(house, accounts),
        try_rule=trying(house),
        window=window,
        attaching=Attaching(house.keys, carrying(house), cleaning(house)),
        erase=erasing(house),
        bringing=Uploads(house),
        memory={**readers(house), "assist": assisting(house, settings)},
    )


def serve(settings: Settings, url: str, master: bytes, fd: int, *, demo: bool) -> None:
    """Serve until SIGTERM. `fd`: a socket that listens already; -1: open one."""
    uvloop.run(_serve(settings, url, master, fd, demo=demo))


async def _serve(settings: Settings, url: str, master: bytes, fd: int, *, demo: bool) -> None:
    house = await open_house(settings, url, master, SystemClock(), pool=8)
    office = office_of(house, settings, demo=demo)
    if demo:
        director = Director(TENANT, house.intake, house.within, house.clock)
        office.memory["director"] = director
        house.start(keep_directing(director))
    house.start(keep_telling(office, house.media.http))
    config = uvicorn.Config(
        create(office),
        http=front(office, Patience(most_of_one=settings.connections_per_address)),  # type: ignore[arg-type]  # whatever makes a protocol
        ws="websockets-sansio",
        ws_max_size=LARGEST,
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=3,
        lifespan="on",
        backlog=2048,
    )
    let_lie()
    sockets = [socket.socket(fileno=fd)] if fd >= 0 else None
    try:
        await uvicorn.Server(config).serve(sockets)
    finally:
        await house.aclose()
