"""Values that a text names: amounts of money, shares, days and hours of the day, each with where it stands."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import msgspec

from rapport.replies.sentences import folded

CURRENCIES = {
    **dict.fromkeys(("$", "dollars", "dollar", "pesos", "peso"), "$"),
    **dict.fromkeys(("us$", "usd", "dolares"), "usd"),
    **dict.fromkeys(("€", "eur", "euro", "euros"), "eur"),
    **dict.fromkeys(("£", "gbp", "pounds"), "gbp"),
    "mxn": "mxn",
    "soles": "pen",
    "cop": "cop",
}
_MONTHS = """january enero jan ene|february febrero feb|march marzo mar|april abril apr abr|may mayo|june junio jun
|july julio jul|august agosto aug ago|september septiembre sep sept|october octubre oct
|november noviembre nov|december diciembre dec dic"""
_DAYS = "monday lunes|tuesday martes|wednesday miercoles|thursday jueves|friday viernes|saturday sabado|sunday domingo"
MONTHS = {name: number for number, names in enumerate(_MONTHS.split("|"), 1) for name in names.split()}
DAYS = {name: number for number, names in enumerate(_DAYS.split("|")) for name in names.split()}
AHEAD = {"hoy": 0, "tonight": 0, "esta noche": 0, "today": 0, "tomorrow": 1, "manana": 1, "pasado manana": 2, "ayer": -1}
AHEAD["yesterday"] = -1
_UNITS = "|".join(sorted((re.escape(unit) for unit in CURRENCIES), key=len, reverse=True))
_NUMBER = r"\d{1,3}(?:[., ]\d{3}){0,3}(?:[.,]\d{1,2})?(?!\d)|\d{1,9}(?:[.,]\d{1,2})?(?!\d)"
_AMOUNT = re.compile(rf"(?<![\w.,])(?:(?P<before>{_UNITS})\s?(?P<a>{_NUMBER})|(?P<b>{_NUMBER})\s?(?P<after>{_UNITS})(?!\w))")
_SHARE = re.compile(r"(?<![\w.,])(\d{1,3}(?:[.,]\d{1,2})?)\s?(?:%|percent|per cent|por ciento)")
_NAMED = "|".join(sorted(MONTHS, key=len, reverse=True))
_DATE = re.compile(
    rf"(?<![\w/.-])(?:(?P<y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)|(?P<d2>\d{{1,2}})/(?P<m2>\d{{1,2}})(?:/(?P<y2>(?:20)?\d\d))?(?![\d/])"
    rf"|(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s|de\s)?(?P<m3>{_NAMED})(?!\w)|(?P<m4>{_NAMED})\s(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?(?!\w))"
)
_DAY = re.compile(rf"(?<!\w)({'|'.join(DAYS)})(?!\w)")
_RELATIVE = re.compile(rf"(?<!\w)({'|'.join(sorted(AHEAD, key=len, reverse=True))})(?!\w)")
_MORNING = re.compile(r"(?:la|esta|por la)\s$")
_HOUR = re.compile(
    r"(?<![\w:.])(?:(?P<h>\d{1,2}):(?P<m>\d\d)(?:\s?(?P<ap>[ap])\.?m\.?)?|(?P<h2>\d{1,2})\s?(?P<ap2>[ap])\.?m(?!\w)\.?"
    r"|(?:a las|las|la|at|until|till|from|hasta las|desde las)\s(?P<h3>\d{1,2})"
    r"(?:\s?(?P<ap3>[ap])\.?m(?!\w)\.?|\s?h)?(?![\w:%$€/-]|[.,]\d))"
)
_PART_OF_DAY = re.compile(
    r"\s(?:(?:de|por|in|at)\s(?:la\s|the\s)?(manana|madrugada|tarde|noche|morning|afternoon|evening|night)"
    r"|\(?(?:(?:del|de|de la|at)\s)?(mediodia|noon|midday|medianoche|midnight))(?!\w)"
)
_AFTER_NOON = frozenset({"tarde", "noche", "afternoon", "evening", "night"})
_MIDDAY = frozenset({"mediodia", "noon", "midday"})
_TWELVE = {**dict.fromkeys(("noche", "night", "medianoche", "midnight"), 24 * 60), "madrugada": 0, "morning": 0}
_NOON = re.compile(r"(?<!\w)(?:noon|midday|mediodia|(midnight|medianoche))(?!\w)")
_SPAN = re.compile(
    r"(?<!\w)(?:in|within|en|dentro de|antes de)\s\d{1,3}"
    r"\s(?:hours?|days?|minutes?|weeks?|horas?|dias?|minutos?|semanas?)(?!\w)"
)


NOON = 12 * 60  # minutes


class Found(msgspec.Struct, frozen=True):
    """A value: `kind` (amount, share, date, hour, span), how it compares, where it stands; `number`: of an amount or share."""

    kind: str
    value: str
    start: int
    end: int
    number: float = 0.0


def values(text: str, today: date | None, *, is_folded: bool = False) -> Iterator[Found]:
    """The values that a text names. `today`: what `tomorrow` counts from; None: relative days are left out."""
    plain = text if is_folded else folded(text)
    for m in _AMOUNT.finditer(plain):
        number = _number(m["a"] or m["b"])
        yield Found("amount", f"{number:.2f} {CURRENCIES[m['before'] or m['after']]}", m.start(), m.end(), number)
    for m in _SHARE.finditer(plain):
        number = _number(m[1])
        yield Found("share", f"{number:g} %", m.start(), m.end(), number)
    yield from _dates(plain, today)
    hours = list(_hours(plain))
    yield from hours
    for m in _NOON.finditer(plain):
        if not any(one.start <= m.start() < one.end for one in hours):
            yield Found("hour", "24:00" if m[1] else "12:00", m.start(), m.end())
    for m in _SPAN.finditer(plain):
        yield Found("span", m[0], m.start(), m.end())


def _number(text: str) -> float:
    """The number, whichever of comma and point divides thousands: what stands before two digits at the end is decimal."""
    text = text.replace(" ", "")
    whole, decimals = (text[:-3], text[-2:]) if len(text) > 3 and text[-3] in ".," else (text, "")
    if not decimals and len(text) > 2 and text[-2] in ".,":
        whole, decimals = text[:-2], text[-1:]
    return float(f"{re.sub('[.,]', '', whole) or 0}.{decimals or 0}")


def _dates(plain: str, today: date | None) -> Iterator[Found]:
    for m in _DATE.finditer(plain):
        month = m["m"] or m["m2"] or MONTHS.get(m["m3"] or m["m4"] or "", 0)
        day = int(m["d"] or m["d2"] or m["d3"] or m["d4"])
        if 1 <= int(month) <= 12 and 1 <= day <= 31:
            yield Found("date", f"{int(month):02}-{day:02}", m.start(), m.end())
    if today is None:
        return
    for m in _RELATIVE.finditer(plain):
        if m[1] == "manana" and _MORNING.search(plain[max(0, m.start() - 8) : m.start()]):
            continue  # "por la mañana" is no day
        yield Found("date", f"{today + timedelta(days=AHEAD[m[1]]):%m-%d}", m.start(), m.end())
    for m in _DAY.finditer(plain):
        ahead = (DAYS[m[1]] - today.weekday()) % 7 or 7
        yield Found("date", f"{today + timedelta(days=ahead):%m-%d}", m.start(), m.end())


def _hours(plain: str) -> Iterator[Found]:
    """The hours that are written as numbers; what goes on past midnight counts on: half past twelve at night is 24:30."""
    for m in _HOUR.finditer(plain):
        if (minutes := _minutes(m)) is None:
            continue
        part = _PART_OF_DAY.match(plain, m.end())
        said = (part[1] or part[2]) if part and not _half(m) else ""
        if NOON <= minutes < NOON + 60 and said in _TWELVE:
            minutes += _TWELVE[said] - NOON
        elif 60 <= minutes < NOON and (said in _AFTER_NOON or (said in _MIDDAY and minutes < NOON // 2)):
            minutes += NOON
        yield Found("hour", f"{minutes // 60:02}:{minutes % 60:02}", m.start(), part.end() if part else m.end())


def _half(m: re.Match[str]) -> str:
    return m["ap"] or m["ap2"] or m["ap3"] or ""


def _minutes(m: re.Match[str]) -> int | None:
    """Minutes since midnight; None where it is no hour of a day."""
    hour, minute = int(m["h"] or m["h2"] or m["h3"]), int(m["m"] or 0)
    half = _half(m)
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour * 60 + minute if hour <= 24 and minute < 60 else None
