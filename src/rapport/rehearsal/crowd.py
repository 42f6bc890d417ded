"""Crowds: many messages by chance from one table; the same table makes the same ones."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

from rapport.rehearsal.tables import CrowdTable, MessageTable, PersonTable

BUILT_IN: dict[str, tuple[str, ...]] = {
    "es": (
        "El wifi de la habitación {number} se cae cada {few} minutos, ¿lo pueden revisar?",
        "Me cobraron {number} pesos de más en la factura del {day}, necesito que lo corrijan",
        "¿A qué hora es la salida el {day}? Somos {few} personas",
        "Quiero cambiar mi reserva del {day} para {few} noches más",
        "Mi tarjeta no pasó {few} veces en la tienda y tengo prisa",
        "¿Tienen lugar para {few} personas el {day} por la noche?",
        "No puedo entrar a la aplicación desde el {day}, me pide una clave que no tengo",
        "El aire acondicionado del cuarto {number} hace mucho ruido y no deja dormir",
    ),
    "en": (
        "The wifi in room {number} drops every {few} minutes, can somebody have a look?",
        "I was charged {number} too much on my bill from {day}, please put it right",
        "What time is check-out on {day}? There are {few} of us",
        "I would like to move my booking from {day} and stay {few} more nights",
        "My card was declined {few} times at the shop and I am in a hurry",
        "Do you have a table for {few} on {day} evening?",
        "I cannot log in to the app since {day}, it asks for a code that I never got",
        "The air conditioning in room {number} is so loud that nobody can sleep",
    ),
}
DAYS = {
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def crowd_messages(crowd: CrowdTable, persons: Sequence[PersonTable]) -> tuple[list[MessageTable], list[PersonTable]]:
    """The messages, in order of time, and the persons to declare first so that `known_share` of the writers is known."""
    chance = Random(crowd.seed)
    known = round(crowd.count * crowd.known_share)
    handles = [handle for person in persons for handle in person.handles if handle.startswith(f"{crowd.channel}:")]
    made = [_person(crowd, nth) for nth in range(known - len(handles))]
    writers = (handles + [person.handles[0] for person in made])[:known]
    writers += [f"{crowd.channel}:@{crowd.id.replace(' ', '-')}-{nth}@example.social" for nth in range(crowd.count - known)]
    chance.shuffle(writers)
    times = sorted(chance.random() for _ in range(crowd.count))
    messages = [
        MessageTable(
            tenant=crowd.tenant,
            place=crowd.place,
            id=f"{crowd.id}/{nth}",
            at=crowd.at + timedelta(seconds=round(crowd.over.total_seconds() * share, 1)),
            channel=crowd.channel,
            sender=writer,
            public=crowd.public,
            account=crowd.account,
            text=crowd_text(crowd, chance),
        )
        for nth, (share, writer) in enumerate(zip(times, writers, strict=True))
    ]
    return messages, made


def _person(crowd: CrowdTable, nth: int) -> PersonTable:
    name = f"{crowd.id.replace(' ', '-')}-known-{nth}"
    return PersonTable(tenant=crowd.tenant, place=crowd.place, id=name, handles=(f"{crowd.channel}:@{name}@example.social",))


def crowd_text(crowd: CrowdTable, chance: Random) -> str:
    """One of the templates, filled: {number} 100 to 999, {few} 2 to 9, {day} a weekday, {n} any number."""
    language = chance.choice(crowd.languages) if crowd.languages else "en"
    templates = crowd.templates if crowd.templates else BUILT_IN
    if isinstance(templates, dict):
        templates = templates.get(language) or next(iter(templates.values()))
    words = {
        "{number}": str(chance.randint(100, 999)),
        "{few}": str(chance.randint(2, 9)),
        "{day}": chance.choice(DAYS.get(language, DAYS["en"])),
        "{n}": str(chance.randint(1, 9_999_999)),
    }
    text = chance.choice(templates)
    for slot, word in words.items():
        text = text.replace(slot, word)
    return text
