"""Evidence that two records are one person, weighed as Fellegi and Sunter do (JASA 64, 1969): bits for and against, summed.

A weight is log2(m / u): how much oftener one person's two records agree so than those of two people who met by chance.
"""

from collections.abc import Mapping
from math import log2

import msgspec

from rapport.model.naming import email_key, phone_key
from rapport.people.identity.names import agreement, is_common, is_near

MERGE, SUGGEST = 0.99, 0.2  # probabilities from which two are one, and from which somebody should look
PRIOR = -17.0  # bits: one in 130,000 is meant, where nothing is known
SHARED = 3.0  # bits less for each doubling of those who are known by the same number or address
# What a household shares goes together, so no sum of it makes two first names one person: somebody looks.
AGAINST = frozenset({"name_family", "name_differ", "born_differ"})
STRONG = frozenset({"email_same", "phone_same", "email_near", "phone_near", "linked"})
# Bits by what agrees. Who shares a telephone lives together: there another first name weighs most.
WEIGHTS: Mapping[str, float] = {
    "linked": 40.0,  # they said so themselves, signed by a page of ours or a department
    "email_same": 19.8,
    "email_near": 11.0,
    "email_differ": -1.5,
    "phone_same": 18.0,
    "phone_near": 8.0,
    "phone_differ": -1.5,
    "name_same": 9.5,
    "name_near": 7.6,
    "name_part": 3.0,
    "name_family": -9.0,
    "name_differ": -7.0,
    "name_common": -3.5,  # beside name_same or name_near
    "born_same": 8.0,
    "born_differ": -9.0,
    "place_same": 2.0,
    "place_differ": -1.0,
    "work_same": 2.5,  # the same employer: weak, as a place is
}


class Record(msgspec.Struct, frozen=True):
    """What one is known by. `emails` and `phones` as anybody wrote them; `born` an ISO date; "" what is not known."""

    name: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    place: str = ""
    born: str = ""
    work: str = ""


class Verdict(msgspec.Struct, frozen=True):
    """What follows: `merge`, `suggest` or `apart`. `why`: names of WEIGHTS, what counts most first."""

    decision: str
    probability: float
    why: tuple[str, ...]


def compare(one: Record, other: Record, *, sharing: int = 2, linked: bool = False) -> Verdict:
    """Whether two records are one person. `sharing`: how many are known by what both share, these two among them."""
    found = [name for name in _found(one, other) if name in WEIGHTS]
    found += ["linked"] if linked else []
    if ("name_same" in found or "name_near" in found) and is_common(one.name):
        found.append("name_common")
    bits = PRIOR + sum(WEIGHTS[name] for name in found) - SHARED * log2(max(sharing, 2) / 2)
    probability = 1 / (1 + 2.0**-bits)
    why = tuple(sorted(found, key=lambda name: -abs(WEIGHTS[name])))
    if probability >= MERGE and STRONG.intersection(found) and (linked or not AGAINST.intersection(found)):
        return Verdict("merge", probability, why)
    return Verdict("suggest" if probability >= SUGGEST else "apart", probability, why)


def _found(one: Record, other: Record) -> list[str]:
    return [
        _of_keys("email", {email_key(e) for e in one.emails} - {""}, {email_key(e) for e in other.emails} - {""}),
        _of_keys("phone", {phone_key(p) for p in one.phones} - {""}, {phone_key(p) for p in other.phones} - {""}),
        f"name_{agreement(one.name, other.name)}",
        _of_values("born", one.born, other.born),
        _of_values("place", one.place.casefold().strip(), other.place.casefold().strip()),
        _of_values("work", one.work.casefold().strip(), other.work.casefold().strip()),
    ]


def _of_keys(kind: str, some: set[str], others: set[str]) -> str:
    if not some or not others:
        return ""
    if some & others:
        return f"{kind}_same"
    near = any(is_near(a, b) for a in some for b in others)
    return f"{kind}_near" if near else f"{kind}_differ"


def _of_values(kind: str, one: str, other: str) -> str:
    return "" if not one or not other else f"{kind}_same" if one == other else f"{kind}_differ"
