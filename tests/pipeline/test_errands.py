"""Errands to other systems: signed, tried a few times, told once, and a bot's answer is done in its name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from rapport.channels.hook.signing import secrets_in, signature
from rapport.clock import FakeClock
from rapport.conversations.errands.reading import EACH, open_errands
from rapport.ledger.tables import write_rows
from rapport.model.bot import Errand, Hook
from rapport.model.centre import Thing
from rapport.model.ids import show_id
from rapport.pipeline.errands import MOST_ANSWER, PAUSES, Errands
from stagework import START, an_id

pytestmark = pytest.mark.anyio
SECRET = "whsec_" + "QUJD" * 8


@dataclass
class Acts:
    """An intake that keeps what was done."""

    done: list[tuple[str, str, str, str]] = field(default_factory=list)

    async def act(self, tenant: int, agent: str, do: str, *, argument: str = "", text: str = "", **_: Any) -> bytes:
        self.done.append((agent, do, argument, text))
        return b""


async def called(store, tenant: int, answer: Callable[[httpx.Request], httpx.Response], agent: str = "robi") -> Acts:
    """One call made to an address that answers so."""
    call = Errand(an_id("call"), an_id("c"), "ours", "message", '{"text": "hola"}', START, agent)
    hook = Thing("hook/ours", msgspec.json.encode(Hook("ours", "https://bot.example/talk", "secret:bot")), START)
    async with store.within(tenant) as db:
        await write_rows(db, tenant, {Errand: {call.id: call}, Thing: {hook.id: hook}})
    acts = Acts()

    async def secrets(_: int) -> dict[str, str]:
        return {"bot": SECRET}

    async def at_once(_: float) -> None:
        return None

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        calls = Errands(acts, store.within, FakeClock(START), http, secrets, at_once)
        assert await calls.look(tenant) == 1
        assert await calls.look(tenant) == 0  # it is under way
        await calls.settle()
    return acts


async def test_a_call_is_signed_and_what_the_hook_answers_is_done_in_the_bots_name(store, tenant):
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"text": "Hello"})

    acts = await called(store, tenant, answer)

    (request,) = seen
    headers = request.headers
    wanted = signature(secrets_in(SECRET)[0], headers["webhook-id"], headers["webhook-timestamp"], request.content)
    assert (headers["webhook-id"], headers["webhook-signature"]) == (show_id(an_id("call")), wanted)
    assert acts.done == [("robi", "reply", "", "Hello"), ("hook:ours", "called", f"{show_id(an_id('call'))} 200 1", "")]


async def test_what_does_not_answer_is_tried_again_and_told_once(store, tenant):
    tries: list[int] = []

    def broken(request: httpx.Request) -> httpx.Response:
        tries.append(1)
        raise httpx.ConnectError("no route")

    acts = await called(store, tenant, broken)

    assert len(tries) == len(PAUSES)
    assert acts.done == [("hook:ours", "called", f"{show_id(an_id('call'))} 0 {len(PAUSES)}", "")]


async def test_an_answer_without_end_is_not_read_to_its_end(store, tenant):
    read: list[int] = []

    async def endless():
        for _ in range(1_000):
            read.append(1)
            yield b"x" * 10_000

    acts = await called(store, tenant, lambda request: httpx.Response(200, content=endless()))

    assert [do for _, do, _, _ in acts.done] == ["called"]
    assert len(read) * 10_000 <= MOST_ANSWER + 10_000


@pytest.mark.parametrize("answer", [b"", b"not json", b'{"do": "explode"}', b'{"text": "  "}'])
async def test_an_answer_that_says_nothing_that_can_be_done_is_no_deed(store, tenant, answer):
    acts = await called(store, tenant, lambda request: httpx.Response(200, content=answer))

    assert [do for _, do, _, _ in acts.done] == ["called"]


async def test_what_a_hook_answers_that_is_no_bots_is_not_done(store, tenant):
    acts = await called(store, tenant, lambda request: httpx.Response(200, json={"text": "Hello"}), agent="")

    assert [do for _, do, _, _ in acts.done] == ["called"]


async def test_a_hook_that_does_not_answer_leaves_room_for_the_others(store, tenant):
    dead = [Errand(an_id(f"call {n}"), an_id("c"), "dead", "message", "{}", START) for n in range(EACH + 5)]
    other = Errand(an_id("other"), an_id("c"), "ours", "message", "{}", START + timedelta(hours=1))
    async with store.within(tenant) as db:
        await write_rows(db, tenant, {Errand: {call.id: call for call in [*dead, other]}})
        found = await open_errands(db, tenant)

    assert [call.hook for call in found] == ["dead"] * EACH + ["ours"]
