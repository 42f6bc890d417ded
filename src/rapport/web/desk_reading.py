"""Reading for the desk: from the views' queries to what its templates are given. One connection for each page."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import asyncpg
from msgspec.structs import replace

from rapport.conversations import inbox
from rapport.matching import offers
from rapport.model.agent import DEFAULT_SLOTS, Agent, AgentNow
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation, State
from rapport.model.ids import read_id
from rapport.model.message import Reach
from rapport.model.need import Explanation, Offer, OfferState
from rapport.people import journey
from rapport.replies import reading
from rapport.web import desk_context as shown
from rapport.web.person_reading import matters_of, person_shown, step_of
from rapport.web.security import Who
from rapport.web.thread import woven

ICONS = {
    "mine": "user",
    "team": "users",
    "waiting": "clock",
    "snoozed": "moon",
    "approval": "shield",
    "open": "inbox",
    "resolved": "check",
}
PAGE, LONGEST_LIST = 50, 200
MESSAGES = 60
STEPS = 8
BEFORE_ALL = datetime(2000, 1, 1, tzinfo=UTC)


def names_of(centre: Centre) -> dict[str, str]:
    """What agents are called, by id."""
    return {agent.id: agent.name or agent.id for agent in centre.agents.values()}


def places_of(agent: Agent | None) -> int:
    """How many conversations an agent can have at once: the most of any channel kind."""
    slots = (agent.slots if agent else {}) or DEFAULT_SLOTS
    return max(slots.values(), default=0)


def me_now(centre: Centre, who: Who, now: Mapping[str, AgentNow]) -> shown.Me:
    """Who sits at the desk."""
    agent, at = centre.agents.get(who.agent), now.get(who.agent)
    held = sum(at.held.values()) if at else 0
    name = (agent.name if agent else "") or who.name or who.agent
    return shown.Me(name, at.presence.value if at else "offline", held, places_of(agent), agent.team if agent else "")


def _place(text: str) -> inbox.Place | None:
    seconds, _, id = text.partition("-")
    found = read_id(id)
    return inbox.Place(datetime.fromtimestamp(int(seconds) / 1e6, UTC), found) if found and seconds.isdigit() else None


def _place_text(place: inbox.Place) -> str:
    return f"{int(place.at.timestamp() * 1e6)}-{place.id.hex()}"


async def read_inbox(
    db: asyncpg.Connection, who: Who, centre: Centre, *, view: str, show: int, after: str, chosen: bytes | None
) -> shown.Inbox:
    """The list of a view. It grows by a page at a time up to LONGEST_LIST, then a new one begins `after` its end."""
    view = view if view in inbox.VIEWS else "mine"
    agent = centre.agents.get(who.agent)
    team = agent.team if agent else ""
    show = min(max(show, PAGE), LONGEST_LIST)
    counts = await inbox.counts(db, who.tenant, agent=who.agent, team=team)
    rows = await inbox.conversations(db, who.tenant, view, agent=who.agent, team=team, limit=show + 1, after=_place(after))
    query = f"view={view}&show={show}" + (f"&after={after}" if after else "") + (f"&c={chosen.hex()}" if chosen else "")
    more = ""
    if len(rows) > show:
        rows = rows[:show]
        end = _place_text(inbox.place_of(view, rows[-1]))
        more = (
            f"view={view}&after={end}"
            if show >= LONGEST_LIST
            else f"view={view}&show={show + PAGE}" + (f"&after={after}" if after else "")
        )
    if view == "mine":
        rows.sort(key=lambda row: (row.due_at is None, row.due_at or row.last_at))
    views = [
        shown.View(
            name,
            ICONS[name],
            counts.by_view[name],
            counts.by_view[name] >= inbox.MOST_COUNTED,
            counts.unread and name == "mine",
            counts.oldest if name == "waiting" else None,
        )
        for name in inbox.VIEWS
        if name != "team" or team
    ]
    return shown.Inbox(
        view, tuple(views), tuple(rows), query, more, chosen, names_of(centre), counts.by_view["waiting"], ICONS[view]
    )


async def read_head(db: asyncpg.Connection, who: Who, centre: Centre, conversation: Conversation) -> shown.Chosen:
    """What its head needs, and no more."""
    offered = await offers.offer(db, who.tenant, conversation.offer) if conversation.offer else None
    return shown.Chosen(
        conversation,
        names_of(centre),
        mine=conversation.agent == who.agent,
        free=not conversation.agent or conversation.bot,
        offered_to=offered.agent if offered and offered.state is OfferState.OPEN else "",
    )


async def read_thread(
    db: asyncpg.Connection, who: Who, centre: Centre, conversation: Conversation, *, whole: bool = False
) -> tuple[tuple[shown.Item, ...], int]:
    """The lines of its thread, and how many messages come before them."""
    limit = 2000 if whole else MESSAGES
    messages, earlier = await inbox.messages_of(db, who.tenant, conversation.id, limit=limit)
    interactions = await inbox.interactions_of(db, who.tenant, conversation.id)
    made = await offers.offers_of(db, who.tenant, conversation.id)
    since = messages[0].at if earlier and messages else None
    return woven(messages, interactions, made, zone=centre.profile.zone, since=since), earlier


def _why(made: list[Offer], conversation: Conversation) -> tuple[Explanation | None, str]:
    """The reasons of the agent who has it or is asked now."""
    standing = [offer for offer in made if offer.state in (OfferState.OPEN, OfferState.ACCEPTED)]
    if not standing or (standing[-1].state is OfferState.ACCEPTED and standing[-1].agent != conversation.agent):
        return None, ""
    return standing[-1].why, standing[-1].agent


async def read_person(
    db: asyncpg.Connection, who: Who, centre: Centre, conversation: Conversation
) -> tuple[shown.PersonShown, tuple[shown.Matter, ...], tuple[shown.Step, ...], Explanation | None, str]:
    """The person pane: who, what matters, the journey, and why this agent."""
    person = await journey.person(db, who.tenant, conversation.person)
    if person is None:
        return shown.PersonShown(name=conversation.name), (), (), None, ""
    handles = await journey.handles_of(db, who.tenant, person.id)
    moments = await journey.journey(db, who.tenant, person.id, limit=STEPS)
    total = await journey.moments(db, who.tenant, person.id)
    why, agent = _why(await offers.offers_of(db, who.tenant, conversation.id), conversation)
    matters = matters_of(person, moments, conversation)
    return person_shown(person, handles, total), matters, tuple(map(step_of, moments)), why, agent


async def read_standing(
    db: asyncpg.Connection, who: Who, conversation: Conversation, head: shown.Chosen, *, problem: str = ""
) -> shown.Chosen:
    """The head with the draft that waits, the one that came back, and sends of which nobody knows."""
    draft = await reading.draft(db, who.tenant, conversation.draft) if conversation.draft else None
    returned = await reading.returned_to(db, who.tenant, conversation.id, who.agent)
    unanswered = returned is not None and not draft and conversation.state is not State.RESOLVED
    if unanswered and returned and returned.decided_at and conversation.answered_at:
        unanswered = conversation.waiting_since is not None or returned.decided_at > conversation.last_at
    unknown = await reading.unknown_of(db, who.tenant, conversation.id)
    return replace(head, draft=draft, returned=returned if unanswered else None, unknown=tuple(unknown), problem=problem)


async def read_offer(
    db: asyncpg.Connection, who: Who, centre: Centre, at: datetime, *, whole: bool = False
) -> shown.OfferShown | None:
    """The offer that is open for whoever sits here; `whole`: with what matters of the person."""
    made = [offer for offer in await offers.open_offers(db, who.tenant, who.agent) if offer.expires_at > at]
    if not made:
        return None
    offer = made[0]
    about = await inbox.conversation(db, who.tenant, offer.conversation)
    if about is None:
        return None
    matters: tuple[shown.Matter, ...] = ()
    if whole and (person := await journey.person(db, who.tenant, about.person)) is not None:
        moments = await journey.journey(db, who.tenant, about.person, limit=STEPS)
        matters = matters_of(person, moments, about)
    span = offer.expires_at - offer.made_at
    return shown.OfferShown(
        id=offer.id,
        name=about.name,
        channel=about.channel,
        kind=about.kind.value,
        public=about.reach is Reach.PUBLIC,
        preview=about.preview,
        language=about.language,
        intent=about.intent,
        left=(offer.expires_at - at).total_seconds(),
        whole=max(span, timedelta(seconds=1)).total_seconds(),
        why=offer.why,
        waited=(at - about.waiting_since).total_seconds() if about.waiting_since else 0.0,
        said_at=about.last_at,
        matters=matters,
        names=names_of(centre),
    )
