"""A tree as masks: what it says of every record at once, for one need. It means what the closure means, record by record.

A part that looks at no column is one bool; a comparison of two columns, which is rare, is asked record by record.
Cost: a used column is read once; a constant is looked up, not searched for.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Any

import numpy as np

from rapport.matching.language.closures import Record, read_of, step_into
from rapport.matching.language.columns import Column, Columns, Mask, column_of
from rapport.matching.language.kinds import COMPARE, FLAG, MANY, NULL, NUMBER, TEXT, kind_of
from rapport.matching.language.tree import AGENT, And, Comparison, Node, Not, Or, Path, Value, paths_of

Said = Mask | bool
Many = Callable[[Columns, Record], Said]
Get = Callable[[Columns, Record], Any]  # Any: a Column, or an attribute value
_NUMBERS = {">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal}
_TURNED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_NOBODY: Record = {}
MOST_KEPT = 4096  # parts that say the same whatever the need, of all expressions
MOST_ASKED = 8  # items of a list that are compared one by one: as many again are searched for together


def mask_of(node: Node) -> Callable[[Columns, Record], Mask]:
    """Of which records a tree holds: (records,), not to be written to."""
    said = _said(node)

    def mask(columns: Columns, need: Record) -> Mask:
        found = said(columns, need)
        return found if isinstance(found, np.ndarray) else np.full(len(columns), found, np.bool_)

    return mask


def _said(node: Node) -> Many:
    if _is_alike(node):
        return _kept(_fresh(node))
    match node:
        case And(parts):
            alike = tuple(part for part in parts if _is_alike(part))
            together = [_said(And(alike))] if alike else []
            return _every([*together, *(_said(part) for part in parts if part not in alike)])
        case Or(parts):
            alike = tuple(part for part in parts if _is_alike(part))
            together = [_said(Or(alike))] if alike else []
            return _any([*together, *(_said(part) for part in parts if part not in alike)])
    return _fresh(node)


def _is_alike(node: Node) -> bool:
    """Whether it says the same whatever the need: it looks at records alone."""
    return all(path.side == AGENT for path in paths_of(node))


def _kept(said: Many) -> Many:
    """The same, asked once of each columns."""
    key = object()

    def kept(columns: Columns, need: Record) -> Said:
        found = columns.said.get(key)
        if found is None:
            if len(columns.said) > MOST_KEPT:
                columns.said.clear()
            found = columns.said[key] = said(columns, need)
        return found

    return kept


def _fresh(node: Node) -> Many:
    match node:
        case And(parts):
            return _every([_fresh(part) for part in parts])
        case Or(parts):
            return _any([_fresh(part) for part in parts])
        case Not(part):
            inner = _fresh(part) if _is_alike(part) else _said(part)
            return lambda columns, need: _not(inner(columns, need))
        case Comparison(operator, left, right):
            return _compared(operator, _get(left), _get(right))
    get = _get(node)

    def is_true(columns: Columns, need: Record) -> Said:
        value = get(columns, need)
        return value.flags == 1 if isinstance(value, Column) else value is True

    return is_true


def _not(said: Said) -> Said:
    return ~said if isinstance(said, np.ndarray) else not said


def _every(parts: list[Many]) -> Many:
    def every(columns: Columns, need: Record) -> Said:
        found: Said = True
        for part in parts:
            said = part(columns, need)
            if said is False:
                return False
            if said is not True:
                found = said if found is True else found & said
        return found

    return every


def _any(parts: list[Many]) -> Many:
    def one(columns: Columns, need: Record) -> Said:
        found: Said = False
        for part in parts:
            said = part(columns, need)
            if said is True:
                return True
            if said is not False:
                found = said if found is False else found | said
        return found

    return one


def _get(value: Value) -> Get:
    """What gives a value: a column where the records differ in it, else the value itself."""
    paths = list(paths_of(value))
    if all(path.side != AGENT for path in paths):
        read = read_of(value)
        return lambda columns, need: read(_NOBODY, need)
    if isinstance(value, Path) and not any(path.side == AGENT for path in paths[1:]):
        return _column(value)
    slow = read_of(value)
    return lambda columns, need: column_of([slow(record, need) for record in columns.records])


def _column(path: Path) -> Get:
    fixed = tuple(key for key in path.keys if not isinstance(key, Path))
    if len(fixed) == len(path.keys):
        return lambda columns, need: columns.of(fixed)
    reads = [read_of(key) if isinstance(key, Path) else None for key in path.keys]

    def get(columns: Columns, need: Record) -> Any:  # Any: as above
        keys = [key if read is None else read(_NOBODY, need) for key, read in zip(path.keys, reads, strict=True)]
        if all(isinstance(key, str | int) and not isinstance(key, bool) for key in keys):
            return columns.of(tuple(keys))  # type: ignore[arg-type]  # each is a name or a place
        return step_into(None, None)

    return get


def _compared(operator: str, left: Get, right: Get) -> Many:
    compare = COMPARE[operator]

    def said(columns: Columns, need: Record) -> Said:
        one, other = left(columns, need), right(columns, need)
        if isinstance(one, Column):
            if isinstance(other, Column):
                pairs = zip(one.values, other.values, strict=True)
                return np.fromiter((compare(a, b) for a, b in pairs), np.bool_, len(columns))
            return _COLUMN_FIRST[operator](one, other)
        if isinstance(other, Column):
            return _COLUMN_LAST[operator](one, other)
        return compare(one, other)

    return said


def _equal(column: Column, value: Any) -> Said:  # Any: an attribute value
    kind = kind_of(value)
    found: Said = False
    if kind == NUMBER:
        found = column.numbers == value
    elif kind == TEXT:
        found = column.codes == column.places[value] if value in column.places else False
    elif kind == FLAG:
        found = column.flags == value
    elif kind == NULL:
        found = column.kinds == NULL
    return found


def _unequal(column: Column, value: Any) -> Said:  # Any: as above
    if kind_of(value) == MANY:
        return False
    differs = _not(_equal(column, value))
    if column.single is None:
        return differs
    return column.single if differs is True else column.single & differs


def _ordering(operator: str) -> Callable[[Column, Any], Said]:
    def compare(column: Column, value: Any) -> Said:  # Any: as above
        kind = kind_of(value)
        if kind == NUMBER:
            found: Mask = _NUMBERS[operator](column.numbers, value)
            return found
        if kind != TEXT:
            return False
        if operator in (">", ">="):
            above: Mask = column.codes >= (bisect_right if operator == ">" else bisect_left)(column.texts, value)
            return above & (column.codes >= 0)
        below: Mask = column.codes < (bisect_left if operator == "<" else bisect_right)(column.texts, value)
        return below & (column.codes >= 0)

    return compare


def _of_texts(column: Column, key: object, test: Callable[[str], bool]) -> Mask:
    """Of whose text a test holds; kept, so that it is asked once of each text."""
    table = column.tables.get(key)
    if table is None:
        if len(column.tables) > 1000:
            column.tables.clear()
        table = column.tables[key] = np.array([*(test(text) for text in column.texts), False], np.bool_)
    found: Mask = table[column.codes]  # who has no text has -1: the last
    return found


def _member(column: Column, value: Any) -> Said:  # Any: as above
    kind = kind_of(value)
    return False if kind in (NULL, MANY) else column.members.get((kind, value), False)


def _among(column: Column, value: Any) -> Said:  # Any: as above
    """Whose single value is among those of one list."""
    if kind_of(value) != MANY:
        return False
    items = [(kind_of(item), item) for item in value]
    texts = {column.places[item] for kind, item in items if kind == TEXT and item in column.places}
    numbers = {float(item) for kind, item in items if kind == NUMBER}
    flags = {item for kind, item in items if kind == FLAG}
    found: Said = False
    for array, wanted in ((column.codes, texts), (column.numbers, numbers), (column.flags, flags)):
        if len(wanted) >= MOST_ASKED:
            found = found | np.isin(array, list(wanted))
            continue
        for one in wanted:
            found = found | (array == one)
    return found


def _not_among(column: Column, value: Any) -> Said:  # Any: as above
    if kind_of(value) != MANY:
        return False
    found = _among(column, value)
    return column.given & ~found if isinstance(found, np.ndarray) else column.given


def _not_member(value: Any, column: Column) -> Said:  # Any: as above
    if kind_of(value) in (NULL, MANY):
        return False
    many: Mask = column.kinds == MANY
    return many & _not(_member(column, value))


def _contains(column: Column, value: Any) -> Said:  # Any: as above
    return _of_texts(column, ("contains", value), lambda text: value in text) if isinstance(value, str) else False


def _contained(value: Any, column: Column) -> Said:  # Any: as above
    return _of_texts(column, ("within", value), lambda text: text in value) if isinstance(value, str) else False


_COLUMN_FIRST: dict[str, Callable[[Column, Any], Said]] = {  # Any: as above
    "==": _equal,
    "!=": _unequal,
    **{operator: _ordering(operator) for operator in _NUMBERS},
    "contains": _contains,
    "has": _member,
    "in": _among,
    "not in": _not_among,
}


def _turned(operator: str) -> Callable[[Any, Column], Said]:  # Any: as above
    turned = _COLUMN_FIRST[_TURNED[operator]]
    return lambda value, column: turned(column, value)


_COLUMN_LAST: dict[str, Callable[[Any, Column], Said]] = {  # Any: as above
    "==": lambda value, column: _equal(column, value),
    "!=": lambda value, column: _unequal(column, value),
    **{operator: _turned(operator) for operator in _TURNED},
    "contains": _contained,
    "has": lambda value, column: _among(column, value),
    "in": lambda value, column: _member(column, value),
    "not in": _not_member,
}
