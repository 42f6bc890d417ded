"""Reading answers: what a message says to a question that we asked in its conversation, in Spanish or English. Pure.

An answer is one number of the scale, or yes or no, alone or among words that only say how it was. Whoever says anything else
says something else: a number among other words ("room 5 has no light") is no answer.
"""

import re
import tomllib
import unicodedata
from importlib.resources import files
from typing import Literal

import msgspec

from rapport.model.survey import SCALES

LONGEST = 120  # letters: whoever writes more says something else
LONGEST_NAMED, MOST_NAMED = 60, 6  # letters and words below an answer: a name and a device; more is something else
_WORDS = tomllib.loads((files(__package__) / "answers.toml").read_text(encoding="utf-8"))
NUMBERS: dict[str, int] = _WORDS["numbers"]
YES, NO, JUDGING, FILLING = (frozenset(_WORDS[name]) for name in ("yes", "no", "judging", "filling"))
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
    if not said or len(said) + len(below) > LONGEST or "?" in said + below or "¿" in said + below:
        return OTHER
    if len(below) > LONGEST_NAMED or len(below.split()) > MOST_NAMED:
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


def _unquoted(text: str) -> tuple[str, str]:
    """The first paragraph, and what stands below it; without what is quoted, in small letters without accents."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    lines = "".join(sign for sign in letters if not unicodedata.combining(sign)).strip().splitlines()
    first: list[str] = []
    below: list[str] = []
    ended = False
    for line in lines:
        silent = not line.strip() or line.lstrip().startswith(">")
        ended = ended or (silent and bool(first))
        if not silent:
            (below if ended else first).append(line.strip())
    return " ".join(first), " ".join(below)
