"""Of what kind a value is, and what each comparison says of two values: the whole meaning of the language, two-valued.

Every comparison is true or false. NULL is equal to NULL alone, below and above nothing, and in nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any

NULL, FLAG, NUMBER, TEXT, MANY = range(5)
Compare = Callable[[Any, Any], bool]  # Any: attribute values
_KINDS = {type(None): NULL, bool: FLAG, float: NUMBER, int: NUMBER, str: TEXT, list: MANY, dict: MANY}


def kind_of(value: Any) -> int:  # Any: an attribute value
    """NULL, FLAG, NUMBER, TEXT or MANY: a list, or levels by name."""
    known = _KINDS.get(type(value))
    if known is not None:
        return known
    if isinstance(value, int | float):
        return NUMBER
    return TEXT if isinstance(value, str) else MANY


def _same(left: Any, right: Any) -> bool:  # Any: as above
    kind = kind_of(left)
    return kind != MANY and kind == kind_of(right) and bool(left == right)


def _differs(left: Any, right: Any) -> bool:  # Any: as above
    return MANY not in (kind_of(left), kind_of(right)) and not _same(left, right)


def _ordered(test: Compare) -> Compare:
    def compare(left: Any, right: Any) -> bool:  # Any: as above
        kind = kind_of(left)
        return kind in (NUMBER, TEXT) and kind == kind_of(right) and test(left, right)

    return compare


def _has(many: Any, one: Any) -> bool:  # Any: as above
    kind = kind_of(one)
    if kind in (MANY, NULL) or kind_of(many) != MANY:
        return False
    if type(many) is not list and isinstance(many, Mapping):
        return isinstance(one, str) and one in many
    if kind == TEXT:
        return one in many
    return any(_same(item, one) for item in many)


def _lacks(one: Any, many: Any) -> bool:  # Any: as above
    return kind_of(many) == MANY and kind_of(one) not in (MANY, NULL) and not _has(many, one)


COMPARE: Mapping[str, Compare] = {
    "==": _same,
    "!=": _differs,
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    "contains": lambda left, right: isinstance(left, str) and isinstance(right, str) and right in left,
    "has": _has,
    "in": lambda one, many: _has(many, one),
    "not in": _lacks,
}
"""By operator; `=` is read as `==`."""
