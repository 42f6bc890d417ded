"""Wording: what templates ask for beyond words: short times, initials, the icon of a channel; all as filters.

Values come from pages, words stand in templates; only what a calendar or a shape decides is made here.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from re import compile as pattern
from typing import Any

import nh3
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, get_timezone_location
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from rapport.measures.stories.reading import at_ms
from rapport.model.message import Message
from rapport.model.signal import SIGNALS, Signal
from rapport.web.drawn import drawn, turn
from rapport.web.languages import show_number, zone_named
from rapport.web.links import Link, Piece, links_in, pieces
from rapport.web.masks import masks

ICONS = {
    "mastodon": "fedi",
    "bluesky": "sky",
    "review": "star",
    "webchat": "web",
    "email": "mail",
    "sms": "sms",
    "voice": "phone",
    "bot": "bot",
    "social": "at",
    "chat": "chat",
    "file": "chat",
}
EVENT_ICONS = (
    ("room", "bed"),
    ("hotel", "bed"),
    ("checked", "bed"),
    ("wifi", "wifi"),
    ("network", "wifi"),
    ("run", "run"),
    ("5k", "run"),
    ("race", "run"),
    ("invoice", "note"),
    ("bill", "note"),
    ("webinar", "play"),
    ("page", "web"),
    ("web", "web"),
    ("search", "search"),
    ("store", "pin"),
    ("shop", "pin"),
    ("visit", "pin"),
    ("call", "phone"),
    ("question", "chat"),
    ("chat", "chat"),
    ("mail", "mail"),
    ("care", "flag"),
    ("loyal", "star"),
)


MENTION = pattern(r"(?<![\w@/.])@[\w.-]*\w(?:@[\w-]+(?:\.[\w-]+)+)?")
TAG = pattern(r"<[^<>]{0,2000}>")
MOST_TAGS = 3_000
KEPT_TAGS = {
    *("p", "br", "b", "strong", "i", "em", "u", "ul", "ol", "li", "blockquote", "pre", "code", "h1", "h2", "h3", "h4"),
    *("div", "span", "table", "thead", "tbody", "tr", "td", "th", "hr"),
}


def channel_icon(channel: str, kind: str = "") -> str:
    """The name of the icon of a channel, or of its kind where the channel has none."""
    return ICONS.get(channel) or ICONS.get(kind) or "chat"


@lru_cache(maxsize=500)
def icon(name: str, size: str = "") -> Markup:
    """The drawing of an icon of the sprite; a name that stands in a template is drawn when that is compiled."""
    return Markup('<svg class="icon{}" aria-hidden="true"><use href="#i-{}"/></svg>').format(f" {size}" if size else "", name)


def event_icon(kind: str) -> str:
    """The name of the icon of a journey event, by the words of its kind."""
    low = kind.lower()
    return next((icon for word, icon in EVENT_ICONS if word in low), "flag")


@lru_cache(maxsize=2000)
def initials(name: str) -> str:
    """At most two letters that stand for a name; a middle dot where it has no letter."""
    words = [word for word in name.replace("@", " ").replace("_", " ").split() if word[:1].isalpha()]
    return "".join(word[0] for word in words[:2]).upper() or "·"


def spoken(name: str) -> str:
    """A key such as `hotel.checked_in` as words: `hotel, checked in`."""
    return name.replace(".", ", ").replace("_", " ").replace("-", " ")


def plain(value: object) -> str:
    """A journey value as a person reads it: lists with commas, no brackets."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {plain(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(plain(inner) for inner in value)
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def short(seconds: float) -> str:
    """A rough span with its unit, kept on one line: 40 s, 3 min, 2 h, 5 d."""
    left = abs(seconds)
    if left < 60:
        return f"{int(left)}\u00a0s"
    if left < 5400:
        return f"{int(left // 60)}\u00a0min"
    if left < 129_600:
        return f"{round(left / 3600)}\u00a0h"
    return f"{round(left / 86_400)}\u00a0d"


@pass_context
def size(context: Context, octets: int) -> str:
    """The size of a file, in KB or MB."""
    if octets < 1_000_000:
        return f"{max(1, round(octets / 1000))}\u00a0KB"
    return f"{show_number(octets / 1_000_000, context['frame'].language, 1)}\u00a0MB"


def iso(at: datetime) -> str:
    """The time for machines."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def show_when(at: datetime, now: datetime, language: str, zone: str) -> str:
    """As short as it stays clear: the clock today, the weekday within six days, else the day and month."""
    here, today = at.astimezone(zone_named(zone)), now.astimezone(zone_named(zone)).date()
    if here.date() == today:
        return f"{here:%H:%M}"
    if abs(here.date() - today) < timedelta(days=6):
        return f"{_dated(here.date(), 'EEE', language)} {here:%H:%M}"
    return _dated(here.date(), "d MMM" if here.year == today.year else "d MMM y", language)


@lru_cache(maxsize=1000)
def _dated(day: date, pattern: str, language: str) -> str:
    return format_date(day, pattern, locale=language)


def named_language(code: str, language: str) -> str:
    """What a language is called; its code where nobody knows it."""
    try:
        return Locale.parse(code).get_display_name(language) or code
    except (ValueError, UnknownLocaleError):
        return code


def show_full_day(at: datetime, language: str, zone: str) -> str:
    """The day in words, as in `Martes 3 de marzo`."""
    pattern = "EEEE d 'de' MMMM" if language == "es" else "EEEE d MMMM"
    text = format_date(at.astimezone(zone_named(zone)), pattern, locale=language)
    return text[:1].upper() + text[1:]


def show_deadline(at: datetime, language: str, zone: str) -> str:
    """The day, the time, and whose clock it is, as in `domingo 29 de noviembre, 18:00 (Ciudad de México)`."""
    clocks = zone_named(zone)
    pattern = "EEEE d 'de' MMMM" if language == "es" else "EEEE d MMMM"
    here = at.astimezone(clocks)
    place = get_timezone_location(clocks.key, locale=language, return_city=True)
    return f"{_dated(here.date(), pattern, language)}, {here:%H:%M} ({place})"


def mentions(text: str) -> Markup:
    """The text, escaped, with names such as @ana@example.social marked."""
    if "@" not in text:
        return escape(text)
    made, at = Markup(), 0
    for found in MENTION.finditer(text):
        made += escape(text[at : found.start()]) + Markup('<span class="mention">{}</span>').format(found[0])
        at = found.end()
    return made + escape(text[at:])


def cleaned(html: str) -> Markup:
    """People's HTML as far as a page of ours may show it: words and their order; no link, picture, style, script or frame.

    Of what has too many tags, words alone: what is nested without end takes a parser minutes.
    """
    if html.count("<") > MOST_TAGS:
        return Markup("<pre>{}</pre>").format(TAG.sub(" ", html))
    return Markup(nh3.clean(html, tags=KEPT_TAGS, attributes={}))


@pass_context
def _when(context: Context, at: datetime) -> str:
    frame = context["frame"]
    return show_when(at, frame.now, frame.language, frame.zone)


@pass_context
def _seconds(context: Context, at: datetime) -> str:
    return f"{at.astimezone(zone_named(context['frame'].zone)):%H:%M:%S}"


@pass_context
def _full_day(context: Context, at: datetime) -> str:
    frame = context["frame"]
    return show_full_day(at, frame.language, frame.zone)


@pass_context
def _since(context: Context, at: datetime) -> float:
    return float((context["frame"].now - at).total_seconds())


@pass_context
def _pieces(context: Context, message: Message) -> list[list[Piece]]:
    """The paragraphs of a message, each cut into what is said and links."""
    return pieces(message.text, links_in(message.text, "", context["frame"].brands))


@pass_context
def _hidden_links(context: Context, message: Message) -> list[tuple[int, Link]]:
    """The links that only the formatting of a message has, with their numbers."""
    if not message.html:
        return []
    found = links_in(message.text, message.html, context["frame"].brands)
    return [(number, link) for number, link in enumerate(found) if link.start < 0]


def signals_first(signals: Iterable[Signal]) -> list[Signal]:
    """What must be seen first at the beginning, the latest of a kind before others; a kind at most twice, thanks once."""
    latest: dict[tuple[str, object], Signal] = {}
    for one in tuple(signals)[::-1]:
        latest.setdefault((one.kind, one.kind == "thanks" or one.words.casefold()), one)
    ranked = sorted(latest.values(), key=lambda one: SIGNALS.index(one.kind) if one.kind in SIGNALS else len(SIGNALS))
    return [one for nth, one in enumerate(ranked) if sum(other.kind == one.kind for other in ranked[:nth]) < 2]


@pass_context
def _dated_day(context: Context, ordinal: int) -> str:
    return _dated(date.fromordinal(ordinal), "d MMM y", context["frame"].language)


@pass_context
def _day_short(context: Context, day: date) -> str:
    return _dated(day, "d MMM", context["frame"].language)


@pass_context
def _week_day(context: Context, day: date) -> str:
    return _dated(day, "EEE d MMM", context["frame"].language)


@pass_context
def _event_name(context: Context, kind: str) -> str:
    return context["frame"].events.get(kind) or spoken(kind).capitalize()


@pass_context
def _language_name(context: Context, code: str) -> str:
    return named_language(code, context["frame"].language)


FILTERS: dict[str, Callable[..., Any]] = {  # Any: filters have each their own arguments
    "short": short,
    "size": size,
    "iso": iso,
    "when": _when,
    "full_day": _full_day,
    "since": _since,
    "initials": initials,
    "mentions": mentions,
    "cleaned": cleaned,
    "pieces": _pieces,
    "hidden_links": _hidden_links,
    "seconds": _seconds,
    "icon": icon,
    "drawn": drawn,
    "turn": turn,
    "channel_icon": channel_icon,
    "event_icon": event_icon,
    "event_name": _event_name,
    "spoken": spoken,
    "plain": plain,
    "signals_first": signals_first,
    "dated": _dated_day,
    "day_short": _day_short,
    "language_name": _language_name,
    "masks": masks,
    "moment_of": at_ms,
    "week_day": _week_day,
}
