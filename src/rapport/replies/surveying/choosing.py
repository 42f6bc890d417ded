"""Who is asked how it was, and when: the survey that holds, whether a conversation is drawn, quiet hours, and why not."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

from rapport.ledger.views import Rows
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation, State
from rapport.model.hours import opening
from rapport.model.message import Reach
from rapport.model.person import Consent, Handle, Person, consent_id
from rapport.model.survey import LATE_DAYS, NEVER_ASKED, PURPOSE, Asked, Survey
from rapport.replies.record import brand_of, zone_of

REASONS = (
    "reopened",  # it is open again
    "gone",  # the survey was removed or switched off
    "erased",  # nothing is left of whom it would go to
    "stopped",  # they asked us not to write
    "consent",  # they took it back, or never agreed where they must
    "asked-lately",
    "talking",  # another conversation of theirs is open
    "late",  # nobody was there to ask for days
    "network",  # its rules do not let us write now
    "check",  # the words are refused by a check
    "approval",  # a policy wants each reply seen first
    "no-address",  # we do not know at which address we are reached
)
DRAWN = 1 << 32


def survey_for(conversation: Conversation, centre: Centre) -> Survey | None:
    """The survey that holds for a conversation that has just been resolved: the first by name that fits; None: no one asks."""
    fits = (survey for _, survey in sorted(centre.surveys.items()) if survey.enabled and _fits(survey, conversation, centre))
    found = next(fits, None)
    return found if found is not None and is_drawn(conversation.id, found.share) else None


def _fits(survey: Survey, conversation: Conversation, centre: Centre) -> bool:
    names = {conversation.channel, conversation.kind.value, conversation.account}
    return (
        (not survey.channels or bool(names & set(survey.channels)))
        and (not survey.brands or brand_of(centre, conversation.account) in survey.brands)
        and (not survey.teams or conversation.team in survey.teams)
    )


def is_worth_asking(conversation: Conversation) -> bool:
    """Whether there is something to ask about: somebody answered, in private, and it was no spam."""
    return (
        conversation.answered_at is not None
        and conversation.reach is Reach.PRIVATE
        and conversation.merged_into is None
        and conversation.disposition not in NEVER_ASKED
    )


def is_drawn(conversation: bytes, share: float) -> bool:
    """Whether chance draws a conversation; the same whoever asks, and nothing that anybody could choose."""
    drawn = int.from_bytes(blake2b(b"survey\0" + conversation, digest_size=4).digest(), "big")
    return drawn < share * DRAWN


def when(survey: Survey, conversation: Conversation, centre: Centre, now: datetime) -> datetime:
    """When to ask: after the delay, and then not before people may be asked."""
    return awake(survey, conversation, centre, now + timedelta(minutes=survey.after_minutes))


def awake(survey: Survey, conversation: Conversation, centre: Centre, at: datetime) -> datetime:
    """`at`, or when the survey's hours begin next, by the clock of the brand or of the centre."""
    brand = centre.brands.get(brand_of(centre, conversation.account))
    zone = zone_of(centre)
    if brand is not None and brand.zone:
        try:
            zone = ZoneInfo(brand.zone)
        except (ValueError, OSError):
            zone = zone_of(centre)
    state = opening(survey.hours, at, zone)
    return at if state.is_open or state.until is None else state.until.astimezone(UTC)


def left_out(survey: Survey | None, conversation: Conversation, rows: Rows) -> str:
    """Why a person is not asked now; "" where they may be."""
    if survey is None or not survey.enabled:
        return "gone"
    if conversation.state is not State.RESOLVED or conversation.resolved_at is None:
        return "reopened"
    if not is_worth_asking(conversation):
        return "gone"
    if rows.now > conversation.resolved_at + timedelta(minutes=survey.after_minutes, days=LATE_DAYS):
        return "late"
    handle, person = rows.get(Handle, conversation.handle), rows.get(Person, conversation.person)
    if handle is None or not handle.name:
        return "erased"
    if handle.stopped_at is not None or handle.blocked:
        return "stopped"
    ids = person.ids if person is not None else (conversation.person,)
    if not _agreed(survey, ids, conversation, rows):
        return "consent"
    rest = timedelta(days=survey.rest_days)
    if any((asked := rows.get(Asked, id)) is not None and asked.at > rows.now - rest for id in ids):
        return "asked-lately"
    open_ones = (one for one in rows.all(Conversation) if one.state is not State.RESOLVED and one.person in ids)
    return "talking" if any(one.id != conversation.id for one in open_ones) else ""


def _agreed(survey: Survey, ids: tuple[bytes, ...], conversation: Conversation, rows: Rows) -> bool:
    """What they said last of surveys, on this channel or any, under any id that is theirs."""
    channels = ("", conversation.channel, conversation.kind.value)
    said = [rows.get(Consent, consent_id(id, PURPOSE, channel)) for id in ids for channel in dict.fromkeys(channels)]
    known = [one for one in said if one is not None and (one.until is None or one.until > rows.now)]
    if any(not one.given for one in known):
        return False
    return survey.consent == "unless-withdrawn" or bool(known)
