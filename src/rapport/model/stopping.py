"""Stopping: the words by which a person asks not to be written to any more, and those that take it back.

A channel keeps nothing: who asked is found in the record and handed in, by `Exchange.stopped_at` and `Means.stopped`.
"""

import unicodedata
from enum import StrEnum

LONGEST = 40  # characters; whoever writes more says something else


class Wish(StrEnum):
    """What a person asks of us by one word."""

    STOP = "stop"
    START = "start"


# English: the default keywords of Twilio's Advanced Opt-Out, read 2026-11-22, without YES and NO, which answer questions.
# Spanish: those that operators in Mexico and Spain ask for.
WORDS = {
    Wish.STOP: frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "alto", "baja", "cancelar", "detener"}),
    Wish.START: frozenset({"start", "unstop", "alta"}),
}


def wish_of(text: str) -> Wish | None:
    """What a message asks of us; None where it is more than such a word, whatever its case, accents and punctuation."""
    if len(text) > LONGEST:
        return None
    letters = unicodedata.normalize("NFKD", text).casefold()
    word = "".join(sign for sign in letters if sign.isalnum() or sign.isspace()).strip()
    return next((wish for wish, words in WORDS.items() if word in words), None)
