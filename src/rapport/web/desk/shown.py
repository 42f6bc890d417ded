"""What the desk's tools show: filters and saved views, what was done at once or afterwards, how it is taken back."""

from datetime import datetime

import msgspec

from rapport.model.ids import Id
from rapport.model.reply import Outgoing
from rapport.model.sequel import Version


class Option(msgspec.Struct, frozen=True):
    """A value that a filter can have, and how people call it."""

    value: str
    name: str


class OwnView(msgspec.Struct, frozen=True):
    """A saved view of one's own. `query`: its address."""

    id: Id
    name: str
    query: str
    chosen: bool = False


class Filters(msgspec.Struct, frozen=True):
    """What narrows the list now, and what could. `query`: as it stands in the address, "" where nothing does."""

    chosen: dict[str, str] = {}
    options: dict[str, tuple[Option, ...]] = {}
    query: str = ""
    own: tuple[OwnView, ...] = ()


class Undo(msgspec.Struct, frozen=True):
    """What was just done, and how to take it back. `steps`: verb:conversation:argument, with commas between them."""

    did: str
    count: int
    steps: str


class Refusal(msgspec.Struct, frozen=True):
    """A conversation with which it was not done, and why."""

    id: bytes
    name: str
    reason: str


class Report(msgspec.Struct, frozen=True):
    """What became of a bulk action."""

    did: str
    done: int
    refused: tuple[Refusal, ...] = ()
    later: int = 0  # on record, will be done


class Suggested(msgspec.Struct, frozen=True):
    """A suggestion beside the conversation, or the `problem` for which there is none. `original`: what was translated."""

    kind: str
    text: str = ""
    model: str = ""
    prompt: str = ""
    warnings: tuple[str, ...] = ()
    original: str = ""
    problem: str = ""


NO_FILTERS = Filters()


class Afterwards(msgspec.Struct, frozen=True):
    """What became of a message after it was said. `delivery` "": nothing is reported of it; `ops`: what one may do to it now.

    `asked`: operations on it that are on their way, or of which people must know.
    """

    earlier: tuple[Version, ...] = ()
    deleted_at: datetime | None = None
    deleted_by: str = ""
    hidden_by: str = ""
    reactions: tuple[tuple[str, int], ...] = ()
    ours: tuple[str, ...] = ()
    delivery: str = ""
    asked: tuple[Outgoing, ...] = ()
    ops: frozenset[str] = frozenset()
    proof: str = ""  # of its taking down: the receipt's number in the ledger, and how its leaf begins


NOTHING_MORE = Afterwards()
