"""What a network gave an account for the next time, such as a refresh token in place of a used one: kept sealed over restarts.

It follows from a credential that somebody gave, and is of no use with another one: so it is read only together with that.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


async def _nothing(name: str, credential: str) -> str:
    return ""


async def _nowhere(name: str, credential: str, value: str) -> None:
    return


@dataclass(frozen=True, slots=True)
class Kept:
    """`read(name, credential)`: what is kept, "" for nothing; `write(name, credential, value)`. Both raise Unavailable.

    By default nothing is kept: an account that is only tried.
    """

    read: Callable[[str, str], Awaitable[str]] = field(default=_nothing)
    write: Callable[[str, str, str], Awaitable[None]] = field(default=_nowhere)
