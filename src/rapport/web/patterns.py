"""Patterns: every component in every state on one page, for whoever builds the next page and for the eye that checks it."""

from datetime import datetime, timedelta

import msgspec
from litestar import Response, get

from rapport.web.page import render
from rapport.web.security import AnyRequest, needs, office_of


class PatternsPage(msgspec.Struct, frozen=True):
    """Three times that fall due, for the tags that show them."""

    soon: datetime
    later: datetime
    late: datetime


@get("/patterns", opt=needs("self"), include_in_schema=False)
async def patterns(request: AnyRequest) -> Response[str]:
    """The page of patterns."""
    now = office_of(request).clock.now()
    page = PatternsPage(now + timedelta(minutes=3), now + timedelta(minutes=42), now - timedelta(minutes=12))
    return await render(request, "patterns.html", page)


HANDLERS = [patterns]
