"""Text into a tree. What cannot be read is refused, naming the character and what was expected there.

    expr = and { OR and } ;  and = not { AND not } ;  not = [ NOT ] ( "(" expr ")" | value [ operator value ] )
    value = 'text' | number | TRUE | FALSE | NULL | "[" [ value { "," value } ] "]" | path
    path = name { "." name | "[" ( number | 'text' | path ) "]" }

Source: TaskRouter's expression syntax, read 2026-11, of which this is a superset: NOT, NULL, bare paths, keys in brackets and
hyphens within names are ours.
"""

import re
from dataclasses import dataclass
from typing import Any

from rapport.errors import BadInput
from rapport.matching.language.tree import AGENT, NEED, And, Comparison, Constant, Listed, Node, Not, Or, Path, Value

MOST_CHARACTERS = 8192
MOST_DEPTH = 32
MOST_ITEMS = 1000
OPERATORS = ("==", "=", "!=", ">=", "<=", ">", "<", "contains", "has", "in", "not")

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>-?\d+(?:\.\d+)?)|(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<op>==|!=|>=|<=|[=<>()\[\],.])"""
    r"""|(?P<name>[^\W\d][\w]*(?:-[\w]+)*))"""
)
_KEYWORDS = {"and", "or", "not", "has", "in", "contains", "true", "false", "null"}
_SIDES = {"need": NEED, "task": NEED, "agent": AGENT, "worker": AGENT}
_OF_NEED = ("person", "clock", "taskrouter")  # names that stand in the need's record, without a side before them


def read_tree(text: str, bare: int = AGENT) -> Node:
    """The tree of a text; of an empty one what holds always. `bare`: whose a path is that names no side. Raises BadInput."""
    if len(text) > MOST_CHARACTERS:
        raise BadInput(f"an expression has at most {MOST_CHARACTERS} characters, this one has {len(text)}")
    if not text.strip():
        return Constant(True, 0)
    parser = _Parser(text, _tokens(text), bare)
    tree = parser.either(0)
    parser.end()
    return tree


def error_at(text: str, place: int, says: str) -> BadInput:
    """What is wrong with an expression at one character, from 0."""
    return BadInput(f"expression, character {place + 1}: {says} in {text[:120]!r}")


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found, place, end = [], 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            start = place + len(text[place:]) - len(text[place:].lstrip())
            raise error_at(text, start, f"expected a name, a value or an operator, got {text[start : start + 12]!r}")
        kind = match.lastgroup or ""
        word = match.group(kind)
        start = match.start(kind)
        if kind == "name" and word.lower() in _KEYWORDS:
            kind, word = "word", word.lower()
        found.append((kind, word, start))
        place = match.end()
    return [*found, ("end", "", len(text))]


@dataclass(slots=True)
class _Parser:
    text: str
    tokens: list[tuple[str, str, int]]
    bare: int
    at: int = 0

    def take(self, *words: str) -> str:
        """The next token if it is one of `words`, which is then behind us; "" otherwise."""
        kind, word, _ = self.tokens[self.at]
        if kind in ("op", "word") and word in words:
            self.at += 1
            return word
        return ""

    def place(self) -> int:
        return self.tokens[self.at][2]

    def need(self, word: str) -> None:
        if not self.take(word):
            self.fail(f"'{word}'")

    def fail(self, expected: str) -> None:
        raise error_at(self.text, self.place(), f"expected {expected}, got {self.tokens[self.at][1] or 'the end'!r}")

    def end(self) -> None:
        if self.tokens[self.at][0] != "end":
            self.fail("AND, OR or the end")

    def deep(self, depth: int) -> None:
        if depth > MOST_DEPTH:
            self.fail(f"at most {MOST_DEPTH} levels of brackets and NOT")

    def either(self, depth: int) -> Node:
        parts = [self.both(depth)]
        while self.take("or"):
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def both(self, depth: int) -> Node:
        parts = [self.negation(depth)]
        while self.take("and"):
            parts.append(self.negation(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def negation(self, depth: int) -> Node:
        self.deep(depth)
        if self.take("not"):
            return Not(self.negation(depth + 1))
        if self.take("("):
            inner = self.either(depth + 1)
            self.need(")")
            return inner
        return self.comparison(depth)

    def comparison(self, depth: int) -> Node:
        left, place = self.value(depth), self.place()
        name = self.take(*OPERATORS)
        if not name:
            return left
        if name == "not":
            self.need("in")
        operator = {"=": "==", "not": "not in"}.get(name, name)
        return Comparison(operator, left, self.value(depth), place)

    def value(self, depth: int) -> Value:
        self.deep(depth)
        place = self.place()
        if self.tokens[self.at][0] == "name":
            return self.path(depth)
        if self.take("["):
            return self.items(depth, place)
        return Constant(self.constant(), place)

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

    def items(self, depth: int, place: int) -> Value:
        found: list[Value] = []
        while not self.take("]"):
            if found:
                self.need(",")
            found.append(self.value(depth + 1))
            if len(found) > MOST_ITEMS:
                self.fail(f"at most {MOST_ITEMS} items in a list")
        if all(isinstance(item, Constant) for item in found):
            return Constant([item.value for item in found if isinstance(item, Constant)], place)
        return Listed(tuple(found), place)

    def path(self, depth: int) -> Path:
        place = self.place()
        keys: list[str | int | Path] = [self.tokens[self.at][1]]
        self.at += 1
        while sign := self.take(".", "["):
            keys.append(self.key(depth) if sign == "[" else self.name())
        side, first = self.bare, str(keys[0])
        if len(keys) > 1 and first in _SIDES:
            side, keys = _SIDES[first], keys[1:]
        elif len(keys) > 1 and first in _OF_NEED:
            side = NEED
        last, word = self.tokens[self.at - 1][2], self.tokens[self.at - 1][1]
        return Path(side, tuple(keys), place, self.text[place : last + len(word)])

    def name(self) -> str:
        kind, word, _ = self.tokens[self.at]
        if kind not in ("name", "word"):
            self.fail("a name after '.'")
        self.at += 1
        return word

    def key(self, depth: int) -> str | int | Path:
        self.deep(depth)
        kind = self.tokens[self.at][0]
        found: str | int | Path
        if kind == "name":
            found = self.path(depth + 1)
        else:
            if kind not in ("number", "text"):
                self.fail("a number, a text or a name in '[ ]'")
            constant = self.constant()
            found = int(constant) if kind == "number" else constant
        self.need("]")
        return found
