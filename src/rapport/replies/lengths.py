"""Lengths of time that a text names, in Spanish and English, in one unit: `48 hours`, `dos días` and `2 days` are the same."""

import re
from collections.abc import Iterator

import msgspec

_ONES = "one un una|two dos|three tres|four cuatro|five cinco|six seis|seven siete|eight ocho|nine nueve|ten diez"
_MORE = {"eleven": 11, "once": 11, "twelve": 12, "doce": 12, "fifteen": 15, "quince": 15, "twenty": 20, "veinte": 20}
_MORE |= {"twenty-four": 24, "veinticuatro": 24, "thirty": 30, "treinta": 30, "sixty": 60, "sesenta": 60, "a": 1, "an": 1}
NUMBERS = {word: number for number, words in enumerate(_ONES.split("|"), 1) for word in words.split()} | _MORE
_UNITS = {
    **dict.fromkeys(("minute", "minutes", "minuto", "minutos", "min"), (1 / 60, "hour")),
    **dict.fromkeys(("hour", "hours", "hora", "horas", "hrs", "hr"), (1.0, "hour")),
    **dict.fromkeys(("day", "days", "dia", "dias"), (24.0, "hour")),
    **dict.fromkeys(("week", "weeks", "semana", "semanas"), (168.0, "hour")),
    **dict.fromkeys(("month", "months", "mes", "meses"), (1.0, "month")),
    **dict.fromkeys(("year", "years", "ano", "anos"), (12.0, "month")),
}
_NUMBER = rf"\d{{1,4}}(?:[.,]5)?|{'|'.join(sorted(NUMBERS, key=len, reverse=True))}"
_LENGTH = re.compile(
    rf"(?<![\w.,-])(?P<low>{_NUMBER})(?:\s?(?:-|–|to|or|a|o|y|and)\s?(?P<high>{_NUMBER}))?\s(?P<work>business\s|working\s)?"
    rf"(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})(?!\w)(?P<labour>\s(?:habiles|laborables))?"
)


class Length(msgspec.Struct, frozen=True):
    """A length as it compares (`72 hour`, `120-168 hour`, `3 workday`), and where it stands."""

    value: str
    start: int
    end: int


def lengths(plain: str) -> Iterator[Length]:
    """The lengths of time that a folded text names; months and working days are units of their own."""
    for m in _LENGTH.finditer(plain):
        factor, unit = _UNITS[m["unit"]]
        if m["work"] or m["labour"]:
            factor, unit = factor / 24, "workday"
        span = [f"{_number(text) * factor:g}" for text in (m["low"], m["high"]) if text]
        if len(span) == 2 and float(span[0]) >= float(span[1]):
            span = span[1:]
        yield Length(f"{'-'.join(span)} {unit}", m.start(), m.end())


def _number(text: str) -> float:
    return float(NUMBERS.get(text) or text.replace(",", "."))
