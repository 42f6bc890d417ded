"""Facts of groups and of what is brought in, numbers 180 to 185: companies, households, files, links to a profile."""

from datetime import datetime

from rapport.model.fact_kind import Fact, PersonData, Words
from rapport.model.ids import Id


class GroupNoted(Fact, frozen=True):
    """There is a company or a household. The content is its name, sealed with a key of its own, whose owner is `group`."""

    number = 180
    content_type = Words
    group: Id
    kind: str
    source: str
    by: str = ""
    domain: str = ""
    gone: bool = False


class MembershipNoted(Fact, frozen=True):
    """The person of a handle belongs to a group, or does no more (`left`). The content says as whom."""

    number = 181
    content_type = Words
    handle: Id
    group: Id
    source: str
    by: str = ""
    left: bool = False


class ProfileLinkMade(Fact, frozen=True):
    """Somebody made a link to a person's own page, to be given to them."""

    number = 182
    person: Id
    by: str
    until: datetime


class FileImported(Fact, frozen=True):
    """A file of persons or events was taken in: what became of its lines. `state`: `begun`, `ended`, `stopped` or `undone`."""

    number = 183
    file: Id
    kind: str
    format: str
    by: str
    state: str
    taken: int = 0
    new: int = 0
    refused: int = 0


class PersonUndeclared(Fact, frozen=True):
    """What a file declared of a person is taken back. The content is what was declared."""

    number = 184
    content_type = PersonData
    handle: Id
    handles: tuple[Id, ...]
    source: str
    by: str
