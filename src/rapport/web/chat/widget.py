"""The chat's script for other people's pages, and a page of ours to try it as a customer."""

from typing import Any

import msgspec
from litestar import Response, get

from rapport.web.centre_now import centre_now, tenant_named
from rapport.web.page import render
from rapport.web.security import EVERYONE, AnyRequest, office_of
from rapport.web.static_files import static_body


class Try(msgspec.Struct, frozen=True):
    """The page to try the chat; `accounts` empty: there is none yet."""

    tenant: str
    account: str
    accounts: tuple[str, ...]
    url: str


@get("/chat/widget.js", opt=EVERYONE, include_in_schema=False, sync_to_thread=False)
def widget_script() -> Response[bytes]:
    """The one script; any page may load it, and it is asked for again after an hour."""
    headers = {"cache-control": "public, max-age=3600", "cross-origin-resource-policy": "cross-origin"}
    return Response(static_body("widget.js"), media_type="text/javascript; charset=utf-8", headers=headers)


@get("/chat/try", opt=EVERYONE, include_in_schema=False)
async def try_page(request: AnyRequest) -> Response[Any]:
    """The customer's second tab."""
    office = office_of(request)
    name = request.query_params.get("tenant", "")
    tenant = await tenant_named(office, name)
    accounts = (await centre_now(office, tenant)).accounts if tenant else {}
    chats = tuple(sorted(a.id for a in accounts.values() if a.channel == "webchat" and not a.paused))
    asked = request.query_params.get("account", "")
    chosen = asked if asked in chats else (chats[0] if chats else "")
    return await render(request, "chat_try.html", Try(name, chosen, chats, office.public_url))


HANDLERS = [widget_script, try_page]
