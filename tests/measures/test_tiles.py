"""Days that are summed up beforehand: a report is the same with them as without, whatever happens to their rows later."""

from itertools import cycle, product
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pytest

from measures.measured import a_month, accepted, at, folded, opened, replied, resolved
from rapport.measures import tiles
from rapport.measures.columns import NEVER
from rapport.measures.folding import Folded
from rapport.measures.open_time import OpenTime
from rapport.measures.picking import Asked
from rapport.measures.report import Report, report
from rapport.measures.summing import quantiles, tiled
from rapport.measures.tiles import tidy

NOW = at(40 * 86_400)
ZONE = ZoneInfo("Europe/Madrid")
GROUPS = ("team", "channel", "language", "agent", "site", "hour", "weekday", "day")
TABLES = (("service_level", "main"), ("first_contact", "outcomes"), ("sold", "service"), ("speed", "work"))
HOURS = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("09:00-18:00",))


def reports(rows: Folded, opening: OpenTime | None, back_days: int = 7, **having: str) -> list[object]:
    """Reports of the last three weeks of the month, by everything, each beside two weeks before.

    Each group with each table; of `having` alone, where that is given, and then each group with one table after the other.
    """
    last = int(rows.talks["day"].max()) + 1
    asked, before = Asked(last - 21, last, NOW, having, back_days), Asked(last - 35, last - 21, NOW, having, back_days)
    every = product(GROUPS, TABLES) if not having else zip(GROUPS, cycle(TABLES), strict=False)
    return [
        said(report(rows, asked, before=before, by=by, show=show, opening=opening, zone=ZONE, columns=columns))
        for by, (show, columns) in every
    ]


def said(one: object) -> object:
    """A report as plain values, without the last digits of an interval, which depend on the order of a sum of squares."""
    if isinstance(one, Report):
        return said(msgspec.to_builtins(one))
    if isinstance(one, dict):
        return {name: said(value) for name, value in one.items()}
    if isinstance(one, list | tuple):
        return [said(value) for value in one]
    return round(one, 6) if isinstance(one, float) else one


@pytest.fixture
def every_day_is_large(monkeypatch):
    monkeypatch.setattr(tiles, "LARGE", 1)


def opening_of(rows: Folded, until: int) -> OpenTime:
    """Open hours over all that happened up to a moment."""
    return OpenTime(HOURS, ZONE, int(rows.talks["opened"].min()), until)


def test_a_report_of_tiles_and_rows_is_that_of_rows_alone(every_day_is_large):
    happened = a_month(300)
    plain, rows = folded(*happened), folded(*happened)
    opening, first = opening_of(rows, NOW), int(rows.talks["day"].min())
    asked = Asked(first, first + 28, NOW)
    report(rows, asked, before=asked, by="team", show="volume", opening=opening_of(rows, rows.at - 9), zone=ZONE)
    rows.fold([], rows.seq)

    assert tidy(rows, 60.0) == 0
    assert len(tiled(rows, "first_response", asked, opening)[0]) == len(rows.tiles) > 20
    assert reports(rows, None) == reports(plain, None)
    assert reports(rows, opening) == reports(plain, opening)
    assert reports(rows, None, 3) == reports(plain, None, 3)


@pytest.fixture(scope="module")
def month() -> tuple[Folded, Folded]:
    """The same month without tiles and with them."""
    happened = a_month(200)
    plain, rows = folded(*happened), folded(*happened)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiles, "LARGE", 1)
        assert tidy(rows, 60.0) == 0
    return plain, rows


@pytest.mark.parametrize(
    "having",
    [
        {"team": "wifi"}, {"agent": "eva"}, {"site": "Lisboa"}, {"channel": "webchat"}, {"kind": "email"}, {"intent": "bill"},
        {"language": "es"}, {"brand": ""}, {"hour": "9"}, {"team": "nobody"}, {"weekday": "2"}, {"account": "web"},
        {"team": "wifi", "language": "es"},
    ],
)  # fmt: skip
def test_a_report_that_is_narrowed_is_the_same_of_tiles_and_of_rows_alone(every_day_is_large, month, having):
    plain, rows = month

    assert reports(rows, None, **having) == reports(plain, None, **having)


def test_what_is_narrowed_to_one_word_is_read_from_tiles_and_to_two_from_rows(every_day_is_large, month):
    _, rows = month
    first = int(rows.talks["day"].min())
    days = [
        len(tiled(rows, "service_level", Asked(first, first + 28, NOW, having), None)[0])
        for having in ({"team": "wifi"}, {"hour": "9"}, {"weekday": "2"}, {"team": "wifi", "language": "es"})
    ]

    assert days[0] == days[1] == len(rows.tiles) > 20
    assert days[2:] == [0, 0]


def test_a_day_whose_rows_change_has_no_tiles_until_they_are_made_anew(every_day_is_large):
    happened = a_month(60)
    plain, rows = folded(*happened), folded(*happened)
    tidy(rows, 60.0)
    first = int(rows.talks["day"][0])
    later = [*opened("late", 86_400 * 30), accepted("late", "ana"), replied("late"), resolved("late")]
    later += [resolved("t0"), replied("t3"), accepted("t5", "eva", 9)]
    entries = [(10**6 + n, at(86_400 * 31), fact) for n, fact in enumerate(later)]
    for one in (plain, rows):
        one.fold(entries, 2 * 10**6)

    assert reports(rows, None) == reports(plain, None)
    tidy(rows, 60.0)
    assert first in rows.tiles
    assert reports(rows, None) == reports(plain, None)


def test_what_may_still_come_back_is_read_from_its_rows(every_day_is_large):
    rows = folded((0, opened("a", 0)), (10, resolved("a")), (86_400 * 5, opened("b", 86_400 * 5)))
    tidy(rows, 60.0)
    day = int(rows.talks["day"][0])
    soon, late = (Asked(day, day + 1, at(86_400 * n)) for n in (6, 9))

    assert (len(tiled(rows, "first_contact", soon, None)[0]), len(tiled(rows, "first_contact", late, None)[0])) == (0, 1)
    assert len(tiled(rows, "volume", soon, None)[0]) == 1
    assert rows.talks["answered"][0] == NEVER


def test_what_half_do_not_exceed_is_found_among_many_values_in_their_order():
    chance = np.random.default_rng(3)
    arrays = [np.sort(chance.integers(0, top, size)) for top, size in ((50, 4_000), (10**6, 9_000), (3, 1), (10**4, 700))]
    narrow = [arrays[0].astype(np.uint32), *arrays[1:]]
    whole = np.sort(np.concatenate(arrays))

    places = (0.0001, 0.1, 0.5, 0.9, 1.0)
    assert quantiles(narrow, places) == [int(whole[max(0, -int(-share * len(whole) // 1) - 1)]) for share in places]
    assert quantiles([], (0.5,)) == [None]
