"""A file of journey events read line by line: what can be taken goes on, what cannot is told by its line and reason."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import msgspec

from rapport.ledger.journey import EventTold
from rapport.model.journey import EventKind, check_told, misfit

COLUMNS = ("subject", "type", "time", "id", "source")  # of a CSV; every other column is data
MOST_FAULTS = 1_000
MOST_LINE = 1_000_000  # letters


class Fault(msgspec.Struct, frozen=True):
    """A line that was not taken, and why; nothing of what stands in it."""

    line: int
    reason: str


class _Event(msgspec.Struct, frozen=True):
    """A line of JSON: a CloudEvent."""

    type: str
    subject: str
    source: str = ""
    id: str = ""
    time: datetime | None = None
    data: dict[str, Any] = {}  # Any: a department's own plain JSON


_line = msgspec.json.Decoder(_Event)


def read_events(
    lines: Iterable[str], *, name: str, kinds: Mapping[str, EventKind], now: datetime, file: str = ""
) -> Iterator[EventTold | Fault]:
    """Each line as an event or a fault. `lines`: JSON, one event each, or CSV with a head; `name`: the source of who says none.

    A line without an `id` is named by its number and `file`, a digest of the whole: the same file twice changes nothing, and
    another file is another.
    """
    head: list[str] = []
    for number, raw in enumerate(lines, 1):
        text = raw.strip().lstrip("﻿")
        if not text:
            continue
        if number == 1 and not text.startswith("{"):
            try:
                head = [column.strip() for column in next(csv.reader(StringIO(text)))]
            except csv.Error as error:
                yield Fault(1, str(error)[:200])
                return
            if missing := [column for column in ("subject", "type") if column not in head]:
                yield Fault(1, f"the head names no {' and no '.join(missing)}; it must name subject and type")
                return
            continue
        try:
            event = _of_csv(text, head) if head else _line.decode(text[:MOST_LINE])
            yield _told(event, f"{file} line {number}".lstrip(), name, kinds, now)
        except (ValueError, OverflowError, RecursionError, msgspec.DecodeError, csv.Error) as error:
            yield Fault(number, _plainly(str(error)))


def _of_csv(text: str, head: list[str]) -> _Event:
    cells = next(csv.reader(StringIO(text)))
    if len(cells) != len(head):
        raise ValueError(f"it has {len(cells)} cells, the head has {len(head)}")
    row = dict(zip(head, cells, strict=True))
    data = {column: _value(cell) for column, cell in row.items() if column not in COLUMNS and cell != ""}
    at = datetime.fromisoformat(row["time"]) if row.get("time") else None
    return _Event(row["type"], row["subject"], row.get("source", ""), row.get("id", ""), at, data)


def _value(cell: str) -> Any:  # Any: plain JSON
    try:
        return json.loads(cell)
    except ValueError:
        return cell


def _told(event: _Event, id: str, name: str, kinds: Mapping[str, EventKind], now: datetime) -> EventTold:
    if ":" not in event.subject:
        raise ValueError("subject is no handle such as email:ana@example.org")
    if not event.type or len(event.type) > 200:
        raise ValueError("type does not say what happened, as in hotel.checked_in")
    if fault := misfit(kinds.get(event.type), event.data):
        raise ValueError(fault)
    at = event.time or now
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    check_told(at, event.data, now)
    return EventTold(event.subject, event.type, event.source or name, event.id or id, at, event.data)


def _plainly(reason: str) -> str:
    """A reason without what stands in the line: it may be personal."""
    return reason.split(": '")[0].split(", got ")[0][:200]
