"""An expression as a tree. `at` is where a part begins in the text, from 0."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

AGENT, NEED = 0, 1  # whose record a path is read in


@dataclass(frozen=True, slots=True)
class Constant:
    """A text, a number, true, false, null, or a list of these."""

    value: Any  # Any: as above
    at: int


@dataclass(frozen=True, slots=True)
class Path:
    """A value of a record: one key after another; a key that is itself a path is looked up first."""

    side: int
    keys: "tuple[str | int | Path, ...]"
    at: int
    written: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A list in which paths stand."""

    items: "tuple[Value, ...]"
    at: int


Value = Constant | Path | Listed


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two values and what is said of them."""

    operator: str
    left: Value
    right: Value
    at: int  # of the operator


@dataclass(frozen=True, slots=True)
class Not:
    """True where the part is not."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class And:
    """True where every part is."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """True where any part is."""

    parts: "tuple[Node, ...]"


Node = And | Or | Not | Comparison | Constant | Path | Listed  # a bare value is true where it is `true`


def parts_of(node: Node) -> Iterator[Node]:
    """The node and everything below it, in the order in which it was written."""
    yield node
    match node:
        case And(parts) | Or(parts):
            below: tuple[Node, ...] = parts
        case Not(part):
            below = (part,)
        case Comparison(_, left, right):
            below = (left, right)
        case Listed(items):
            below = items
        case Path(_, keys):
            below = tuple(key for key in keys if isinstance(key, Path))
        case _:
            below = ()
    for part in below:
        yield from parts_of(part)


def paths_of(node: Node) -> Iterator[Path]:
    """Every path in a tree."""
    return (part for part in parts_of(node) if isinstance(part, Path))
