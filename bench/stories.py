"""How long it takes to mine the stories of a period, on one core: masking, episodes, promises, phrases, clusters.

20,000 conversations of a month (small: 2,000) are mined, and a quarter as many of the month before are read beside them. They
are written with a seed from sentences of this page, in both languages: some ask, some complain, some turn well or badly, some
are promised something, and in the later month one phrase rises. They are as they stand on record, so names are masked too; what
reading them from the tables and their feelings takes is not in it.
Keys: stories_s (seconds of CPU), stories_talks (conversations of the month), stories_told (stories), stories_rises (whether
what was planted is the first that rises), stories_rss_mib (how far the process rose above its highest of before).
"""

import random
import resource
import time
from typing import Any

from rapport.measures.stories.mining import mine
from rapport.measures.stories.reading import Raw, heard, told_by
from rapport.measures.stories.told import Line, Means, Talk
from rapport.replies.due import due_of
from rapport.understanding.personal_data import find
from rapport.understanding.reader import shipped
from rapport.understanding.words import STOP_WORDS, prepare

TALKS = {"small": 2_000, "full": 20_000}
BEFORE = 4  # of so many conversations one more, in the month before
MINUTE = 60_000
DAY = 1440 * MINUTE
NAMES = ("María Echeverría", "John Okafor", "Lucía Ibargüengoitia", "Peter Lindqvist", "Xóchitl Santillán", "Noor Baptiste")
THINGS = ("wifi", "room", "bill", "booking", "parking", "breakfast", "invoice", "refund", "key card", "shower", "noise", "pool")
COSAS = (
    "el wifi",
    "el cuarto",
    "la factura",
    "la reserva",
    "el desayuno",
    "el reembolso",
    "la llave",
    "la regadera",
    "el ruido",
)
BEGIN = ("Hello, I have a question about the {t} of my stay in {n}.", "Hola, escribo por {c} de mi estancia, soy {p}.",
         "The {t} is not working again since {n} o'clock.", "Otra vez {c} no funciona y ya van {n} veces.")  # fmt: skip
WORSE = ("This is ridiculous, I have been waiting for hours about the {t}.", "Es una burla, nadie me contesta sobre {c}.",
         "Still the same problem with the {t}, my number is +52 55 1234 {d}.",
         "Sigue igual {c}, mi correo es {d}@example.org.")  # fmt: skip
OURS = ("I have checked the {t} and we can move you to another room.", "Ya revisamos {c} y le cambiamos la llave, {p}.",
        "We are sorry to hear that, could you send us your booking?", "Lamento lo ocurrido, ¿me indica su número de reserva?",
        "I will call you back within {n} hours, {p}.", "Le llamamos antes de las {n} para confirmarle.")  # fmt: skip
GLAD = ("Thank you so much, it works now!", "Muchas gracias, ya quedó, muy amables.", "Perfect, thanks.")
BAD = ("Worst service ever.", "Pésimo servicio, nunca más.", "Unacceptable.")
PLANTED = "The pool heater broke down and the pool is cold."


def a_talk(n: int, count: int, chance: random.Random) -> Raw:
    """One conversation of two to nine lines."""
    person, opened = n % (count * 3 // 4), 30 * DAY + n * 30 * DAY // count
    name = chance.choice(NAMES)

    def said(kinds: tuple[str, ...]) -> str:
        return chance.choice(kinds).format(
            t=chance.choice(THINGS), c=chance.choice(COSAS), n=chance.randrange(2, 12), p=name, d=chance.randrange(1000, 9999)
        )

    late = n >= 0 and chance.random() < 0.05
    texts: list[tuple[bool, str, int]] = [(True, f"{said(BEGIN)} {PLANTED if late else said(BEGIN)}", 0)]
    for _ in range(chance.randrange(0, 4)):
        texts += [(False, f"{said(OURS)} {said(OURS)}", 0), (True, f"{said(WORSE)} {said(BEGIN)}", chance.choice((-2, -1, 0)))]
    texts.append((False, f"{said(OURS)} {said(OURS)}", 0))
    ends = chance.random()
    if ends < 0.5:
        texts.append((True, said(GLAD if ends < 0.3 else BAD), 1 if ends < 0.3 else -2))
    lines = tuple(
        Line((10**9 + n * 100 + k).to_bytes(16, "big"), theirs, opened + k * 20 * MINUTE, text, mood)
        for k, (theirs, text, mood) in enumerate(texts)
    )
    intent = chance.choice(("wifi", "billing", "reservation", ""))
    talk = Talk((10**6 + n).to_bytes(16, "big"), person.to_bytes(16, "big"), opened, lines, "webchat", "en", intent)
    return Raw(talk, frozenset({name}))


def personal(text: str) -> list[tuple[str, int, int]]:
    """Personal data in a text, as mining is handed it."""
    return [(found.kind, found.start, found.end) for found in find(text)]


def run(scale: str = "small", seed: int = 1, talks: int = 0) -> dict[str, Any]:
    """Measure; see the module's first lines. `talks`: another number of conversations."""
    count = talks or TALKS[scale]
    chance = random.Random(seed)
    raws = [a_talk(n, count, chance) for n in range(-count // BEFORE, count)]
    reader = shipped()
    means = Means(lambda text: prepare(text).words, reader.promised, due_of, STOP_WORDS)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    used = time.process_time()
    rare = heard(raws, ())
    told = told_by(
        raws, lambda text: [(f.kind, f.start, f.end) for f in find(text)], lambda texts: [(0, False)] * len(texts), rare, {}
    )
    found = mine(told, 30 * DAY, 60 * DAY, 0, 61 * DAY, means)
    used = time.process_time() - used
    return {
        "stories_s": round(used, 2),
        "stories_talks": found.talks,
        "stories_told": len(found.stories),
        "stories_rises": bool(found.rising) and bool({"pool", "heater", "cold", "broke"} & set(found.rising[0].phrase.split())),
        "stories_rss_mib": round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, 1),
    }
