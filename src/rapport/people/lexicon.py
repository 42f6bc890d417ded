"""What everyday words say of a person's topics and interests, in Spanish and English: data, and how it is looked up."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

_WORD = re.compile(r"[^\W_]+")
_GAPS = bytes([code if chr(code).isalnum() else 32 for code in range(128)] + [32] * 128)
_BARE = bytes([ord(first) if (first := unicodedata.normalize("NFD", chr(code))[0]) <= "\xff" else code for code in range(256)])
_MARKS = re.compile("[\u0300-\u036f]")  # accents, as they stand behind their letter when it is taken apart


class Knowledge(msgspec.Struct, frozen=True):
    """Words that speak of one thing. A word that ends in `*` stands for all that begin so; `in_events` count in events alone.

    `attribute` is `topics` (a level that grows with each mention) or `interests` (known from one mention on).
    """

    name: str
    attribute: str
    words: tuple[str, ...]
    in_events: tuple[str, ...] = ()


def _known(attribute: str, name: str, words: str, in_events: str = "") -> Knowledge:
    return Knowledge(name, attribute, tuple(words.split(", ")), tuple(in_events.split(", ")) if in_events else ())


KNOWLEDGE: tuple[Knowledge, ...] = (
    _known(
        "topics",
        "money-management",
        "spend, spends, spent, spending, spendings, overspen*, budget*, saving, savings, expense*, expenditure*, "
        "money management, manage my money, personal finance*, cash flow, presupuest*, gasto, gastos, gastar, gastado, gaste, "
        "gastando, ahorr*, finanzas personales, administrar mi dinero, manejar mi dinero",
    ),
    _known("topics", "home-buying", "mortgage*, home loan*, house loan*, first home, hipotec*, credito hipotecario"),
    _known("topics", "investing", "invest, investing, investment*, mutual fund*, inversion, inversiones, invertir"),
    _known("topics", "retirement", "retirement, pension*, 401k, jubilacion, jubilar*"),
    _known(
        "topics",
        "formal-wear",
        "formal wear, formalwear, tuxedo*, black tie, evening dress*, evening gown*, dinner jacket*, ropa formal, "
        "ropa de gala, esmoquin, vestido de noche, vestidos de noche, traje de gala, traje de vestir, trajes de vestir",
        in_events="suit, suits, formal, traje, trajes, gala",
    ),
    _known("topics", "wedding", "wedding*, bride, groom, boda, bodas, novios"),
    _known("topics", "travel-planning", "vacation*, honeymoon, itinerary, vacaciones, luna de miel, itinerario"),
    _known("topics", "parenting", "newborn*, pregnan*, toddler*, maternity, embaraz*, recien nacid*, maternidad"),
    _known(
        "interests",
        "running",
        "5k, 10k, 15k, 21k, 42k, marathon*, half marathon, triathl*, fun run, runner, runners, jogging, maraton*, "
        "media maraton, triatl*, carrera popular, carrera atletica, salir a correr",
        in_events="race, races, running, carrera, carreras, correr, corredor*",
    ),
    _known("interests", "cycling", "cycling, cyclist*, mountain bike, ciclis*, gran fondo", in_events="bike, bici, bicicleta"),
    _known("interests", "hiking", "hiking, trekking, senderismo, excursionismo"),
    _known("interests", "swimming", "swimming, open water, natacion", in_events="swim, nadar"),
    _known("interests", "yoga", "yoga, pilates"),
    _known("interests", "golf", "golf, golfing"),
    _known("interests", "football", "soccer, futbol"),
    _known("interests", "cooking", "cooking class*, clase de cocina, clases de cocina, curso de cocina, recetas"),
    _known("interests", "music", "concert, concerts, concierto, conciertos", in_events="music, musica"),
    _known("interests", "photography", "photography, fotografia"),
)

# What undoes an event: it says the contrary of what its other words say.
UNDONE = re.compile(r"\b(cancel\w*|unsubscrib\w*|refund\w*|reembols\w*|baja|withdr[ae]w\w*|declined|rechaz\w*)\b")
# Keys under which a department names a topic or an interest outright.
NAMED_KEYS: Mapping[str, str] = {
    "topic": "topics", "topics": "topics", "tema": "topics", "temas": "topics",
    "interest": "interests", "interests": "interests", "interes": "interests", "intereses": "interests", "hobby": "interests",
}  # fmt: skip


def plain(text: str) -> str:
    """The text in small letters, without accents."""
    text = text.casefold()
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").translate(_BARE).decode("latin-1")
    except UnicodeEncodeError:
        pass
    return _MARKS.sub("", unicodedata.normalize("NFD", text))


def slug(text: str) -> str:
    """The text as the name of a topic: small letters, no accents, words joined by `-`."""
    return "-".join(_WORD.findall(plain(text)))[:60]


@dataclass(frozen=True, slots=True)
class _Index:
    """The words by what is looked up: whole words, the first four letters of beginnings, the first words of phrases."""

    whole: dict[str, list[Knowledge]] = field(default_factory=dict)
    begins: dict[str, list[tuple[str, Knowledge]]] = field(default_factory=dict)
    phrases: dict[str, list[tuple[str, Knowledge]]] = field(default_factory=dict)


def _index(in_events: bool) -> _Index:
    index = _Index()
    for known in KNOWLEDGE:
        for word in (*known.words, *(known.in_events if in_events else ())):
            first, _, rest = word.partition(" ")
            if rest:
                phrase = f" {word[:-1]}" if word.endswith("*") else f" {word} "
                index.phrases.setdefault(first, []).append((phrase, known))
            elif word.endswith("*"):
                index.begins.setdefault(word[:4], []).append((word[:-1], known))
            else:
                index.whole.setdefault(word, []).append(known)
    return index


_MESSAGES = _index(in_events=False)
_EVENTS = _index(in_events=True)


def spoken_of(text: str, in_event: bool = False) -> dict[Knowledge, str]:
    """What the text speaks of, each with the words that said so."""
    index = _EVENTS if in_event else _MESSAGES
    words = _words(plain(text))
    unique = set(words)
    found: dict[Knowledge, str] = {}
    for word in sorted(index.whole.keys() & unique):  # sorted: a set has no order that stays
        for known in index.whole[word]:
            found.setdefault(known, word)
    for word in sorted([word for word in unique if word[:4] in index.begins]):
        for start, known in index.begins[word[:4]]:
            if word.startswith(start):
                found.setdefault(known, word)
    starting = sorted(index.phrases.keys() & unique)
    running = f" {' '.join(words)} " if starting else ""
    for word in starting:
        for phrase, known in index.phrases[word]:
            if phrase in running:
                found.setdefault(known, phrase.strip())
    return found


def _words(text: str) -> list[str]:
    return text.encode().translate(_GAPS).decode().split() if text.isascii() else _WORD.findall(text)


def texts_of(value: Any) -> Iterable[str]:  # Any: plain JSON
    """Every text inside a plain JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from texts_of(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_of(item)
