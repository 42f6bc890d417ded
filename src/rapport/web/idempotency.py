"""Idempotency-Key: the same key with the same body is answered as the first time; with another body it is refused.

Beneath it the ledger takes each thing once anyway, so two that come at the same moment do no harm.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import msgspec
from litestar import Response

from rapport.errors import BadInput
from rapport.web.errors import OtherBody
from rapport.web.office import Office
from rapport.web.security import AnyRequest, Who, current, office_of

KEPT = timedelta(hours=24)
SWEEP = 500  # answers between two sweeps of old ones
LONGEST = 200
Answer = Callable[[str], Awaitable[tuple[int, Any]]]  # the key -> status and what is said; Any: a Struct


async def once(request: AnyRequest, body: bytes, answer: Answer) -> Response[bytes]:
    """The answer to a request, given at most once for each Idempotency-Key. Raises OtherBody."""
    status, said, replayed = await once_said(request, body, answer)
    headers = {"idempotent-replayed": "true"} if replayed else None
    return Response(said, status_code=status, media_type="application/json", headers=headers)


async def once_said(request: AnyRequest, body: bytes, answer: Answer) -> tuple[int, bytes, bool]:
    """Status, what is said, and whether it was said before. Raises OtherBody."""
    key = request.headers.get("idempotency-key", "")
    if not key:
        status, said = await answer("")
        return status, msgspec.json.encode(said), False
    if len(key) > LONGEST or not key.isprintable():
        raise BadInput(f"Idempotency-Key has at most {LONGEST} printable characters, got {len(key)}")
    office, who = office_of(request), current(request)
    name = f"{who.agent} {request.method} {request.url.path} {key}"
    digest = sha256(body).digest()
    earlier = await _earlier(office, who, name)
    if earlier is not None:
        status, kept = earlier
        if kept[:32] != digest:
            raise OtherBody("this Idempotency-Key was used for another body; use a new key for a new request")
        return status, kept[32:], True
    status, said = await answer(key)
    encoded = msgspec.json.encode(said)
    await _keep(office, who, name, status, digest + encoded)
    return status, encoded, False


async def _earlier(office: Office, who: Who, name: str) -> tuple[int, bytes] | None:
    async with office.store.within(who.tenant, readonly=True) as db:
        row = await db.fetchrow("select status, answer from idempotency where tenant = $1 and key = $2", who.tenant, name)
    return None if row is None else (row["status"], row["answer"])


async def _keep(office: Office, who: Who, name: str, status: int, answer: bytes) -> None:
    now = office.clock.now()
    kept = office.memory["idempotency"] = office.memory.get("idempotency", 0) + 1
    async with office.store.within(who.tenant) as db:
        await db.execute(
            "insert into idempotency(tenant, key, at, status, answer) values ($1, $2, $3, $4, $5) on conflict do nothing",
            who.tenant,
            name,
            now,
            status,
            answer,
        )
        if kept % SWEEP == 0:
            await db.execute("delete from idempotency where tenant = $1 and at < $2", who.tenant, now - KEPT)
