"""What leaves for a model: no personal data, each replaced by a placeholder that is put back in what comes home.

Recall first: what the finder of personal data finds, the names that the conversation has, every run of five digits and more.
"""

import re
from collections.abc import Callable, Iterable

FindPersonal = Callable[[str], Iterable[tuple[str, int, int]]]  # kind, start and end of each find
PLACEHOLDER = re.compile(r"\[\[([a-z]+)-(\d{1,4})\]\]")
_LOOKS_LIKE_ONE = re.compile(r"\[\[[^\[\]]{0,40}\]\]?|\[?\[[a-z]+-\d{1,4}\]")
_DIGITS = re.compile(r"\d(?:[ .\-/]?\d){4,}")
_HANDLE = re.compile(r"(?<![\w.])@[\w.]+(?:@[\w.-]+)?")
MOST = 200  # pieces of one ask


class Redaction:
    """Placeholders of one ask, and what they stand for. The same value has the same placeholder."""

    def __init__(self, find: FindPersonal, names: Iterable[str] = ()) -> None:
        self._find = find
        parts = sorted({part for name in names for part in (name, *name.split()) if len(part) > 2}, key=len, reverse=True)
        self._names = re.compile("|".join(map(re.escape, parts)), re.IGNORECASE) if parts else None
        self._by_value: dict[str, str] = {}
        self.values: dict[str, str] = {}

    def out(self, text: str) -> str:
        """The text as it may leave; whatever in it looks like a placeholder already is taken out first."""
        text = _LOOKS_LIKE_ONE.sub(" ", text)
        text = _put(text, ((start, end, kind) for kind, start, end in self._find(text)), self._placeholder)
        for pattern, kind in ((_HANDLE, "handle"), (_DIGITS, "number"), (self._names, "name")):
            if pattern is not None:
                text = _outside(text, pattern, kind, self._placeholder)
        return text

    def back(self, text: str) -> tuple[str, bool]:
        """The text with its placeholders put back, and whether any stood for nothing: those are taken out."""
        strange = False

        def one(found: re.Match[str]) -> str:
            nonlocal strange
            value = self.values.get(found[0])
            strange = strange or value is None
            return value if value is not None else ""

        text = PLACEHOLDER.sub(one, text)
        return text, strange

    def _placeholder(self, kind: str, value: str) -> str:
        key = value.casefold()
        if key not in self._by_value:
            if len(self._by_value) >= MOST:
                return f"[{kind}]"
            self._by_value[key] = f"[[{kind}-{len(self._by_value) + 1}]]"
            self.values[self._by_value[key]] = value
        return self._by_value[key]


def _put(text: str, found: Iterable[tuple[int, int, str]], placeholder: Callable[[str, str], str]) -> str:
    parts, at = [], 0
    for start, end, kind in sorted(found):
        if start >= at:
            parts += [text[at:start], placeholder(kind, text[start:end])]
            at = end
    return "".join([*parts, text[at:]])


def _outside(text: str, pattern: re.Pattern[str], kind: str, placeholder: Callable[[str, str], str]) -> str:
    """Replace what is found outside of placeholders."""
    pieces, at = [], 0
    for held in PLACEHOLDER.finditer(text):
        pieces += [pattern.sub(lambda found: placeholder(kind, found[0]), text[at : held.start()]), held[0]]
        at = held.end()
    return "".join([*pieces, pattern.sub(lambda found: placeholder(kind, found[0]), text[at:])])
