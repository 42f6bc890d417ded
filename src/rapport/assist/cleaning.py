"""What a model answered, made a text that a person can look at: plain, bounded, without links that nobody allowed.

Whatever it says is words. Calls of tools, mark-up and commands in it are not read by anything.
"""

import re
import unicodedata
from collections.abc import Iterable

MOST_LETTERS = {"reply": 2_000, "summary": 3_000, "translation": 8_000}
COPIED = 48  # letters in a row of our own instructions that are too many to be chance
REMOVED = "[…]"
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff0-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e01ef]"
)
_ESCAPES = re.compile(r"\x1b\[[0-9;?]{0,12}[A-Za-z]")
_PICTURE = re.compile(r"!?\[([^\[\]]{0,300})\]\(([^()\s]{0,2000})[^()]{0,200}\)")
_TAG = re.compile(r"<[/!?a-zA-Z][^<>]{0,2000}>?")
_LINK = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,15}:/{1,3}|www\.|(?:javascript|data|vbscript|mailto|tel|sms|file):)[^\s<>\"'`]{1,2000}",
    re.IGNORECASE,
)
_BARE = re.compile(r"(?<![\w@./-])(?:[\w-]{1,63}\.){1,6}[a-z]{2,24}(?:[/:?#][^\s<>\"'`]{0,2000})?", re.IGNORECASE)
_HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*:/{1,3})?(?:[^/@\s]*@)?([^/:?#\s]+)", re.IGNORECASE)
_ENDING = re.compile(
    r"com|net|org|info|biz|io|co|mx|es|us|uk|ar|cl|pe|de|fr|it|pt|br|eu|app|dev|xyz|top|shop|online|site|store|link|click|live|me|tv"
    r"|ai|cc|ru|cn|in|ly|gl|gg|to|sh|zip|mov|test|example|tk|ml|ga|cf|pw|icu|vip|club|pro|tech|space|website",
    re.IGNORECASE,
)


def cleaned(text: str, kind: str, hosts: frozenset[str], ours: Iterable[str] = ()) -> tuple[str, tuple[str, ...]]:
    """The text and what was done to it. `hosts`: of links that may stay; `ours`: instructions that must not be told on.

    Raises ValueError where it tells our instructions on, or nothing is left of it.
    """
    warnings: dict[str, None] = {}
    plain = _ESCAPES.sub("", unicodedata.normalize("NFC", text[: MOST_LETTERS[kind] * 4]))
    kept = _UNSEEN.sub("", plain)
    if kept != text:
        warnings |= {"signs": None} if kept != unicodedata.normalize("NFC", text[: MOST_LETTERS[kind] * 4]) else {}
    kept, linked = _without_links(kept, hosts)
    warnings |= {"link": None} if linked else {}
    bare = _TAG.sub("", kept)
    warnings |= {"markup": None} if bare != kept else {}
    bare = re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]{2,}", " ", bare)).strip()
    if tells_on(bare, ours):
        raise ValueError("instructions")
    if len(bare) > MOST_LETTERS[kind]:
        bare = bare[: MOST_LETTERS[kind]].rstrip() + "…"
        warnings["length"] = None
    if not any(map(str.isalnum, bare.replace(REMOVED, ""))):
        raise ValueError("empty")
    return bare, tuple(warnings)


def tells_on(text: str, ours: Iterable[str]) -> bool:
    """Whether a text has a stretch of our own instructions, however it is spaced and written."""
    folded = "".join(filter(str.isalnum, text.casefold()))
    for one in ours:
        plain = "".join(filter(str.isalnum, one.casefold()))
        if len(plain) < COPIED:
            if len(plain) >= 12 and plain in folded:
                return True
            continue
        if any(plain[at : at + COPIED] in folded for at in range(len(plain) - COPIED + 1)):
            return True
    return False


def _without_links(text: str, hosts: frozenset[str]) -> tuple[str, bool]:
    removed = False

    def one(found: re.Match[str]) -> str:
        nonlocal removed
        if _is_allowed(found[0], hosts):
            return found[0]
        removed = True
        return REMOVED

    def shown(found: re.Match[str]) -> str:
        nonlocal removed
        if _is_allowed(found[2], hosts) and not found[0].startswith("!"):
            return f"{found[1]} {found[2]}"
        removed = True
        return found[1]

    text = _LINK.sub(one, _PICTURE.sub(shown, text))
    return _BARE.sub(lambda found: one(found) if _is_address(found[0]) else found[0], text), removed


def _is_address(text: str) -> bool:
    host = re.split(r"[/:?#]", text, maxsplit=1)[0]
    return _ENDING.fullmatch(host.rpartition(".")[2]) is not None


def _is_allowed(link: str, hosts: frozenset[str]) -> bool:
    scheme, between, _ = link.partition(":")
    if between and scheme.casefold() not in ("https", "http") and "." not in scheme:
        return False
    found = _HOST.match(link)
    return bool(found) and found[1].casefold().removeprefix("www.").rstrip(".") in hosts if found else False
