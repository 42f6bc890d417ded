"""Invitations: a signed link that lets somebody choose their password.

It works once and for a week, and until it is withdrawn or a newer one is made. Nothing in the database opens it.
"""

import base64
import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_hex

from rapport.access.walls import Walled
from rapport.errors import BadInput, NotFound

LASTS = timedelta(days=7)


async def invitation(store: Walled, tenant: int, agent: str, *, key: bytes, now: datetime) -> str:
    """The part of the link that lets somebody set a password; an earlier one works no more. Raises NotFound."""
    until, nonce = now + LASTS, token_hex(16)
    async with store.within(tenant) as db:
        kept = await db.fetchval(
            """update login set invitation = $3, invited_until = $4
               where tenant = $1 and id = $2 and disabled_at is null returning password""",
            tenant,
            agent,
            nonce,
            until,
        )
    if kept is None:
        raise NotFound(f"nobody logs in as {agent!r}")
    body = f"{tenant}.{agent}.{int(until.timestamp())}".encode()
    return base64.urlsafe_b64encode(body).decode().rstrip("=") + "." + _seal(key, body, f"{nonce}\0{kept}")


async def invited(store: Walled, link: str, *, key: bytes, now: datetime) -> tuple[int, str]:
    """Whom an invitation is for: tenant and id. Raises BadInput where it is not ours, too old, used or withdrawn."""
    encoded, _, seal = link.partition(".")
    try:
        body = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        number, _, rest = body.decode().partition(".")
        agent, _, expires = rest.rpartition(".")
        tenant, until = int(number), int(expires)
    except ValueError:
        raise BadInput("this invitation is not complete; open the whole link, or ask for a new one") from None
    secret = await _secret_of(store, tenant, agent)
    if secret is None or not hmac.compare_digest(seal.encode(), _seal(key, body, secret).encode()):
        raise BadInput("this invitation was used, withdrawn or is not ours; ask for a new one")
    if now.timestamp() > until:
        raise BadInput("this invitation is older than a week; ask for a new one")
    return tenant, agent


async def withdraw_invitation(store: Walled, tenant: int, agent: str) -> None:
    """Let the link work no more. Raises NotFound where none is open."""
    async with store.within(tenant) as db:
        done = await db.execute(
            """update login set invitation = '', invited_until = null
               where tenant = $1 and id = $2 and invited_until is not null""",
            tenant,
            agent,
        )
    if done.endswith(" 0"):
        raise NotFound(f"no invitation of {agent!r} is open; it was used or withdrawn")


async def open_invitations(store: Walled, tenant: int) -> dict[str, datetime]:
    """Until when each invitation works that nobody has used, by the login's id; those that are over stand there too."""
    async with store.within(tenant, readonly=True) as db:
        rows = await db.fetch(
            "select id, invited_until from login where tenant = $1 and invited_until is not null and disabled_at is null",
            tenant,
        )
    return {row["id"]: row["invited_until"] for row in rows}


async def _secret_of(store: Walled, tenant: int, agent: str) -> str | None:
    async with store.within(tenant, readonly=True) as db:
        row = await db.fetchrow(
            """select invitation, password from login
               where tenant = $1 and id = $2 and disabled_at is null and invited_until is not null""",
            tenant,
            agent,
        )
    return None if row is None else f"{row['invitation']}\0{row['password']}"


def _seal(key: bytes, body: bytes, secret: str) -> str:
    return hmac.new(key, b"invitation\0" + body + b"\0" + secret.encode(), sha256).hexdigest()
