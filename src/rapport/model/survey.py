"""Survey: whom we ask by ourselves how it was, when, and how often at most; Asked: when a person was asked last."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from rapport.model.hours import DAYS, check_hours
from rapport.model.ids import Id

BY_DAY: dict[str, tuple[str, ...]] = dict.fromkeys(DAYS, ("09:00-20:00",))
ASKING = {
    "es": "Gracias por escribirnos. ¿Nos dice en cuatro preguntas cómo le fue? {link}",
    "en": "Thank you for writing to us. Will you tell us in four questions how it was? {link}",
}
SCALES = {"solved": (0, 1), "effort": (1, 7), "satisfied": (1, 5), "recommends": (0, 10)}  # what an answer may be
HERE = {  # what is asked in the conversation itself
    "solved": {
        "es": "Gracias por escribirnos. ¿Quedó resuelto su asunto? Conteste aquí con un sí o un no.",
        "en": "Thank you for writing to us. Was your question settled? Answer here with yes or no.",
    },
    "effort": {
        "es": "Gracias por escribirnos. Del 1 (muy difícil) al 7 (muy fácil), ¿qué tan fácil fue resolverlo? "
        "Conteste aquí con un número.",
        "en": "Thank you for writing to us. From 1 (very hard) to 7 (very easy), how easy was it to get it settled? "
        "Answer here with a number.",
    },
    "satisfied": {
        "es": "Gracias por escribirnos. Del 1 (nada) al 5 (mucho), ¿qué tan satisfecho está con el trato? "
        "Conteste aquí con un número.",
        "en": "Thank you for writing to us. From 1 (not at all) to 5 (very), how satisfied are you with how you were treated? "
        "Answer here with a number.",
    },
    "recommends": {
        "es": "Gracias por escribirnos. Del 0 al 10, ¿nos recomendaría a alguien que conoce? Conteste aquí con un número.",
        "en": "Thank you for writing to us. From 0 to 10, would you recommend us to somebody you know? "
        "Answer here with a number.",
    },
}
HINTS = {
    "yes-no": {"es": "Basta con un sí o un no.", "en": "Yes or no is enough."},
    "number": {"es": "Basta con un número del {low} al {high}.", "en": "A number from {low} to {high} is enough."},
}
HEARD_FOR = timedelta(hours=24)  # after we asked: what is written later is no answer
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
    has {link}; none: our own words. `question`: which one of SCALES is asked in the conversation itself, so that people answer
    by writing back; its text may do without {link}.
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
    question: Literal["", "solved", "effort", "satisfied", "recommends"] = ""

    def __post_init__(self) -> None:
        """Raise ValueError where nobody could be asked, or without an end."""
        check_hours(self.hours)
        bounds = (("after_minutes", 0.0, LONGEST_WAIT), ("rest_days", 1.0, MOST_REST), ("share", 0.0, 1.0))
        for name, low, high in bounds:
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name} of survey {self.id!r} is from {low:g} to {high:g}, got {value:g}")
        for language, text in self.text.items():
            if text.count("{link}") != 1 and not (self.question and "{link}" not in text):
                raise ValueError(f"text.{language} of survey {self.id!r} needs {{link}} once, where the address is to stand")

    def words(self, language: str, otherwise: str) -> str:
        """What is said to somebody who speaks `language`, else in the centre's first one; with {link}."""
        texts = (HERE[self.question] if self.question else ASKING) | self.text
        return texts.get(language[:2]) or texts.get(otherwise[:2]) or texts["en"]


class Asked(msgspec.Struct, frozen=True):
    """A person, by whose id it is found, was asked about a conversation. Nothing but ids and a time."""

    id: Id
    at: datetime
    conversation: Id


def hint(question: str, language: str, otherwise: str) -> str:
    """How to answer a question, for somebody who speaks `language`, else in the centre's first one."""
    low, high = SCALES[question]
    said = HINTS["yes-no" if question == "solved" else "number"]
    return (said.get(language[:2]) or said.get(otherwise[:2]) or said["en"]).format(low=low, high=high)


class AskedHere(msgspec.Struct, frozen=True):
    """A question that waits for its answer in a conversation, by the handle that it went to. Nothing that was said."""

    id: Id
    at: datetime
    conversation: Id
    question: str
    hinted: bool = False
