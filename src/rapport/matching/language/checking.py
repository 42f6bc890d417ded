"""What is wrong with an expression beyond its grammar: names nobody has, types that never meet, what says less than it seems.

An error is true of no agent whatever happens, or may not be said; the rest are warnings: true, but seldom meant.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rapport.matching.language.kinds import FLAG, MANY, NULL, NUMBER, TEXT, kind_of
from rapport.matching.language.tree import AGENT, NEED, And, Comparison, Constant, Listed, Node, Not, Or, Path, Value, parts_of
from rapport.model.attribute import AttributeType

_KIND_OF = {
    AttributeType.LEVEL: NUMBER,
    AttributeType.NUMBER: NUMBER,
    AttributeType.TEXT: TEXT,
    AttributeType.TIME: TEXT,
    AttributeType.FLAG: FLAG,
    AttributeType.SET: MANY,
    AttributeType.LEVELS: MANY,
}
_CALLED = {NULL: "null", FLAG: "true or false", NUMBER: "a number", TEXT: "a text", MANY: "a list"}
_ORDERED = (">", ">=", "<", "<=")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, at which character from 0, and what to do about it."""

    at: int
    says: str
    is_error: bool = True


@dataclass(frozen=True, slots=True)
class Schema:
    """What is known of names: the types of agents', needs' and persons' attributes, None where a type differs or is not told.

    `is_closed`: who has none of `agent` names nothing that any agent has. `always`: agents' attributes that are never missing.
    `forbidden`: why an attribute may not be used, "" where it may.
    """

    agent: Mapping[str, AttributeType | None] = field(default_factory=dict)
    need: Mapping[str, AttributeType | None] = field(default_factory=dict)
    person: Mapping[str, AttributeType | None] = field(default_factory=dict)
    is_closed: bool = False
    always: frozenset[str] = frozenset()
    forbidden: Callable[[str], str] = lambda name: ""


def check(tree: Node, schema: Schema) -> list[Finding]:
    """Everything that is wrong with a tree, in the order in which it stands there."""
    found = [*_names(tree, schema), *_types(tree, schema)]
    return sorted(found, key=lambda finding: (finding.at, not finding.is_error))


def _names(tree: Node, schema: Schema) -> Iterator[Finding]:
    for path in (part for part in parts_of(tree) if isinstance(part, Path)):
        name, is_person = attribute_of(path)
        why = schema.forbidden(name) if path.side == AGENT or is_person else ""
        if why:
            yield Finding(path.at, f"{path.written!r} {why}")
        elif path.side == NEED and not is_person and path.keys[0] not in schema.need:
            yield Finding(path.at, _unknown(path, "a need", str(path.keys[0]), schema.need))
        elif path.side == AGENT and schema.is_closed and name not in schema.agent:
            yield Finding(path.at, _unknown(path, "no agent", name, schema.agent))


def attribute_of(path: Path) -> tuple[str, bool]:
    """The name of the attribute that a path reads, and whether it is a person's."""
    is_person = path.side == NEED and path.keys[0] == "person" and len(path.keys) > 1
    return str(path.keys[1] if is_person else path.keys[0]), is_person


def _unknown(path: Path, whose: str, name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    cure = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names[:40])}"
    has = "has the attribute" if whose == "no agent" else "has no"
    return f"{whose} {has} {name!r}; {cure}"


def _types(node: Node, schema: Schema) -> Iterator[Finding]:
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _types(part, schema)
        case Not(part):
            yield from _types(part, schema)
        case Comparison():
            yield from _comparison(node, schema)
        case Path() | Constant() | Listed():
            kind = _kind(node, schema)
            if kind not in (None, FLAG):
                cure = "compare it with something, as `level > 0`" if kind != MANY else "say which, as `languages has 'es'`"
                yield Finding(node.at, f"a bare value is true only if it is `true`, and this is {_CALLED[kind]}; {cure}")


def _kind(value: Value, schema: Schema) -> int | None:
    """The kind of a value where it is known."""
    match value:
        case Constant(constant):
            return kind_of(constant)
        case Listed():
            return MANY
        case Path():
            type = type_of_path(value, schema)
            return None if type is None else _KIND_OF[type]


def type_of_path(path: Path, schema: Schema) -> AttributeType | None:
    """The type of what a path reads, where it is known."""
    name, is_person = attribute_of(path)
    known = schema.person if is_person else (schema.need if path.side == NEED else schema.agent)
    found, below = known.get(name), len(path.keys) - (2 if is_person else 1)
    if below and found is AttributeType.LEVELS:
        return AttributeType.LEVEL if below == 1 else None
    return None if below else found


def _comparison(node: Comparison, schema: Schema) -> Iterator[Finding]:
    operator, left, right = node.operator, _kind(node.left, schema), _kind(node.right, schema)
    never = _never(operator, left, right)
    if never:
        yield Finding(node.at, f"`{operator}` is never true here: {never}")
        return
    yield from _outside(node, schema)
    if operator == "not in" and _may_miss(node.right, schema):
        yield Finding(node.at, "is false for everybody while the list is missing; write `not (... in ...)`", is_error=False)
    elif operator == "not in" and _may_miss(node.left, schema):
        yield Finding(node.at, "is false for who has no such attribute; write `not (... in ...)`", is_error=False)
    elif operator == "!=" and _may_miss(node.left, schema) and right != NULL:
        yield Finding(node.at, "is true for who has no such attribute; add `and ... != null` if not meant", is_error=False)


def _never(operator: str, left: int | None, right: int | None) -> str:
    """Why a comparison of these kinds is never true; "" where it may be."""
    if operator in ("has", "in", "not in"):
        many, one = (left, right) if operator == "has" else (right, left)
        if many not in (None, MANY):
            return f"{_CALLED[many or 0]} is no list; write `==`" if operator == "has" else "the right side must be a list"
        return "a list is not one of its items" if one == MANY else ("null is in no list" if one == NULL else "")
    if MANY in (left, right):
        return "one side is a list; write `has` or `in`"
    if operator == "contains":
        wrong = next((kind for kind in (left, right) if kind not in (None, TEXT)), None)
        return "" if wrong is None else f"{_CALLED[wrong]} is no text"
    if operator in _ORDERED and (NULL in (left, right) or FLAG in (left, right)):
        return "only numbers and texts are above or below something"
    if operator != "!=" and None not in (left, right) and left != right and NULL not in (left, right):
        return f"{_CALLED[left or 0]} is compared with {_CALLED[right or 0]}"
    return ""


def _outside(node: Comparison, schema: Schema) -> Iterator[Finding]:
    """A level is from 0 to 1: who writes 80 means 0.8."""
    path, constant = node.left, node.right
    if not isinstance(path, Path) or not isinstance(constant, Constant) or node.operator not in (*_ORDERED, "=="):
        return
    value: Any = constant.value  # Any: a constant
    if type_of_path(path, schema) is AttributeType.LEVEL and kind_of(value) == NUMBER and not 0 <= value <= 1:
        yield Finding(constant.at, f"a level is from 0 to 1, got {value:g}; write {min(1.0, abs(value) / 100):g}")


def _may_miss(value: Value, schema: Schema) -> bool:
    if not isinstance(value, Path):
        return False
    return len(value.keys) > 1 or (value.side == AGENT and value.keys[0] not in schema.always)
