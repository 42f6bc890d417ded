"""On record: that somebody read of a person, and what for, before they are shown it."""

from datetime import datetime, timedelta

from rapport.model.fact import ContextRead
from rapport.web.office import Office
from rapport.web.security import Who

SAID_FOR = timedelta(minutes=10)  # who reads of the same person again within it, for the same purpose, is on record once
MOST_SAID = 10_000
# What the pages of the house read for; a context names a purpose of the centre.
PAGE, COMPARING, RIGHTS, EXPORT, DESK, SENSITIVE = "page", "compare", "rights", "export", "desk", "sensitive"
DIRECTORY = "directory"


async def on_record(office: Office, who: Who, purpose: str, *persons: bytes) -> None:
    """Record that somebody read of persons; durable when it returns. The same within ten minutes is recorded once.

    What was recorded lately is remembered by each process of the web for itself.
    """
    said: dict[tuple[int, str, bytes, str], datetime] = office.memory.setdefault("glances", {})
    now = office.clock.now()
    keys = [(who.tenant, who.agent, person, purpose) for person in dict.fromkeys(persons)]
    fresh = [key for key in keys if key not in said or now - said[key] >= SAID_FOR]
    if not fresh:
        return
    await office.intake.record(who.tenant, [ContextRead(person, who.agent, purpose) for _, _, person, _ in fresh])
    for key in fresh:
        said.pop(key, None)
        said[key] = now
    while len(said) > MOST_SAID:
        said.pop(next(iter(said)))
