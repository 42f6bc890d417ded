"""Words: a text made comparable: normalised, split, and rid of what carries no meaning.

Two spellings that a person takes for the same are the same here: full-width letters, capitals, accents, zero-width joiners,
"w i f i", "Wi-Fi" and "graaacias". A text and its folded form have the same number of words, so evidence is shown as written.
"""

import re
import unicodedata

import msgspec

from rapport.understanding import model_files
from rapport.understanding.lookalikes import unmasked

MOST_CHARACTERS = 4_000  # of a message are read; nobody states an issue later than that, and work stays bounded
MOST_WORDS = 64
MOST_SUBJECT = 300

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u0300-\u036f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e01ef]"
)
_WORD = re.compile(r"[^\W_]+")
_GAPS = bytes([code if chr(code).isalnum() else 32 for code in range(256)])
_ODD_SIGN = re.compile("[’‘´`ʼ‐‑–]")
_HASHTAG = re.compile(r"#(\w+)")
_HUMP = re.compile(r"(?<=[^\W\dA-Z_])(?=[A-Z])")
_THRICE = re.compile(r"(.)\1\1", re.S)
_LONG = re.compile(r"([^\W\d_])\1\1+")
_QUOTED = re.compile(r"^[^\S\n]*>.*$|^_{8,}$", re.M)
_QUOTE_HEAD = re.compile(
    r"^[ \t]*(?:on .{4,120} wrote:|(?:el|em) .{4,120} escri(?:bió|bio|veu):"
    r"|-{2,} ?(?:original message|mensaje original|mensagem original))",
    re.I | re.M,
)
_JOINED = re.compile(r"(?<![\w-])(wi|e|check|log|sign|covid|post|pre|anti|auto)-(?=[a-z])|\b(wi) (?=fi\b)")
_SIGNS = str.maketrans(dict.fromkeys("’‘´`ʼ") | dict.fromkeys("‐‑–", "-"))


def _plain_letters() -> dict[int, int]:
    """Every Latin letter with a mark, and the ASCII letter that it is without."""
    table = {ord("ø"): ord("o"), ord("ł"): ord("l"), ord("đ"): ord("d"), ord("ı"): ord("i")}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        first = unicodedata.normalize("NFD", chr(code))[0]
        if first.isascii() and first.isalpha():
            table[code] = ord(first)
    return table


_PLAIN = _plain_letters()
_PLAIN_GAPS = bytes([_PLAIN.get(code, code) if chr(code).isalnum() else 32 for code in range(256)])

STOP_WORDS = frozenset(model_files.listed("stop_words.txt"))


class Prepared(msgspec.Struct):
    """A text ready to be read: `words` folded, `shown` the same words as they were written, in lower case."""

    raw: str
    words: list[str]
    shown: list[str]


def own_words(text: str) -> str:
    """What the writer says in this message, without what an e-mail quotes from earlier ones."""
    if "\n" not in text:
        return text
    head = _QUOTE_HEAD.search(text)
    if head is not None and text[: head.start()].strip():
        text = text[: head.start()]
    kept = _QUOTED.sub("", text)
    return kept if kept.strip() else text


def text_of(subject: str, text: str) -> str:
    """What is read of a message: its subject, then the first 4,000 characters of its text."""
    return f"{subject[:MOST_SUBJECT]}\n{text[:MOST_CHARACTERS]}" if subject else text[:MOST_CHARACTERS]


def prepare(text: str) -> Prepared:
    """The first 4,000 characters of a text, normalised and split. Never raises, whatever the text holds."""
    raw = own_words(text[:MOST_CHARACTERS])
    plain = raw if raw.isascii() else unicodedata.normalize("NFKC", raw)[:MOST_CHARACTERS]
    if not plain.isascii():
        plain = _UNSEEN.sub("", plain)
        if _ODD_SIGN.search(plain):
            plain = plain.translate(_SIGNS)
    elif not plain.isprintable():
        plain = _UNSEEN.sub("", plain)
    if "@" in plain or "://" in plain or "www." in plain:
        plain = _without_addresses(plain)
    if "#" in plain:
        plain = _HASHTAG.sub(lambda tag: " " + _HUMP.sub(" ", tag[1]).replace("_", " ") + " ", plain)
    plain = plain.casefold()
    if "'" in plain:
        plain = plain.replace("'", "")
    if "-" in plain or "wi fi" in plain:
        plain = _JOINED.sub(lambda part: part[1] or part[2], plain)
    shown = split(plain)
    words = shown if plain.isascii() else _without_marks(plain, shown)
    if [*map(len, words)].count(1) >= 3:
        words, shown = _gathered(words, shown)
    if _THRICE.search(plain) and _LONG.search(plain):
        words = [_LONG.sub(r"\1", word) for word in words]
    return Prepared(raw, words, shown)


def split(text: str) -> list[str]:
    """The runs of letters and digits in a text; one that Latin-1 can hold is split by a table, five times as fast."""
    try:
        return text.encode("latin-1").translate(_GAPS).decode("latin-1").split()
    except UnicodeEncodeError:
        return _WORD.findall(text)


def _without_marks(plain: str, shown: list[str]) -> list[str]:
    """The words of a text, which `shown` are, without accents, and lookalikes as what they stand for."""
    try:
        folded = plain.encode("latin-1").translate(_PLAIN_GAPS)
        if folded.isascii():
            return folded.decode("ascii").split()
        words = folded.decode("latin-1").split()
    except UnicodeEncodeError:
        words = [word if word.isascii() else word.translate(_PLAIN) for word in shown]
    return unmasked(words)


def _without_addresses(text: str) -> str:
    """The text without mentions, e-mail addresses and links: they name, they do not say."""
    parts = text.split()
    return " ".join([part for part in parts if "@" not in part and "://" not in part and not part.startswith("www.")])


def _gathered(words: list[str], shown: list[str]) -> tuple[list[str], list[str]]:
    """Runs of three and more single letters as one word each."""
    out: list[str] = []
    seen: list[str] = []
    run = 0
    for place in range(len(words) + 1):
        if place < len(words) and len(words[place]) == 1 and words[place].isalpha():
            run += 1
            continue
        letters = slice(place - run, place)
        if run >= 3:
            out.append("".join(words[letters]))
            seen.append("".join(shown[letters]))
        else:
            out.extend(words[letters])
            seen.extend(shown[letters])
        run = 0
        if place < len(words):
            out.append(words[place])
            seen.append(shown[place])
    return out, seen


def meaning_of(words: list[str]) -> tuple[str, ...]:
    """Of folded words, those that carry meaning: each once, in order, at most 64."""
    kept = dict.fromkeys([word for word in words if word not in STOP_WORDS and len(word) > 1 and not word.isdigit()])
    return tuple(kept)[:MOST_WORDS] if len(kept) > MOST_WORDS else tuple(kept)


def meaning_words(text: str) -> tuple[str, ...]:
    """The words of a text that carry meaning, folded: each once, in order of appearance, at most 64."""
    return meaning_of(prepare(text).words)
