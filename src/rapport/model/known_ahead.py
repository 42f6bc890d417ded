"""What is known ahead of a day: a campaign, an outage, a release; days by name, as the centre writes them."""

from collections.abc import Mapping, Sequence
from datetime import date


def days_known_ahead(named: Mapping[str, Sequence[str]]) -> dict[date, list[str]]:
    """What is known of each day. Raises ValueError that names the day which is none."""
    found: dict[date, list[str]] = {}
    for name, days in named.items():
        for day in days:
            try:
                at = date.fromisoformat(day)
            except ValueError:
                raise ValueError(f"known_ahead.{name} has {day!r}; write days as 2026-03-05") from None
            found.setdefault(at, []).append(name)
    return found
