"""A tree as a closure: what it says of one agent and one need."""

from collections.abc import Callable, Mapping
from typing import Any

from rapport.matching.language.kinds import COMPARE, MANY, NULL, kind_of
from rapport.matching.language.tree import AGENT, And, Comparison, Constant, Listed, Node, Not, Or, Path, Value

Record = Mapping[str, Any]  # Any: attribute values as they are declared
Read = Callable[[Record, Record], Any]  # Any: a value of either record
Test = Callable[[Record, Record], bool]


def test_of(node: Node) -> Test:
    """Whether a tree holds of an agent, for a need."""
    match node:
        case And(parts):
            return _all([test_of(part) for part in parts])
        case Or(parts):
            return _any([test_of(part) for part in parts])
        case Not(part):
            inner = test_of(part)
            return lambda agent, need: not inner(agent, need)
        case Comparison(operator, left, right):
            return _compared(operator, left, right)
    read = read_of(node)
    return lambda agent, need: read(agent, need) is True


def read_of(value: Value) -> Read:
    """What a value is, of an agent and a need."""
    match value:
        case Constant(constant):
            return lambda agent, need: constant
        case Listed(items):
            reads = [read_of(item) for item in items]
            return lambda agent, need: [read(agent, need) for read in reads]
        case Path(side, keys):
            return _path(side == AGENT, keys)


def _all(tests: list[Test]) -> Test:
    if len(tests) == 2:
        first, second = tests
        return lambda agent, need: first(agent, need) and second(agent, need)

    def every(agent: Record, need: Record) -> bool:
        for test in tests:  # noqa: SIM110 - a generator takes twice as long
            if not test(agent, need):
                return False
        return True

    return every


def _any(tests: list[Test]) -> Test:
    if len(tests) == 2:
        first, second = tests
        return lambda agent, need: first(agent, need) or second(agent, need)

    def one(agent: Record, need: Record) -> bool:
        for test in tests:  # noqa: SIM110 - as above
            if test(agent, need):
                return True
        return False

    return one


def _path(is_agent: bool, keys: tuple[str | int | Path, ...]) -> Read:
    first = keys[0]
    if len(keys) == 1 and isinstance(first, str):
        return (lambda agent, need: agent.get(first)) if is_agent else (lambda agent, need: need.get(first))
    steps = [read_of(key) if isinstance(key, Path) else key for key in keys]
    if len(keys) == 2 and isinstance(first, str) and isinstance(keys[1], str):
        second = keys[1]

        def read_two(agent: Record, need: Record) -> Any:  # Any: a value of either record
            inner = (agent if is_agent else need).get(first)
            return inner.get(second) if type(inner) is dict else step_into(inner, second)

        return read_two

    def read(agent: Record, need: Record) -> Any:  # Any: as above
        found: Any = agent if is_agent else need
        for step in steps:
            found = step_into(found, step(agent, need) if callable(step) else step)
        return found

    return read


def step_into(found: Any, key: Any) -> Any:  # Any: a value of a record, and a key that another one gave
    """The value under a key: a name of a mapping, or a place in a list; None where there is none."""
    if type(found) is dict or isinstance(found, Mapping):
        return found.get(key) if isinstance(key, str) else None
    if isinstance(found, list | tuple) and isinstance(key, int) and not isinstance(key, bool):
        return found[key] if 0 <= key < len(found) else None
    return None


def _compared(operator: str, left: Value, right: Value) -> Test:
    read, compare = read_of(left), COMPARE[operator]
    if isinstance(right, Constant):
        return _with_constant(operator, read, right.value)
    other = read_of(right)
    return lambda agent, need: compare(read(agent, need), other(agent, need))


def _with_constant(operator: str, read: Read, constant: Any) -> Test:  # Any: an attribute value
    """The same as the comparison itself, with what is known of the constant looked at once."""
    compare = COMPARE[operator]
    if operator == "==" and isinstance(constant, str):
        return lambda agent, need: bool(read(agent, need) == constant)
    if operator in ("in", "not in") and kind_of(constant) == MANY:
        return _among(operator == "in", read, constant)
    if operator == "has" and isinstance(constant, str):

        def has(agent: Record, need: Record) -> bool:
            many = read(agent, need)
            return constant in many if type(many) is list or type(many) is dict else compare(many, constant)

        return has
    return lambda agent, need: compare(read(agent, need), constant)


def _among(wanted: bool, read: Read, items: list[Any]) -> Test:  # Any: constants
    among = {kind: frozenset(item for item in items if kind_of(item) == kind) for kind in range(1, MANY)}

    def test(agent: Record, need: Record) -> bool:
        one = read(agent, need)
        kind = kind_of(one)
        return kind not in (NULL, MANY) and (one in among[kind]) is wanted

    return test
