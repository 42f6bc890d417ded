"""Reading for the desk: from the views' queries to what its templates are given. One connection for each page."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import asyncpg
from msgspec.structs import replace

from rapport.conversations import inbox, reading as talk
from rapport.matching import reading as offers
from rapport.model.agent import DEFAULT_SLOTS, Agent, AgentNow
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation, State
from rapport.model.ids import read_id
from rapport.model.message import Reach
from rapport.model.need import Explanation, Offer, OfferState
from rapport.people import reading as people
from rapport.replies import reading as drafts
from rapport.replies.approval import SENIOR
from rapport.web.desk import context as shown
from rapport.web.desk.afterwards import read_afterwards
from rapport.web.desk.counts import Counted
from rapport.web.desk.person_reading import matters_of, person_shown, step_of
from rapport.web.desk.sensitive import reasons_of, shown_of
from rapport.web.desk.shown import NO_FILTERS, Filters
from rapport.web.desk.thread import woven
from rapport.web.desk.views import narrow_of
from rapport.web.security import Who

ICONS = {
    "mine": "user",
    "team": "users",
    "waiting": "clock",
    "snoozed": "moon",
    "approval": "shield",
    "open": "inbox",
    "resolved": "check",
    "mentions": "at",
    "all": "book",
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
    return shown.Me(
        name, at.presence.value if at else "offline", held, places_of(agent), agent.team if agent else "", agent is not None
    )


def _place(text: str) -> tuple[datetime, bytes] | None:
    micros, _, id = text.partition("-")
    found = read_id(id)
    return (
        (BEFORE_ALL + timedelta(microseconds=int(micros)), found) if found and micros.isdigit() and len(micros) < 18 else None
    )


def _place_text(place: tuple[datetime, bytes]) -> str:
    return f"{(place[0] - BEFORE_ALL) // timedelta(microseconds=1)}-{place[1].hex()}"


def _view(text: str) -> inbox.View:
    return next((view for view in inbox.VIEWS if view == text), "mine")


async def read_inbox(
    db: asyncpg.Connection,
    who: Who,
    centre: Centre,
    *,
    view: str,
    show: int,
    after: str,
    chosen: bytes | None,
    counted: Counted,
    filters: Filters = NO_FILTERS,
) -> shown.Inbox:
    """The list of a view. It grows by a page at a time up to LONGEST_LIST, then a new one begins `after` its end."""
    name = _view(view)
    agent = centre.agents.get(who.agent)
    team = agent.team if agent else ""
    show = min(max(show, PAGE), LONGEST_LIST)
    narrow = narrow_of(filters.chosen, centre)
    rows = await inbox.inbox(db, who.tenant, name, who.agent, team, _place(after), show + 1, narrow)
    begins = f"&after={after}" if _place(after) else ""
    only = f"&{filters.query}" if filters.query else ""
    query = f"view={name}&show={show}{begins}{only}" + (f"&c={chosen.hex()}" if chosen else "")
    more = ""
    if len(rows) > show:
        rows = rows[:show]
        is_long = show >= LONGEST_LIST
        more = (
            f"view={name}&after={_place_text(rows[-1].place(name))}" if is_long else f"view={name}&show={show + PAGE}{begins}"
        )
        more += only
    if name == "mine":
        rows.sort(key=lambda row: (row.due_at is None, row.due_at or row.last_at))
    views, waiting = _views(counted, team), counted.counts.get("waiting", 0)
    answers = who.agent in centre.agents
    return shown.Inbox(name, views, tuple(rows), query, more, chosen, names_of(centre), waiting, ICONS[name], filters, answers)


def _views(counted: Counted, team: str) -> tuple[shown.View, ...]:
    counts = counted.counts
    return tuple(
        shown.View(
            name,
            ICONS[name],
            counts.get(name),
            counts.get(name, 0) >= inbox.MOST_COUNTED,
            (counted.unread and name == "mine") or name == "mentions",
            counted.oldest if name == "waiting" else None,
        )
        for name in inbox.VIEWS
        if (name != "team" or team) and (name != "mentions" or counts.get("mentions"))
    )


def may_reply(centre: Centre, agent: str, conversation: Conversation) -> bool:
    """Whether a reply of theirs is taken: they have it, are beside who has it, or are senior (`replies.stage`)."""
    known = centre.agents.get(agent)
    return agent in (conversation.agent, *conversation.beside) or (known is not None and known.role in SENIOR)


async def read_head(db: asyncpg.Connection, who: Who, centre: Centre, conversation: Conversation) -> shown.Chosen:
    """What its head needs, and no more."""
    offered = await offers.offer(db, who.tenant, conversation.offer) if conversation.offer else None
    return shown.Chosen(
        conversation,
        names_of(centre),
        mine=conversation.agent == who.agent,
        replies=conversation.state is not State.RESOLVED and may_reply(centre, who.agent, conversation),
        free=not conversation.agent or conversation.bot,
        offered_to=offered.agent if offered and offered.state is OfferState.OPEN else "",
        blocked=await people.is_blocked(db, who.tenant, conversation.handle),
    )


async def read_thread(
    db: asyncpg.Connection, who: Who, centre: Centre, conversation: Conversation, *, whole: bool = False
) -> tuple[tuple[shown.Item, ...], int]:
    """The lines of its thread, and how many messages come before them."""
    limit = 2000 if whole else MESSAGES
    messages, earlier = await talk.messages_of(db, who.tenant, conversation.id, limit=limit)
    interactions = await talk.interactions_of(db, who.tenant, conversation.id)
    made = await offers.offers_of(db, who.tenant, conversation.id)
    since = messages[0].at if earlier and messages else None
    messages, after = await read_afterwards(db, who, conversation, messages)
    return woven(messages, interactions, made, zone=centre.profile.zone, since=since, after=after), earlier


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
    person = await people.person(db, who.tenant, conversation.person)
    if person is None:
        return shown.PersonShown(name=conversation.name), (), (), None, ""
    person = shown_of(person, centre)
    handles = await people.handles_of(db, who.tenant, person.ids)
    moments = await people.milestones(db, who.tenant, person.ids, limit=STEPS)
    total = await people.number_of_milestones(db, who.tenant, person.ids)
    why, agent = _why(await offers.offers_of(db, who.tenant, conversation.id), conversation)
    matters = matters_of(person, moments, conversation)
    return person_shown(person, handles, total), matters, tuple(map(step_of, moments)), reasons_of(why, centre), agent


async def read_standing(
    db: asyncpg.Connection, who: Who, conversation: Conversation, head: shown.Chosen, *, problem: str = ""
) -> shown.Chosen:
    """The head with the draft that waits, the one that came back, and sends of which nobody knows."""
    draft = await drafts.draft(db, who.tenant, conversation.draft) if conversation.draft else None
    returned = await drafts.returned_to(db, who.tenant, conversation.id, who.agent)
    unanswered = returned is not None and not draft and conversation.state is not State.RESOLVED
    if unanswered and returned and returned.decided_at and conversation.answered_at:
        unanswered = conversation.waiting_since is not None or returned.decided_at > conversation.last_at
    unknown = await drafts.unknown_of(db, who.tenant, conversation.id)
    return replace(head, draft=draft, returned=returned if unanswered else None, unknown=tuple(unknown), problem=problem)


async def read_offer(
    db: asyncpg.Connection, who: Who, centre: Centre, at: datetime, *, whole: bool = False, id: bytes | None = None
) -> shown.OfferShown | None:
    """The offer that is open for whoever sits here; `whole`: with what matters of the person; `id`: that one."""
    found = await offers.open_offers(db, who.tenant, who.agent)
    made = [offer for offer in found if offer.expires_at > at and id in (None, offer.id)]
    if not made:
        return None
    offer = made[0]
    about = await talk.conversation(db, who.tenant, offer.conversation)
    if about is None:
        return None
    matters: tuple[shown.Matter, ...] = ()
    if whole and (person := await people.person(db, who.tenant, about.person)) is not None:
        moments = await people.milestones(db, who.tenant, person.ids, limit=STEPS)
        matters = matters_of(shown_of(person, centre), moments, about)
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
        why=reasons_of(offer.why, centre) or offer.why,
        waited=(at - about.waiting_since).total_seconds() if about.waiting_since else 0.0,
        said_at=about.last_at,
        matters=matters,
        names=names_of(centre),
    )
