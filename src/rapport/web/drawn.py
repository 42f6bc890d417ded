"""Parts of pages that were drawn a moment ago, kept for whoever looks next: a row of the inbox, a dialog, the sheet of keys.

`{{ "_row.html"|drawn(row, inbox.view, row=row) }}` in a template: what stands in the brackets by its place is everything
that the part says, beside the language, the zone and the tenant; what has a name is a variable of the part.
A part that nobody asked for is forgotten within two minutes: nothing of a person stays longer.
"""

import asyncio
from collections.abc import Hashable
from datetime import datetime, timedelta

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from rapport.clock import Clock
from rapport.conversations.inbox import InboxRow
from rapport.web.languages import zone_named

ROUND = timedelta(seconds=50)  # what nobody asked for in a whole one is forgotten
PAUSE = 10  # seconds between two looks for what is to be forgotten
MOST = 4_000  # parts in a round
STEP = 15  # seconds: as old may be what a row says of the time that is left


class Kept:
    """Parts by everything that they say: those of this round, and those of the one before."""

    def __init__(self) -> None:
        self.lately: dict[Hashable, Markup] = {}
        self.before: dict[Hashable, Markup] = {}
        self.began: datetime | None = None

    def find(self, key: Hashable, now: datetime) -> Markup | None:
        """The part, where it was drawn lately."""
        self.turn(now)
        found = self.lately.get(key)
        if found is None and (found := self.before.get(key)) is not None:
            self.lately[key] = found
        return found

    def turn(self, now: datetime) -> None:
        """Begin another round where it is time, and forget what nobody asked for in the last one."""
        if self.began is None or not timedelta() <= now - self.began < ROUND or len(self.lately) >= MOST:
            stale = self.began is None or not timedelta() <= now - self.began < 2 * ROUND
            self.before, self.lately, self.began = {} if stale else self.lately, {}, now

    def keep(self, key: Hashable, part: Markup) -> Markup:
        """Keep a part."""
        self.lately[key] = part
        return part


_KEPT = Kept()


async def forget_parts(clock: Clock) -> None:
    """Forget what nobody asks for any more, without end: where nobody looks at all, too."""
    while True:
        await asyncio.sleep(PAUSE)
        _KEPT.turn(clock.now())


def _fixed(value: object) -> Hashable:
    """A value by which a part is found again."""
    if isinstance(value, dict):
        return tuple((name, _fixed(inner)) for name, inner in value.items())
    if isinstance(value, list | tuple):
        return tuple(map(_fixed, value))
    assert isinstance(value, Hashable)
    return value


@pass_context
def drawn(context: Context, template: str, *said: object, **given: object) -> Markup:
    """A part of a page: as it was drawn a moment ago where it says the same, else drawn now."""
    frame = context["frame"]
    tenant = frame.who.tenant if frame.who else 0
    key = (template, tenant, frame.language, frame.zone, frame.alone, *map(_fixed, said))
    found = _KEPT.find(key, frame.now)
    if found is not None:
        return found
    made = context.environment.get_template(template).render({**context.get_all(), **given})
    return _KEPT.keep(key, Markup(made))  # a template of ours has escaped it


@pass_context
def turn(context: Context, row: InboxRow) -> int:
    """What a row of the inbox says of the time: the day, or the quarter of a minute where a time to answer runs."""
    frame = context["frame"]
    if row.due_at and row.waiting_since and row.state == "open":
        return int(frame.now.timestamp()) // STEP
    return int(frame.now.astimezone(zone_named(frame.zone)).toordinal())
