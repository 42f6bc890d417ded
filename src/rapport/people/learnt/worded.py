"""Rules of words: what the words of a message say of a person, as the centre's own signals have it."""

from datetime import datetime, timedelta

from rapport.model.centre import Centre
from rapport.model.person import Person
from rapport.people.learnt.features import words_of
from rapport.people.lexicon import plain
from rapport.people.signals import MOST_TEXT, Learnt, set_by


def from_words(learnt: list[Learnt], text: str, person: Person | None, at: datetime, centre: Centre) -> list[Learnt]:
    """What was learnt of a message, and what the centre's rules of words add to it."""
    rules = [one for one in centre.signals.values() if one.words and one.enabled]
    if not rules:
        return learnt
    said = words_of(text[:MOST_TEXT])
    found = {one.name: one for one in learnt}
    for rule in rules:
        if any(plain(word) in said for word in rule.words):
            until = at + timedelta(days=rule.expires_days)
            for name, value in list(set_by(rule, person, at, {key: one.value for key, one in found.items()})):
                found[name] = Learnt(name, value, f"signal:{rule.id}", 1.0, until)
    return list(found.values())
