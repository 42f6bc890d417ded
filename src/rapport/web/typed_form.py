"""Forms that are shown again as they were typed, with what is refused beside its field."""

from collections.abc import Mapping

import msgspec

from rapport.errors import BadInput

MOST_TYPED, LONGEST = 40, 200  # fields of a form, and characters of each, that are shown again


class WrongField(BadInput):
    """What a field of a form says cannot be used. `field`: its name there."""

    def __init__(self, said: str, *, field: str) -> None:
        super().__init__(said)
        self.field = field


class Typed(msgspec.Struct, frozen=True):
    """What was typed, by field; `problem`: why it is refused, "" where it is not; `field`: where that stands, "" for none."""

    values: dict[str, str] = {}
    problem: str = ""
    field: str = ""


def refused(values: Mapping[str, str], wrong: BadInput) -> Typed:
    """A form that was refused, as it was typed."""
    kept = {name: text[:LONGEST] for name, text in list(values.items())[:MOST_TYPED]}
    return Typed(kept, str(wrong), wrong.field if isinstance(wrong, WrongField) else "")
