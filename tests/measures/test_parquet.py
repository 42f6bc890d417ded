"""Parquet by hand, read back by a reader of its own; what was written was read with pyarrow 23 as well when it was made."""

import csv
import io
import struct
import zlib

import pytest

from measures.measured import a_month, folded
from rapport.measures.exporting import columns_of, csv_of, parquet_rows
from rapport.measures.parquet import MAGIC, Column, parquet_of
from rapport.measures.picking import Asked

ALL = Asked(0, 10**7, 10**14)
COLUMNS = [Column("id", "text"), Column("n", "int"), Column("s", "float"), Column("at", "time")]


class Reader:
    """Reads the Thrift compact protocol: a struct is a dict by field number."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data, self.at = data, at

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def number(self) -> int:
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def take(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count : self.at]

    def value(self, kind: int):
        if kind in (5, 6):
            return self.number()
        if kind == 8:
            return self.take(self.varint())
        if kind == 9:
            head = self.take(1)[0]
            count = head >> 4 if head >> 4 < 15 else self.varint()
            return [self.value(head & 15) for _ in range(count)]
        assert kind == 12
        found, last = {}, 0
        while head := self.take(1)[0]:
            last += head >> 4
            found[last] = self.value(head & 15)
        return found


def levels(data: bytes, count: int) -> list[bool]:
    reader, found = Reader(data), []
    while len(found) < count:
        run = reader.varint() >> 1
        found += [bool(reader.take(1)[0])] * run
    return found


def read(data: bytes) -> dict[str, list]:
    """The columns of a file by name."""
    assert (data[:4], data[-4:]) == (MAGIC, MAGIC)
    size = struct.unpack("<I", data[-8:-4])[0]
    footer = Reader(data, len(data) - 8 - size).value(12)
    found = {field[4].decode(): [] for field in footer[2][1:]}
    for group in footer[4]:
        assert len(group[1]) == footer[2][0][5]
        for column in group[1]:
            meta = column[3]
            reader = Reader(data, meta[9])
            page = reader.value(12)
            body = zlib.decompress(reader.take(page[3]), 31)
            assert (len(body), page[5][1]) == (page[2], meta[5])
            length = struct.unpack("<I", body[:4])[0]
            there = levels(body[4 : 4 + length], meta[5])
            values = iter(plain(meta[1], body[4 + length :]))
            found[meta[3][0].decode()] += [next(values) if one else None for one in there]
    assert {len(values) for values in found.values()} <= {footer[3]}
    return found


def plain(kind: int, data: bytes) -> list:
    if kind != 6:
        return list(struct.unpack(f"<{len(data) // 8}{'d' if kind == 5 else 'q'}", data))
    found, at = [], 0
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at)
        found.append(data[at + 4 : at + 4 + size].decode())
        at += 4 + size
    return found


def test_what_is_written_in_groups_is_read_back_with_what_is_missing():
    groups = [
        [["á", None, "c"], [1, -5, None], [1.5, None, None], [1_772_000_000_123, None, 0]],
        [["x"] * 300, [2**60] * 300, [0.1] * 300, [None] * 300],
        [[], [], [], []],
    ]
    found = read(b"".join(parquet_of(COLUMNS, groups)))

    assert found["id"] == ["á", None, "c", *["x"] * 300]
    assert found["n"] == [1, -5, None, *[2**60] * 300]
    assert found["s"] == [1.5, None, None, *[0.1] * 300]
    assert found["at"] == [1_772_000_000_123, None, 0, *[None] * 300]


def test_a_file_without_rows_has_its_columns():
    assert read(b"".join(parquet_of(COLUMNS, []))) == {"id": [], "n": [], "s": [], "at": []}


@pytest.mark.parametrize("table", ["talks", "works"])
def test_the_rows_of_a_month_are_those_of_the_csv(table):
    rows = folded(*a_month(150))
    found = read(b"".join(parquet_rows(rows, table, ALL)))
    lines = b"".join(csv_of(rows, table, ALL)).decode().splitlines()

    assert list(found) == columns_of(rows, table) == lines[0].split(",")
    assert len(found["conversation"]) == len(lines) - 1
    place = list(found).index("conversation")
    assert found["conversation"] == [line.split(",")[place] for line in lines[1:]]
    assert all(value is None or value > 10**12 for value in found["resolved" if table == "talks" else "ended"])


def test_the_csv_says_when_somebody_was_asked_as_a_time_and_leaves_out_what_was_not_answered():
    lines = list(csv.DictReader(io.StringIO(b"".join(csv_of(folded(*a_month(150)), "talks", ALL)).decode())))

    for name in ("asked", "told"):
        values = {line[name] for line in lines}
        assert "" in values
        assert len(values) > 10
        assert all(value.endswith("+00:00") for value in values - {""})
    assert {line["solved"] for line in lines} == {"", "0", "1"}
