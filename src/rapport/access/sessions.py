"""Login sessions: opaque, kept as a hash, 30 minutes idle and 12 hours at most (ASVS 7.3.1); a new one at every sign-in."""

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from rapport.access.logins import Login
from rapport.access.walls import Walled

IDLE = timedelta(minutes=30)
AT_MOST = timedelta(hours=12)
TOUCH = timedelta(minutes=1)  # how stale `last_at` may be: one write a minute, not one a request


async def open_session(store: Walled, login: Login, now: datetime) -> str:
    """Sign somebody in; the cookie's value. Sessions that have ended are cleared away."""
    token = secrets.token_urlsafe(32)
    async with store.within(login.tenant) as db:
        await db.execute(
            "delete from session where tenant = $1 and (expires_at < $2 or last_at < $3)", login.tenant, now, now - IDLE
        )
        await db.execute(
            "insert into session(tenant, id, login, created_at, last_at, expires_at) values ($1, $2, $3, $4, $4, $5)",
            login.tenant,
            _hash(token),
            login.id,
            now,
            now + AT_MOST,
        )
        await db.execute("update login set last_at = $3 where tenant = $1 and id = $2", login.tenant, login.id, now)
    return f"{login.tenant}.{token}"


async def signed_in(store: Walled, tenant: int, token: str, now: datetime) -> Login | None:
    """Who is signed in with this token; None where the session is unknown, idle or over."""
    async with store.within(tenant) as db:
        row = await db.fetchrow(
            """select l.id, l.email, l.name, l.role, l.language, s.last_at from session s
               join login l on l.tenant = s.tenant and l.id = s.login
               where s.tenant = $1 and s.id = $2 and s.expires_at > $3 and s.last_at > $4 and l.disabled_at is null""",
            tenant,
            _hash(token),
            now,
            now - IDLE,
        )
        if row is None:
            return None
        if now - row["last_at"] > TOUCH:
            await db.execute("update session set last_at = $3 where tenant = $1 and id = $2", tenant, _hash(token), now)
    return Login(tenant, row["id"], row["email"], row["name"] or row["id"], row["role"], row["language"])


async def is_open(store: Walled, tenant: int, token: str, now: datetime) -> bool:
    """Whether the session still holds; asking is no use of it, so a page left open ends with it."""
    async with store.within(tenant, readonly=True) as db:
        return bool(
            await db.fetchval(
                """select exists (select from session s join login l on l.tenant = s.tenant and l.id = s.login
                   where s.tenant = $1 and s.id = $2 and s.expires_at > $3 and s.last_at > $4 and l.disabled_at is null)""",
                tenant,
                _hash(token),
                now,
                now - IDLE,
            )
        )


async def close_session(store: Walled, tenant: int, token: str) -> None:
    """Sign out."""
    async with store.within(tenant) as db:
        await db.execute("delete from session where tenant = $1 and id = $2", tenant, _hash(token))


def read_cookie(value: str) -> tuple[int | None, str]:
    """The tenant and the token that a cookie holds; (None, "") where it holds none."""
    number, _, token = value.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) <= 9 and token):
        return None, ""
    return int(number), token


def csrf_of(token: str) -> str:
    """The token that a form of this session carries: made from it, so it ends with it."""
    return hmac.new(token.encode(), b"rapport form", sha256).hexdigest()[:40]


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
