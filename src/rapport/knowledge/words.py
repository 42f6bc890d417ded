"""The words by which an article was found, as they were written and not as the search keeps them."""

import unicodedata
from collections.abc import Sequence

MOST_SHOWN = 4


def plain(word: str) -> str:
    """A word in small letters without accents, as the search folds it."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(sign))


def words_of(stems: Sequence[str], written: Sequence[str]) -> tuple[str, ...]:
    """The written word of each stem, the longest stems first; the stem itself where none begins so. At most 4.

    A stemmer may change the last letter (`somebody` is kept as `somebodi`), so a long stem needs all but that one.
    """
    found: list[str] = []
    for stem in sorted(stems, key=len, reverse=True):
        begins = stem[:-1] if len(stem) > 3 else stem
        word = next((word for word in written if plain(word).startswith(begins)), stem)
        if word not in found:
            found.append(word)
    return tuple(found[:MOST_SHOWN])
