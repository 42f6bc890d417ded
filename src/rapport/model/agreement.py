"""Agreement: what two centres hand to each other across the wall between them, field by field."""

from typing import Literal

import msgspec

Field = Literal["name", "handle", "language", "channel", "intent", "urgency", "words", "summary", "note", "reference"]
CROSSING = "crossing"  # the channel by which it goes and comes back


class Agreement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """With which centre (`with_tenant`, its name), which way, and which fields. What crosses is what both sides name.

    `gives`: conversations go from here to there, `takes`: from there to here; answers come back the same way in any case.
    `hours`: how long an answer may take before the conversation waits here again.
    """

    id: str
    with_tenant: str
    gives: bool = False
    takes: bool = False
    fields: tuple[Field, ...] = ()
    label: str = ""  # what the other centre is called on the desk here
    hours: float = 24.0
    paused: bool = False


def crossing(mine: Agreement, theirs: Agreement | None, here: str, there: str) -> tuple[Field, ...] | str:
    """The fields that may go from `here` to `there`, or why nothing may. Each side must name the other."""
    if theirs is None:
        return f"the centre {mine.with_tenant!r} has no agreement {mine.id!r}; it must set one too"
    if mine.with_tenant != there or theirs.with_tenant != here or theirs.id != mine.id:
        return f"the agreement {mine.id!r} of {mine.with_tenant!r} is with another centre"
    if mine.paused or theirs.paused:
        return f"the agreement {mine.id!r} is paused"
    if not (mine.gives and theirs.takes):
        return f"the agreement {mine.id!r} does not let conversations go this way"
    return tuple(field for field in mine.fields if field in theirs.fields)
