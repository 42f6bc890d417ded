"""Survey: whom we ask by ourselves how it was, when, and how often at most; Asked: when a person was asked last."""

from datetime import datetime
from typing import Literal

import msgspec

from rapport.model.hours import DAYS, check_hours
from rapport.model.ids import Id

BY_DAY: dict[str, tuple[str, ...]] = dict.fromkeys(DAYS, ("09:00-20:00",))
ASKING = {
    "es": "Gracias por escribirnos. ¿Nos dice en cuatro preguntas cómo le fue? {link}",
    "en": "Thank you for writing to us. Will you tell us in four questions how it was? {link}",
}
PURPOSE = "surveys"  # what a person agrees to, or takes back, to be asked or not
NEVER_ASKED = ("spam", "no-answer-needed", "merged")  # how conversations end of which there is nothing to ask
LONGEST_WAIT = 43_200  # minutes: thirty days
MOST_REST = 730  # days
LATE_DAYS = 7  # after which nobody remembers well: whoever was not asked by then is left in peace


class Survey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is asked by itself once a conversation is resolved. `channels`, `brands` and `teams` empty: everywhere.

    `after_minutes`: how long after its end; `hours`: when people may be asked, by the clock of their brand or of the centre;
    `rest_days`: for how long a person who was asked, about whatever, is left in peace; `share`: the part of conversations, 0 to
    1, that is drawn. `consent` given: only who agreed to `surveys`; unless-withdrawn: also who never said. `text` by language
    has {link}; none: our own words.
    """

    id: str
    channels: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    after_minutes: float = 60.0
    hours: dict[str, tuple[str, ...]] = msgspec.field(default_factory=BY_DAY.copy)
    rest_days: float = 30.0
    share: float = 1.0
    consent: Literal["unless-withdrawn", "given"] = "unless-withdrawn"
    text: dict[str, str] = {}
    enabled: bool = True

    def __post_init__(self) -> None:
        """Raise ValueError where nobody could be asked, or without an end."""
        check_hours(self.hours)
        bounds = (("after_minutes", 0.0, LONGEST_WAIT), ("rest_days", 1.0, MOST_REST), ("share", 0.0, 1.0))
        for name, low, high in bounds:
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name} of survey {self.id!r} is from {low:g} to {high:g}, got {value:g}")
        for language, text in self.text.items():
            if text.count("{link}") != 1:
                raise ValueError(f"text.{language} of survey {self.id!r} needs {{link}} once, where the address is to stand")

    def words(self, language: str, otherwise: str) -> str:
        """What is said to somebody who speaks `language`, else in the centre's first one; with {link}."""
        texts = ASKING | self.text
        return texts.get(language[:2]) or texts.get(otherwise[:2]) or texts["en"]


class Asked(msgspec.Struct, frozen=True):
    """A person, by whose id it is found, was asked about a conversation. Nothing but ids and a time."""

    id: Id
    at: datetime
    conversation: Id
