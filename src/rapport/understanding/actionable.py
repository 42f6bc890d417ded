"""Actionable: whether anybody should answer. Thanks, "ok", a lone thumb and an automatic reply ask for nothing."""

from collections.abc import Mapping, Sequence

from rapport.understanding.phrases import Phrases

MOST_WORDS_OF_THANKS = 10


class Actionable:
    """The rules, ready to be asked. `table`: see `lexicon/actionable.toml`."""

    def __init__(self, table: Mapping[str, Sequence[str]]) -> None:
        self._small = frozenset(table["small"])
        self._wishes = frozenset(table["wishes"])
        self._content = frozenset(table["content"])
        self._automatic: Phrases[str] = Phrases((phrase, phrase) for phrase in table["automatic"])
        self._troubled = frozenset("".join(table["troubled"]))

    def thanking(self, pleasant: frozenset[str]) -> frozenset[str]:
        """The words beside which thanks stay thanks: small and pleasant ones that wish for nothing."""
        return self._small | (pleasant - self._wishes)

    def is_actionable(self, words: list[str], raw: str) -> bool:
        """False only where nothing is asked; a text that says nothing at all, as beside a picture, may ask."""
        if not words:
            return not raw.strip() or "?" in raw or not self._troubled.isdisjoint(raw)
        if len(words) <= MOST_WORDS_OF_THANKS and self._small.issuperset(words):
            asks = "?" in raw or "¿" in raw
            return asks or self._content.isdisjoint(words)
        return bool(len(words) < 3 or not self._automatic.found(words))
