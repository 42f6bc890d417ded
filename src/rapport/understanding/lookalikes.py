"""Lookalikes: Cyrillic and Greek letters that stand in a word of ours in place of the Latin ones they look like.

Small letters, as texts are folded before. The list is our own: what looks alike, small or as a capital.
"""

_EVER = {"а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x", "і": "i", "ј": "j", "ѕ": "s", "ԁ": "d", "һ": "h"}
_WITHIN = {
    "к": "k", "м": "m", "т": "t", "н": "h", "в": "b", "г": "r", "п": "n", "и": "u", "ω": "w", "α": "a", "β": "b", "γ": "y",
    "ε": "e", "ζ": "z", "η": "h", "ι": "i", "κ": "k", "μ": "m", "ν": "v", "ο": "o", "ρ": "p", "τ": "t", "υ": "u", "χ": "x",
    "σ": "o",
}  # fmt: skip
EVER = str.maketrans(_EVER)
WITHIN = str.maketrans(_EVER | _WITHIN)


def unmasked(words: list[str]) -> list[str]:
    """The words with lookalikes as Latin letters, in a text that has Latin letters as well."""
    if all(map(str.isascii, words)) or not any("a" <= letter <= "z" for word in words for letter in word):
        return words
    return [word if word.isascii() else _unmasked(word) for word in words]


def _unmasked(word: str) -> str:
    """A word that is Latin once its lookalikes are; as it is where it is not."""
    plain = word.translate(WITHIN if any("a" <= letter <= "z" for letter in word) else EVER)
    return plain if plain.isascii() else word
