"""Language: Spanish, English or Portuguese, or "" when a text is too short, mixed, or in another language.

A linear head over pieces of words, trained on sentences and on windows of one to four words of them, so that short
posts are met in training too. Letters of another script are never one of the three.
"""

from collections.abc import Sequence

THRESHOLD = 0.50
ONE_WORD = 0.85  # a single word must speak for itself
EVERYWHERE = frozenset(  # words that tell nothing, as the three languages share them
    {
        "wifi",
        "ok",
        "okay",
        "internet",
        "hotel",
        "app",
        "no",
        "error",
        "chat",
        "bot",
        "web",
        "email",
        "gas",
        "taxi",
        "router",
        "lol",
    }
)
OTHER = "other"


def known(likely: list[float], names: Sequence[str], words: Sequence[str]) -> tuple[str, float]:
    """The language of a message and its probability; "" where it is not known, and then the probability of the likeliest.

    `likely`: (names,). `words`: those of the message, folded.
    """
    best = max(likely)
    return judged(names[likely.index(best)], best, words)


def judged(name: str, best: float, words: Sequence[str]) -> tuple[str, float]:
    """The same of the likeliest language and its probability."""
    if not words:
        return "", 0.0
    sure = round(best, 4)
    enough = ONE_WORD if len(words) == 1 else THRESHOLD
    unknown = sure < enough or name == OTHER or EVERYWHERE.issuperset(words) or _is_foreign_script(words)
    return ("" if unknown else name, sure)


def _is_foreign_script(words: Sequence[str]) -> bool:
    """Whether half of the words are not Latin letters; accents are gone by now."""
    return not "".join(words).isascii() and 2 * sum([not word.isascii() for word in words]) >= len(words)
