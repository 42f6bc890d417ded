"""Another brand's name in a reply: named, or signed with."""

import re
from collections.abc import Iterator

from rapport.replies.rules import REFUSE, Hit
from rapport.replies.sentences import any_of, folded

_SIGNED = re.compile(
    r"(?:^|\n)\s{0,8}(?:[-–—~^*]{1,3}|team|equipo|el equipo de|your|su|atentamente|regards|saludos)?[\s,]{0,4}$"
)
SHORTEST = 3  # letters of a name that is looked for


def look(text: str, own: tuple[str, ...], others: tuple[str, ...]) -> Iterator[Hit]:
    """Each place where another brand is named; to sign as one is refused, as nobody should ever read that."""
    names = [name for name in others if len(name.strip()) >= SHORTEST]
    if not names:
        return
    plain = folded(text)
    mine = [match.span() for match in any_of(own).finditer(plain)]
    for match in any_of(names).finditer(plain):
        if any(start <= match.start() and match.end() <= end for start, end in mine):
            continue  # ours has it within its own
        name = text[match.start() : match.end()]
        if _is_signature(plain, match.start(), match.end()):
            yield Hit(
                "wrong-brand",
                match.start(),
                match.end(),
                f"The text is signed as “{name}”, another brand of this house.",
                REFUSE,
            )
        else:
            yield Hit("wrong-brand", match.start(), match.end(), f"“{name}” is another brand of this house.")


def _is_signature(plain: str, start: int, end: int) -> bool:
    """Whether a name stands at the end, on a line that has nothing else but how people sign."""
    return not plain[end:].strip(" .,!\n\t") and bool(_SIGNED.search(plain[max(0, start - 60) : start]))
