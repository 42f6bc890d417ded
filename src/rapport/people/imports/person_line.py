"""One record as a person: whose handles, what is believed, which company; or why it cannot be."""

import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from rapport.model.attribute import Value
from rapport.model.group import GroupTold
from rapport.model.naming import email_key, key_of, phone_key
from rapport.people.attributes import MOST_LETTERS, read_value
from rapport.people.groups.domains import registered
from rapport.people.importing import Fault
from rapport.people.imports.formats import Format, guessed
from rapport.people.imports.mapping import plain_name
from rapport.people.imports.sheet import Record

MOST_ATTRIBUTES, MOST_HANDLES, LONGEST = 60, 12, 200
LONGEST_NATIONAL = {"34": 9, "55": 11, "86": 11}  # digits behind the country's code (ITU, E.164 national plans); else 10
LISTED = frozenset({"email", "phone", "handle"})
_ODD = re.compile(r"[\s\x00-\x1f<>]")
_APART = re.compile(r"[;,\n]")


class Candidate(msgspec.Struct, frozen=True):
    """What a record says of a person. `sure`: handles that are theirs alone; `emails`: handles that others may share."""

    line: int
    name: str
    sure: tuple[str, ...]
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    attributes: dict[str, Value]
    groups: tuple[GroupTold, ...] = ()


class Reading(msgspec.Struct, frozen=True):
    """How a file is read: its format, what its columns say, the name of its source, the calling code of numbers without one."""

    format: Format
    mapping: dict[str, str]
    source: str
    country: str = ""
    once: str = ""
    file: bytes | None = None  # whose id what is declared bears, so that it can be taken back


def person_in(record: Record, reading: Reading) -> Candidate | Fault:
    """The person that a record tells of, or why it is none; the reason never holds what stands in the record."""
    if why := reading.format.unfit(record.values):
        return Fault(record.line, why)
    said = _said(reading.format.flat(record.values), reading)
    try:
        sure = [f"{reading.source}:{one}" for one in said.get("id", ())[:1] if reading.source]
        emails, phones = _emails(said), _phones(said, reading.country)
        sure += _handles(said)
    except ValueError as error:
        return Fault(record.line, str(error))
    if not sure and not emails and not phones:
        return Fault(record.line, "it says nobody's id, e-mail address, telephone or handle")
    name = next(iter(said.get("name", ())), "") or " ".join([*said.get("first_name", ()), *said.get("last_name", ())])
    attributes = _attributes(said)
    if emails:
        attributes["email"] = emails[0].partition(":")[2]
    if phones:
        attributes["phone"] = phones[0]
    sure, emails = list(dict.fromkeys(sure))[:MOST_HANDLES], emails[:MOST_HANDLES]
    return Candidate(record.line, name[:LONGEST], tuple(sure), tuple(emails), tuple(phones), attributes, _groups(said))


def _said(values: Mapping[str, Any], reading: Reading) -> dict[str, list[Any]]:  # Any: cells, plain JSON
    """The values by what their column says, without empty ones; several in one cell come apart where there may be several."""
    found: dict[str, list[Any]] = {}
    for column, value in values.items():
        field = reading.mapping.get(column) or guessed(reading.format, [column])[column]
        if field == "-" or value in (None, "", [], {}):
            continue
        if field.startswith("attribute:"):
            found.setdefault(field, []).append(value)
            continue
        listed = value if isinstance(value, list) else _APART.split(str(value)) if field in LISTED else [value]
        found.setdefault(field, []).extend(text for one in listed if (text := " ".join(str(one).split())))
    return found


def _emails(said: Mapping[str, list[str]]) -> list[str]:
    found = []
    for text in said.get("email", ()):
        if not email_key(text) or _ODD.search(text) or len(text) > LONGEST:
            raise ValueError("its e-mail address is none")
        found.append(f"email:{text.casefold()}")
    return list(dict.fromkeys(found))


def _phones(said: Mapping[str, list[str]], country: str) -> list[str]:
    found = []
    for text in said.get("phone", ()):
        digits = re.sub(r"\D", "", text)
        if "+" in text[: text.find(digits[:1])] or digits.startswith("00"):
            digits = digits.removeprefix("00")
        elif country:
            if digits.startswith(country) and len(digits) > LONGEST_NATIONAL.get(country, 10):
                raise ValueError("its telephone may hold the country's code already; write a + before it")
            digits = country + digits.lstrip("0")
        if not phone_key(digits):
            raise ValueError("its telephone has fewer than 8 digits, or more than 15, with the country's")
        found.append(f"+{digits}")
    return list(dict.fromkeys(found))


def _handles(said: Mapping[str, list[str]]) -> list[str]:
    found = [*said.get("handle", ())]
    for field, names in said.items():
        if field.startswith("handle:"):
            found += [f"{field.removeprefix('handle:')}:{name}" for name in names]
    for handle in found:
        network, mark, name = handle.partition(":")
        if not mark or not name or not network.isidentifier() or _ODD.search(handle) or len(handle) > LONGEST:
            raise ValueError("its handle is not written as network:name, without spaces")
    return [handle for handle in found if not handle.startswith("email:") or key_of(handle)]


def _attributes(said: Mapping[str, list[Any]]) -> dict[str, Value]:  # Any: cells, plain JSON
    found: dict[str, Value] = {}
    for field, values in said.items():
        name = plain_name(field.removeprefix("attribute:")) if field.startswith("attribute:") else ""
        value = values[0] if name else None
        if isinstance(value, dict):
            value = json.dumps(value, ensure_ascii=False)[:MOST_LETTERS]
        read = read_value(value) if name else None
        if read is not None and len(found) < MOST_ATTRIBUTES:
            found[name] = read
    return found


def _groups(said: Mapping[str, list[str]]) -> tuple[GroupTold, ...]:
    role = next(iter(said.get("role", ())), "")[:LONGEST]
    domain = registered(
        str(next(iter(said.get("company_domain", ())), "")).partition("//")[2] or next(iter(said.get("company_domain", ())), "")
    )
    found = [GroupTold("company", text[:LONGEST], domain, role) for text in said.get("company", ())[:1]]
    return (*found, *(GroupTold("household", text[:LONGEST]) for text in said.get("household", ())[:1]))
