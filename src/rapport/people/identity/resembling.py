"""Resembling: the record of a person as it is compared, and which two of many records are worth a comparison; pure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from rapport.model.naming import TELEPHONES
from rapport.model.person import Person
from rapport.people.identity.blocking import LARGEST, blocks_of
from rapport.people.identity.evidence import Record

MOST_EACH = 40  # others that one record is compared with
EMPLOYERS = ("employer", "company")


def record_of(person: Person, handles: Iterable[str]) -> Record:
    """What a person is known by. `handles`: names such as `email:ana@example.org`."""
    told = {a.name: a.value for a in person.attributes if isinstance(a.value, str)}
    named = [handle.partition(":")[::2] for handle in handles]
    emails = [name for network, name in named if network == "email"] + [told.get("email", "")]
    phones = [name for network, name in named if network in TELEPHONES] + [told.get("phone", "")]
    work = next((told[name] for name in EMPLOYERS if name in told), "")
    return Record(
        person.name,
        tuple(filter(None, emails)),
        tuple(filter(None, phones)),
        told.get("city", ""),
        told.get("birth_date", ""),
        work,
    )


def blocks(record: Record) -> set[str]:
    """What it shares with whoever is nearly it."""
    return set(blocks_of(record))


def worth_comparing(
    asked: Mapping[bytes, Collection[bytes]], sharing: Mapping[bytes, Sequence[bytes]]
) -> dict[bytes, list[bytes]]:
    """Whom each person is compared with, those who share most first. `asked`: their blocks; `sharing`: who has each block.

    A block that many share is a switchboard or the name of a whole town: nobody is compared for it.
    """
    found: dict[bytes, Counter[bytes]] = defaultdict(Counter)
    for person, own in asked.items():
        for block in own:
            others = sharing.get(block, ())
            if len(others) <= LARGEST:
                found[person].update(other for other in others if other != person)
    return {person: [other for other, _ in counted.most_common(MOST_EACH)] for person, counted in found.items()}
