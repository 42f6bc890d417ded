"""The safe window: what a message looks like as it was formatted, in a sandbox, and the audited way to a link of it.

A link is addressed by its message and its number, so nobody can be sent through here to a place that no message names.
"""

from typing import Any

import msgspec
from litestar import MediaType, Response, get, post
from litestar.params import FromPath
from markupsafe import Markup

from rapport.errors import NotFound
from rapport.ledger.tables import read_rows
from rapport.model.ids import read_id
from rapport.model.message import Message
from rapport.web.acting import act
from rapport.web.centre_now import centre_now
from rapport.web.links import Link, brand_domains, links_in
from rapport.web.page import render
from rapport.web.security import AnyRequest, current, needs, office_of
from rapport.web.wording import cleaned

OPEN = needs("links.open")
SEALED = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
SHEET = (
    ":root{color-scheme:light dark}body{margin:0;padding:.75rem;font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"
    "body>:first-child{margin-top:0}"
    "table{border-collapse:collapse;max-width:100%}td,th{padding:.1rem .4rem;vertical-align:top}pre{white-space:pre-wrap}"
)


class OutsidePage(msgspec.Struct, frozen=True):
    """A link before somebody goes there, and after. `opened`: it is on record now."""

    message: Message
    number: int
    link: Link
    opened: bool = False


async def _message(request: AnyRequest, message: str) -> Message:
    id = read_id(message)
    tenant = current(request).tenant
    if id is not None:
        async with office_of(request).store.within(tenant, readonly=True) as db:
            found = await read_rows(db, tenant, Message, [id])
        if found:
            return found[0]
    raise NotFound("there is no such message; it may belong to another centre, or have been erased")


async def _link(request: AnyRequest, message: Message, number: int) -> Link:
    centre = await centre_now(office_of(request), current(request).tenant)
    found = links_in(message.text, message.html, brand_domains(centre))
    if not 0 <= number < len(found):
        raise NotFound(f"the message has {len(found)} links, there is no number {number}")
    return found[number]


@get("/outside/{message:str}/formatted", opt=needs("desk.read"), include_in_schema=False)
async def formatted(request: AnyRequest, message: FromPath[str]) -> Response[str]:
    """What a person sent, with its formatting: for a frame of ours, where nothing of it can run, load or lead anywhere."""
    one = await _message(request, message)
    page = Markup(
        '<!doctype html><html lang="{}"><meta charset="utf-8"><title>·</title><style>{}</style><body dir="auto">{}</body>'
    )
    body = page.format(one.language or "und", Markup(SHEET), cleaned(one.html))
    headers = {"content-security-policy": SEALED, "cache-control": "private, no-store"}
    return Response(str(body), media_type=MediaType.HTML, headers=headers)


@get("/outside/{message:str}/{number:int}", opt=OPEN, include_in_schema=False)
async def before(request: AnyRequest, message: FromPath[str], number: FromPath[int]) -> Response[str]:
    """Where a link goes, and what is wrong with it, before anybody goes there."""
    one = await _message(request, message)
    return await render(request, "outside.html", OutsidePage(one, number, await _link(request, one, number)))


@post("/outside/{message:str}/{number:int}", opt=OPEN, include_in_schema=False)
async def go_outside(request: AnyRequest, message: FromPath[str], number: FromPath[int]) -> Response[Any]:
    """Put on record who goes there; then the address is live on the page, and only there."""
    one = await _message(request, message)
    link = await _link(request, one, number)
    if one.conversation is None:
        raise NotFound("this message belongs to no conversation yet; let it through first")
    who = current(request)
    await act(office_of(request), who, "open_link", conversation=one.conversation, argument=one.id.hex(), text=link.url)
    return await render(request, "outside.html", OutsidePage(one, number, link, opened=True))


HANDLERS = [formatted, before, go_outside]
