"""Every address of the web, on one page: each module's HANDLERS, and the rule that each says what it needs."""

from collections.abc import Sequence
from importlib import import_module

from litestar.handlers import ASGIRouteHandler, HTTPRouteHandler

from rapport.access.roles import PERMISSIONS
from rapport.errors import SetupError
from rapport.web.office import Office

# module -> what people find there
ROOMS: dict[str, str] = {
    "static_files": "/static/…",
    "sign_in": "/, /sign-in, /sign-out, /welcome/…, /me/language",
    "wizard": "/set-up/…",
    "stream": "/live",
    "typing_now": "/desk/typing",
    "health": "/health, /metrics",
    "webchat": "/chat/…",
    "widget": "/chat/widget.js, /chat/try",
    "api": "/api, /api/openapi.json, /api/presence, /api/wallboard, /api/ledger/…",
    "api_messages": "/api/messages",
    "events_api": "/api/events, /api/people",
    "api_conversations": "/api/conversations/…",
    "api_people": "/api/people/…/context",
    "api_centre": "/api/centre/…",
    "desk": "/desk/…",
    "desk_actions": "/desk/… (what is done there)",
    "offer_page": "/offer, /offers/…",
    "approvals": "/approvals/…, /drafts/…",
    "wallboard": "/wallboard",
    "patterns": "/patterns",
    "people_page": "/people/…, /desk/find",
    "agents_page": "/agents",
    "record": "/audit/…",
    "held": "/held",
    "media": "/media/…",
}


Handler = HTTPRouteHandler | ASGIRouteHandler


def routes(office: Office) -> Sequence[Handler]:
    """Every handler. Raises SetupError where one does not say what it needs."""
    found: list[Handler] = []
    for room in ROOMS:
        try:
            found += import_module(f"rapport.web.{room}").HANDLERS
        except ImportError as error:
            print("NOT YET", room, error)
    for handler in found:
        need = handler.opt.get("needs")
        if need is None or (need and need not in PERMISSIONS):
            raise SetupError(
                f"the route {sorted(handler.paths)} must say what it needs, one of {', '.join(PERMISSIONS)}; got {need!r}"
            )
    return found
