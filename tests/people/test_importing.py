"""A long file of events with a few bad lines: the rest goes in, and each bad one is told by its line and reason."""

import json
from datetime import UTC, datetime

import pytest

from rapport.ledger.journey import EventTold
from rapport.model.journey import EventKind, misfit
from rapport.people.importing import Fault, read_events

NOW = datetime(2026, 3, 3, 16, tzinfo=UTC)
STAY = {"type": "object", "required": ["room"], "properties": {"room": {"type": "string", "maxLength": 4}}}
KINDS = {"hotel.checked_in": EventKind("hotel.checked_in", schema={**STAY, "additionalProperties": False})}


def read(lines) -> tuple[list[EventTold], list[Fault]]:
    found = list(read_events(lines, name="file", kinds=KINDS, now=NOW))
    return [one for one in found if isinstance(one, EventTold)], [one for one in found if isinstance(one, Fault)]


def a_line(n: int, **changes) -> str:
    return json.dumps(
        {"type": "shop.visited", "subject": f"email:p{n}@example.org", "id": str(n), "data": {"floor": n}} | changes
    )


def test_of_many_lines_the_bad_ones_are_listed_and_the_rest_goes_in():
    lines = [a_line(n) for n in range(1, 2001)]
    lines[10], lines[500] = '{"type": "shop.visited"', a_line(501, subject="Ana")
    lines[1999] = a_line(2000, type="hotel.checked_in", data={"rom": "512"})

    taken, faults = read(lines)

    assert len(taken) == 1997
    assert [fault.line for fault in faults] == [11, 501, 2000]
    assert faults[1].reason == "subject is no handle such as email:ana@example.org"
    assert faults[2].reason == "data.room is missing"


def test_what_is_refused_never_says_what_stood_there():
    _, faults = read([a_line(1, subject={"secret": "ana@example.org"}), a_line(2, time="ana@example.org")])

    assert len(faults) == 2
    assert not any("ana@" in fault.reason for fault in faults)


def test_a_sheet_with_a_head_is_read_too_and_its_other_columns_are_data():
    taken, faults = read(
        ["subject,type,time,floor,note", "email:a@x.example,shop.visited,2026-03-01T10:00,2,suit", "email:b,x"]
    )

    assert [(e.kind, e.data, e.source_id) for e in taken] == [("shop.visited", {"floor": 2, "note": "suit"}, "line 2")]
    assert taken[0].at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert faults == [Fault(3, "it has 2 cells, the head has 5")]
    assert read(["name,phone", "Ana,55"])[1] == [
        Fault(1, "the head names no subject and no type; it must name subject and type")
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"room": "512"}, ""),
        ({}, "data.room is missing"),
        ({"room": 512}, "data.room must be string"),
        ({"room": "51234"}, "data.room must be 0 to 4 long, is 5"),
        ({"room": "512", "rom": "1"}, "data.rom is not of this kind; did you mean room?"),
    ],
)
def test_what_does_not_fit_its_kind_is_named_with_the_cure(data, said):
    assert misfit(KINDS["hotel.checked_in"], data) == said


def test_a_schema_that_changed_lets_the_earlier_one_pass_where_it_is_kept():
    newer = EventKind("x", schema={"required": ["room", "nights"]}, before=({"required": ["room"]},))

    assert misfit(newer, {"room": "1"}) == ""
    assert misfit(newer, {"nights": 2}) == "data.room is missing"


def test_a_schema_that_says_what_is_not_read_is_refused_with_the_nearest_word():
    with pytest.raises(ValueError, match="did you mean required"):
        EventKind("x", schema={"requird": ["room"]})
    with pytest.raises(ValueError, match="'text'"):
        EventKind("x", schema={"properties": {"room": {"type": "text"}}})


def test_lines_without_an_id_are_named_by_their_file_and_what_cannot_be_kept_costs_its_own_line():
    line = json.dumps({"type": "shop.visited", "subject": "email:a@x.example"})
    one, other = (list(read_events([line], name="shop", kinds={}, now=NOW, file=file)) for file in ("ab", "cd"))
    deep = '{"a":' * 5_000 + "1" + "}" * 5_000
    raw = f'{{"type": "shop.visited", "subject": "email:a@x.example", "data": {deep}}}'
    bad = [raw, a_line(2, data={"n": 2**64}), a_line(3, time="1969-07-20T20:17:00Z"), a_line(4, time="2026-03-09T10:00:00Z")]

    taken, faults = read([*bad, a_line(5)])

    assert [event.source_id for event in (*one, *other)] == ["ab line 1", "cd line 1"]
    assert ([fault.line for fault in faults], len(taken)) == ([1, 2, 3, 4], 1)
