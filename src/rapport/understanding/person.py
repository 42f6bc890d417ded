"""Wants a person: whether a message asks for a human being, in Spanish or English, in any of the ways people do.

Nobody who asks may be missed, so the rules lean towards yes: whom they ask for ("agente", "somebody") within reach of a
word for talking or wanting, or a phrase that is enough alone. No: "datos personales", "mesa para una persona", "the agent
was rude".
"""

from collections.abc import Mapping, Sequence

from rapport.understanding.phrases import Phrases

REACH = 6  # words between talking and whom
TALKS = frozenset({"hablar", "talk", "speak", "falar", "platicar"})
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
        self._machines = frozenset(table["machines"])
        self._deny = frozenset(table["deny"])
        self._others: Phrases[str] = Phrases((phrase, "") for phrase in table["others"])
        self._phrases: Phrases[str] = Phrases((phrase, phrase) for phrase in table["phrases"])
        self._whom = self._staff | self._anybody | self._machines | TALKS
        self._signs = self._whom | {max(phrase.split(), key=len) for phrase in table["phrases"]}

    def asked(self, words: list[str]) -> str:
        """The words that ask for a person; "" where none do."""
        if self._signs.isdisjoint(words):
            return ""
        taken = {place for hit in self._others.found(words) for place in range(hit.start, hit.start + hit.size)}
        for hit in self._phrases.found(words):
            if hit.start not in taken and not self._declined(words, hit.start):
                return hit.meaning
        for place, word in enumerate(words):
            if word not in self._whom or place in taken:
                continue
            start = self._start(words, place, word)
            if start >= 0 and not self._declined(words, start):
                return " ".join(words[start : place + 1])
        return ""

    def _start(self, words: Sequence[str], place: int, word: str) -> int:
        """Where the asking for the person at `place` begins; -1 where it is no asking."""
        before = range(place - 1, max(-1, place - 1 - REACH), -1)
        if word in self._staff or word in self._anybody:
            talking = next((at for at in before if words[at] in self._talk), -1)
            if talking >= 0 and not self._for_somebody(words, place):
                return talking
            if word in self._staff and len(words) <= ALONE and not self._told(words, place):
                return place
            return self._wanted(words, place)
        if word in self._machines:
            denied = next((at for at in before if words[at] in self._deny), -1)
            talks = any(words[at] in self._talk or words[at] in self._want for at in before)
            return denied if denied >= 0 and talks else -1
        if word in TALKS:
            follows = words[place + 1 : place + 5]
            whom = [w for w in follows if w in self._desks]
            return place if whom and not {"mi", "my"} & set(follows[:2]) else -1
        return -1

    def _wanted(self, words: Sequence[str], place: int) -> int:
        """Where "I want a real ..." begins, with nothing but small words between."""
        for at in range(place - 1, max(-1, place - 1 - REACH), -1):
            if words[at] in self._want and not self._for_somebody(words, place):
                return at
            if words[at] not in self._between:
                break
        return -1

    def _for_somebody(self, words: Sequence[str], place: int) -> bool:
        """ "A table for one person": the person is not asked for."""
        return not {"para", "por", "for", "per", "dos", "tres", "two", "three"}.isdisjoint(words[max(0, place - 2) : place])

    def _told(self, words: Sequence[str], place: int) -> bool:
        """ "The agent was rude", "el asesor me mintió": they speak of somebody."""
        after = words[place + 1 : place + 2]
        return bool(after) and after[0] in {
            "was",
            "is",
            "were",
            "fue",
            "es",
            "era",
            "me",
            "told",
            "said",
            "dijo",
            "nunca",
            "never",
            "muy",
        }

    def _declined(self, words: Sequence[str], start: int) -> bool:
        """ "I don't want to talk to a person": they say that they want none."""
        before = words[max(0, start - 3) : start]
        wants = [at for at, word in enumerate(before) if word in self._want]
        if not wants:
            return bool(before) and before[-1] in {"sin", "without"}
        denied = wants[0] > 0 and before[wants[0] - 1] in self._deny
        return denied and self._machines.isdisjoint(words[start : start + REACH])
