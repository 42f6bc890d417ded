"""What the desk's tools show: filters and saved views, what was done at once, how it is taken back."""

import msgspec

from rapport.model.ids import Id


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
