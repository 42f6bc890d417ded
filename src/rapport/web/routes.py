"""Every address of the web, on one page: each module's HANDLERS, and the rule that each says what it needs."""

from collections.abc import Sequence

from litestar.handlers import ASGIRouteHandler, HTTPRouteHandler, WebsocketRouteHandler

from rapport.access.roles import PERMISSIONS
from rapport.errors import SetupError
from rapport.web import health, hooks, media, outside, sign_in, static_files, stream, taskrouter
from rapport.web.api import (
    console as api_console,
    conversations as api_conversations,
    events as events_api,
    front_page as api,
    groups as api_groups,
    knowledge as api_knowledge,
    mails as api_mails,
    messages as api_messages,
    moderating as api_moderating,
    pairs as api_pairs,
    people as api_people,
    playbooks as api_playbooks,
    polls as api_polls,
    quality as api_quality,
    record as api_record,
    reports as api_reports,
    rights as api_rights,
    stories as api_stories,
    wallboard as api_wallboard,
    workforce as api_workforce,
)
from rapport.web.centre import (
    access_page,
    agents_page,
    audit_page,
    channel_health,
    connecting,
    demo_page,
    editor as centre_editor,
    matching_page,
    pieces as api_centre,
    rules_page,
    teams_page,
    training_page,
    wizard,
)
from rapport.web.chat import chat_help, help_page, visitor_files, webchat, widget
from rapport.web.console import acts as console_acts, page as console, tellings
from rapport.web.desk import (
    actions as desk_actions,
    approval_link_page,
    approvals,
    assist as desk_assist,
    attachments,
    bulk as desk_bulk,
    handing as desk_handing,
    held,
    learning as desk_learning,
    offer_link_page,
    offer_page,
    page as desk,
    playbook_actions,
    record,
    search_page,
    settings as desk_settings,
    tools as desk_tools,
    transcript,
    typing_now,
    viewing,
    views as desk_views,
)
from rapport.web.knowledge import (
    at_the_desk as desk_knowledge,
    gaps as knowledge_gaps,
    page as knowledge_page,
    video as knowledge_video,
)
from rapport.web.measures import drivers_page, reports_mail, reports_page, reports_surveys, survey_page, value_today, wallboard
from rapport.web.patterns import page as patterns
from rapport.web.people import (
    bringing_in as people_import,
    clearance,
    everybody,
    groups_page,
    my_profile,
    noting as people_noting,
    page as people_page,
    pairs as people_pairs,
    reads as people_reads,
    requests as people_requests,
    rights as people_rights,
    rules as people_rules,
)
from rapport.web.phone import page as phone, socket as phone_socket
from rapport.web.polls import poll_page, polls_page
from rapport.web.quality import (
    agreement as quality_agreement,
    mine as quality_mine,
    page as quality_page,
    review as quality_review,
)
from rapport.web.stories import digest as stories_digest, page as stories_page, transcripts as stories_transcripts
from rapport.web.workforce import (
    burst_card,
    look_back_page,
    page as workforce_page,
    replay_page,
    roster_page,
    schedule_page,
    shift_feed,
    shifts_page,
    sites_page,
    staffing_page,
    streams_page,
)

Handler = HTTPRouteHandler | ASGIRouteHandler | WebsocketRouteHandler

ROOMS = (
    sign_in,  # /, /sign-in, /sign-out, /welcome/…, /me/language
    wizard,  # /set-up/…
    connecting,  # /set-up/channel/…
    desk,  # /desk/…
    desk_handing,  # /desk/…/hand-over, together, call-back; /drafts/…/unsend
    attachments,  # /desk/…/files, /api/conversations/…/files, /files/…
    desk_actions,  # /desk/…: what is done there
    desk_settings,  # /me, /manifest.webmanifest, /offline
    desk_bulk,  # /desk/bulk, /desk/undo
    desk_views,  # /desk/views/…
    desk_tools,  # /desk/…/mark, merge, split, bar
    desk_assist,  # /desk/…/suggest
    desk_learning,  # /desk/…/messages/…/reading
    typing_now,  # /desk/typing
    viewing,  # /desk/viewing
    offer_page,  # /offer, /offers/…
    phone,  # /phone, /voice/…
    phone_socket,  # /voice/socket
    offer_link_page,  # /offers/link/…
    approval_link_page,  # /approvals/link/…
    approvals,  # /approvals/…, /drafts/…
    held,  # /held/…
    playbook_actions,  # /desk/…/playbook, /steps, /tasks
    clearance,  # /people/…/see
    groups_page,  # /people/groups/…
    people_import,  # /people/import/…
    people_noting,  # /people/…/noted, /api/people/…/attributes
    everybody,  # /people
    people_pairs,  # /people/…/with/…
    people_reads,  # /people/reads
    people_requests,  # /people/requests, /api/people/requests, /api/people/…/requests
    people_rights,  # /people/…/rights, export, erase, hold, consent
    people_rules,  # /people/rules, /api/people/rules
    my_profile,  # /my/…
    people_page,  # /people/…, /desk/find
    agents_page,  # /agents
    teams_page,  # /agents/teams
    access_page,  # /agents/access, /agents/…/role, stop, let-in
    channel_health,  # /channels/…, /api/channels
    matching_page,  # /matching/…
    training_page,  # /training/…
    wallboard,  # /wallboard
    value_today,  # /value/…
    console,  # /console/…
    console_acts,  # /console/…: what is done there
    tellings,  # /tellings/…
    reports_page,  # /reports/…
    drivers_page,  # /reports/drivers
    reports_surveys,  # /reports/surveys
    reports_mail,  # /reports/mail/…
    survey_page,  # /survey/…, /desk/…/survey
    polls_page,  # /polls/…
    poll_page,  # /poll/…: for everybody
    quality_page,  # /quality, /quality/draw, samples/…, calibrate
    quality_review,  # /quality/items/…
    quality_mine,  # /quality/mine/…, appeals/…
    quality_agreement,  # /quality/agreement
    api_quality,  # /api/quality/…
    stories_page,  # /stories/…
    stories_digest,  # /stories/digest
    stories_transcripts,  # /stories/transcripts, /api/transcripts
    api_stories,  # /api/stories, /stories/shared
    workforce_page,  # /workforce/…
    look_back_page,  # /workforce/look-back
    roster_page,  # /workforce/roster
    schedule_page,  # /workforce/schedule
    burst_card,  # /workforce/bursts
    replay_page,  # /workforce/replay
    streams_page,  # /workforce/streams
    staffing_page,  # /workforce/staffing
    sites_page,  # /workforce/sites
    api_workforce,  # /api/workforce/…, /api/shifts/…
    shifts_page,  # /shifts
    shift_feed,  # /shifts/feed/…, /workforce/shifts.csv
    centre_editor,  # /centre/…
    rules_page,  # /rules/…, /api/rules/…
    audit_page,  # /audit, /audit/entries/…
    record,  # /audit/…
    transcript,  # /desk/…/transcript
    search_page,  # /search, /api/search
    knowledge_page,  # /knowledge/…
    knowledge_gaps,  # /knowledge/gaps
    knowledge_video,  # /knowledge/…/video, /help/…/video
    api_knowledge,  # /api/knowledge/…
    desk_knowledge,  # /desk/…/knowledge, /api/conversations/…/articles
    help_page,  # /help/…: for everybody
    patterns,  # /patterns
    stream,  # /live
    media,  # /media/…
    outside,  # /outside/…: what messages bring from outside
    webchat,  # /chat/…
    visitor_files,  # /chat/files
    chat_help,  # /chat/help
    widget,  # /chat/widget.js, /chat/try
    api,  # /api, /api/openapi.json, /api/presence, /api/ledger/checkpoint
    api_messages,  # /api/messages
    events_api,  # /api/events, /api/people
    api_groups,  # /api/groups/…
    api_pairs,  # /api/people/pairs/…
    api_rights,  # /api/people/…/export, erasure, consents, hold
    api_people,  # /api/people/…/context
    api_playbooks,  # /api/conversations/…/playbook
    api_conversations,  # /api/conversations/…
    api_moderating,  # /api/conversations/…/messages/…/moderate
    api_wallboard,  # /api/wallboard
    api_console,  # /api/console/…
    api_reports,  # /api/reports
    api_polls,  # /api/polls
    api_mails,  # /api/mails
    api_centre,  # /api/centre/…
    api_record,  # /api/ledger/…
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
