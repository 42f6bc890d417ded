"""A telephone server that keeps lists: who logged in, what was done, and the calls that a test puts there."""

from dataclasses import dataclass, field

from rapport.errors import NotFound
from rapport.web.telephony import CallNow, PhoneLogin


@dataclass
class FakePhones:
    """`server`: its socket. `refusal`: what acts are refused with."""

    server: str = "ws://127.0.0.1:9/ws"
    calls_now: list[CallNow] = field(default_factory=list)
    logged_in: list[tuple[int, str, str]] = field(default_factory=list)
    logged_out: list[tuple[int, str, str]] = field(default_factory=list)
    acts: list[tuple[str, str, str, str]] = field(default_factory=list)
    refusal: Exception | None = None

    async def url(self, tenant: int) -> str:
        return self.server

    async def login(self, tenant: int, agent: str, session: str) -> PhoneLogin:
        self.logged_in.append((tenant, agent, session))
        return PhoneLogin(f"rapport-{agent}", f"secret {len(self.logged_in)}", "rapport.invalid")

    async def logout(self, tenant: int, agent: str, session: str) -> None:
        self.logged_out.append((tenant, agent, session))

    async def calls(self, tenant: int, agent: str) -> list[CallNow]:
        return self.calls_now

    async def act(self, tenant: int, agent: str, call: str, do: str, to: str = "") -> None:
        if self.refusal:
            raise self.refusal
        if call not in {one.id for one in self.calls_now}:
            raise NotFound(f"no call {call} of yours; it may have ended")
        self.acts.append((agent, call, do, to))
