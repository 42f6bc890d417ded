"""Series that tests are about: seeded, with a known rate, so that the best possible error is known."""

from datetime import date, datetime, timedelta

import numpy as np

HALF_HOUR = timedelta(minutes=30)
MONDAY = datetime(2026, 1, 5, 8)
WEEKDAYS = np.array([1.2, 1.0, 0.95, 0.95, 1.05])


def business_days(count: int) -> list[date]:
    """The first business days from MONDAY on."""
    days = [MONDAY.date() + timedelta(days=n) for n in range(2 * count + 7)]
    return [day for day in days if day.weekday() < 5][:count]


def rates(count: int, level: float = 200.0) -> np.ndarray:
    """(days, 20) rates: a double hump, the weekday, and a slow rise."""
    hours = np.linspace(0, 1, 20)
    shape = 0.5 + np.exp(-(((hours - 0.25) / 0.15) ** 2)) + 0.8 * np.exp(-(((hours - 0.7) / 0.2) ** 2))
    week = np.array([WEEKDAYS[day.weekday()] for day in business_days(count)])
    return level * (week * np.linspace(1.0, 1.2, count))[:, None] * shape


def records(counts: np.ndarray) -> list[tuple[datetime, float]]:
    """Counts of business days as records of half-hours from eight o'clock on."""
    found = []
    for day, row in zip(business_days(len(counts)), counts, strict=True):
        opens = datetime(day.year, day.month, day.day, MONDAY.hour)
        found += [(opens + n * HALF_HOUR, float(count)) for n, count in enumerate(row)]
    return found
