"""People for the benchmark, by chance and seeded: one person's records as departments write them, households, namesakes."""

import random
from dataclasses import dataclass

from rapport.people.identity.evidence import Record

_FIRST_WORDS = """
José María Juan Ana Luis Carlos Guadalupe Francisco Alejandra Fernanda Ricardo Sofía Valentina Mateo Diego Camila Ximena
Regina Emilio Andrés João Beatriz Thiago Larissa Gustavo Renata Otávio Martina Joaquín Lautaro John Mary Robert Susan
William Emily Michael Sarah Daniel Laura Ignacio Enrique Dolores Antonio Eduardo Alberto
"""
FIRST = _FIRST_WORDS.split()
_LAST_WORDS = """
García Hernández Martínez López González Rodríguez Pérez Sánchez Ramírez Cruz Flores Gómez Morales Vázquez Jiménez Reyes
Díaz Torres Gutiérrez Ruiz Mendoza Aguilar Ortiz Castillo Moreno Romero Silva Santos Oliveira Souza Pereira Costa
Almeida Nascimento Fernández Benítez Acosta Villalobos Zamora Quintero Ibarra Salgado Smith Johnson Brown Taylor Walker
Cooper
"""
LAST = _LAST_WORDS.split()
PLACES = ("Guadalajara", "Monterrey", "CDMX", "São Paulo", "Recife", "Buenos Aires", "Rosario", "Houston", "Miami", "Bogotá")
SHORT = {"José": "Pepe", "Francisco": "Paco", "Guadalupe": "Lupita", "Ignacio": "Nacho", "Robert": "Bob", "William": "Bill"}
MAILS = ("gmail.com", "hotmail.com", "outlook.com", "empresa.example", "uol.example")


@dataclass(frozen=True, slots=True)
class Somebody:
    """One who exists. `phone` in digits with the country."""

    first: str
    last: tuple[str, str]
    phone: str
    email: str
    place: str
    born: str


def _number(rng: random.Random) -> str:
    country = rng.choice(("52", "52", "55", "54", "1"))
    if country == "55":
        return f"55{rng.randint(11, 99)}9{rng.randint(60000000, 99999999)}"
    return f"{country}{rng.randint(2_000_000_000, 9_999_999_999)}"


def people(rng: random.Random, number: int) -> list[Somebody]:
    """So many: one in seven shares a telephone with who they live with and a family name, one in a hundred their mailbox too.

    Names come again and again; a mailbox belongs to one household, as it does in the world.
    """
    found: list[Somebody] = []
    taken: set[str] = set()
    for n in range(number):
        first, last = rng.choice(FIRST), (rng.choice(LAST), rng.choice(LAST))
        phone, place, shared = _number(rng), rng.choice(PLACES), ""
        if found and rng.random() < 0.14:
            other = rng.choice(found[-50:])
            phone, place, last = other.phone, other.place, (other.last[0], last[1])
            shared = other.email if rng.random() < 0.07 else ""
            if first == other.first and rng.random() < 0.9:  # one household in a hundred has two of one name
                first = rng.choice([name for name in FIRST if name != other.first])
        local = (
            f"{first}.{last[0]}{rng.choice(['', rng.randint(1, 99), rng.randint(1950, 2008)])}{n if rng.random() < 0.5 else ''}"
        )
        domain = rng.choice(MAILS)
        local = f"{local}_{n}" if f"{_plain(local)}@{domain}" in taken else local
        email = shared or f"{_plain(local)}@{domain}"
        taken.add(email)
        born = f"{rng.randint(1945, 2007)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        found.append(Somebody(first, last, phone, email, place, born))
    return found


def _plain(text: str) -> str:
    return text.casefold().translate(str.maketrans("áéíóúñãõç", "aeiounaoc"))


def _mistyped(rng: random.Random, text: str) -> str:
    at = rng.randrange(max(1, len(text) - 1))
    if text[at].isdigit():
        return text[:at] + str((int(text[at]) + rng.randint(1, 9)) % 10) + text[at + 1 :]
    swapped = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return rng.choice((swapped, text[:at] + text[at + 1 :]))


def _written(rng: random.Random, phone: str) -> str:
    """A number as somebody writes it: with the digit that their country adds or without, with signs or without."""
    if phone.startswith("52") and rng.random() < 0.3:
        phone = "521" + phone[2:]
    if phone.startswith("55") and rng.random() < 0.3:
        phone = phone[:4] + phone[5:]
    if phone.startswith("54") and rng.random() < 0.3:
        phone = "549" + phone[2:]
    return rng.choice((phone, f"+{phone}", f"00{phone}", f"+{phone[:2]} {phone[2:6]}-{phone[6:]}"))


def record(rng: random.Random, one: Somebody) -> Record:
    """What a department wrote of somebody: each has the number or the address, most have both; one in twelve is mistyped."""
    first = SHORT.get(one.first, one.first) if rng.random() < 0.08 else one.first
    name = " ".join((first, *one.last[: rng.choice((1, 2, 2))]))
    name = _mistyped(rng, name) if rng.random() < 0.08 else name
    name = _plain(name) if rng.random() < 0.1 else name
    phone, email = _written(rng, one.phone), one.email
    left_out = rng.random()
    if rng.random() < 0.08:
        if rng.random() < 0.5:
            phone = _mistyped(rng, phone)
        else:
            email = _mistyped(rng, email)
    return Record(
        name,
        () if left_out < 0.1 else (email,),
        () if left_out > 0.9 else (phone,),
        one.place if rng.random() < 0.7 else "",
        one.born if rng.random() < 0.5 else "",
    )


def records(rng: random.Random, number: int) -> tuple[list[Record], list[int]]:
    """The records of so many people, one to four each, and whose each is."""
    found, whose = [], []
    for n, one in enumerate(people(rng, number)):
        for _ in range(rng.choice((1, 1, 2, 2, 3, 4))):
            found.append(record(rng, one))
            whose.append(n)
    return found, whose
