"""Blocking: which records are compared at all, by keys that two spellings of one thing share; nothing else is looked at."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from rapport.model.naming import email_key, phone_key
from rapport.people.identity.evidence import Record
from rapport.people.identity.names import words_of

LARGEST = 60  # records that share a block; more say that the key is a switchboard or a name of the whole town


def blocks_of(record: Record) -> Iterator[str]:
    """The keys of a record: its numbers and mailboxes, each with one sign left out, and the n-grams of its name by place."""
    for phone in record.phones:
        if key := phone_key(phone):
            yield f"p{key}"
            yield f"p-{key[-8:]}"
            yield from (f"p-{less}" for less in _one_less(key[-8:]))
    for email in record.emails:
        if key := email_key(email):
            local, _, domain = key.partition("@")
            yield f"e{key}"
            yield f"e-{key}"
            yield from (f"e-{less}@{domain}" for less in _one_less(local))
            yield from (f"d-{local}@{less}" for less in _one_less(domain))
    grams = sorted({word[:3] for word in words_of(record.name)})
    yield from (f"n{one}{other}{record.born or record.place.casefold()}" for one, other in combinations(grams, 2))


def pairs(records: Sequence[Record]) -> Iterable[tuple[int, int]]:
    """The places of records that share a block, each pair once, the smaller first."""
    held: dict[str, list[int]] = defaultdict(list)
    for place, record in enumerate(records):
        for block in set(blocks_of(record)):
            held[block].append(place)
    found: set[tuple[int, int]] = set()
    for places in held.values():
        if 1 < len(places) <= LARGEST:
            found.update(combinations(places, 2))
    return sorted(found)


def _one_less(text: str) -> Iterator[str]:
    if len(text) >= 6:
        yield from {text[:n] + text[n + 1 :] for n in range(len(text))}
