"""Patterns: every component in every state on one page, for whoever builds the next page and for the eye that checks it."""

from datetime import datetime, timedelta

import msgspec
from litestar import Response, get

from rapport.web.page import render
from rapport.web.patterns.message import MessagePatterns, message_patterns
from rapport.web.patterns.workforce import WorkforcePatterns, workforce_patterns
from rapport.web.phone.page import CallShown
from rapport.web.security import AnyRequest, needs, office_of
from rapport.web.telephony import CallNow, Party


class PatternsPage(msgspec.Struct, frozen=True):
    """Three times that fall due, for the tags that show them, and calls in each of their states."""

    soon: datetime
    later: datetime
    late: datetime
    calls: tuple[CallShown, ...] = ()
    workforce: WorkforcePatterns | None = None
    message: MessagePatterns | None = None


# state, what is recorded, who is in it, seconds
CALLS = (
    ("ringing", "asked", (), 4),
    ("talking", "agreed", (), 75),
    ("held", "on", (), 312),
    ("asking", "agreed", ("Noor Baptiste-Oyelaran",), 330),
    ("consulting", "refused", ("Noor Baptiste-Oyelaran",), 420),
    ("conference", "off", ("Noor Baptiste-Oyelaran",), 3775),
)


def some_calls(now: datetime) -> tuple[CallShown, ...]:
    """A call in each state."""
    name, number = "María Fernanda Echeverría-Goikoetxea", "+52 55 5550 0117"
    return tuple(
        CallShown(
            CallNow("", "", name, number, state, now, recording, (Party("", name), *(Party("", other) for other in others))),
            seconds,
        )
        for state, recording, others, seconds in CALLS
    )


@get("/patterns", opt=needs("self"), include_in_schema=False)
async def patterns(request: AnyRequest) -> Response[str]:
    """The page of patterns."""
    now = office_of(request).clock.now()
    page = PatternsPage(now + timedelta(minutes=3), now + timedelta(minutes=42), now - timedelta(minutes=12), some_calls(now))
    page = msgspec.structs.replace(page, workforce=workforce_patterns(now), message=message_patterns(now))
    return await render(request, "patterns.html", page)


HANDLERS = [patterns]
