"""Bot: what answers of an agent that is a program; Hook: another system that is told; Errand: one telling."""

import re
from datetime import datetime, timedelta

import msgspec

from rapport.model.ids import Id

_SPAN = re.compile(r"([1-9]\d{0,3})(s|m|h|d)", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def span(text: str) -> timedelta:
    """A span such as 90s, 2m, 24h. Raises ValueError where it is none."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f"a span is written as 90s, 2m, 24h or 3d, got {text!r}")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


class Bot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the agent of this id answers: by a playbook (`flow`), by a hook, or by the API where neither is named.

    `turns`: how many in a row without progress before a person is asked. `patience`: how long its answer may take; `silence`:
    how long the customer may be silent before it ends.
    """

    id: str
    flow: str = ""
    hook: str = ""
    turns: int = 2
    patience: str = "2m"
    silence: str = "24h"

    def __post_init__(self) -> None:
        """Raise ValueError where a span is none, or both a flow and a hook would answer."""
        span(self.patience)
        span(self.silence)
        if self.flow and self.hook:
            raise ValueError(f"bot {self.id!r} answers by a flow or by a hook, not by both; take one away")
        if not 1 <= self.turns <= 10:
            raise ValueError(f"turns of bot {self.id!r} are 1 to 10, got {self.turns}")


class Hook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another system that is called by https, signed with the secret kept under this name (Standard Webhooks)."""

    id: str
    url: str
    secret: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError where the address is none."""
        if not self.url.startswith(("https://", "http://")):
            raise ValueError(f"url of hook {self.id!r} begins with https://, got {self.url[:60]!r}")
        if self.secret and not self.secret.startswith("secret:"):
            raise ValueError(f'secret of hook {self.id!r} names one that is kept sealed: write "secret:NAME"')


class Turn(msgspec.Struct, frozen=True):
    """A bot at work in a conversation, whose id is this one's. `repeats`: how often in a row it said nearly the same again."""

    id: Id
    agent: str
    repeats: int = 0
    said: tuple[str, ...] = ()


class Errand(msgspec.Struct, frozen=True):
    """One call to a hook. `body` is what is sent; `agent`: the bot whose answer it asks for, "" for none."""

    id: Id
    conversation: Id
    hook: str
    event: str
    body: str
    at: datetime
    agent: str = ""
    open: bool = True
    status: int = 0
    tries: int = 0
