"""Invitations: a signed link that lets somebody choose their password.

It works once and for a week, and until it is withdrawn or a newer one is made. Nothing in the database opens it.
"""

import base64
import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_hex

from rapport.access import link_text
from rapport.access.passwords import hash_password
from rapport.access.walls import Walled
from rapport.errors import BadInput, NotFound

LASTS = timedelta(days=7)
MOST_TENANT = 2**31 - 1  # what the database takes
USED = "this invitation was used, withdrawn or is not ours; ask for a new one"


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
    tenant, agent, _ = await _opened(store, link, key, now)
    return tenant, agent


async def take_invitation(store: Walled, link: str, password: str, *, key: bytes, now: datetime) -> tuple[int, str]:
    """Set the password of whom it is for; of several who do so at once only the first. Raises BadInput as `invited` does."""
    tenant, agent, nonce = await _opened(store, link, key, now)
    kept = await hash_password(password)
    async with store.within(tenant) as db:
        done = await db.execute(
            """update login set password = $3, invitation = '', invited_until = null
               where tenant = $1 and id = $2 and invitation = $4 and invited_until is not null and disabled_at is null""",
            tenant,
            agent,
            kept,
            nonce,
        )
        if done.endswith(" 0"):
            raise BadInput(USED)
        await db.execute("delete from session where tenant = $1 and login = $2", tenant, agent)
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


async def _opened(store: Walled, link: str, key: bytes, now: datetime) -> tuple[int, str, str]:
    """Tenant and id of whom it is for, and what makes this link the one that works."""
    encoded, _, seal = link.partition(".")
    try:
        body = link_text.read(encoded)
        number, _, rest = body.decode().partition(".")
        agent, _, expires = rest.rpartition(".")
        tenant, until = int(number), int(expires)
    except ValueError:
        raise BadInput("this invitation is not complete; open the whole link, or ask for a new one") from None
    found = await _secret_of(store, tenant, agent) if 0 < tenant <= MOST_TENANT and agent.isprintable() else None
    if found is None or not hmac.compare_digest(seal.encode(), _seal(key, body, "\0".join(found)).encode()):
        raise BadInput(USED)
    if now.timestamp() > until:
        raise BadInput("this invitation is older than a week; ask for a new one")
    return tenant, agent, found[0]


async def _secret_of(store: Walled, tenant: int, agent: str) -> tuple[str, str] | None:
    async with store.within(tenant, readonly=True) as db:
        row = await db.fetchrow(
            """select invitation, password from login
               where tenant = $1 and id = $2 and disabled_at is null and invited_until is not null""",
            tenant,
            agent,
        )
    return None if row is None else (row["invitation"], row["password"])


def _seal(key: bytes, body: bytes, secret: str) -> str:
    return hmac.new(key, b"invitation\0" + body + b"\0" + secret.encode(), sha256).hexdigest()
