"""Every address of the web, on one page: each module's HANDLERS, and the rule that each says what it needs."""

from collections.abc import Sequence

from litestar.handlers import ASGIRouteHandler, HTTPRouteHandler

from rapport.access.roles import PERMISSIONS
from rapport.errors import SetupError
from rapport.web import (
    agents_page,
    api,
    api_centre,
    api_conversations,
    api_messages,
    api_moderating,
    api_people,
    api_wallboard,
    approvals,
    channel_health,
    connecting,
    demo_page,
    desk,
    desk_actions,
    events_api,
    health,
    held,
    hooks,
    matching_page,
    media,
    offer_page,
    outside,
    patterns,
    people_page,
    record,
    sign_in,
    static_files,
    stream,
    taskrouter,
    typing_now,
    wallboard,
    webchat,
    widget,
    wizard,
)

Handler = HTTPRouteHandler | ASGIRouteHandler

ROOMS = (
    sign_in,  # /, /sign-in, /sign-out, /welcome/…, /me/language
    wizard,  # /set-up/…
    connecting,  # /set-up/channel/…
    desk,  # /desk/…
    desk_actions,  # /desk/…: what is done there
    typing_now,  # /desk/typing
    offer_page,  # /offer, /offers/…
    approvals,  # /approvals/…, /drafts/…
    held,  # /held/…
    people_page,  # /people/…, /desk/find
    agents_page,  # /agents
    channel_health,  # /channels/…, /api/channels
    matching_page,  # /matching/…
    wallboard,  # /wallboard
    record,  # /audit/…
    patterns,  # /patterns
    stream,  # /live
    media,  # /media/…
    outside,  # /outside/…: what messages bring from outside
    webchat,  # /chat/…
    widget,  # /chat/widget.js, /chat/try
    api,  # /api, /api/openapi.json, /api/presence, /api/ledger/checkpoint
    api_messages,  # /api/messages
    events_api,  # /api/events, /api/people
    api_people,  # /api/people/…/context
    api_conversations,  # /api/conversations/…
    api_moderating,  # /api/conversations/…/messages/…/moderate
    api_wallboard,  # /api/wallboard
    api_centre,  # /api/centre/…
    health,  # /health, /metrics
    hooks,  # /hooks/…: what networks call
    taskrouter,  # /taskrouter/v1/Workspaces/…, /v1/Workspaces/…
    static_files,  # /static/…
    demo_page,  # /demo/…, while a demonstration runs
)


def routes() -> Sequence[Handler]:
    """Every handler. Raises SetupError where one does not say what it needs."""
    found: list[Handler] = [handler for room in ROOMS for handler in room.HANDLERS]
    for handler in found:
        need = handler.opt.get("needs")
        if need is None or (need and need not in PERMISSIONS):
            known = ", ".join(PERMISSIONS)
            raise SetupError(f"the route {sorted(handler.paths)} must say what it needs, one of {known}; got {need!r}")
    return found
