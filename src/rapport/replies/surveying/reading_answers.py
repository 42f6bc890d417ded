"""Reading answers: what a message says to a question that we asked in its conversation, in Spanish or English. Pure.

An answer is one number of the scale, or yes or no, alone or among words that only say how it was. Whoever says anything else
says something else: a number among other words ("room 5 has no light") is no answer. Below it may stand how people sign, and
nothing else: whoever may want something is heard by a person.
"""

import re
import tomllib
import unicodedata
from importlib.resources import files
from typing import Literal

import msgspec

from rapport.model.survey import SCALES

LONGEST = 120  # letters: whoever writes more says something else
MOST_NAMES = 4  # words of a name that signs
_WORDS = tomllib.loads((files(__package__) / "answers.toml").read_text(encoding="utf-8"))
NUMBERS: dict[str, int] = _WORDS["numbers"]
YES, NO, JUDGING, FILLING = (frozenset(_WORDS[name]) for name in ("yes", "no", "judging", "filling"))
CLOSING, PARTICLES, WANTING = (frozenset(_WORDS[name]) for name in ("closing", "particles", "wanting"))
SENT_FROM: tuple[str, ...] = tuple(_WORDS["sent_from"])
AT_TIME = re.compile(r"\blas? \d+(?! (?:estrellas?|puntos?))")
OUT_OF = re.compile(r"(\d+)\s*(?:/|de|of|out of|sobre)\s*(\d+)")
WORD = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+")
Kind = Literal["answer", "unclear", "other"]


class Read(msgspec.Struct, frozen=True):
    """What a message says: an `answer` with its `value`; `unclear`: meant as one and none; `other`: something else."""

    kind: Kind
    value: int = -1


OTHER, UNCLEAR = Read("other"), Read("unclear")


def read_answer(question: str, text: str) -> Read:
    """What a message says to a question of SCALES."""
    said, below = _unquoted(text)
    if not said or len(said) + sum(map(len, below)) > LONGEST or "?" in said or "¿" in said or not all(map(_signs, below)):
        return OTHER
    low, high = SCALES[question]
    said = WORD.sub(lambda found: str(NUMBERS.get(found[0], found[0])), said)
    if AT_TIME.search(said):
        return OTHER
    words = WORD.findall(OUT_OF.sub(lambda found: found[1] if found[2] == str(high) else found[0], said))
    if question == "solved":
        return _yes_or_no(words)
    numbers = [word for word in words if word[0].isdigit()]
    others = {word for word in words if word not in numbers}
    if others - JUDGING - FILLING - YES - NO:
        return OTHER
    if len(numbers) != 1:
        return UNCLEAR if numbers or others & (JUDGING | YES | NO) else OTHER
    value = int(numbers[0]) if numbers[0].isdecimal() else -1
    return Read("answer", value) if low <= value <= high else UNCLEAR


def _yes_or_no(words: list[str]) -> Read:
    yes, no = any(word in YES for word in words), any(word in NO for word in words)
    if set(words) - YES - NO - FILLING - JUDGING:
        return UNCLEAR if words and all(word.isdigit() for word in words) else OTHER
    if yes != no:
        return Read("answer", int(yes))
    return UNCLEAR if yes or set(words) & JUDGING else OTHER


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in letters if not unicodedata.combining(sign)).strip()


def _signs(line: str) -> bool:
    """Whether a line below an answer only says who wrote it or with what: a closing, a name, a device."""
    plain = _plain(line)
    words = WORD.findall(plain)
    if plain.startswith(SENT_FROM) or not words or set(words) <= CLOSING:
        return not set(words) & (NO | WANTING)
    named = [word for word in WORD.findall(line) if _plain(word) not in PARTICLES]
    return 0 < len(named) <= MOST_NAMES and all(map(_is_name, named)) and "?" not in line and "¿" not in line


def _is_name(word: str) -> bool:
    is_written = word[0].isupper() and (len(word) == 1 or not word.isupper())
    return is_written and _plain(word) not in NO | YES | WANTING


def _unquoted(text: str) -> tuple[str, list[str]]:
    """The first paragraph in small letters without accents, and the lines below it as they stand; without what is quoted."""
    first: list[str] = []
    below: list[str] = []
    ended = False
    for line in text.strip().splitlines():
        silent = not line.strip() or line.lstrip().startswith(">")
        ended = ended or (silent and bool(first))
        if not silent:
            (below if ended else first).append(line.strip())
    return _plain(" ".join(first)), below
