"""The composer and the dialogs of a conversation: whom it may reach, what is in it, what can be chosen."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from rapport.model.agent import AgentNow, Presence
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation
from rapport.model.message import ChannelKind
from rapport.replies.attachments import Kept
from rapport.replies.check import Personal
from rapport.understanding import personal_data
from rapport.web.desk import context as shown
from rapport.web.desk.checking import reaches_of
from rapport.web.desk.filling import filled, values_of
from rapport.web.desk.intents import shipped_reader
from rapport.web.languages import zone_named
from rapport.web.security import Who

MORNING, AFTERNOON = 8, 16
ORDER = {Presence.AVAILABLE: 0, Presence.BUSY: 1, Presence.AWAY: 2, Presence.OFFLINE: 3}


def find_personal(text: str) -> list[Personal]:
    """Kinds of personal data in a text, each with where it begins and ends."""
    return [(found.kind, found.start, found.end) for found in personal_data.find(text)]


def read_language(text: str) -> str:
    """The language of a text; "" where it cannot be told."""
    return shipped_reader().read([text[:600]])[0].language


def voice_of(centre: Centre, account: str) -> str:
    """The name under which an account speaks: its brand's, else the account's."""
    known = centre.accounts.get(account)
    brand = centre.brands.get(known.brand) if known else None
    return (brand.name if brand else "") or account


def composer_of(
    centre: Centre, chosen: shown.Chosen, *, kept: str, said: Mapping[str, str], once: str, files: tuple[Kept, ...] = ()
) -> shown.Composer:
    """The composer as it opens: with what was refused, else with what was kept, else with what an approver sent back."""
    c = chosen.conversation
    reaches = reaches_of(c)
    returned = chosen.returned
    reach = said.get("reach", "") or (returned.reach.value if returned else "") or c.reach.value
    subject = said.get("subject") or c.subject
    if c.kind is ChannelKind.EMAIL and subject and not subject.casefold().startswith("re:"):
        subject = f"Re: {subject}"
    return shown.Composer(
        once=once,
        reaches=reaches,
        reach=reach if reach in reaches else reaches[0],
        voice=voice_of(centre, c.account),
        text=said.get("text", "") or kept or (returned.text if returned else ""),
        subject=subject,
        files=files,
        later=said.get("later", ""),
    )


def snoozes_of(now: datetime, zone: str) -> tuple[tuple[str, datetime], ...]:
    """Times to come back, all in the future."""
    here = now.astimezone(zone_named(zone))
    morning = here.replace(hour=MORNING, minute=0, second=0, microsecond=0) + timedelta(days=1)
    afternoon = here.replace(hour=AFTERNOON, minute=0, second=0, microsecond=0)
    monday = morning + timedelta(days=(7 - morning.weekday()) % 7 or 7)
    found = [("hour", now + timedelta(hours=1))]
    if afternoon - here > timedelta(hours=2):
        found.append(("afternoon", afternoon))
    return (*found, ("tomorrow", morning), ("week", monday))


def dialogs_of(
    centre: Centre, who: Who, conversation: Conversation, now: Mapping[str, AgentNow], at: datetime
) -> shown.Dialogs:
    """What its dialogs offer: dispositions, times, agents and teams, saved replies in its language."""
    others = [agent for agent in centre.agents.values() if agent.id != who.agent and not agent.bot]
    present = {agent.id: now[agent.id].presence if agent.id in now else Presence.OFFLINE for agent in others}
    others.sort(key=lambda agent: (ORDER[present[agent.id]], agent.name or agent.id))
    language = conversation.language or (centre.profile.languages[0] if centre.profile.languages else "es")
    values = values_of(centre, who, conversation, voice_of(centre, conversation.account))
    replies = [
        shown.ReplyChoice(reply.title or reply.id.replace("-", " ").capitalize(), filled(text, values))
        for reply in centre.replies.values()
        if (text := reply.texts.get(language) or next(iter(reply.texts.values()), ""))
    ]
    return shown.Dialogs(
        dispositions=centre.dispositions(),
        snoozes=snoozes_of(at, centre.profile.zone),
        teams=tuple(sorted({agent.team for agent in centre.agents.values() if agent.team})),
        agents=tuple(shown.AgentChoice(a.id, a.name or a.id, a.team, present[a.id].value) for a in others),
        replies=tuple(sorted(replies, key=lambda reply: reply.title)),
    )
