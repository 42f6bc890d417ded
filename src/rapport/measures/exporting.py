"""Exporting: one line for each conversation or interaction, a piece at a time, so that memory does not grow with the rows."""

import csv
import io
from collections.abc import Iterator, Sequence

import numpy as np

from rapport.measures import parquet
from rapport.measures.columns import NEVER
from rapport.measures.folding import Folded
from rapport.measures.picking import Asked, Index, Picked, picked

PIECE = 5_000  # rows
GROUP = 10_000  # rows of a group of Parquet
ASKED_AT = {"asked", "told"}
ANSWERS = {"satisfied", "effort", "recommends", "solved"}
TIMES = {
    "opened",
    "due",
    "answered",
    "taken",
    "resolved",
    "first_resolved",
    "again",
    "started",
    "replied",
    "last_replied",
    "ended",
}
LEFT_OUT = {"day"}
OF_THE_TALK = ("brand", "channel", "kind", "intent", "language")  # which an interaction's line has as well


def csv_of(folded: Folded, table: str, asked: Asked) -> Iterator[bytes]:
    """The rows of a period as CSV in UTF-8, the names of the columns first. Times are in UTC; empty: it has not happened.

    Rows are picked at once; each piece is read when it is asked for.
    `waited_s` is in seconds. Ids are those of conversations and interactions; no name and nothing that was said is in it.
    """
    return _pieces(folded, table, picked(folded, table, asked).rows)


def parquet_rows(folded: Folded, table: str, asked: Asked) -> Iterator[bytes]:
    """The same rows as Parquet, so many to a group: times as moments in UTC, what has not happened as missing."""
    rows = picked(folded, table, asked).rows
    names = columns_of(folded, table)
    columns = [parquet.Column(name, _type_of(folded, name)) for name in names]
    pieces = (Picked(folded, table, rows[start : start + GROUP]) for start in range(0, len(rows), GROUP))
    return parquet.parquet_of(columns, ([_values(piece, name) for name in names] for piece in pieces))


def _type_of(folded: Folded, name: str) -> parquet.Type:
    if name in TIMES or name in ASKED_AT:
        return "time"
    if name in ("conversation", "interaction") or name in folded.labels:
        return "text"
    return "float" if name == "waited_s" else "int"


def _values(rows: Picked, name: str) -> Sequence[parquet.Value]:
    kind = _type_of(rows.folded, name)
    if kind in ("text", "float"):
        return [value for value in _column(rows, name) if isinstance(value, str | float)]
    missing = kind == "time" or name in ANSWERS
    return [None if missing and value == NEVER else value for value in rows.of(name).tolist()]


def _pieces(folded: Folded, table: str, rows: Index) -> Iterator[bytes]:
    names = columns_of(folded, table)
    yield _written([names])
    for start in range(0, len(rows), PIECE):
        piece = Picked(folded, table, rows[start : start + PIECE])
        yield _written(zip(*(_column(piece, name) for name in names), strict=True))


def columns_of(folded: Folded, table: str) -> list[str]:
    """The names of a table's columns."""
    kept = [name for name in getattr(folded, table).kinds if name not in LEFT_OUT]
    if table == "talks":
        return ["conversation", *kept]
    renamed = {"talk": "conversation", "waited": "waited_s"}
    return ["interaction", *(renamed.get(name, name) for name in kept), *OF_THE_TALK]


def _column(rows: Picked, name: str) -> list[object]:
    folded = rows.folded
    if name == "interaction":
        return [_hex(folded.work_ids, row) for row in rows.rows.tolist()]
    if name == "conversation":
        of = rows.rows if rows.table == "talks" else rows["talk"]
        return [_hex(folded.ids, row) for row in of.tolist()]
    if name == "waited_s":
        return [value / 1000 for value in rows["waited"].tolist()]
    values: Index = rows.of(name)
    if name in TIMES or name in ASKED_AT:
        return _times(values)
    if name in folded.labels:
        words = np.array(folded.labels[name].words, object)
        return list(words[values])
    if name in ANSWERS:
        return ["" if value == NEVER else value for value in values.tolist()]
    return list(values.tolist())


def _hex(ids: bytearray, row: int) -> str:
    return ids[16 * row : 16 * row + 16].hex()


def _times(moments: Index) -> list[object]:
    texts = np.datetime_as_string(moments.astype("M8[ms]")).tolist()
    return ["" if at == NEVER else f"{text}+00:00" for at, text in zip(moments.tolist(), texts, strict=True)]


def _written(lines: object) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(lines)  # type: ignore[arg-type]  # rows of whatever a column holds
    return text.getvalue().encode()
