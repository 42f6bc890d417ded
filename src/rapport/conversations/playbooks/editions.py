"""Editions: playbooks and rules by version, as the ledger set them; the newest one, and the one that a conversation follows."""

from typing import TypeVar

import msgspec

from rapport.ledger.views import Rows
from rapport.model.playbook import Edition, Playbook, Rule, Run

VERSIONED = {"playbook": Playbook, "rule": Rule}
Kind = TypeVar("Kind", Playbook, Rule)


def edition_id(kind: str, name: str, number: int) -> str:
    """What an edition is called."""
    return f"{kind}/{name}@{number}"


def newest(kind: str, name: str, rows: Rows) -> int:
    """The number of the newest edition of a thing; 0 where none was ever set."""
    number = 0
    while rows.knows(Edition, edition_id(kind, name, number + 1)):
        number += 1
    return number


def decoded(kind: type[Kind], body: bytes) -> Kind | None:
    """The thing that an edition's body says; None where it cannot be read any more."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.ValidationError, msgspec.DecodeError):
        return None


def playbook_of(run: Run, rows: Rows) -> Playbook | None:
    """The playbook that a conversation follows, as it was when it began; as it is now where the record of it is gone."""
    kept = rows.get(Edition, edition_id("playbook", run.playbook, run.edition))
    return decoded(Playbook, kept.body) if kept is not None else rows.centre.playbooks.get(run.playbook)
