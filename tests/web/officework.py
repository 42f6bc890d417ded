"""An office to test with: the real database, an intake that keeps lists, and a browser without a network."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
from litestar import Litestar

from rapport.access import logins, tokens
from rapport.channels.channel import Field, Fitted, Network, Probe, Unit, Wording
from rapport.clock import FakeClock
from rapport.ledger.journey import EventTold
from rapport.model.centre import Account
from rapport.model.fact import Fact
from rapport.model.ids import derived_id, named_id
from rapport.model.message import ChannelKind, Incoming, Reach, Unreadable
from rapport.model.reply import Outcome
from rapport.store.pool import Store
from rapport.web.office import Office
from rapport.web.server import create

NOW = datetime(2026, 3, 3, 16, tzinfo=UTC)
PASSWORD = "correcto caballo batería"
HERE = "http://desk.test"
PAGE = {"sec-fetch-site": "same-origin", "origin": HERE}


@dataclass
class FakeIntake:
    """Keeps what it is given; what is set of the centre is there at once. `refusal`: what actions are refused with."""

    store: Store
    heard: dict[str, tuple[int, Account, ChannelKind, Incoming]] = field(default_factory=dict)
    events: dict[tuple[str, str], tuple[str, str, dict[str, Any]]] = field(default_factory=dict)
    declared: list[tuple[Sequence[str], str, Mapping[str, Any]]] = field(default_factory=list)
    acts: list[dict[str, Any]] = field(default_factory=list)
    recorded: list[Fact] = field(default_factory=list)
    told: list[tuple[bytes, Fact, msgspec.Struct | None]] = field(default_factory=list)
    refusal: str = ""
    error: Exception | None = None

    async def hear(
        self,
        tenant: int,
        account: Account,
        kind: ChannelKind,
        messages: Sequence[Incoming | Unreadable],
        position: bytes | None = None,
    ) -> list[bool]:
        if self.error:
            raise self.error
        new = [f"{account.id}/{m.key}" not in self.heard for m in messages]
        self.heard.update({f"{account.id}/{m.key}": (tenant, account, kind, m) for m in messages})
        return new

    async def event(
        self, tenant: int, handle: str, kind: str, source: str, source_id: str, at: datetime, data: Mapping[str, Any]
    ) -> bool:
        new = (source, source_id) not in self.events
        self.events.setdefault((source, source_id), (handle, kind, dict(data)))
        return new

    async def take_events(self, tenant: int, events: Sequence[EventTold]) -> list[bool]:
        return [await self.event(tenant, e.handle, e.kind, e.source, e.source_id, e.at, e.data) for e in events]

    async def declare(
        self, tenant: int, handles: Sequence[str], name: str, attributes: Mapping[str, Any], source: str, source_id: str
    ) -> bool:
        self.declared.append((handles, name, attributes))
        return True

    async def act(self, tenant: int, agent: str, do: str, **asked: Any) -> bytes:
        self.acts.append({"tenant": tenant, "agent": agent, "do": do} | asked)
        return derived_id(bytes(16), len(self.acts))

    async def outcome(self, tenant: int, action: bytes, timeout: float = 3.0) -> Outcome | None:
        return Outcome(action, NOW, not self.refusal, self.refusal)

    async def record(self, tenant: int, facts: Sequence[Fact]) -> None:
        self.recorded += facts

    async def tell_of(self, tenant: int, handle: bytes, fact: Fact, content: msgspec.Struct | None = None) -> bool:
        self.told.append((handle, fact, content))
        return True

    async def set_things(
        self, tenant: int, things: Sequence[tuple[str, str, bytes]], removed: Sequence[tuple[str, str]] = (), by: str = ""
    ) -> None:
        async with self.store.within(tenant) as db:
            for kind, name, body in things:
                await db.execute(
                    """insert into thing(tenant, id, body, at) values ($1, $2, $3, $4)
                       on conflict (tenant, id) do update set body = excluded.body""",
                    tenant,
                    f"{kind}/{name}",
                    body,
                    NOW,
                )
            for kind, name in removed:
                await db.execute("delete from thing where tenant = $1 and id = $2", tenant, f"{kind}/{name}")


class FakeSecrets(dict[tuple[int, str], str]):
    """Secrets in a dictionary."""

    async def put(self, tenant: int, name: str, value: str) -> None:
        self[tenant, name] = value

    async def of(self, tenant: int) -> dict[str, str]:
        return {name: value for (owner, name), value in self.items() if owner == tenant}


MAILBOX = Network(
    "email",
    Wording("Correo", "E-mail"),
    (
        Field("address", Wording("Dirección", "Address")),
        Field("password", Wording("Contraseña", "Password"), secret=True),
        Field("folder", Wording("Carpeta", "Folder"), "INBOX"),
    ),
    None,
)
CHAT = Network("webchat", Wording("Chat", "Chat"), (Field("title", Wording("Título", "Title"), ""),), None)


async def probe(account: Account, secrets: dict[str, str]) -> Probe:
    """A mailbox that knows one password."""
    works = account.channel != "email" or "right" in secrets.values()
    said = Wording("Funciona.", "It answers.") if works else Wording("Contraseña equivocada.", "Wrong password.")
    return Probe(works, said, None, NOW, "hello@hotel.example" if works else "")


async def changed(tenant: int, seconds: float) -> None:
    """Nothing rings in a test: look again soon."""
    import asyncio

    await asyncio.sleep(min(seconds, 0.02))


def an_office(store: Store, **changes: Any) -> Office:
    """An office; name only what the test is about."""
    made = Office(
        store=store,
        intake=FakeIntake(store),
        changed=changed,
        clock=FakeClock(NOW),
        secrets=FakeSecrets(),
        fit=lambda account, channel, text, reach, to: Fitted((text,), 500, Unit.CHARS),
        probe=probe,
        networks={"email": MAILBOX, "webchat": CHAT},
        kind_of={"mastodon": ChannelKind.SOCIAL, "webchat": ChannelKind.CHAT, "email": ChannelKind.EMAIL},
        example_centre=lambda: [("centre", "centre", b'{"id":"centre","name":"Hotel Reforma","zone":"America/Mexico_City"}')],
        key=bytes(32),
        public_url=HERE,
        version="test",
    )
    return replace(made, **changes)


_free: list[Litestar] = []


@contextmanager
def an_application(office: Office) -> Iterator[Litestar]:
    """The whole application for an office: one that was made before and that nobody uses now, as making it takes long."""
    app = _free.pop() if _free else create(office)
    app.state["office"] = office
    try:
        yield app
    finally:
        _free.append(app)


@asynccontextmanager
async def a_browser(office: Office, at: str = "127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole application, on the machine with this address; it keeps cookies and follows no redirect."""
    with an_application(office) as app:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(at, 4000))
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
            yield client


async def sign_in(client: httpx.AsyncClient, office: Office, tenant: int, role: str = "agent", agent: str = "") -> str:
    """Make somebody with a role and sign them in; the token of their forms."""
    agent = agent or role
    await logins.add_login(office.store, tenant, agent, email=f"{agent}@hotel.example", name=agent.title(), role=role)
    return await enter(client, office, tenant, agent)


async def enter(client: httpx.AsyncClient, office: Office, tenant: int, agent: str) -> str:
    """Sign in somebody who is there, beside the page; the token of their forms."""
    from rapport.access import sessions

    login = await logins.find_login(office.store, tenant, agent)
    cookie = await sessions.open_session(office.store, login, office.clock.now())
    client.cookies.set("rapport", cookie)
    return sessions.csrf_of(cookie.partition(".")[2])


async def a_token(office: Office, tenant: int, role: str = "service", agent: str = "") -> dict[str, str]:
    """The headers of a program with a token."""
    made = await tokens.make_token(office.store, tenant, name="crm", role=role, now=office.clock.now(), agent=agent)
    return {"authorization": f"Bearer {made}"}


async def a_conversation(store: Store, tenant: int, name: str = "c1", **changes: Any) -> bytes:
    """A conversation as its view would have it; its id."""
    id, person, handle = (named_id(NOW, tenant, name, what) for what in ("conversation", "person", "handle"))
    columns = {
        "id": id, "person": person, "handle": handle, "state": "open", "kind": "chat", "account": "webchat",
        "channel": "webchat", "reach": "private", "opened_at": NOW, "last_at": NOW, "name": "María", "preview": "No hay wifi",
    } | changes  # fmt: skip
    names = ", ".join(columns)
    places = ", ".join(f"${n}" for n in range(2, len(columns) + 2))
    async with store.within(tenant) as db:
        await db.execute(f"insert into conversation(tenant, {names}) values ($1, {places})", tenant, *columns.values())
        await db.execute(
            "insert into handle(tenant, id, name, person) values ($1, $2, $3, $4)", tenant, handle, f"webchat:{name}", person
        )
    return id


def body(answer: httpx.Response) -> Any:
    """What a program is answered."""
    return msgspec.json.decode(answer.content)


def private_message(key: str) -> Incoming:
    """A message with a key."""
    return Incoming(key, "sms:+52", "Hola", Reach.PRIVATE, NOW)
