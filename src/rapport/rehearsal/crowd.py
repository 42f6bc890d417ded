"""Crowds: many messages by chance from one table; the same table makes the same ones."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

from rapport.rehearsal.tables import CrowdTable, MessageTable, PersonTable

BUILT_IN: dict[str, tuple[str, ...]] = {
    "es": (
        "El wifi de la habitación {number} se cae cada {few} minutos, ¿lo pueden revisar?",
        "Me cobraron {number} pesos de más, necesito que corrijan la factura",
        "¿A qué hora es la salida el {day}? Somos {few} personas",
        "Quiero cambiar mi reserva, llegaríamos el {day} y no antes",
        "Mi tarjeta no pasó {few} veces en la tienda y tengo prisa",
        "¿Tienen mesa para {few} el {day} por la noche, de preferencia en la terraza?",
        "No puedo entrar a la aplicación, me pide una clave que nunca recibí",
        "El aire acondicionado hace mucho ruido y no deja dormir a mis hijos",
        "Perdí unos lentes cerca de la alberca, ¿alguien los entregó en recepción?",
        "¿El desayuno está incluido en la tarifa del {day}?",
        "Llevo {few} días esperando mi reembolso y nadie contesta el teléfono",
        "Quisiera una habitación tranquila, lejos del elevador",
        "¿Cómo llego desde el aeropuerto? Aterrizamos el {day} en la mañana",
        "Felicidades al equipo de limpieza, todo estuvo impecable",
        "No reconozco un cargo de {number} en mi estado de cuenta",
        "¿Aceptan perros pequeños? Viajamos con uno de {few} kilos",
        "La regadera del cuarto {number} no tiene agua caliente",
        "Mis puntos de la estancia pasada no aparecen en la cuenta",
        "¿Hay estacionamiento para {few} coches y cuánto cuesta por noche?",
        "Necesito copia del recibo a nombre de mi empresa",
    ),
    "en": (
        "The wifi in room {number} drops every {few} minutes, can somebody have a look?",
        "I was charged {number} too much, please put my bill right",
        "What time is check-out on {day}? There are {few} of us",
        "I would like to move my booking, we cannot get there before {day}",
        "My card was declined {few} times at the shop and I am in a hurry",
        "Do you have a table for {few} on {day} evening, on the terrace if possible?",
        "I cannot log in to the app, it asks for a code that I never got",
        "The air conditioning is so loud that my children cannot sleep",
        "I lost a pair of glasses near the pool, did anyone hand them in?",
        "Is breakfast part of the rate on {day}?",
        "Waiting {few} days for my refund now and nobody picks up the phone",
        "We would love a quiet place, far away from the lift",
        "How do we get there from the airport? We land on {day} morning",
        "Compliments to housekeeping, everything was spotless",
        "There is a payment of {number} on my statement that I never made",
        "Are small dogs welcome? Ours weighs {few} kilos",
        "No hot water in the shower of {number} since last night",
        "My points from the last stay are missing",
        "Is there parking for {few} cars, and how much is it a night?",
        "I need a copy of the receipt in the name of my company",
    ),
}
OPENINGS = {
    "es": ("", "", "Hola, ", "Buenas tardes. ", "Disculpen: ", "Una pregunta. "),
    "en": ("", "", "Hi there, ", "Good afternoon. ", "Excuse me: ", "Quick question. "),
}
CLOSINGS = {
    "es": ("", "", " Gracias.", " ¿Me ayudan?", " Quedo atento.", " Saludos desde Puebla"),
    "en": ("", "", " Thank you.", " Can you help?", " I will wait here.", " Greetings from Leeds"),
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
    tenths = 0 if crowd.over.total_seconds() >= 60 else 1  # of a second: whole seconds let many arrive as one batch
    messages = [
        MessageTable(
            tenant=crowd.tenant,
            place=crowd.place,
            id=f"{crowd.id}/{nth}",
            at=crowd.at + timedelta(seconds=round(crowd.over.total_seconds() * share, tenths)),
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
    if not crowd.templates:
        text = f"{chance.choice(OPENINGS[language])}{text}{chance.choice(CLOSINGS[language])}"
    for slot, word in words.items():
        text = text.replace(slot, word)
    return text
