"""Masking: who somebody is goes out of what they said, before anything is made of it; what kind of thing it was is left.

Masked are personal data as `find` finds them, what is on record of the person (names, handles, attributes), names that follow a
greeting or "my name is", common given names, numbers and codes, and words with a capital that fewer than FEW people say: a
surname that nobody has on record. Masking is greedy: a street too many is a smaller fault than a name.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from unicodedata import normalize

from rapport.measures.stories.told import Find

OPENS, CLOSES = "\ue000", "\ue001"  # private signs around the kind of what stood there: no text has them
NAME, NUMBER = f"{OPENS}name{CLOSES}", f"{OPENS}number{CLOSES}"
MASK = re.compile(f"{OPENS}([a-z]+){CLOSES}")
FEW = 3  # people; a word of fewer may tell who it is
SHORTEST = 3  # letters of a word on record that is masked
LONGEST = 4_000  # letters of a line that are read
_UPPER = "A-Z" + "".join(letter for letter in map(chr, range(0xC0, 0x530)) if letter.isupper())
_LOWER = "a-z" + "".join(letter for letter in map(chr, range(0xC0, 0x530)) if letter.islower())
_MARKS = re.compile("[\u0300-\u036f]")
_GAP = re.compile(r"\s{2,}|[^\S \n]")
_STRANGE = re.compile(f"[{OPENS}{CLOSES}]")
_CODE = re.compile(r"(?<!\w)(?=[\w-]{0,64}\d)(?:\d[\d-]{3,}\d|(?=\w*[A-Za-z])\w{5,})(?!\w)")
_CALLED = re.compile(
    r"(?i:\b(?:my name is|this is|i am|i'm|me llamo|mi nombre es|habla|le atiende|soy)"
    r"|\b(?:mr|mrs|ms|miss|dr|sr|sra|srta|don|doña|señora?|señorita)\b\.?"
    r"|(?:^|[.!?¡¿,\n]\s*)(?:hi|hello|hey|dear|hola|estimad[oa]|querid[oa]|thanks|thank you|gracias|sorry|perdón))"
    rf"[ ,]{{1,2}}((?:[{_UPPER}][\w'’-]+)(?: [{_UPPER}][\w'’-]+){{0,2}})"
)
_SIGNED = re.compile(rf"\s(?:[-–—^*~/]{{1,2}} ?[{_UPPER}][\w.]{{0,14}}|\^\w{{2,3}})\s*$")
_MENTION = re.compile(r"(?<![\w@])@\w[\w.@-]*|https?://\S+|www\.\S+")
_CAPITAL = re.compile(rf"(?<=[\w,;:] )[{_UPPER}][\w'’-]*[{_LOWER}][\w'’-]*")
_WITH_CAPITAL = re.compile(rf"(?<![\w-])[{_UPPER}][{_LOWER}]+(?![\w-])")
_FAMILY = re.compile(rf"{NAME}(?:(?: de| del| la| de la| y)? (?:[{_UPPER}][{_LOWER}]+|{NAME}))+(?![\w-])")
_TOKEN = re.compile(r"[^\W\d_][\w'’-]*")
_WORDS = re.compile(r"[^\W_]+")
_WORD_OR_MASK = re.compile(f"{OPENS}[a-z]+{CLOSES}|[^\\W_](?:[^\\W_]|[\u0300-\u036f])*")


@cache
def _listed(*names: str) -> frozenset[str]:
    table = tomllib.loads((files("rapport.measures.stories") / "words.toml").read_text())
    return frozenset(form for name in names for word in table[name] for form in (word, plain(word)))


def plain(text: str) -> str:
    """The text in small letters without accents: by this two spellings of a name are one."""
    text = text.casefold()
    return text if text.isascii() else _MARKS.sub("", normalize("NFD", text))


def masked(text: str, known: frozenset[str], find: Find) -> str:
    """The text without who it is about. `known`: `known_words` of those who take part."""
    text = _STRANGE.sub("", normalize("NFC", text[:LONGEST]))
    text = _GAP.sub(lambda gap: "\n" if "\n" in gap[0] else " ", text)
    parts: list[str] = []
    at = 0
    for kind, start, end in find(text):
        parts += [text[at:start], f"{OPENS}{kind}{CLOSES}"]
        at = end
    text = "".join([*parts, text[at:]])
    text = _MENTION.sub(NAME, text)
    words = set(_WORDS.findall(plain(text)))
    if not known.isdisjoint(words):
        text = _WORD_OR_MASK.sub(lambda word: NAME if plain(word[0]) in known else word[0], text)
    if not words.isdisjoint(_listed("calling")):
        text = _CALLED.sub(_uncalled, text)
    text = _WITH_CAPITAL.sub(_ungiven, text)
    if NAME in text:
        text = _FAMILY.sub(NAME, text)
    text = _SIGNED.sub("", text)
    return _CODE.sub(NUMBER, text)


def _uncalled(found: re.Match[str]) -> str:
    """What follows a greeting, with the names in it masked; "Thanks We will" has none."""
    names = found[1].split()
    kept = [name if name.casefold() in _listed("no_names", "days") else "" for name in names]
    if all(kept):
        return found[0]
    first = next(place for place, word in enumerate(kept) if not word)
    before = " ".join(names[:first])
    return found[0][: found.start(1) - found.start()] + (f"{before} " if before else "") + NAME


@cache
def _given() -> frozenset[str]:
    """Common given names, without accents."""
    return frozenset(map(plain, (files("rapport.measures.stories") / "given_names.txt").read_text().split()))


def _ungiven(found: re.Match[str]) -> str:
    return NAME if plain(found[0]) in _given() else found[0]


def known_words(values: Iterable[str]) -> frozenset[str]:
    """The words of names, handles and other values on record, folded, by which `masked` knows them."""
    words = {word for value in values for word in _WORDS.findall(plain(value)) if len(word) >= SHORTEST}
    return frozenset(words - _listed("no_names", "days"))


class Rare:
    """Words by how many people say them, in whatever case: what one person alone writes with a capital may be a name.

    `allowed`: words that are nobody's name, such as those of brands and days.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._by: dict[str, set[bytes]] = defaultdict(set)
        self._allowed = _listed("no_names", "days") | {word for text in allowed for word in _TOKEN.findall(text.casefold())}

    def add(self, person: bytes, text: str) -> None:
        """Take in what somebody said, or what was said to them."""
        for word in _TOKEN.findall(text.casefold()):
            people = self._by[word]
            if len(people) < FEW:
                people.add(person)

    def masked(self, text: str) -> str:
        """The text without capitals that fewer than FEW people say."""
        return _CAPITAL.sub(self._mask, text)

    def _mask(self, found: re.Match[str]) -> str:
        word = found[0].casefold()
        return found[0] if word in self._allowed or len(self._by.get(word, ())) >= FEW else NAME


def bare(text: str) -> str:
    """The text with a gap where something was masked: for words that are counted."""
    return MASK.sub(" . ", text)
