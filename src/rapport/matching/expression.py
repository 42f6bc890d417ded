"""Expressions: a small closed language over an agent's attributes and the need's own, such as `languages has need.language`.

A superset of TaskRouter's: AND, OR, NOT, ==, =, !=, <, <=, >, >=, HAS, IN, NOT IN, CONTAINS, in any letter case.
A bare path is the agent's (`agent.` and `worker.` may stand before it); `need.` (or `task.`) and `person.` are the other two.
Two-valued: every comparison is true or false. A missing attribute is NULL: equal to NULL alone, below and above nothing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from rapport.errors import BadInput

MOST_CHARACTERS = 8192
MOST_DEPTH = 32
MOST_ITEMS = 1000

Record = Mapping[str, Any]  # Any: attribute values as they are declared
Read = Callable[[Record, Record], Any]  # Any: a value of either record

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>-?\d+(?:\.\d+)?)|(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<op>==|!=|>=|<=|[=<>()\[\],.])"""
    r"""|(?P<name>[^\W\d][\w]*(?:-[\w]+)*))"""
)
_KEYWORDS = {"and", "or", "not", "has", "in", "contains", "true", "false", "null"}
_SIDES = {"need": 1, "task": 1, "person": 1, "agent": 0, "worker": 0}
_EMPTY: Record = {}


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression. `agent_paths` and `need_paths`: what it looks at; a need path is `language` or `person.loyalty`."""

    text: str
    test: Callable[[Record, Record], bool]
    agent_paths: frozenset[tuple[str, ...]] = frozenset()
    need_paths: frozenset[tuple[str, ...]] = frozenset()

    def __call__(self, agent: Record, need: Record = _EMPTY) -> bool:
        """Whether it holds of this agent, for this need."""
        return self.test(agent, need)


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """The expression that `text` says; empty text holds of everybody. Raises BadInput, naming the position."""
    if len(text) > MOST_CHARACTERS:
        raise BadInput(f"an expression has at most {MOST_CHARACTERS} characters, this one has {len(text)}")
    if not text.strip():
        return Expression(text, lambda agent, need: True)
    parser = _Parser(text, _tokens(text))
    read = parser.either(0)
    parser.end()
    return Expression(
        text, lambda agent, need: read(agent, need) is True, frozenset(parser.agent_paths), frozenset(parser.need_paths)
    )


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found, place = [], 0
    while place < len(text.rstrip()):
        match = _TOKEN.match(text, place)
        start = place + len(text[place:]) - len(text[place:].lstrip())
        if match is None:
            raise _error(text, start, "a name, a value or an operator", text[start : start + 12])
        kind = match.lastgroup or ""
        word = match.group(kind)
        if kind == "name" and word.lower() in _KEYWORDS:
            kind, word = "word", word.lower()
        found.append((kind, word, start))
        place = match.end()
    return [*found, ("end", "", len(text))]


def _error(text: str, place: int, expected: str, got: str) -> BadInput:
    return BadInput(f"expression, character {place + 1}: expected {expected}, got {got or 'the end'!r} in {text[:120]!r}")


@dataclass(slots=True)
class _Parser:
    text: str
    tokens: list[tuple[str, str, int]]
    at: int = 0
    agent_paths: set[tuple[str, ...]] = field(default_factory=set)
    need_paths: set[tuple[str, ...]] = field(default_factory=set)

    def take(self, *words: str) -> str:
        """The next token if it is one of `words`, which is then behind us; "" otherwise."""
        kind, word, _ = self.tokens[self.at]
        if kind in ("op", "word") and word in words:
            self.at += 1
            return word
        return ""

    def need(self, word: str) -> None:
        if not self.take(word):
            self.fail(f"'{word}'")

    def fail(self, expected: str) -> None:
        raise _error(self.text, self.tokens[self.at][2], expected, self.tokens[self.at][1])

    def end(self) -> None:
        if self.tokens[self.at][0] != "end":
            self.fail("AND, OR or the end")

    def either(self, depth: int) -> Read:
        if depth > MOST_DEPTH:
            self.fail(f"at most {MOST_DEPTH} levels of brackets and NOT")
        parts = [self.both(depth)]
        while self.take("or"):
            parts.append(self.both(depth))
        if len(parts) == 1:
            return parts[0]
        return lambda agent, need: any(part(agent, need) is True for part in parts)

    def both(self, depth: int) -> Read:
        parts = [self.negation(depth)]
        while self.take("and"):
            parts.append(self.negation(depth))
        if len(parts) == 1:
            return parts[0]
        return lambda agent, need: all(part(agent, need) is True for part in parts)

    def negation(self, depth: int) -> Read:
        if depth > MOST_DEPTH:
            self.fail(f"at most {MOST_DEPTH} levels of brackets and NOT")
        if self.take("not"):
            inner = self.negation(depth + 1)
            return lambda agent, need: inner(agent, need) is not True
        if self.take("("):
            inner = self.either(depth + 1)
            self.need(")")
            return inner
        return self.comparison(depth)

    def comparison(self, depth: int) -> Read:
        left = self.value(depth)
        name = self.take("==", "=", "!=", ">=", "<=", ">", "<", "contains", "has", "in", "not")
        if not name:
            return left
        if name == "not":
            self.need("in")
            name = "not in"
        right, compare = self.value(depth), _COMPARE[name]
        return lambda agent, need: compare(left(agent, need), right(agent, need))

    def value(self, depth: int) -> Read:
        kind, word, _ = self.tokens[self.at]
        if kind == "name":
            return self.path(depth)
        if self.take("["):
            return self.items()
        constant = self.constant()
        return lambda agent, need: constant

    def constant(self) -> Any:  # Any: str, float, bool or None
        kind, word, _ = self.tokens[self.at]
        self.at += 1
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", word[1:-1])
        if kind == "number":
            return float(word)
        if kind == "word" and word in ("true", "false"):
            return word == "true"
        if kind != "word" or word != "null":
            self.at -= 1
            self.fail("a name or a value")
        return None

    def items(self) -> Read:
        found: list[Any] = []  # Any: constants
        while not self.take("]"):
            if found:
                self.need(",")
            found.append(self.constant())
            if len(found) > MOST_ITEMS:
                self.fail(f"at most {MOST_ITEMS} items in a list")
        return lambda agent, need: found

    def path(self, depth: int) -> Read:
        keys: list[str | int | Read] = [self.tokens[self.at][1]]
        self.at += 1
        while sign := self.take(".", "["):
            keys.append(self.key(depth) if sign == "[" else self.name())
        side = _SIDES.get(str(keys[0]), 0)
        if str(keys[0]) in _SIDES and len(keys) > 1 and keys[0] != "person":
            keys = keys[1:]
        plain = tuple(key for key in keys if isinstance(key, str))
        (self.need_paths if side else self.agent_paths).add(plain)
        return _reader(side, keys)

    def name(self) -> str:
        kind, word, _ = self.tokens[self.at]
        if kind not in ("name", "word"):
            self.fail("a name after '.'")
        self.at += 1
        return word

    def key(self, depth: int) -> str | int | Read:
        if depth > MOST_DEPTH:
            self.fail(f"at most {MOST_DEPTH} levels")
        kind, word, _ = self.tokens[self.at]
        found: str | int | Read
        if kind == "name":
            found = self.path(depth + 1)
        else:
            constant = self.constant()
            found = int(constant) if kind == "number" else str(constant)
        self.need("]")
        return found


def _reader(side: int, keys: list[str | int | Read]) -> Read:
    if len(keys) == 1 and isinstance(keys[0], str):
        only = keys[0]
        return (lambda agent, need: need.get(only)) if side else (lambda agent, need: agent.get(only))

    def read(agent: Record, need: Record) -> Any:  # Any: a value of either record
        found: Any = need if side else agent
        for key in keys:
            name = key(agent, need) if callable(key) else key
            if isinstance(found, Mapping):
                found = found.get(name)
            elif isinstance(found, list | tuple) and isinstance(name, int) and 0 <= name < len(found):
                found = found[name]
            else:
                return None
        return found

    return read


def _kind(value: Any) -> str:  # Any: as above
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "many"


def _same(left: Any, right: Any) -> bool:  # Any: as above
    kind = _kind(left)
    return kind != "many" and kind == _kind(right) and bool(left == right)


def _differs(left: Any, right: Any) -> bool:  # Any: as above
    return "many" not in (_kind(left), _kind(right)) and not _same(left, right)


def _ordered(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:  # Any: as above
    def compare(left: Any, right: Any) -> bool:  # Any: as above
        return _kind(left) == _kind(right) and _kind(left) in ("number", "text") and test(left, right)

    return compare


def _has(many: Any, one: Any) -> bool:  # Any: as above
    if _kind(one) in ("many", "null") or _kind(many) != "many":
        return False
    if isinstance(many, Mapping):
        return one in many
    return any(_same(item, one) for item in many)


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {  # Any: as above
    "==": _same,
    "=": _same,
    "!=": _differs,
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    "contains": lambda left, right: isinstance(left, str) and isinstance(right, str) and right in left,
    "has": _has,
    "in": lambda one, many: _has(many, one),
    "not in": lambda one, many: _kind(many) == "many" and _kind(one) not in ("many", "null") and not _has(many, one),
}
