"""The loop that calls other systems: signed, tried a few times, each outcome told once; what a bot's hook answers is done.

A call may arrive twice (after a crash), never not at all unsaid: `webhook-id` is its id, by which the receiver knows it.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import httpx
import msgspec
import structlog

from rapport.channels.hook.signing import secrets_in, signed
from rapport.clock import Clock
from rapport.conversations.errands.reading import open_errands
from rapport.errors import BadInput, RapportError
from rapport.ledger.intake import Intake, Within
from rapport.model.bot import Errand, Hook
from rapport.model.centre import read_thing
from rapport.model.ids import show_id
from rapport.pipeline.rounds import Tenants, rounds

log = structlog.get_logger()
PAUSES = (0.0, 1.0, 5.0, 20.0)  # seconds before each try
EVERY = 0.5  # seconds between two looks
PATIENCE = 10.0  # seconds that an answer may take
MOST_ANSWER = 65_536  # bytes
SECRET = "secret:"
PLAIN = {"content-type": "application/json", "accept-encoding": "identity"}
Secrets = Callable[[int], Awaitable[Mapping[str, str]]]
Sleep = Callable[[float], Awaitable[None]]


class Answered(msgspec.Struct, frozen=True):
    """What a bot's hook may answer: say something, give up to a person, or end it."""

    do: Literal["reply", "transfer", "wrap_up", "note", ""] = ""
    text: str = ""
    argument: str = ""


@dataclass(slots=True)
class Errands:
    """Makes the open calls of the tenants that this process has."""

    intake: Intake
    within: Within
    clock: Clock
    http: httpx.AsyncClient
    secrets: Secrets
    sleep: Sleep = asyncio.sleep
    _under_way: dict[bytes, "asyncio.Task[None]"] = field(default_factory=dict)

    async def run(self, tenants: Tenants) -> None:
        """Call until cancelled, for the tenants that this process has."""
        try:
            await rounds("errands", EVERY, tenants, self.look)
        finally:
            for task in self._under_way.values():
                task.cancel()
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def look(self, tenant: int) -> int:
        """Begin what is to be called and is not under way; how many that are."""
        self._under_way = {id: task for id, task in self._under_way.items() if not task.done()}
        async with self.within(tenant) as db:
            found = await open_errands(db, tenant)
        fresh = [call for call in found if call.id not in self._under_way]
        for call in fresh:
            self._under_way[call.id] = asyncio.create_task(self._call(tenant, call))
        return len(fresh)

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        await asyncio.gather(*self._under_way.values())

    async def _call(self, tenant: int, call: Errand) -> None:
        try:
            await self._made(tenant, call)
        except Exception as error:
            log.warning("errands.lost", tenant=tenant, call=show_id(call.id), error=repr(error)[:200])

    async def _made(self, tenant: int, call: Errand) -> None:
        hook = await self._hook(tenant, call.hook)
        status, tries, answer = 0, 0, b""
        for pause in PAUSES if hook is not None else ():
            await self.sleep(pause)
            tries += 1
            status, answer = await self._post(tenant, hook, call) if hook is not None else (0, b"")
            if 200 <= status < 300 or status in (400, 401, 403, 404, 410):
                break
        if call.agent and 200 <= status < 300:  # before the call is told: one that is told is not made again after a crash
            await self._answer(tenant, call, answer)
        told = f"{show_id(call.id)} {status} {tries}"
        name = f"hook:{call.hook}"
        await self.intake.act(
            tenant, name, "called", conversation=call.conversation, argument=told, once=f"call {show_id(call.id)}"
        )

    async def _hook(self, tenant: int, name: str) -> Hook | None:
        async with self.within(tenant) as db:
            body = await db.fetchval("select body from thing where tenant = $1 and id = $2", tenant, f"hook/{name}")
        found = read_thing("hook", body) if body is not None else None
        return found if isinstance(found, Hook) else None

    async def _post(self, tenant: int, hook: Hook, call: Errand) -> tuple[int, bytes]:
        """The status and the answer; 0 where the address did not answer, or nothing can be signed."""
        body = call.body.encode()
        try:
            secrets = secrets_in((await self.secrets(tenant)).get(hook.secret.removeprefix(SECRET), "")) if hook.secret else ()
            headers = PLAIN | signed(secrets, show_id(call.id), self.clock.now(), body)
            async with (
                asyncio.timeout(PATIENCE),
                self.http.stream("POST", hook.url, content=body, headers=headers) as response,
            ):
                answer = await _beginning(response)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError, ValueError, RapportError) as fault:
            log.info("errands.unreached", tenant=tenant, hook=hook.id, error=type(fault).__name__)
            return 0, b""
        return response.status_code, answer

    async def _answer(self, tenant: int, call: Errand, answer: bytes) -> None:
        """Do what a bot's hook answered; nothing where it will answer by the API, or says what cannot be read."""
        said = Answered()
        if answer.strip():
            with contextlib.suppress(msgspec.DecodeError, msgspec.ValidationError):
                said = msgspec.json.decode(answer, type=Answered)
        do = said.do or ("reply" if said.text.strip() else "")
        if not do:
            return
        with contextlib.suppress(BadInput):
            await self.intake.act(
                tenant,
                call.agent,
                do,
                conversation=call.conversation,
                text=said.text,
                argument=said.argument,
                reason=said.text if do == "transfer" else "",
                once=f"answer {show_id(call.id)}",
            )


async def _beginning(response: httpx.Response) -> bytes:
    """What may be read of an answer; one that is longer counts as none, and one that would have to be unpacked."""
    data = bytearray()
    if response.headers.get("content-encoding", "identity") != "identity":
        return b""
    async for piece in response.aiter_bytes():
        data += piece
        if len(data) > MOST_ANSWER:
            return b""
    return bytes(data)
