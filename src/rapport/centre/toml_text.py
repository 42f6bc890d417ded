"""TOML as people write it: where each key stands, a semicolon between two keys of one line, and a writer."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from rapport.errors import CentreError

Step = str | int
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_NAMES = re.compile(r"""\s*(?:([A-Za-z0-9_-]+)|"((?:[^"\\]|\\.)*)"|'([^']*)')\s*(\.|=|\]|$)""")
_TOKEN = re.compile(
    r'''"""(?:[^\\]|\\.)*?"{3,5}|'{3}.*?'{3,5}|"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|#[^\n]*|[^"'#\n;\[\]{}]+|.''', re.DOTALL
)

_PART = re.compile(
    r'''"""(?:[^\\]|\\.)*?"{3,5}|'{3}.*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\#[^\n]*|\n|[^\S\n]+|[\[\]{},=]|[^\s"'\#\[\]{},=]+|.''',
    re.DOTALL,
)
MOST_NAME = 10_000  # characters of a key


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says, and the line on which each key stands."""

    file: str
    values: dict[str, Any]  # Any: plain TOML
    lines: Mapping[tuple[Step, ...], int] = field(default_factory=dict)

    def place(self, *path: Step) -> str:
        """`file:line` of a key, or of the nearest table around it."""
        while path and path not in self.lines:
            path = path[:-1]
        line = self.lines.get(path)
        return f"{self.file}:{line}" if line else self.file


def read_toml(text: str, file: str) -> Document:
    """The document that `text` is. Raises CentreError with the line where it is no TOML."""
    split, origin = _statements(text)
    try:
        values = tomllib.loads(split)
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.search(str(error))
        line = origin[min(int(found[1]), len(origin)) - 1] if found else origin[-1]
        said = _PLACE.sub("", str(error)).strip()
        shown = text.splitlines()[line - 1].strip()[:80] if text.strip() else ""
        raise CentreError(f"{file}:{line}: this is not TOML: {said}, in `{shown}`; write one `key = value` a line") from None
    return Document(file, values, _places(split, origin))


def open_toml(path: Path) -> Document:
    """The document in the file. Raises CentreError where it cannot be read."""
    try:
        return read_toml(path.read_text("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        raise CentreError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise CentreError(f"{path}: cannot be read ({error.strerror}); check its name and its permissions") from None


def _tokens(text: str) -> list[tuple[str, bool]]:
    """Strings, comments, brackets, semicolons, line breaks and what lies between; True for what is no string and no comment."""
    return [(token, token[0] not in "\"'#") for token in _TOKEN.findall(text)]


def _statements(text: str) -> tuple[str, list[int]]:
    """The text with a line break for each semicolon between two keys, and the line that each of its lines comes from.

    A semicolon outside strings and comments is never TOML, so no valid file changes.
    """
    made: list[str] = []
    origin = [1]
    line = 1
    depth = 0
    for token, plain in _tokens(text):
        depth += (token in "[{") - (token in "]}") if plain else 0
        if plain and token == ";" and depth == 0:
            made.append("\n")
            origin.append(line)
            continue
        for _ in range(token.count("\n")):
            line += 1
            origin.append(line)
        made.append(token)
    return "".join(made), origin


def _places(text: str, origin: list[int]) -> dict[tuple[Step, ...], int]:
    """The line of every table, of every key, and of every item of a list."""
    found: dict[tuple[Step, ...], int] = {(): 1}
    counts: dict[tuple[Step, ...], int] = {}
    table: tuple[Step, ...] = ()
    parts = _Parts(text, origin)
    while parts.token:
        rest = parts.rest()
        if parts.token == "\n":
            parts.on()
        elif parts.token == "[":
            table = _table(rest, counts)
            found.setdefault(table, parts.line)
            parts.past("\n")
        else:
            path = (*table, *_names(rest))
            found.setdefault(path, parts.line)
            parts.past("=")
            _inner(parts, path, found)
    return found


class _Parts:
    """The tokens of a document, one after another, without blanks and comments. `token` is "" at the end."""

    def __init__(self, text: str, origin: list[int]) -> None:
        self.tokens = ((match[0], match.start()) for match in _PART.finditer(text))
        self.text, self.origin, self.number = text, origin, 0
        self.token, self.position = "", 0
        self.on()

    @property
    def line(self) -> int:
        return self.origin[self.number]

    def on(self) -> None:
        self.number += self.token.count("\n")
        self.token, self.position = next(self.tokens, ("", 0))
        while self.token and (self.token[0] == "#" or self.token.isspace() and self.token != "\n"):
            self.token, self.position = next(self.tokens, ("", 0))

    def rest(self) -> str:
        return self.text[self.position : self.position + MOST_NAME].split("\n", 1)[0]

    def past(self, wanted: str) -> None:
        while self.token and self.token != wanted:
            self.on()
        self.on()


def _inner(parts: _Parts, path: tuple[Step, ...], found: dict[tuple[Step, ...], int]) -> None:
    """Go past a value, noting the lines of what stands inside it. TOML was read before: brackets close."""
    opened = parts.token
    if opened not in ("[", "{"):
        while parts.token and parts.token not in (",", "]", "}", "\n"):
            parts.on()
        return
    parts.on()
    nth = 0
    while parts.token and parts.token not in ("]", "}"):
        if parts.token in (",", "\n"):
            nth += parts.token == ","
            parts.on()
            continue
        inner: tuple[Step, ...] = (*path, nth)
        line = parts.line
        if opened == "{":
            inner = (*path, *_names(parts.rest()))
            parts.past("=")
        found.setdefault(inner, line)
        _inner(parts, inner, found)
    parts.on()


def _names(rest: str) -> tuple[str, ...]:
    names: list[str] = []
    at = 0
    while match := _NAMES.match(rest, at):
        names.append(next(name for name in match.groups()[:3] if name is not None))
        at = match.end()
        if match[4] != ".":
            break
    return tuple(names)


def _table(rest: str, counts: dict[tuple[Step, ...], int]) -> tuple[Step, ...]:
    is_list = rest.startswith("[[")
    names = _names(rest[2:] if is_list else rest[1:])
    path: tuple[Step, ...] = ()
    for nth, name in enumerate(names):
        path = (*path, name)
        if is_list and nth == len(names) - 1:
            counts[path] = counts.get(path, -1) + 1
            path = (*path, counts[path])
        elif path in counts:
            path = (*path, counts[path])
    return path


def write_value(value: Any) -> str:  # Any: plain TOML
    """A value on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return _write_text(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{write_name(name)} = {write_value(part)}" for name, part in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    return f"[{', '.join(write_value(part) for part in value)}]"


def write_name(name: str) -> str:
    """A key, in quotes where it must be."""
    return name if _BARE.fullmatch(name) else _write_text(name)


def _write_text(text: str) -> str:
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    made = [escapes.get(c) or (f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else c) for c in text]
    return f'"{"".join(made)}"'


def write_table(values: Mapping[str, Any], header: str = "") -> str:  # Any: plain TOML
    """A table: its header, then one key a line."""
    lines = [header] if header else []
    lines += [f"{write_name(name)} = {write_value(value)}" for name, value in values.items()]
    return "\n".join(lines) + "\n"
