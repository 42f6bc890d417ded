"""Asked once: what the person told us, and where a draft asks for it again."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rapport.replies.lists import askers, asking_verbs
from rapport.replies.rules import Given, Hit
from rapport.replies.sentences import folded, sentences

MOST_LETTERS = 10_000  # of one message that is read
_NAMED = {
    "order": r"order|pedido|orden|purchase|compra|folio|invoice|factura|ticket",
    "booking": r"booking|reservation|reserva|reservacion|confirmation|confirmacion|localizador",
    "room": r"room|habitacion|cuarto|hab\.",
}
_LINK = (
    r"(?:\s{0,2}(?:number|numero|num\.?|no\.?|nro\.?|id|code|codigo|reference|referencia|is|es|n[°º]|#|:|la|el)){0,4}\s{0,2}"
)
_VALUES = {
    kind: re.compile(rf"(?<!\w)(?:{words}){_LINK}(?<![\w])(#?(?=[a-z0-9-]{{0,20}}\d)[a-z0-9][a-z0-9-]{{1,20}})(?!\w)")
    for kind, words in _NAMED.items()
}
_NAME = re.compile(r"(?:my name is|me llamo|mi nombre es|this is)\s([^\W\d_]{2,30}(?:\s[^\W\d_]{2,30}){0,3})", re.IGNORECASE)
KEYS = {
    "order": "order", "order_number": "order", "pedido": "order", "room": "room", "habitacion": "room", "booking": "booking",
    "reservation": "booking", "reserva": "booking", "email": "email", "e-mail": "email", "correo": "email", "phone": "phone",
    "telephone": "phone", "telefono": "phone", "mobile": "phone",
}  # fmt: skip


def given_in(text: str, personal: Iterable[tuple[str, int, int]]) -> Iterator[Given]:
    """What a message of the person tells. `personal`: the personal data in it, by kind and place."""
    text = text[:MOST_LETTERS]
    plain = folded(text)
    for kind, pattern in _VALUES.items():
        for match in pattern.finditer(plain):
            yield Given(kind, text[match.start(1) : match.end(1)])
    for kind, start, end in personal:
        if kind in ("email", "phone"):
            yield Given(kind, text[start:end])
    for match in _NAME.finditer(text):
        yield Given("name", match[1])


def given_by(record: Mapping[str, Any]) -> Iterator[Given]:  # Any: plain JSON of a department, or attribute values
    """What a record of another department, or what is believed of the person, tells."""
    for key, value in record.items():
        kind = KEYS.get(key.lower().split(" ")[0])
        if kind and isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            yield Given(kind, f"{value:g}" if isinstance(value, float) else str(value)[:80])


def asks(text: str) -> bool:
    """Whether a draft asks for anything at all."""
    return "?" in text or asking_verbs().search(folded(text)) is not None


def look(text: str, given: tuple[Given, ...]) -> Iterator[Hit]:
    """Each question of a draft whose answer is on record, with the answer."""
    known = {one.kind: one.value for one in given}  # the last one told stands
    if not known:
        return
    for at, said in sentences(text):
        plain = folded(said)
        if "?" not in plain and not asking_verbs().search(plain):
            continue
        for kind, pattern in askers().items():
            match = pattern.search(plain)
            if match and kind in known and folded(known[kind]) not in plain:
                says = f"They told us already: {known[kind]}."
                yield Hit("asked-already", at + match.start(), at + match.end(), says, about=known[kind])
