"""The records of a file, one after the other in bounded memory: a sheet with a head, lines of JSON, or a list inside an object.

One bad record never takes others with it: a quote that is not closed ends with its own line.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

import msgspec

from rapport.ledger.cleaning import clean_json
from rapport.people.importing import Fault

MOST_LINES = 200  # of one record of a sheet, as a cell may hold line breaks
MOST_LETTERS = 400_000  # of one record
MOST_COLUMNS = 400
SEPARATORS = ",;\t"
DEEP = "it is nested too deeply"
_decode = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n,]*")


class Record(msgspec.Struct, frozen=True):
    """One person, or whatever a file lists. `line`: where it begins; of JSON in one line, its number in the list."""

    line: int
    values: dict[str, Any]  # Any: cells as text, or plain JSON


def records(chunks: Iterable[str], lists: Iterable[str] = ()) -> Iterator[Record | Fault]:
    """Every record of a text that comes in chunks. `lists`: the names under which an object of JSON may hold the list."""
    lines = _lines(chunks)
    first = next((line for line in lines if line.strip(" \t\r\n\ufeff")), "")
    begin = first.lstrip(" \t\r\n\ufeff")
    whole = _again(begin, lines)
    if begin.startswith("["):
        yield from _of_list(whole, "")
    elif begin.startswith("{"):
        yield from _of_objects(begin, whole, tuple(lists))
    elif begin:
        yield from _of_sheet(whole)


def _again(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _lines(chunks: Iterable[str]) -> Iterator[str]:
    """Lines with their ends; what is longer than a record may be comes in pieces."""
    rest = ""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split("\n")
        for line in whole:
            yield line + "\n"
        while len(rest) > MOST_LETTERS:
            yield rest[:MOST_LETTERS]
            rest = rest[MOST_LETTERS:]
    if rest:
        yield rest


def _of_sheet(lines: Iterator[str]) -> Iterator[Record | Fault]:
    head: list[str] = []
    mark = ","
    for number, cells in _rows(lines):
        if not head and isinstance(cells, str):
            mark = max(SEPARATORS, key=cells.count)
            try:
                head = [cell.strip() for cell in _split(cells, mark)]
            except csv.Error as error:
                yield Fault(1, str(error)[:200])
                return
            if len(head) > MOST_COLUMNS or len(set(head)) < len(head):
                yield Fault(1, "the head names a column twice, or more than 400; each column needs a name of its own")
                return
            continue
        if isinstance(cells, Fault):
            yield cells
            continue
        try:
            found = _split(cells, mark)
        except csv.Error as error:
            yield Fault(number, str(error)[:200])
            continue
        if len(found) != len(head):
            yield Fault(number, f"it has {len(found)} cells, the head has {len(head)}")
        else:
            yield _record(number, dict(zip(head, (cell.strip() for cell in found), strict=True)))


def _split(text: str, mark: str) -> list[str]:
    rows = list(csv.reader(StringIO(text, newline=""), delimiter=mark, strict=True))
    return rows[0] if rows else []


def _rows(lines: Iterator[str]) -> Iterator[tuple[int, str | Fault]]:
    """Each row as text, with the line it begins at. A cell may go over lines; a quote that nothing closes is a fault."""
    waiting: list[str] = []
    begin = 0
    pending: list[tuple[int, str]] = []
    number = 0
    while True:
        if pending:
            at, text = pending.pop(0)
        else:
            line = next(lines, None)
            if line is None:
                if not waiting:
                    return
                yield begin, Fault(begin, "a quote is opened and not closed")
                pending, waiting = [(begin + n, text) for n, text in enumerate(waiting)][1:], []
                continue
            number += 1
            at, text = number, line
        if not waiting and not text.strip():
            continue
        begin = begin if waiting else at
        waiting.append(text)
        joined = "".join(waiting)
        if joined.count('"') % 2 == 0:
            yield begin, joined.rstrip("\r\n")
            waiting = []
        elif len(waiting) > MOST_LINES or len(joined) > MOST_LETTERS:
            yield begin, Fault(begin, "a quote is opened and not closed")
            pending, waiting = [(begin + n, one) for n, one in enumerate(waiting)][1:] + pending, []


def _of_objects(first: str, lines: Iterator[str], lists: tuple[str, ...]) -> Iterator[Record | Fault]:
    """An object a line, or one object that holds the list under one of its names."""
    try:
        alone = json.loads(first)
    except (ValueError, RecursionError):
        alone = None
    if not isinstance(alone, dict) or any(isinstance(alone.get(name), list) for name in lists):
        yield from _of_list(lines, *lists)
        return
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line[:MOST_LETTERS])
        except ValueError:
            yield Fault(number, "it is no JSON")
            continue
        except RecursionError:
            yield Fault(number, DEEP)
            continue
        yield _record(number, value)


def _of_list(lines: Iterator[str], *names: str) -> Iterator[Record | Fault]:
    """The objects of a list, decoded one by one from a text that is never held whole."""
    text, at, number = "", -1, 0
    left = [0]
    for more in _doubling(lines, left):
        text, at = text[max(at, 0) :] + more, min(at, 0)
        left[0] = len(text)
        if at < 0 and (at := _list_begins(text, names)) < 0:
            if len(text) > MOST_LETTERS:
                break
            continue
        while True:
            at = _SPACE.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing too
            if text.startswith("]", at):
                return
            try:
                value, end = _decode.raw_decode(text, at)
            except ValueError:
                break
            except RecursionError:
                yield Fault(number + 1, f"{DEEP}; nothing behind it was read")
                return
            if not isinstance(value, dict) and end == len(text):
                break  # a number may go on
            number, at = number + 1, end
            yield _record(number, value)
        left[0] = len(text) - at
        if left[0] > 2 * MOST_LETTERS:
            break
    if at < 0:
        yield Fault(1, f"no list is found under {', '.join(name for name in names if name) or '['}")
    else:
        yield Fault(number + 1, "the list is not closed, or a record is no JSON; nothing behind it was read")


def _record(number: int, value: Any) -> Record | Fault:  # Any: plain JSON
    """The record, its texts and names such as can be stored and shown; a fault where it is none, or has no bottom."""
    if not isinstance(value, dict):
        return Fault(number, "it is no object")
    try:
        return Record(number, clean_json(value))
    except RecursionError:
        return Fault(number, DEEP)


def _doubling(lines: Iterator[str], left: list[int]) -> Iterator[str]:
    """The lines, as many together as letters are `left` unread: a long record is not tried again for each of them."""
    waiting: list[str] = []
    size = 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= min(left[0], MOST_LETTERS):
            yield "".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield "".join(waiting)


def _list_begins(text: str, names: tuple[str, ...]) -> int:
    """Where the list's first record is; -1 where that is not to be seen yet."""
    if "" in names:
        return text.find("[") + 1 if "[" in text else -1
    for name in names:
        at = text.find(f'"{name}"')
        if at >= 0:
            rest = text[at + len(name) + 2 :]
            begin = rest.lstrip(" \t\r\n:")
            if begin.startswith("["):
                return len(text) - len(begin) + 1
    return -1
