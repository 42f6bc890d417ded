"""Passwords: argon2id, computed beside the loop, with the same answer and time for an unknown name (ASVS 6.3.8, 11.4.2)."""

import asyncio
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rapport.errors import BadInput

SHORTEST = 10  # characters; ASVS 6.2.1 asks for 8 and recommends 15
LONGEST = 256
_hasher = PasswordHasher()  # RFC 9106, second recommendation: 64 MiB, 3 passes, 4 lanes


async def hash_password(password: str) -> str:
    """The hash to keep. Raises BadInput where the password is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(f"a password has {SHORTEST} to {LONGEST} characters, this one has {len(password)}")
    return await asyncio.to_thread(_hasher.hash, password)


async def is_password(kept: str | None, password: str) -> bool:
    """Whether the password is the one kept; where none is (`kept` None or ""), False after the same time."""
    return await asyncio.to_thread(_verify, kept or _nobody(), password[:LONGEST]) and bool(kept)


def _verify(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))


def new_password() -> str:
    """A password that is easy to read aloud: four groups of four letters and digits, 82 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
