"""When a reply leaves: at the time that its author chose, and not before it could have been taken back."""

from datetime import datetime, timedelta

from rapport.ledger.views import Rows
from rapport.model.reply import Tier
from rapport.replies.approval import House
from rapport.replies.record import zone_of

FURTHEST = timedelta(days=90)


def chosen_time(text: str, rows: Rows) -> datetime | None | str:
    """The time that an author chose, in the centre's zone where the text names none; None for none; else why it is no time."""
    if not text.strip():
        return None
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        return f"A time such as 2026-03-03T10:00 is needed, got {text.strip()[:40]!r}."
    time = time if time.tzinfo else time.replace(tzinfo=zone_of(rows.centre))
    if not rows.now < time < rows.now + FURTHEST:
        return f"A reply can wait for at most {FURTHEST.days} days, and not for the past, got {text.strip()[:40]}."
    return time


def leaves_at(house: House, send_at: datetime | None, now: datetime) -> datetime | None:
    """Not before this time does a reply leave; None: at once."""
    held = now + timedelta(seconds=house.hold) if house.hold > 0 else None
    times = [time for time in (held, send_at) if time is not None and time > now]
    return max(times, default=None)


def ends_at(tier: Tier, now: datetime) -> datetime | None:
    """When a tier that is asked now ends; None: never."""
    return now + timedelta(minutes=tier.minutes) if tier.minutes > 0 else None
