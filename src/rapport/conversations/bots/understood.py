"""What a customer's words fill into a field, and whether two sayings are nearly the same. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date

from rapport.model.playbook import Field, Filled

YES = frozenset(("si", "yes", "claro", "correcto", "exacto", "ok", "okay", "vale", "sure", "yeah", "yep", "afirmativo"))
NO = frozenset(("no", "nope", "tampoco", "negativo", "nunca", "nah"))
_NUMBER = re.compile(r"(?<!\d)-?\d{1,30}(?!\d)(?:[.,]\d{1,30})?")  # of more digits than that none is meant
_DAY = re.compile(r"\b(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b")
_ISO = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
# What says nothing of what is asked: both languages' smallest words.
_SMALL = frozenset(
    [
        *("a", "al", "and", "are", "as", "by", "can", "cual", "de", "del", "do", "el", "en", "es"),
        *("esta", "for", "hay", "i", "in", "is", "it", "la", "las", "le", "lo", "los", "me", "mi"),
        *("my", "no", "o", "of", "on", "or", "para", "please", "por", "puede", "que", "se", "si", "su"),
        *("sus", "te", "the", "to", "tu", "un", "una", "usted", "we", "what", "which", "with", "y", "you"),
        *("your", "favor", "dime", "digame", "tell"),
    ]
)
ALIKE = 0.6  # share of the shorter saying's words that both must have


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text that carry meaning, without accents, each once, at most 40."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(sign for sign in letters if not unicodedata.combining(sign))
    found = [word for word in re.findall(r"\w+", plain) if word not in _SMALL]
    return tuple(dict.fromkeys(found))[:40]


def alike(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether two sayings, as their words, say nearly the same."""
    first, second = set(one), set(other)
    return bool(first and second) and len(first & second) / min(len(first), len(second)) >= ALIKE


def understood(field: Field, text: str) -> Filled | None:
    """What a customer's words fill into a field; None where they do not say it."""
    said = text.strip()
    if not said:
        return None
    if field.type == "text":
        return said[:500]
    if field.type == "number":
        number = _NUMBER.search(said)
        return float(number[0].replace(",", ".")) if number else None
    if field.type == "date":
        return _day(said)
    words = words_of_all(said)
    if field.type == "flag":
        yes, no = bool(YES & words), bool(NO & words)
        return yes if yes != no else None
    return _choice(field, words)


def words_of_all(text: str) -> frozenset[str]:
    """Every word of a text, without accents."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return frozenset(re.findall(r"\w+", "".join(sign for sign in letters if not unicodedata.combining(sign))))


def _choice(field: Field, words: frozenset[str]) -> str | None:
    """The one choice whose words are all said, or whose number is."""
    named = [choice for choice in field.choices if words_of_all(choice.replace("-", " ").replace("_", " ")) <= words]
    numbered = [choice for nth, choice in enumerate(field.choices, 1) if str(nth) in words]
    for found in (named, numbered):
        if len(found) == 1:
            return found[0]
    return None


def _day(text: str) -> str | None:
    for day, month, year in _DAY.findall(text):
        try:
            return date(int(year), int(month), int(day)).isoformat()
        except ValueError:
            continue
    for found in _ISO.findall(text):
        try:
            return date.fromisoformat(found).isoformat()
        except ValueError:
            continue
    return None
