"""What `rapport forecast` does: read a series from a file, forecast it, and look back at how good that would have been."""

import csv
import json
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from rapport.errors import BadInput
from rapport.workforce import backtest
from rapport.workforce.series import Series, count_of, from_records

# What others reach on bank_calls in half-hours, measured by us; docs/workforce.md says how.
PUBLISHED = {
    1: {"MSTL": 6.14, "Prophet": 6.5, "mean of 4 weeks": 6.89},
    5: {"MSTL": 8.78, "Prophet": 6.69, "mean of 4 weeks": 6.87},
}
BANK_CALLS = (date(2003, 3, 3), timedelta(hours=7))


def look_back(file: Path, *, horizon: str, interval: str, days: str, drivers: Path | None, as_json: bool) -> int:
    """Print how good forecasts of the past days of a file would have been."""
    ahead, step = days_ahead(horizon), minutes(interval)
    series = series_of(file, step)
    known = drivers_of(drivers) if drivers else None
    origins = backtest.origins_of(series, span_of(days), ahead)
    begun = time.perf_counter()
    looked = backtest.look_back(series, origins, ahead, known)
    seconds = (time.perf_counter() - begun) / len(origins)
    said: dict[str, Any] = {  # Any: numbers, texts and lists by name
        **backtest.figures(series, looked),
        "s_per_origin": round(seconds, 4),
        "origins": len(origins),
        "days": [origins[0], origins[-1] + ahead],
        "horizon": horizon,
        "interval": interval,
        "rest_of_day": {str(k): {"without": round(a, 3), "with": round(b, 3)} for k, (a, b) in looked.rest.items()},
        "anchors": backtest.anchors(series, origins, ahead),
        "notes": list(series.notes),
    }
    if (series.dates[0], series.opens) == BANK_CALLS and step == timedelta(minutes=30) and not days:
        said["anchors"]["published"] = PUBLISHED.get(ahead, {})
    _print(said, as_json)
    return 0


def _print(said: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(said))
        return
    for name, value in said.items():
        print(f"{name:14} {value}")


def series_of(file: Path, step: timedelta) -> Series:
    """The series of a CSV file: the first column says when an interval began, the second what came in it.

    Raises:
        BadInput: names the line and the value, and what to do.
    """
    return from_records(_records(file), step)


def _records(file: Path) -> Iterator[tuple[datetime, float]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for number, row in enumerate(csv.reader(lines), start=1):
                if not row or (number == 1 and not row[0][:1].isdigit()):
                    continue
                where = f"{file.name}, line {number}"
                if len(row) < 2:
                    raise BadInput(f"{where}: two columns are needed, when and how many; got {','.join(row)!r}")
                yield _when(row[0], where), count_of(row[1], where)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{file}: cannot be read as CSV in UTF-8: {error}") from error


def _when(text: str, where: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise BadInput(f"{where}: {text!r} is not a date and time such as 2026-03-02 07:30:00") from None


def drivers_of(file: Path) -> dict[date, list[str]]:
    """What is known ahead, from a CSV file: day, name (campaign, outage, release ...). Raises BadInput."""
    found: dict[date, list[str]] = {}
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for number, row in enumerate(csv.reader(lines), start=1):
            if not row or (number == 1 and not row[0][:1].isdigit()):
                continue
            found.setdefault(_when(row[0], f"{file.name}, line {number}").date(), []).append(
                row[1] if len(row) > 1 else "event"
            )
    return found


def minutes(text: str) -> timedelta:
    """An interval such as 30min. Raises BadInput."""
    number = text.removesuffix("min")
    if not number.isdigit() or not 0 < int(number) <= 24 * 60:
        raise BadInput(f"--interval must be minutes such as 5min, 15min or 30min, got {text!r}")
    return timedelta(minutes=int(number))


def days_ahead(text: str) -> int:
    """A horizon such as 1d or 5d. Raises BadInput."""
    number = text.removesuffix("d")
    if not number.isdigit() or not 0 < int(number) <= 60:
        raise BadInput(f"--horizon must be open days such as 1d or 5d, got {text!r}")
    return int(number)


def span_of(text: str) -> tuple[int, int] | None:
    """Days such as 60:100, counted from 0, the last one left out; None where nothing is said. Raises BadInput."""
    if not text:
        return None
    first, _, last = text.partition(":")
    if not (first.isdigit() and last.isdigit()):
        raise BadInput(f"--days must be FROM:TO such as 60:100, counted from 0, got {text!r}")
    return int(first), int(last)
