"""Every address of the web, on one page: each module's HANDLERS, and the rule that each says what it needs."""

from collections.abc import Sequence

from litestar.handlers import ASGIRouteHandler, HTTPRouteHandler, WebsocketRouteHandler

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
    api_playbooks,
    api_wallboard,
    approvals,
    centre_editor,
    channel_health,
    clearance,
    connecting,
    demo_page,
    desk,
    desk_actions,
    desk_bulk,
    desk_handing,
    desk_settings,
    desk_tools,
    desk_views,
    events_api,
    health,
    held,
    hooks,
    matching_page,
    media,
    offer_link_page,
    offer_page,
    outside,
    patterns,
    people_page,
    phone,
    phone_socket,
    playbook_actions,
    record,
    rules_page,
    search_page,
    sign_in,
    static_files,
    stream,
    taskrouter,
    transcript,
    typing_now,
    wallboard,
    webchat,
    widget,
    wizard,
    workforce_page,
)

Handler = HTTPRouteHandler | ASGIRouteHandler | WebsocketRouteHandler

ROOMS = (
    sign_in,  # /, /sign-in, /sign-out, /welcome/…, /me/language
    wizard,  # /set-up/…
    connecting,  # /set-up/channel/…
    desk,  # /desk/…
    desk_handing,  # /desk/…/hand-over, together, call-back; /drafts/…/unsend
    desk_actions,  # /desk/…: what is done there
    desk_settings,  # /me, /manifest.webmanifest, /offline
    desk_bulk,  # /desk/bulk, /desk/undo
    desk_views,  # /desk/views/…
    desk_tools,  # /desk/…/mark, merge, split, bar
    typing_now,  # /desk/typing
    offer_page,  # /offer, /offers/…
    phone,  # /phone, /voice/…
    phone_socket,  # /voice/socket
    offer_link_page,  # /offers/link/…
    approvals,  # /approvals/…, /drafts/…
    held,  # /held/…
    playbook_actions,  # /desk/…/playbook, /steps, /tasks
    clearance,  # /people/…/see
    people_page,  # /people/…, /desk/find
    agents_page,  # /agents
    channel_health,  # /channels/…, /api/channels
    matching_page,  # /matching/…
    wallboard,  # /wallboard
    workforce_page,  # /workforce/…
    centre_editor,  # /centre/…
    rules_page,  # /rules/…, /api/rules/…
    record,  # /audit/…
    transcript,  # /desk/…/transcript
    search_page,  # /search, /api/search
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
    api_playbooks,  # /api/conversations/…/playbook
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
