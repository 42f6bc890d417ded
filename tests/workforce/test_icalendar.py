"""Calendars as RFC 5545 writes them: lines of 75 octets that break no letter, values that stay values, times in UTC."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from rapport.workforce.icalendar import Event, calendar, folded

pytestmark = pytest.mark.pure
NOW = datetime(2026, 3, 3, 18, 0, tzinfo=UTC)


def test_an_event_is_written_in_utc_with_every_line_ended_as_the_standard_says():
    mexico = timezone(timedelta(hours=-6))
    event = Event("one@x", datetime(2026, 3, 4, 9, tzinfo=mexico), datetime(2026, 3, 4, 17, tzinfo=mexico), "Shift")
    said = calendar("Shifts", [event], NOW)

    assert b"DTSTART:20260304T150000Z\r\nDTEND:20260304T230000Z\r\n" in said
    assert said.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert said.endswith(b"END:VEVENT\r\nEND:VCALENDAR\r\n")
    assert said.count(b"\n") == said.count(b"\r\n")


def test_a_name_can_neither_end_its_line_nor_add_a_property():
    said = calendar("a\r\nATTENDEE:x;b,c\\d\x07", [], NOW)

    assert b"NAME:a\\nATTENDEE:x\\;b\\,c\\\\d\r\n" in said
    assert b"\r\nATTENDEE" not in said


def test_long_lines_are_folded_between_letters_and_unfold_to_what_they_were():
    line = "SUMMARY:" + "ñandú 🦤 " * 20
    pieces = folded(line).split(b"\r\n")[:-1]

    assert all(len(piece) <= 75 for piece in pieces)
    assert "".join(piece.decode()[1 if n else 0 :] for n, piece in enumerate(pieces)) == line
