"""Talks to tell stories of: each a few lines, who says them and how they feel, so many minutes apart."""

from datetime import UTC, datetime

from rapport.measures.stories.told import Line, Means, Talk
from rapport.replies.due import due_of
from rapport.understanding.reader import shipped
from rapport.understanding.words import STOP_WORDS, prepare

START = 1_772_524_800_000  # 3 March 2026, 8:00 UTC
MINUTE, HOUR = 60_000, 3_600_000
MEANS = Means(lambda text: prepare(text).words, shipped().promised, due_of, STOP_WORDS)
WIFI = (
    ("them", "Hola, estoy en el hotel con mi familia.", 0),
    ("them", "El wifi no funciona y nadie contesta, es una burla.", -2),
    ("us", "Lamento lo ocurrido. Ya reinicié el punto de acceso y le cambiamos la clave. ¿Me indica su cuarto?", 0),
    ("them", "Ya funciona, muchas gracias.", 1),
    ("us", "Con gusto.", 0),
)
BAG = (
    ("them", "Hi, I landed an hour ago with my daughter.", 0),
    ("us", "We have sent your bag to the wrong desk, it is on its way instead.", 0),
    ("them", "This is unacceptable, I have been waiting for hours.", -2),
)


def an_id(n: int) -> bytes:
    return n.to_bytes(16, "big")


def a_talk(*said: tuple[str, str, int], n: int = 1, person: int = 0, at: int = START, apart: int = 10 * MINUTE, **more) -> Talk:
    lines = tuple(
        Line(an_id(1000 * n + k), by == "them", at + k * apart, text, mood) for k, (by, text, mood) in enumerate(said)
    )
    return Talk(an_id(n), an_id(person or 10_000 + n), at, lines, **more)


def day(hour: float) -> int:
    """So many hours after START, in milliseconds."""
    return START + int(hour * HOUR)


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)
