"""Spanish and English: sentences looked up by their English wording, and numbers and times as each language writes them.

Catalogues are the `.po` files in `locale/<language>/`, read once at the start; English needs none, it is the sentence itself.
What facts and errors say stands in `refusals*.po` with `%(name)s` where a name or number is; `retell` finds it again.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from rapport.model.bilingual import said_in

_VALUE = re.compile(r"%\((\w+)\)s")
# What a refusal begins with where a rule forbids it: for programs.
_RULE = re.compile(
    "(not-yours|own-text|empty|unfit|personal-data|secret|banned-words|link|made-public|duplicate|not-asked|changed"
    "|window|wrong-brand|promise|contradiction|tone|wrong-language|asked-already|undescribed|no-consent|call-over|no-softphone"
    "|no-answer|never): "
)
_INNER_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
WORDS = frozenset({"state", "kind", "day", "speaks", "entered"})  # values that are words of ours, not names
SHORT = 40  # characters: a page says many such words, as what each conversation is about; what they mean is remembered
LANGUAGES: dict[str, str] = {"es": "Español", "en": "English"}


class Catalogue:
    """One language's sentences; a sentence that it does not have is given back as it is."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.locale = Locale.parse(language)
        self.sentences: dict[str, str | tuple[str, ...]] = {}
        self._told: list[tuple[re.Pattern[str], str]] = []
        self._short = lru_cache(maxsize=4096)(self._retold)
        folder = files("rapport.web") / "locale" / language
        if not folder.is_dir():
            return
        for file in sorted((f for f in folder.iterdir() if f.name.endswith(".po")), key=lambda f: f.name):
            for message in read_po(BytesIO(file.read_bytes()), locale=language):
                if message.id and message.string:
                    key = message.id if isinstance(message.id, str) else message.id[0]
                    self.sentences[key] = message.string if isinstance(message.string, str) else tuple(message.string)
                    if file.name.startswith("refusals") and _VALUE.search(key):
                        self._told.append((_shape(key), str(message.string)))
        self._told.sort(key=lambda told: -len(told[0].pattern))

    def gettext(self, sentence: str) -> str:
        """The sentence in this language."""
        found = self.sentences.get(sentence, sentence)
        return found if isinstance(found, str) else found[0]

    def retold(self, sentence: str) -> str:
        """A sentence that has its names and numbers already, in this language; as it is where we do not have it."""
        return self._short(sentence) if len(sentence) <= SHORT else self._retold(sentence)

    def _retold(self, sentence: str) -> str:
        sentence = said_in(sentence, self.language)
        rule = _RULE.match(sentence)
        sentence = sentence[rule.end() :] if rule else sentence
        if sentence in self.sentences:
            return self.gettext(sentence)
        for shape, said in self._told:
            if found := shape.fullmatch(sentence):
                values = found.groupdict()
                return said % {name: self.gettext(value) if name in WORDS else value for name, value in values.items()}
        return sentence

    def ngettext(self, one: str, many: str, number: int) -> str:
        """The sentence for one or for many."""
        found = self.sentences.get(one)
        if isinstance(found, tuple):
            return found[0] if number == 1 else found[-1]
        return one if number == 1 else many


def _shape(sentence: str) -> re.Pattern[str]:
    """What matches a sentence with its values put in; a value that is quoted may be so either way, as Python's `repr` does."""
    parts = _VALUE.split(sentence)
    text = "".join(re.escape(part) if n % 2 == 0 else f"(?P<{part}>.+?)" for n, part in enumerate(parts))
    return re.compile(text.replace("'(?P", "['\"](?P").replace(">.+?)'", ">.*?)['\"]"), re.DOTALL)


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language; of one that we do not have, English."""
    return Catalogue(language if language in LANGUAGES else "en")


def say(language: str, sentence: str, **values: object) -> str:
    """A sentence of ours in a language, with its values put in: for what Python says to people."""
    said = catalogue(language).gettext(sentence)
    return said % values if values else said


def retell(language: str, sentence: str) -> str:
    """What a fact or an error says in English, with its names and numbers, in a language; a rule's id before it is left out."""
    return catalogue(language).retold(sentence)


def show_fact(kind: str, language: str) -> str:
    """A kind of fact in words: `MessageReceived` is `Message received`, `Mensaje recibido`."""
    found = catalogue(language).gettext(f"fact:{kind}")
    return found if found != f"fact:{kind}" else _INNER_CAPITAL.sub(" ", kind).capitalize()


def say_many(language: str, one: str, many: str, number: int, **values: object) -> str:
    """A sentence for one or many, with `%(num)s` and further values put in."""
    return catalogue(language).ngettext(one, many, number) % {"num": number, **values}


def language_asked(headers: Mapping[str, str], otherwise: str) -> str:
    """The language that a browser asks for most, of those that we have."""
    wanted: list[tuple[float, str]] = []
    for part in headers.get("accept-language", "").split(",")[:20]:
        name, _, weight = part.partition(";q=")
        try:
            wanted.append((float(weight) if weight else 1.0, name.strip()[:2].lower()))
        except ValueError:
            continue
    ours = [(weight, name) for weight, name in wanted if name in LANGUAGES]
    return max(ours, key=lambda pair: pair[0])[1] if ours else otherwise


@cache
def zone_named(name: str) -> ZoneInfo:
    """The time zone; UTC where there is none of that name."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def show_time(at: datetime, language: str, zone: str) -> str:
    """Hours and minutes on the tenant's clock, as in 21:58."""
    return format_time(at, "HH:mm", tzinfo=zone_named(zone), locale=language)


def show_day(at: datetime, language: str, zone: str) -> str:
    """The day on the tenant's calendar, as in `3 mar 2026`."""
    return format_date(at.astimezone(zone_named(zone)).date(), "medium", locale=language)


def show_weekday(at: datetime, language: str, zone: str) -> str:
    """The weekday on the tenant's calendar, as in `lunes`."""
    return format_date(at.astimezone(zone_named(zone)).date(), "EEEE", locale=language)


def show_ago(at: datetime, language: str, now: datetime) -> str:
    """How long ago, in words: `hace 5 minutos`."""
    return format_timedelta(at - now, add_direction=True, locale=language)


def show_span(span: timedelta | float, language: str) -> str:
    """A span in its largest unit, short: `3 min`."""
    return format_timedelta(span if isinstance(span, timedelta) else timedelta(seconds=span), format="short", locale=language)


def show_clock(seconds: timedelta | float) -> str:
    """A span as a running clock shows it: 3:42, or 1:03:42."""
    whole = int(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds)
    hours, rest = divmod(max(whole, 0), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


@lru_cache(maxsize=1000)
def show_number(value: float, language: str, digits: int | None = None) -> str:
    """A number as its language writes it, with so many decimals; None: as many as it has, up to three.

    In Spanish a decimal comma and thousands apart by a thin space, as the Academies write them: a point between thousands is
    read as decimals in Mexico, and a comma as decimals in Spain.
    """
    pattern = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return _spaced(format_decimal(value, format=pattern, locale=language), language)


def _spaced(number: str, language: str) -> str:
    return number.replace(".", "\u202f") if language == "es" else number


def show_percent(share: float, language: str) -> str:
    """A share from 0 to 1 as a percentage: `87 %` in Spanish, `87%` in English."""
    return _spaced(format_percent(share, locale=language), language)


def show_points(share: float, language: str) -> str:
    """A difference of shares in points, with its sign: 0.0123 is `+1.2`; what is none at that length has no sign."""
    points = round(100 * share, 1) or 0.0  # and never -0.0
    signed = "+0.0;−0.0" if points else "0.0"
    return format_decimal(points, format=signed, locale=language)


def sentences_of(language: str) -> dict[str, Any]:  # Any: a sentence, or its forms
    """Every sentence that the catalogue of a language has: for the test that none is missing."""
    return dict(catalogue(language).sentences)
