"""Wants a person: whether a message asks for a human being, in Spanish or English, in any of the ways people do.

Nobody who asks may be missed, so the rules lean towards yes: whom they ask for ("agente", "somebody") within reach of a
word for talking or wanting, or a phrase that is enough alone. No: "datos personales", "mesa para una persona", "the agent
was rude".
"""

from collections.abc import Mapping, Sequence

from rapport.understanding.patterns import Patterns
from rapport.understanding.phrases import Phrases

REACH = 8  # words between talking and whom
TALK_BEGINS = ("talk", "speak", "hablar", "comunic")  # however they go on
PASSED_ON = frozenset({"connect", "transfer", "put", "pass"})
DESK_TALKS = (
    frozenset({"hablar", "talk", "speak", "falar", "platicar", "contact", "reach", "contactar", "comunicarme"}) | PASSED_ON
)
FOR_SOMEBODY = frozenset({"para", "por", "for", "per", "dos", "tres", "two", "three"})  # a table for one person
SPOKEN_OF = frozenset(
    {"was", "is", "were", "told", "said", "never", "fue", "es", "era", "me", "dijo", "nunca", "muy"}
)  # "the agent was"
THERE_IS = "hay"  # "¿no hay un operador?" asks for one
POLITE = (["please"], ["porfa"], ["porfavor"], ["pls"], ["por", "favor"])
SHORT = 6
ALONE = 4  # a message of so many words that names staff asks for them


class Person:
    """The rules, ready to be asked. `table`: see `lexicon/person.toml`."""

    def __init__(self, table: Mapping[str, Sequence[str]]) -> None:
        self._staff = frozenset(table["staff"])
        self._anybody = frozenset(table["anybody"])
        self._desks = frozenset(table["desks"])
        self._talk = frozenset(table["talk"])
        self._want = frozenset(table["want"])
        self._between = frozenset(table["between"])
        self._hand = frozenset(table["hand"])
        self._hand_me = frozenset(table["hand_me"])
        self._machines = frozenset(table["machines"])
        self._devices = frozenset(table["devices"])
        self._bots = self._machines | self._devices
        self._deny = frozenset(table["deny"])
        self._others: Phrases[str] = Phrases((phrase, "") for phrase in table["others"])
        self._phrases: Phrases[str] = Phrases((phrase, phrase) for phrase in table["phrases"])
        self._patterns = Patterns((pattern, "") for pattern in (*table["patterns"], *table["aside"]))
        self._whom = self._staff | self._anybody | self._bots | DESK_TALKS
        self._short: Phrases[str] = Phrases((phrase, phrase) for phrase in table["short_phrases"])
        self._misspelt = frozenset(
            part for noun in self._staff | self._anybody if len(noun) > 5 for part in (noun, *_without_one(noun))
        )
        self._signs = self._whom | {max(phrase.split(), key=len) for phrase in table["phrases"]}
        self._any = self._patterns.keys | self._talk | self._signs

    def may_ask(self, word: str) -> bool:
        """Whether a text needs this word, or another such word, to ask for a person."""
        return word in self._any or any(begin in word for begin in TALK_BEGINS)

    def asked(self, words: list[str]) -> str:
        """The words that ask for a person; "" where none do."""
        for start, size, _ in self._patterns.found(words):
            if not self._declined(words, start):
                return " ".join(words[start : start + size])
        joined = " ".join(words)
        talked = not self._talk.isdisjoint(words) or any(begin in joined for begin in TALK_BEGINS)
        if not talked and self._signs.isdisjoint(words):
            return ""
        if len(words) <= SHORT and (hits := self._short.found(words)):
            return hits[0].meaning
        taken = {place for hit in self._others.found(words) for place in range(hit.start, hit.start + hit.size)}
        for hit in self._phrases.found(words):
            if hit.start not in taken and not self._declined(words, hit.start):
                return hit.meaning
        for place, word in enumerate(words):
            if place in taken or not (word in self._whom or (talked and self._is_misspelt(words, place))):
                continue
            start = self._start(words, place, word)
            if start >= 0 and not self._declined(words, start):
                return " ".join(words[start : place + 1])
        return ""

    def _start(self, words: list[str], place: int, word: str) -> int:
        """Where the asking for the person at `place` begins; -1 where it is no asking."""
        near = words[max(0, place - REACH) : place]
        if word not in self._bots and word not in DESK_TALKS:
            return self._asking(words, place, near)
        if word in self._machines or word in self._devices:
            denied = [at for at, before in enumerate(near) if before in self._deny]
            talked = not self._talk.isdisjoint(near) or (word in self._machines and not self._want.isdisjoint(near))
            return place - len(near) + denied[-1] if denied and talked else -1
        if word not in PASSED_ON or words[place + 1 : place + 2] == ["me"]:
            follows = words[place + 1 : place + 5]
            return -1 if self._desks.isdisjoint(follows) or {"mi", "my"} & set(follows[:2]) else place
        return -1

    def _asking(self, words: list[str], place: int, near: list[str]) -> int:
        """The same, where `near` are the words before a person."""
        if not FOR_SOMEBODY.isdisjoint(near[-2:]):
            return -1
        talking = [at for at, before in enumerate(near) if before in self._talk or before.startswith(TALK_BEGINS)]
        if talking:
            return place - len(near) + talking[-1]
        alone = len(words) <= ALONE or words[place + 1 : place + 2] in POLITE or words[place + 1 : place + 3] in POLITE
        if alone and words[place] in self._staff and SPOKEN_OF.isdisjoint(words[place + 1 : place + 2]):
            return place
        for at in range(place - 1, place - 1 - len(near), -1):
            likes = words[at] == "like" and words[at - 1 : at] not in (["would"], ["id"])
            handed = words[at] in self._hand_me and (words[place] in self._staff or words[at + 1] in ("me", "us"))
            if handed or words[at] in self._hand or (words[at] in self._want and not likes):
                return at
            if words[at] not in self._between:
                break
        return -1

    def _is_misspelt(self, words: list[str], place: int) -> bool:
        """Whether the word is whom they ask for but for a letter: "somneone", after a word for talking."""
        word = words[place]
        if len(word) < 5 or not any(
            before in self._talk or before.startswith(TALK_BEGINS) for before in words[max(0, place - REACH) : place]
        ):
            return False
        return word in self._misspelt or not self._misspelt.isdisjoint(_without_one(word))

    def declines(self, words: list[str]) -> bool:
        """Whether they say somewhere that they want no person."""
        return any(self._declined(words, place) for place, word in enumerate(words) if word in self._talk or word in self._whom)

    def _declined(self, words: list[str], start: int) -> bool:
        """Whether they say that they want none: "I don't want to talk to a person", "sin hablar con nadie"."""
        before = words[max(0, start - 3) : start]
        if before and before[-1] in ("sin", "without"):
            return True
        near = words[max(0, start - 3) : start + 1]
        wants = [at for at, word in enumerate(near) if word in self._want and word != THERE_IS]
        denied = bool(wants) and wants[0] > 0 and before[wants[0] - 1] in self._deny
        if denied and not self._between.issuperset(before[wants[0] + 1 :]):
            return False  # "no quiero menús, comuníqueme con ..."
        return denied and self._bots.isdisjoint(words[start : start + REACH])


def _without_one(word: str) -> set[str]:
    """The word without each of its letters in turn: two words that share one of these differ by a letter or so."""
    return {word[:place] + word[place + 1 :] for place in range(len(word))}
