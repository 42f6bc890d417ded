"""The view of groups: companies, households and who belongs to them; what became of files; links to a profile."""

from typing import cast

from msgspec.structs import replace

from rapport.ledger.views import Folds, Rows, Written
from rapport.model.fact import FileImported, GroupNoted, MembershipNoted, ProfileLinkMade, Words
from rapport.model.group import FileImport, Group, Membership, membership_id
from rapport.model.ids import derived_id
from rapport.model.person import Handle, ProfileLink


def _noted(entry: Written, rows: Rows) -> None:
    fact = cast(GroupNoted, entry.fact)
    name = entry.content.text if isinstance(entry.content, Words) else ""
    before = rows.get(Group, fact.group)
    rows.put(
        Group(
            id=fact.group,
            kind=fact.kind,
            name=name or (before.name if before is not None else ""),
            domain=fact.domain or (before.domain if before is not None else ""),
            source=fact.source,
            by=fact.by,
            at=before.at if before is not None else entry.at,
            gone=fact.gone,
        )
    )


def _belongs(entry: Written, rows: Rows) -> None:
    """What cannot be read any more was erased with its person: then nobody belongs."""
    fact = cast(MembershipNoted, entry.fact)
    if not isinstance(entry.content, Words):
        return
    handle = rows.get(Handle, fact.handle)
    person = handle.person if handle is not None and handle.person is not None else derived_id(fact.handle, "person")
    id = membership_id(person, fact.group)
    if fact.left:
        rows.drop(Membership, id)
    else:
        rows.put(Membership(id, person, fact.group, entry.content.text, fact.source, fact.by, entry.at))


def _linked(entry: Written, rows: Rows) -> None:
    fact = cast(ProfileLinkMade, entry.fact)
    rows.put(ProfileLink(entry.id, fact.person, fact.by, entry.at, fact.until))


def _imported(entry: Written, rows: Rows) -> None:
    fact = cast(FileImported, entry.fact)
    row = FileImport(
        fact.file, fact.kind, fact.format, fact.by, fact.state, entry.at, fact.taken, fact.new, fact.refused
    )  # fmt: skip
    before = rows.get(FileImport, fact.file)
    if before is not None and fact.state == "undone":
        row = replace(before, state="undone")
    rows.put(row if before is None else replace(row, at=before.at))


FOLDS: Folds = {
    GroupNoted: _noted,
    MembershipNoted: _belongs,
    ProfileLinkMade: _linked,
    FileImported: _imported,
}
