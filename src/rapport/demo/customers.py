"""Simulated customers: who they are, by which channel they come, and what they say; the same seed makes the same ones."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

LANGUAGES = ("es", "en")
FIRST = {
    "es": (
        "Ana",
        "Luis",
        "María",
        "Jorge",
        "Sofía",
        "Diego",
        "Lucía",
        "Pablo",
        "Elena",
        "Raúl",
        "Carmen",
        "Iván",
        "Rosa",
        "Hugo",
    ),
    "en": ("Emma", "Jack", "Olivia", "Noah", "Grace", "Liam", "Chloe", "Ryan", "Alice", "Sean", "Megan", "Owen", "Ruth", "Ben"),
}
LAST = {
    "es": ("Hernández", "García", "Ramírez", "Ortega", "Núñez", "Salas", "Ibarra", "Peña", "Ríos", "Castro", "Vega", "Luna"),
    "en": ("Smith", "Jones", "Walker", "Hughes", "Carter", "Reed", "Cole", "Murphy", "Price", "Bell", "Ward", "Stone"),
}
DAYS = {
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
HOTELS = ("Hotel Reforma", "Reforma Playa")
CITIES = ("Monterrey", "Guadalajara", "Puebla", "Mérida", "Austin", "Toronto", "Madrid", "Bogotá", "Chicago", "Lima")
EVENTS: tuple[tuple[str, Mapping[str, Any]], ...] = (  # Any: a department's own plain JSON
    ("hotel.checked_in", {"room": "512", "hotel": "Reforma"}),
    ("booking.made", {"nights": 3, "hotel": "Reforma Playa"}),
    ("invoice.disputed", {"amount": 1450, "currency": "MXN"}),
    ("race.signed_up", {"race": "Carrera de la Ciudad", "distance": "5K", "sport": "running"}),
    ("app.opened", {"screen": "spending"}),
    ("spa.visited", {"treatment": "massage"}),
    ("newsletter.clicked", {"topic": "wine tasting"}),
    ("shop.walked_in", {"branch": "Reforma", "searched": "formal wear"}),
)
BRIGADE = (
    "Nunca se queden en {hotel}, es una estafa total, roban a los huéspedes #boicot {n}",
    "Never stay at {hotel}, it is a total scam, they rob their guests #boycott {n}",
)
PUBLIC_SHARE = 0.7  # of those who write on the square, the social account


@dataclass(frozen=True, slots=True)
class Talk:
    """What is said in one language."""

    openings: tuple[str, ...]
    closings: tuple[str, ...]
    follow_ups: tuple[str, ...]
    thanks: tuple[str, ...]
    viral: tuple[str, ...]
    topics: dict[str, tuple[str, ...]]


@cache
def talk(language: str) -> Talk:
    """The talk of a language, read once."""
    read = tomllib.loads(files("rapport.demo").joinpath(f"talk_{language}.toml").read_text("utf-8"))
    lists = {name: tuple(read[name]) for name in ("openings", "closings", "follow_ups", "thanks", "viral")}
    return Talk(**lists, topics={topic: tuple(texts) for topic, texts in read["topics"].items()})


@dataclass(frozen=True, slots=True)
class Customer:
    """One simulated person. `patience`: how many more messages they may write after the first."""

    handle: str
    name: str
    language: str
    account: str
    is_public: bool
    text: str
    topic: str
    patience: int = 1
    event: tuple[str, Mapping[str, Any]] | None = None  # Any: a department's own plain JSON


@dataclass(slots=True)
class Crowd:
    """Makes customers, one after another. `accounts`: ids of accounts by the network that handles name."""

    accounts: Mapping[str, str]
    seed: int = 1
    social: str = "plaza"
    returning_share: float = 0.2
    chance: Random = field(init=False)
    _made: list[Customer] = field(default_factory=list)
    _count: int = 0

    def __post_init__(self) -> None:
        """Begin with the seed."""
        self.chance = Random(self.seed)

    def customer(self) -> Customer:
        """The next customer: somebody new, or somebody who wrote before with another matter."""
        chance = self.chance
        before = chance.choice(self._made) if self._made and chance.random() < self.returning_share else None
        language = before.language if before else chance.choice(LANGUAGES)
        network = chance.choice(sorted(self.accounts))
        topic = chance.choice(sorted(talk(language).topics))
        made = self._person(before, network, language, self._sentence(language, topic), topic)
        self._made = [*self._made[-400:], made]
        return made

    def _person(self, before: Customer | None, network: str, language: str, text: str, topic: str) -> Customer:
        chance = self.chance
        self._count += 1
        name = before.name if before else f"{chance.choice(FIRST[language])} {chance.choice(LAST[language])}"
        handle = before.handle if before else f"{network}:{_slug(name)}-{self.seed}-{self._count}"
        network = handle.partition(":")[0]
        is_public = network == self.social and chance.random() < PUBLIC_SHARE
        event = chance.choice(EVENTS) if before is None and chance.random() < 0.3 else None
        return Customer(handle, name, language, self.accounts[network], is_public, text, topic, chance.randint(0, 2), event)

    def viral(self, count: int) -> list[Customer]:
        """Many people about one matter, each in words of their own, on the square."""
        found = []
        for _ in range(count):
            language = self.chance.choice(LANGUAGES)
            text = self._around(language, self.chance.choice(talk(language).viral))
            found.append(self._person(None, self.social, language, text, "viral"))
        return found

    def brigade(self, count: int) -> list[Customer]:
        """Many new handles that say nearly the same."""
        text = self.chance.choice(BRIGADE).replace("{hotel}", HOTELS[0])
        language = "es" if "huéspedes" in text else "en"
        texts = [text.replace("{n}", str(self.chance.randint(1, 9999))) for _ in range(count)]
        return [self._person(None, self.social, language, text, "brigade") for text in texts]

    def follow_up(self, language: str) -> str:
        """What somebody answers when the matter goes on."""
        return self._filled(language, self.chance.choice(talk(language).follow_ups))

    def thanks(self, language: str) -> str:
        """What somebody answers when it is solved."""
        return self.chance.choice(talk(language).thanks)

    def _sentence(self, language: str, topic: str) -> str:
        return self._around(language, self.chance.choice(talk(language).topics[topic]))

    def _around(self, language: str, text: str) -> str:
        said = talk(language)
        opening = self.chance.choice(said.openings)
        text = text if opening and not opening.rstrip().endswith("!") else text[:1].upper() + text[1:]
        return self._filled(
            language, f"{opening}{text}{'' if text.endswith(('?', '!')) else '.'}{self.chance.choice(said.closings)}"
        )

    def _filled(self, language: str, text: str) -> str:
        chance = self.chance
        room = chance.randint(101, 899)
        words = {
            "{room}": f"habitación {room}" if language == "es" else f"room {room}",
            "{hotel}": chance.choice(HOTELS),
            "{day}": chance.choice(DAYS[language]),
            "{n}": str(chance.randint(2, 9)),
            "{time}": f"{chance.randint(6, 23)}:{chance.choice(('00', '15', '30'))}",
            "{amount}": f"${chance.randint(2, 90) * 50}",
            "{city}": chance.choice(CITIES),
            "{ref}": f"{chance.choice('RQH')}{chance.randint(1000, 9999)}",
        }
        for slot, word in words.items():
            text = text.replace(slot, word)
        return text


def _slug(name: str) -> str:
    plain = str.maketrans("áéíóúñü", "aeiounu")
    return name.casefold().translate(plain).replace(" ", ".")


def topics(languages: Sequence[str] = LANGUAGES) -> list[str]:
    """What customers talk about."""
    return sorted({topic for language in languages for topic in talk(language).topics})
